package clientcert

import (
	"crypto/x509"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/strongroom-fapi/strongroom/platform/clock"
)

func readSaved(t *testing.T, text string) http.Header {
	header, err := ReadSaved(strings.NewReader(text))
	if err == nil && len(header) == 0 {
		t.Error("nothing was read, and no error")
	}
	return header
}

// TestExplain: an operator learns which proxy matched and why the others did not.
func TestExplain(t *testing.T) {
	leaf := newAuthority(t, "clients").client(t)
	proxies, err := New([]Proxy{
		{Form: formHAProxy, Peers: []string{"10.9.0.0/16"}},
		{Form: formNginx, Peers: []string{inside}},
		{Form: formTraefik, Peers: []string{inside}},
	}, clock.System)
	if err != nil {
		t.Fatal(err)
	}
	header := readSaved(t, "> POST /par HTTP/1.1\r\n> Host: as.example\r\n> X-SSL-Client-Cert: "+escapeAll(string(encode(leaf)))+"\r\n> Client-Cert: :AA==:\r\n\r\nbody: no header\r\n")
	report := proxies.Explain(Request{Peer: netip.MustParseAddr(inside), Header: header})
	text := report.String()
	for _, want := range []string{
		"- proxies[0] haproxy: the address is not among its peers", "+ proxies[1] nginx: the connection is this proxy's",
		"- proxies[2] traefik: it would fit too", "holds 1 certificate(s)", "subject      CN=client", "dns:client.example", "! Client-Cert counts for nothing",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in:\n%s", want, text)
		}
	}
	header.Set("X-SSL-Client-Cert", "nonsense")
	if report := proxies.Explain(Request{Peer: netip.MustParseAddr(inside), Header: header}); !report.Refused || !strings.Contains(report.Verdict, "MTLS-7") {
		t.Errorf("%+v", report)
	}
	report = proxies.Explain(Request{Peer: netip.MustParseAddr(outside), Header: header})
	if report.Refused || len(report.Ignored) != 2 || !strings.Contains(report.Verdict, "no configured proxy") {
		t.Errorf("%+v", report)
	}
}

// TestTry: without a configuration every form is tried, and each says why not.
func TestTry(t *testing.T) {
	leaf := newAuthority(t, "clients").client(t)
	for _, name := range Forms() {
		header := readSaved(t, forms[name].header+": x\n")
		writers[name].set(header, []*x509.Certificate{leaf})
		report := Try(Request{Header: header}, "")
		for _, f := range report.Findings {
			if f.Matched != (f.Form == name) || f.Because == "" {
				t.Errorf("%s: %+v", name, f)
			}
		}
		if len(report.Certificates) != 1 || report.Refused {
			t.Errorf("%s: %+v", name, report)
		}
	}
	if report := Try(Request{Header: http.Header{"Client-Cert": {"x"}}}, ""); !report.Refused {
		t.Errorf("%+v", report)
	}
}
