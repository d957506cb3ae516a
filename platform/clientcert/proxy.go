package clientcert

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/strongroom-fapi/strongroom/platform/clock"
)

// proxy is a configured one, ready for use.
type proxy struct {
	place              int
	name               string
	form               form
	peers              []netip.Prefix
	identity           *identity
	certificate, chain string
	hops               int
}

func open(place int, c Proxy, clk clock.Clock) (*proxy, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("proxies[%d]: %w", place, err)
	}
	p := &proxy{place: place, name: c.Form, form: forms[c.Form], hops: max(c.Hops, 1)}
	for _, text := range c.Peers {
		prefix, err := peers(text)
		if err != nil {
			return nil, err
		}
		p.peers = append(p.peers, prefix)
	}
	p.certificate, p.chain = c.headerNames(p.form)
	var err error
	if p.identity, err = openIdentity(c.Certificate, clk); err != nil {
		return nil, fmt.Errorf("proxies[%d]: %w", place, err)
	}
	return p, nil
}

func (p *proxy) headers() []string { return []string{p.certificate, p.chain} }

// speaks tells why a connection is not this proxy's; nil where it is.
func (p *proxy) speaks(r Request) error {
	if !slices.ContainsFunc(p.peers, func(prefix netip.Prefix) bool { return prefix.Contains(r.Peer) }) {
		return errors.New("the address is not among its peers")
	}
	if p.identity == nil {
		return nil
	}
	return p.identity.verify(r.TLS)
}

var (
	errRepeated  = errors.New("a certificate header comes twice")
	errOnlyChain = errors.New("a chain came without the certificate that it is of")
)

// read takes the chain from the headers. An empty header is none: HAProxy sends
// one for a client without certificate.
func (p *proxy) read(header http.Header) (chain [][]byte, because string, err error) {
	certificates, chains := header[p.certificate], header[p.chain]
	if len(certificates) > 1 || (len(chains) > 1 && !p.form.list) {
		return nil, "", errRepeated
	}
	certificate := strings.Trim(strings.Join(certificates, ""), " \t")
	rest := strings.Trim(strings.Join(chains, ","), " \t")
	switch {
	case certificate == "" && rest != "":
		return nil, "", errOnlyChain
	case certificate == "":
		return nil, "the proxy sent no " + p.certificate + ": its client has no certificate", nil
	}
	chain, err = p.form.read(values{certificate, rest, p.hops})
	if err != nil {
		return nil, "", err
	}
	if chain == nil {
		return nil, fmt.Sprintf("%s has fewer elements than the proxy has hops: the client has no certificate", p.certificate), nil
	}
	if chain, err = checked(chain); err != nil {
		return nil, "", err
	}
	return chain, fmt.Sprintf("the proxy's %s holds %d certificate(s)", p.certificate, len(chain)), nil
}
