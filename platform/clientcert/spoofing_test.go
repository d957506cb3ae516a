package clientcert

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/platform/clock"
)

const (
	inside  = "10.0.3.7"
	outside = "192.0.2.1"
)

// TestSpoofing is the contract of every form: its header counts from a configured
// proxy alone, and there it is whole or refused (MTLS-7, THR-7, BAD-34, BAD-35).
func TestSpoofing(t *testing.T) {
	for _, name := range Forms() {
		t.Run(name, func(t *testing.T) {
			w, ok := writers[name]
			if !ok {
				t.Fatalf("%s has no line in writers: how does the proxy write it?", name)
			}
			(&spoofing{name: name, writer: w, own: newAuthority(t, "proxies"), clients: newAuthority(t, "clients")}).run(t)
		})
	}
}

type spoofing struct {
	name         string
	writer       writer
	own, clients *authority
}

// row is one request, and what must come of it.
type row struct {
	name    string
	peer    string
	tls     *x509.Certificate
	header  http.Header
	want    []*x509.Certificate
	refused bool
	// ignored tells that a header must be named as ignored.
	ignored bool
	// direct tells that no proxy may be seen.
	direct bool
}

func (s *spoofing) run(t *testing.T) {
	client, authority := s.clients.client(t), s.clients.certificate
	proxy := s.own.client(t, func(c *x509.Certificate) { c.DNSNames = []string{"edge.bank.example"} })
	forwarded := http.Header{}
	s.writer.set(forwarded, []*x509.Certificate{client, authority})
	chain := []*x509.Certificate{client, authority}
	if s.writer.leafOnly {
		chain = chain[:1]
	}
	rows := []row{
		{name: "from the proxy the chain is the client's", peer: inside, tls: proxy, header: forwarded, want: chain},
		{name: "IPv4 inside IPv6 is the same peer", peer: "::ffff:" + inside, tls: proxy, header: forwarded, want: chain},
		{name: "MTLS-7 the proxy's own certificate is never its client's", peer: inside, tls: proxy, header: http.Header{}},
		{name: "an empty header is no certificate", peer: inside, tls: proxy, header: s.emptied()},
		{name: "BAD-34 a header on a direct connection counts for nothing", peer: outside, header: forwarded, ignored: true, direct: true},
		{name: "BAD-34 nor beside a certificate of one's own", peer: outside, tls: client, header: forwarded, want: []*x509.Certificate{client}, ignored: true, direct: true},
		{name: "the proxy's certificate from elsewhere is a client's like any", peer: outside, tls: proxy, header: forwarded, want: []*x509.Certificate{proxy}, ignored: true, direct: true},
	}
	for _, other := range s.strangers(t) {
		rows = append(rows, row{name: "THR-7 from the proxy's address " + other.name, peer: inside, tls: other.certificate, header: forwarded,
			want: other.asClient(), ignored: true, direct: true})
	}
	for _, bad := range s.malformed(t, client) {
		bad.peer, bad.tls, bad.refused = inside, proxy, true
		rows = append(rows, bad)
	}
	for _, name := range Forms() {
		foreign := http.Header{}
		writers[name].set(foreign, []*x509.Certificate{client})
		if _, same := foreign[s.header()]; !same {
			rows = append(rows, row{name: "a header of " + name + " through this proxy counts for nothing", peer: inside, tls: proxy, header: foreign, ignored: true})
		}
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) { s.check(t, r) })
	}
}

