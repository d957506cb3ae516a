package clientcert

import (
	"bytes"
	"errors"
	"strings"
)

// maxHops bounds how many Envoys may stand one behind the other.
const maxHops = 8

var (
	errXFCC      = errors.New("X-Forwarded-Client-Cert must be elements of key=value, with ; and , between")
	errXFCCTwice = errors.New("an element of X-Forwarded-Client-Cert has Cert or Chain twice")
	errXFCCMore  = errors.New("X-Forwarded-Client-Cert has more elements than the proxy has hops: the first proxy must be SANITIZE_SET")
	errXFCCNone  = errors.New("the element of X-Forwarded-Client-Cert has neither Cert nor Chain: set_current_client_cert_details must ask for one")
	errXFCCOther = errors.New("Cert and Chain of X-Forwarded-Client-Cert are of different certificates")
)

// readEnvoy reads X-Forwarded-Client-Cert: elements with commas between, one by
// each proxy, the client's first. There are as many as hops, or fewer where the
// client has no certificate. More were sent by the client, or are inside its
// certificate: Envoy writes alternative names as they are, with any comma in them.
func readEnvoy(v values) ([][]byte, error) {
	elements, err := xfcc(v.certificate)
	switch {
	case err != nil:
		return nil, err
	case len(elements) > v.hops:
		return nil, errXFCCMore
	case len(elements) < v.hops:
		return nil, nil
	}
	return elements[0].certificates()
}

// element is one proxy's. Of its keys only these two are of use.
type element struct{ cert, chain string }

func (e element) certificates() ([][]byte, error) {
	var leaf, chain [][]byte
	var err error
	if e.cert != "" {
		if leaf, err = escapedPEM(e.cert); err != nil {
			return nil, err
		}
	}
	if e.chain == "" {
		if len(leaf) != 1 {
			return nil, errXFCCNone
		}
		return leaf, nil
	}
	if chain, err = escapedPEM(e.chain); err != nil {
		return nil, err
	}
	if len(leaf) > 0 && !bytes.Equal(leaf[0], chain[0]) {
		return nil, errXFCCOther
	}
	return chain, nil
}

// set keeps a value of interest. Keys compare without case; Envoy writes By, URI
// and DNS once for each name.
func (e *element) set(key, value string) error {
	into := map[string]*string{"cert": &e.cert, "chain": &e.chain}[strings.ToLower(key)]
	if into == nil {
		return nil
	}
	if *into != "" || value == "" {
		return errXFCCTwice
	}
	*into = value
	return nil
}

// xfcc takes the header apart. A value is plain, up to the next ; or comma, or
// quoted, with \" for a quote.
func xfcc(text string) ([]element, error) {
	elements := []element{{}}
	for {
		key, rest, ok := strings.Cut(strings.TrimLeft(text, " \t"), "=")
		if !ok || key == "" || strings.ContainsAny(key, `;,"`) {
			return nil, errXFCC
		}
		value, rest, err := xfccValue(rest)
		if err != nil {
			return nil, err
		}
		if err := elements[len(elements)-1].set(key, value); err != nil {
			return nil, err
		}
		if rest == "" {
			return elements, nil
		}
		if rest[0] == ',' {
			elements = append(elements, element{})
		}
		text = rest[1:]
	}
}

// xfccValue reads one value; what is left begins with ; or a comma, or is empty.
func xfccValue(text string) (value, rest string, err error) {
	quoted, ok := strings.CutPrefix(text, `"`)
	if !ok {
		end := strings.IndexAny(text, ";,")
		if end < 0 {
			end = len(text)
		}
		if strings.Contains(text[:end], `"`) {
			return "", "", errXFCC
		}
		return text[:end], text[end:], nil
	}
	var b strings.Builder
	for i := 0; i < len(quoted); i++ {
		switch c := quoted[i]; {
		case c == '\\' && i+1 < len(quoted):
			i++
			b.WriteByte(quoted[i])
		case c == '"':
			rest = quoted[i+1:]
			if rest != "" && rest[0] != ';' && rest[0] != ',' {
				return "", "", errXFCC
			}
			return b.String(), rest, nil
		default:
			b.WriteByte(c)
		}
	}
	return "", "", errXFCC
}
