package clientcert

import (
	"net/http"
	"net/netip"
	"net/url"
	"testing"

	"github.com/strongroom-fapi/strongroom/platform/clock"
)

// TestForms: what one form may say beside what all may, and what it may not.
func TestForms(t *testing.T) {
	clients := newAuthority(t, "clients")
	leaf, between := clients.client(t), clients.certificate
	sf := func(der []byte) string { return ":" + base64Of(der) + ":" }
	both := [][]byte{leaf.Raw, between.Raw}
	for _, row := range []struct {
		name, form string
		header     http.Header
		want       [][]byte
		refused    bool
	}{
		{name: "a chain in two lines is one list", form: formRFC9440, header: http.Header{"Client-Cert": {sf(leaf.Raw)}, "Client-Cert-Chain": {sf(between.Raw), sf(leaf.Raw)}}, want: [][]byte{leaf.Raw, between.Raw, leaf.Raw}},
		{name: "a chain without a certificate", form: formRFC9440, header: http.Header{"Client-Cert-Chain": {sf(between.Raw)}}, refused: true},
		{name: "an empty member of the chain", form: formRFC9440, header: http.Header{"Client-Cert": {sf(leaf.Raw)}, "Client-Cert-Chain": {sf(between.Raw) + ","}}, refused: true},
		{name: "a parameter", form: formRFC9440, header: http.Header{"Client-Cert": {sf(leaf.Raw) + ";a=1"}}, refused: true},
		{name: "base64 without colons", form: formRFC9440, header: http.Header{"Client-Cert": {base64Of(leaf.Raw)}}, refused: true},
		{name: "two certificates for one", form: formRFC9440, header: http.Header{"Client-Cert": {sf(leaf.Raw) + ", " + sf(between.Raw)}}, refused: true},
		{name: "a plus is a plus, escaped or not", form: formNginx, header: http.Header{"X-Ssl-Client-Cert": {url.PathEscape(string(encode(leaf)))}}, want: [][]byte{leaf.Raw}},
		{name: "PEM that is not escaped", form: formNginx, header: http.Header{"X-Ssl-Client-Cert": {base64Of(leaf.Raw)}}, refused: true},
		{name: "a private key", form: formNginx, header: http.Header{"X-Ssl-Client-Cert": {escapeAll("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")}}, refused: true},
		{name: "PEM with a header", form: formNginx, header: http.Header{"X-Ssl-Client-Cert": {escapeAll("-----BEGIN CERTIFICATE-----\nA: b\n\n" + base64Of(leaf.Raw) + "\n-----END CERTIFICATE-----\n")}}, refused: true},
		{name: "a chain that begins with the leaf has it once", form: formHAProxy, header: http.Header{"X-Ssl-Client-Cert": {base64Of(leaf.Raw)}, "X-Ssl-Client-Chain": {base64Of(append(append([]byte{}, leaf.Raw...), between.Raw...))}}, want: both},
		{name: "a chain that is no DER", form: formHAProxy, header: http.Header{"X-Ssl-Client-Cert": {base64Of(leaf.Raw)}, "X-Ssl-Client-Chain": {"AAAA"}}, refused: true},
		{name: "a chain in two headers", form: formHAProxy, header: http.Header{"X-Ssl-Client-Cert": {base64Of(leaf.Raw)}, "X-Ssl-Client-Chain": {base64Of(between.Raw), base64Of(between.Raw)}}, refused: true},
		{name: "base64 with an end of line", form: formHAProxy, header: http.Header{"X-Ssl-Client-Cert": {base64Of(leaf.Raw) + "\n"}}, refused: true},
		{name: "version 2 escapes each certificate", form: formTraefik, header: http.Header{"X-Forwarded-Tls-Client-Cert": {url.QueryEscape(base64Of(leaf.Raw)) + "," + url.QueryEscape(base64Of(between.Raw))}}, want: both},
		{name: "an empty certificate", form: formTraefik, header: http.Header{"X-Forwarded-Tls-Client-Cert": {base64Of(leaf.Raw) + ","}}, refused: true},
	} {
		t.Run(row.form+" "+row.name, func(t *testing.T) {
			config := Proxy{Form: row.form, Peers: []string{inside}, ChainHeader: writers[row.form].config.ChainHeader}
			proxies, err := New([]Proxy{config}, clock.System)
			if err != nil {
				t.Fatal(err)
			}
			seen, err := proxies.Read(Request{Peer: netip.MustParseAddr(inside), Header: row.header})
			if (err != nil) != row.refused || !sameChain(seen.Chain, row.want) {
				t.Errorf("%d certificates, %v", len(seen.Chain), err)
			}
		})
	}
}

// TestConfiguredHeader: where the configuration names a header, the form's own
// counts for nothing.
func TestConfiguredHeader(t *testing.T) {
	leaf := newAuthority(t, "clients").client(t)
	proxies, err := New([]Proxy{{Form: formAWSALB, Peers: []string{inside}, Header: "x-amzn-mtls-clientcert-leaf"}}, clock.System)
	if err != nil {
		t.Fatal(err)
	}
	value := escapeAll(string(encode(leaf)))
	seen, err := proxies.Read(Request{Peer: netip.MustParseAddr(inside), Header: http.Header{"X-Amzn-Mtls-Clientcert-Leaf": {value}}})
	if err != nil || !sameChain(seen.Chain, [][]byte{leaf.Raw}) {
		t.Errorf("%d certificates, %v", len(seen.Chain), err)
	}
	seen, err = proxies.Read(Request{Peer: netip.MustParseAddr(inside), Header: http.Header{"X-Amzn-Mtls-Clientcert": {value}}})
	if err != nil || seen.Chain != nil || len(seen.Ignored) != 1 {
		t.Errorf("%d certificates, ignored %q, %v", len(seen.Chain), seen.Ignored, err)
	}
}
