package clientcert

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
)

// writer writes a chain as a proxy does, with every detail of its escaping.
type writer struct {
	// set writes the chain's header or headers.
	set func(header http.Header, chain []*x509.Certificate)
	// config is what the configuration of the form needs besides peers.
	config Proxy
	// leafOnly forms do not carry what is behind the leaf.
	leafOnly bool
}

// writers has one for each form: the spoofing suite fails for a form without.
var writers = map[string]writer{
	formRFC9440: {set: func(h http.Header, chain []*x509.Certificate) {
		h.Set("Client-Cert", ":"+base64Of(chain[0].Raw)+":")
		var others []string
		for _, c := range chain[1:] {
			others = append(others, ":"+base64Of(c.Raw)+":")
		}
		if others != nil {
			h.Set("Client-Cert-Chain", strings.Join(others, ", "))
		}
	}},
	formEnvoy: {set: func(h http.Header, chain []*x509.Certificate) { h.Set("X-Forwarded-Client-Cert", xfccOf(chain)) }},
	formNginx: {leafOnly: true, set: func(h http.Header, chain []*x509.Certificate) {
		h.Set("X-Ssl-Client-Cert", escapeAll(string(encode(chain[0]))))
	}},
	formHAProxy: {config: Proxy{ChainHeader: "X-SSL-Client-Chain"}, set: func(h http.Header, chain []*x509.Certificate) {
		h.Set("X-Ssl-Client-Cert", base64Of(chain[0].Raw))
		var run []byte
		for _, c := range chain[1:] {
			run = append(run, c.Raw...)
		}
		if run != nil {
			h.Set("X-Ssl-Client-Chain", base64Of(run))
		}
	}},
	formTraefik: {set: func(h http.Header, chain []*x509.Certificate) {
		var all []string
		for _, c := range chain {
			all = append(all, base64Of(c.Raw))
		}
		h.Set("X-Forwarded-Tls-Client-Cert", strings.Join(all, ","))
	}},
	formAWSALB: {set: func(h http.Header, chain []*x509.Certificate) {
		safe := strings.NewReplacer("%2B", "+", "%2F", "/", "%3D", "=")
		h.Set("X-Amzn-Mtls-Clientcert", safe.Replace(escapeAll(string(encode(chain...)))))
	}},
}

func base64Of(der []byte) string { return base64.StdEncoding.EncodeToString(der) }

// escapeAll escapes everything but the unreserved characters of RFC 3986 §2.3, a
// blank as %20.
func escapeAll(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }

// xfccOf is one element as Envoy writes it with cert, chain, subject and uri.
func xfccOf(chain []*x509.Certificate) string {
	sum := sha256.Sum256(chain[0].Raw)
	element := "By=spiffe://bank.example/edge;Hash=" + hex.EncodeToString(sum[:]) +
		`;Cert="` + escapeAll(string(encode(chain[0]))) + `";Chain="` + escapeAll(string(encode(chain...))) +
		`";Subject="` + chain[0].Subject.String() + `"` // RFC 4514 escapes a quote as Envoy does
	for _, u := range chain[0].URIs {
		element += ";URI=" + u.String() // as it stands there
	}
	return element
}

func rawOf(chain []*x509.Certificate) [][]byte {
	var raw [][]byte
	for _, c := range chain {
		raw = append(raw, c.Raw)
	}
	return raw
}

func sameChain(a, b [][]byte) bool {
	if len(a) != len(b) {
		return false
	}
	for n := range a {
		if !bytes.Equal(a[n], b[n]) {
			return false
		}
	}
	return true
}
