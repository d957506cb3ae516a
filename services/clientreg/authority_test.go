package clientreg_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
	rpcv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/rpc/v1"
)

// authority signs certificates, as a bank's PKI does.
type authority struct {
	certificate *x509.Certificate
	key         crypto.Signer
}

// bankCA is trusted by the issuer here, with an authority below it; foreignCA by
// the one elsewhere; attackerCA by nobody.
var (
	bankCA     = newAuthority("Bank CA", nil)
	bankSubCA  = newAuthority("Bank Sub CA", bankCA)
	foreignCA  = newAuthority("Foreign CA", nil)
	attackerCA = newAuthority("Bank CA", nil)
)

type template = func(*x509.Certificate)

func newAuthority(name string, parent *authority, changes ...template) *authority {
	a := &authority{key: must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))}
	t := leaf(append([]template{func(c *x509.Certificate) {
		c.Subject, c.IsCA, c.KeyUsage = pkix.Name{CommonName: name}, true, x509.KeyUsageCertSign
		c.NotAfter, c.ExtKeyUsage = now.AddDate(10, 0, 0), nil
	}}, changes...)...)
	if parent == nil {
		parent = &authority{t, a.key}
	}
	a.certificate = must(x509.ParseCertificate(parent.sign(t, a.key.Public())))
	return a
}

// leaf is the template of a client's certificate, valid for a year around now.
func leaf(changes ...template) *x509.Certificate {
	c := &x509.Certificate{
		SerialNumber: must(rand.Int(rand.Reader, big.NewInt(1<<62))),
		Subject:      pkix.Name{Country: []string{"BR"}, Organization: []string{"Bank, Inc"}, CommonName: "tpp.example"},
		DNSNames:     []string{"tpp.example"}, EmailAddresses: []string{"Ops@tpp.example"},
		IPAddresses: []net.IP{net.ParseIP("192.0.2.1").To4()}, URIs: []*url.URL{must(url.Parse("urn:tpp:1"))},
		NotBefore: now.AddDate(0, -1, 0), NotAfter: now.AddDate(0, 11, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, BasicConstraintsValid: true,
	}
	for _, change := range changes {
		change(c)
	}
	return c
}

func (a *authority) sign(t *x509.Certificate, public crypto.PublicKey) []byte {
	return must(x509.CreateCertificate(rand.Reader, t, a.certificate, public, a.key))
}

// issue answers a chain as TLS brings it: the leaf, for ecKey, and the authority's
// own certificate.
func (a *authority) issue(changes ...template) [][]byte {
	return [][]byte{a.sign(leaf(changes...), ecKey.Public()), a.certificate.Raw}
}

// selfSigned is a certificate of ecKey by itself.
func selfSigned(changes ...template) []byte {
	t := leaf(changes...)
	return must(x509.CreateCertificate(rand.Reader, t, t, ecKey.Public(), ecKey))
}

// file holds the authority's certificate, PEM.
func (a *authority) file(t testing.TB) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.certificate.Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func named(change func(*pkix.Name)) template { return func(c *x509.Certificate) { change(&c.Subject) } }

func valid(from, until time.Time) template {
	return func(c *x509.Certificate) { c.NotBefore, c.NotAfter = from, until }
}

// present authenticates with a certificate alone.
func (r *replica) present(clientID string, chain [][]byte) (*clientregv1.Client, error) {
	response, err := r.par.Authenticate(r.context(), &clientregv1.AuthenticateRequest{
		Call: r.call(r.here, oauth.NewID()), Credentials: &rpcv1.Credentials{ClientId: clientID, Certificates: chain},
	})
	return response.GetClient(), err
}