func (s *spoofing) check(t *testing.T, r row) {
	t.Helper()
	config := s.writer.config
	config.Form, config.Peers = s.name, []string{"10.0.3.0/24"}
	config.Certificate = &PeerCertificate{CA: s.own.file(t), DNSNames: []string{"edge.bank.example"}}
	proxies, err := New([]Proxy{config}, clock.System)
	if err != nil {
		t.Fatal(err)
	}
	request := Request{Peer: netip.MustParseAddr(r.peer), Header: r.header}
	if r.tls != nil {
		request.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{r.tls}}
	}
	seen, err := proxies.Read(request)
	if (err != nil) != r.refused {
		t.Fatalf("refused: %v, want %t", err, r.refused)
	}
	if err != nil && (strings.Contains(err.Error(), "MII") || seen.Chain != nil) {
		t.Errorf("the refusal repeats what was sent, or comes with a chain: %v", err)
	}
	if !sameChain(seen.Chain, rawOf(r.want)) {
		t.Errorf("%d certificates were read, want %d: %s", len(seen.Chain), len(r.want), seen.Because)
	}
	if (seen.Proxy == Direct) != r.direct || (len(seen.Ignored) > 0) != r.ignored {
		t.Errorf("proxy %d, ignored %q: want direct %t, ignored %t", seen.Proxy, seen.Ignored, r.direct, r.ignored)
	}
	again, againErr := proxies.Read(request) // what is remembered of a proxy changes nothing
	if (againErr == nil) != (err == nil) || !sameChain(seen.Chain, again.Chain) {
		t.Error("the second request was taken otherwise")
	}
}

func (s *spoofing) header() string { return forms[s.name].header }

func (s *spoofing) emptied() http.Header { return http.Header{s.header(): {""}} }

type stranger struct {
	name        string
	certificate *x509.Certificate
}

func (s stranger) asClient() []*x509.Certificate {
	if s.certificate == nil {
		return nil
	}
	return []*x509.Certificate{s.certificate}
}

// strangers connect from the proxy's address and are not the proxy.
func (s *spoofing) strangers(t *testing.T) []stranger {
	named := func(c *x509.Certificate) { c.DNSNames = []string{"edge.bank.example"} }
	return []stranger{
		{"without a certificate", nil},
		{"by another authority under the proxy's name", s.clients.client(t, named)},
		{"by the proxy's authority under another name", s.own.client(t)},
		{"by a name that only ends alike", s.own.client(t, func(c *x509.Certificate) { c.DNSNames = []string{"not-edge.bank.example"} })},
		{"after its certificate's end", s.own.client(t, named, func(c *x509.Certificate) {
			c.NotBefore, c.NotAfter = time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour)
		})},
		{"by a certificate for servers", s.own.client(t, named, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} })},
	}
}

// malformed is BAD-35: what the proxy itself sends and cannot be taken.
func (s *spoofing) malformed(t *testing.T, client *x509.Certificate) []row {
	good := http.Header{}
	s.writer.set(good, []*x509.Certificate{client})
	value := good.Get(s.header())
	with := func(values ...string) http.Header { return http.Header{s.header(): values} }
	cut := client.Raw[:len(client.Raw)-1]
	longer := append(slices.Clone(client.Raw), 0)
	return []row{
		{name: "BAD-35 two headers", header: with(value, value)},
		{name: "BAD-35 two headers, one of them empty", header: with("", value)},
		{name: "BAD-35 URL-encoded once more than the proxy does", header: with(s.overEscaped(value))},
		{name: "BAD-35 the second half is missing", header: with(value[:len(value)/2])},
		{name: "BAD-35 something stands before it", header: with(`"` + value)},
		{name: "BAD-35 something stands behind it", header: with(value + "x")},
		{name: "BAD-35 a broken escape", header: with(value + "%zz")},
		{name: "BAD-35 a certificate that lacks a byte", header: s.written(&x509.Certificate{Raw: cut})},
		{name: "BAD-35 a certificate with a byte behind it", header: s.written(&x509.Certificate{Raw: longer})},
		{name: "BAD-35 no certificate at all", header: s.written(&x509.Certificate{Raw: []byte("certificate")})},
		{name: "more certificates than any chain has", header: s.tooMany(value, client)},
	}
}

// overEscaped is a value escaped once more. Traefik 3 does not escape at all, and
// Traefik 2 once: both are read.
func (s *spoofing) overEscaped(value string) string {
	if s.name == formTraefik {
		value = url.QueryEscape(value)
	}
	return url.QueryEscape(value)
}

func (s *spoofing) tooMany(value string, client *x509.Certificate) http.Header {
	if s.writer.leafOnly {
		return http.Header{s.header(): {value + value}}
	}
	return s.written(slices.Repeat([]*x509.Certificate{client}, maxChain+2)...)
}

func (s *spoofing) written(chain ...*x509.Certificate) http.Header {
	header := http.Header{}
	s.writer.set(header, chain)
	return header
}
