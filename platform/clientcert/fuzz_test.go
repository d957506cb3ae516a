package clientcert

import (
	"crypto/x509"
	"net/http"
	"testing"
)

// fuzz reads any text in one form: nothing panics, and what is read is
// certificates to the last byte, no more than a chain has.
func fuzz(f *testing.F, name string) {
	leaf := newAuthority(f, "clients").client(f)
	header := http.Header{}
	writers[name].set(header, []*x509.Certificate{leaf, leaf})
	p := &proxy{name: name, form: forms[name], hops: 1}
	p.certificate, p.chain = writers[name].config.headerNames(p.form)
	f.Add(header.Get(p.certificate), header.Get(p.chain))
	for _, seed := range []string{"", ":", "::", "%", "%25", ",", ";", "=", `"`, `Cert="`, "a=b;c=d,e=f", beginCertificate + endCertificate, "A===", ":AA==:"} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, certificate, chain string) {
		read, _, err := p.read(http.Header{p.certificate: {certificate}, p.chain: {chain}})
		if err != nil && read != nil {
			t.Fatal("a refusal with certificates")
		}
		if len(read) > maxChain {
			t.Fatalf("%d certificates", len(read))
		}
		for _, der := range read {
			if _, err := x509.ParseCertificate(der); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func FuzzRFC9440(f *testing.F) { fuzz(f, formRFC9440) }
func FuzzEnvoy(f *testing.F)   { fuzz(f, formEnvoy) }
func FuzzNginx(f *testing.F)   { fuzz(f, formNginx) }
func FuzzHAProxy(f *testing.F) { fuzz(f, formHAProxy) }
func FuzzTraefik(f *testing.F) { fuzz(f, formTraefik) }
func FuzzAWSALB(f *testing.F)  { fuzz(f, formAWSALB) }

// FuzzReadSaved: no text panics.
func FuzzReadSaved(f *testing.F) {
	f.Add("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	f.Add("> Client-Cert: :AA==:\n")
	f.Fuzz(func(t *testing.T, text string) { readSaved(t, text) })
}
