package clientcert

import (
	"strings"
	"testing"

	"github.com/strongroom-fapi/strongroom/platform/clock"
)

func TestConfiguration(t *testing.T) {
	known := &PeerCertificate{CA: "ca.pem", DNSNames: []string{"edge"}}
	for _, row := range []struct {
		name   string
		config Proxy
		want   string // in the error, or nothing
	}{
		{"an address and a range", Proxy{Form: formNginx, Peers: []string{"::1", "10.0.0.0/8"}, Certificate: known}, ""},
		{"an unknown form names those there are", Proxy{Form: "apache", Peers: []string{"::1"}}, "aws-alb"},
		{"no peers", Proxy{Form: formNginx}, "peers is required"},
		{"a name is no address", Proxy{Form: formNginx, Peers: []string{"proxy.example"}}, "10.0.3.0/24"},
		{"everybody is no peer", Proxy{Form: formNginx, Peers: []string{"0.0.0.0/0"}}, "everybody"},
		{"nor everybody by IPv6", Proxy{Form: formNginx, Peers: []string{"::/0"}}, "everybody"},
		{"nor IPv4 inside IPv6", Proxy{Form: formNginx, Peers: []string{"::ffff:0.0.0.0/96"}}, "IPv4 or IPv6"},
		{"a header with a blank", Proxy{Form: formNginx, Peers: []string{"::1"}, Header: "X Cert"}, "header is no name"},
		{"a chain where the form has none", Proxy{Form: formNginx, Peers: []string{"::1"}, ChainHeader: "X-Chain"}, "chain_header"},
		{"hops for another form", Proxy{Form: formNginx, Peers: []string{"::1"}, Hops: 1}, "hops"},
		{"a certificate of any authority's", Proxy{Form: formNginx, Peers: []string{"::1"}, Certificate: &PeerCertificate{DNSNames: []string{"edge"}}}, "certificate.ca"},
		{"a certificate of any name", Proxy{Form: formNginx, Peers: []string{"::1"}, Certificate: &PeerCertificate{CA: "ca.pem"}}, "dns_names or uris"},
	} {
		t.Run(row.name, func(t *testing.T) {
			err := row.config.Validate()
			if (err == nil) != (row.want == "") || (err != nil && !strings.Contains(err.Error(), row.want)) {
				t.Errorf("got %v, want %q", err, row.want)
			}
		})
	}
}

// TestMissingAuthority: a file that is not there is a fault at start, with the
// member that names it.
func TestMissingAuthority(t *testing.T) {
	config := Proxy{Form: formNginx, Peers: []string{"::1"}, Certificate: &PeerCertificate{CA: "/nowhere/ca.pem", DNSNames: []string{"edge"}}}
	if _, err := New([]Proxy{config}, clock.System); err == nil || !strings.Contains(err.Error(), "proxies[0]: certificate.ca") {
		t.Errorf("got %v", err)
	}
}
