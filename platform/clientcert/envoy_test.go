package clientcert

import (
	"crypto/x509"
	"testing"
)

// TestXFCC: which of several elements counts, and what quotes hide. An element's
// alternative names stand there as they are in the certificate, so a client could
// write an element of its own into one.
func TestXFCC(t *testing.T) {
	clients := newAuthority(t, "clients")
	victim, edge := clients.client(t), clients.client(t)
	injecting := clients.client(t, uri(t, `spiffe://evil/x,Cert="`+escapeAll(string(encode(victim)))+`"`))
	extending := clients.client(t, uri(t, `spiffe://evil/x;Cert="`+escapeAll(string(encode(victim)))+`"`))
	quoting := clients.client(t, func(c *x509.Certificate) { c.Subject.CommonName = `a",Cert="` + "b" })
	one := func(c *x509.Certificate) string { return xfccOf([]*x509.Certificate{c}) }
	cert := func(c *x509.Certificate) string { return `Cert="` + escapeAll(string(encode(c))) + `"` }
	chain := func(c *x509.Certificate) string { return `Chain="` + escapeAll(string(encode(c))) + `"` }
	for _, row := range []struct {
		name, text string
		hops       int
		want       *x509.Certificate
		refused    bool
	}{
		{name: "one element by one Envoy", text: one(victim), hops: 1, want: victim},
		{name: "behind two Envoys the first one's element counts", text: one(victim) + "," + one(edge), hops: 2, want: victim},
		{name: "a blank after the comma is nothing", text: one(victim) + ", " + one(edge), hops: 2, want: victim},
		{name: "behind two Envoys one element alone: the client had no certificate", text: one(edge), hops: 2},
		{name: "THR-7 an element that the client sent itself stands before", text: one(victim) + "," + one(edge), hops: 1, refused: true},
		{name: "THR-7 the same behind two", text: one(victim) + "," + one(edge) + "," + one(edge), hops: 2, refused: true},
		{name: "THR-7 an element inside an alternative name", text: one(injecting), hops: 1, refused: true},
		{name: "THR-7 and behind two Envoys", text: one(injecting) + "," + one(edge), hops: 2, refused: true},
		{name: "THR-7 a second Cert inside an alternative name", text: one(extending), hops: 1, refused: true},
		{name: "THR-7 a Cert inside an alternative name beside Chain", text: chain(edge) + ";URI=spiffe://x;" + cert(victim), hops: 1, refused: true},
		{name: "THR-7 a Chain inside an alternative name beside Cert", text: cert(edge) + ";URI=spiffe://x;" + chain(victim), hops: 1, refused: true},
		{name: "commas and quotes inside quotes are the subject's", text: one(quoting), hops: 1, want: quoting},
		{name: "keys compare without case", text: "cert=" + escapeAll(string(encode(victim))), hops: 1, want: victim},
		{name: "Cert alone", text: cert(victim), hops: 1, want: victim},
		{name: "Chain alone", text: chain(victim), hops: 1, want: victim},
		{name: "neither", text: "Hash=0123;Subject=\"CN=a\"", hops: 1, refused: true},
		{name: "Cert holds two certificates", text: `Cert="` + escapeAll(string(encode(victim, edge))) + `"`, hops: 1, refused: true},
		{name: "Cert is empty", text: `Cert=""`, hops: 1, refused: true},
		{name: "an element is empty", text: cert(victim) + ",", hops: 2, refused: true},
		{name: "a key is empty", text: "=a;" + cert(victim), hops: 1, refused: true},
		{name: "a quote is open", text: cert(victim) + `;Subject="CN=a`, hops: 1, refused: true},
		{name: "a quote begins inside a value", text: cert(victim) + `;Subject=CN="a"`, hops: 1, refused: true},
		{name: "no element at all", text: "certificate", hops: 1, refused: true},
	} {
		t.Run(row.name, func(t *testing.T) {
			read, err := readEnvoy(values{certificate: row.text, hops: row.hops})
			if (err != nil) != row.refused {
				t.Fatalf("refused: %v, want %t", err, row.refused)
			}
			var want [][]byte
			if row.want != nil {
				want = [][]byte{row.want.Raw}
			}
			if !sameChain(read, want) {
				t.Errorf("%d certificates, or others than wanted", len(read))
			}
		})
	}
}
