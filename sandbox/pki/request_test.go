package pki

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"log/slog"
	"net"
	"net/url"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/platform/rpc"
)

func ecKey(curve elliptic.Curve) crypto.Signer { return must(ecdsa.GenerateKey(curve, rand.Reader)) }

func rsaKey(bits int) crypto.Signer { return must(rsa.GenerateKey(rand.Reader, bits)) }

func csr(key crypto.Signer, template x509.CertificateRequest) *x509.CertificateRequest {
	return must(x509.ParseCertificateRequest(must(x509.CreateCertificateRequest(rand.Reader, &template, key))))
}

// chain reads what SignRequest answers.
func chain(t *testing.T, text []byte) []*x509.Certificate {
	t.Helper()
	var chain []*x509.Certificate
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		chain = append(chain, must(x509.ParseCertificate(block.Bytes)))
	}
	if len(chain) != 2 {
		t.Fatalf("the chain has %d certificates", len(chain))
	}
	return chain
}

func TestSignRequestGivesWhatWasAskedFor(t *testing.T) {
	otherName := must(asn1.Marshal([]asn1.RawValue{{Class: 2, Tag: 0, IsCompound: true,
		Bytes: append(must(asn1.Marshal(asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 1})), must(asn1.Marshal(asn1.RawValue{Class: 2, Tag: 0, IsCompound: true, Bytes: must(asn1.Marshal("x"))}))...)}}))
	tests := []struct {
		name     string
		key      crypto.Signer
		template x509.CertificateRequest
	}{
		{"P-256 and a subject", ecKey(elliptic.P256()), x509.CertificateRequest{
			Subject: pkix.Name{CommonName: "tpp", Organization: []string{"A, B + Co"}, Country: []string{"BR"}, SerialNumber: "43142666000197",
				ExtraNames: []pkix.AttributeTypeAndValue{{Type: asn1.ObjectIdentifier{2, 5, 4, 97}, Value: "OFBBR-1"}}}}},
		{"P-384 and every kind of name", ecKey(elliptic.P384()), x509.CertificateRequest{
			Subject: pkix.Name{CommonName: "tpp"}, DNSNames: []string{"token", "tpp.example"}, EmailAddresses: []string{"a@tpp.example"},
			IPAddresses: []net.IP{{192, 0, 2, 1}}, URIs: []*url.URL{must(url.Parse("spiffe://tpp.example/a"))}}},
		{"Ed25519 and no subject", must2(ed25519.GenerateKey(rand.Reader)), x509.CertificateRequest{DNSNames: []string{"tpp.example"}}},
		{"RSA and a name that Go does not model", rsaKey(2048), x509.CertificateRequest{ExtraExtensions: []pkix.Extension{{Id: subjectAltName, Critical: true, Value: otherName}}}},
	}
	ca := must(Open(t.TempDir()))
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			request := csr(test.key, test.template)
			text, err := ca.SignRequest(request)
			if err != nil {
				t.Fatal(err)
			}
			leaf := chain(t, text)[0]
			if !bytes.Equal(leaf.RawSubject, request.RawSubject) || !sameKey(leaf.PublicKey, test.key.Public()) {
				t.Errorf("subject %s, key %T", leaf.Subject, leaf.PublicKey)
			}
			if got, want := nameExtension(leaf.Extensions), nameExtension(request.Extensions); !bytes.Equal(got, want) {
				t.Errorf("names %x, want %x", got, want)
			}
			if life := leaf.NotAfter.Sub(leaf.NotBefore.Add(backdate)); life != 365*24*time.Hour {
				t.Errorf("it lasts %v", life)
			}
			leaf.UnhandledCriticalExtensions = nil // our own check of the names is above
			if _, err := leaf.Verify(x509.VerifyOptions{Roots: ca.Pool(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}); err != nil {
				t.Error(err)
			}
		})
	}
}

func must2[A, B any](_ A, b B, err error) B { return must(b, err) }

func nameExtension(extensions []pkix.Extension) []byte {
	for _, e := range extensions {
		if e.Id.Equal(subjectAltName) {
			return e.Value
		}
	}
	return nil
}

func TestSignRequestRefuses(t *testing.T) {
	subject := x509.CertificateRequest{Subject: pkix.Name{CommonName: "tpp"}}
	forged := csr(ecKey(elliptic.P256()), subject)
	forged.PublicKey = ecKey(elliptic.P256()).Public()
	names := pkix.Extension{Id: subjectAltName, Value: must(asn1.Marshal([]asn1.RawValue{{Class: 2, Tag: 2, Bytes: []byte("a.example")}}))}
	tests := []struct {
		name    string
		request *x509.CertificateRequest
	}{
		{"a signature by another key", forged},
		{"RSA of 2047 bits", csr(rsaKey(2047), subject)},
		{"P-521", csr(ecKey(elliptic.P521()), subject)},
		{"P-224", csr(ecKey(elliptic.P224()), subject)},
		{"nobody named", csr(ecKey(elliptic.P256()), x509.CertificateRequest{})},
		{"names given twice", twice(csr(ecKey(elliptic.P256()), subject), names)},
	}
	ca := must(Open(t.TempDir()))
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := ca.SignRequest(test.request); !errors.Is(err, ErrRequest) {
				t.Errorf("answered %v", err)
			}
		})
	}
}

func twice(request *x509.CertificateRequest, e pkix.Extension) *x509.CertificateRequest {
	request.Extensions = append(request.Extensions, e, e)
	return request
}

// TestSignRequestGrantsNoPower: a client asks to be an authority and a server, and
// becomes neither.
func TestSignRequestGrantsNoPower(t *testing.T) {
	ca := must(Open(t.TempDir()))
	request := csr(ecKey(elliptic.P256()), x509.CertificateRequest{
		Subject:  pkix.Name{CommonName: "localhost"},
		DNSNames: []string{"localhost"},
		ExtraExtensions: []pkix.Extension{
			{Id: asn1.ObjectIdentifier{2, 5, 29, 19}, Critical: true, Value: []byte{0x30, 0x03, 0x01, 0x01, 0xff}},
			{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Value: must(asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 1}}))},
		},
	})
	leaf := chain(t, must(ca.SignRequest(request)))[0]
	if leaf.IsCA || leaf.KeyUsage != x509.KeyUsageDigitalSignature {
		t.Errorf("authority %v, key usage %v", leaf.IsCA, leaf.KeyUsage)
	}
	if _, err := leaf.Verify(x509.VerifyOptions{Roots: ca.Pool(), DNSName: "localhost"}); err == nil {
		t.Error("a client's certificate is good for a server of the sandbox")
	}
}

// TestOnlyTheInternalAuthorityNamesServices: the directory issues any name, also
// "token"; that certificate must not open a service, nor stand for one.
func TestOnlyTheInternalAuthorityNamesServices(t *testing.T) {
	ca := must(Open(t.TempDir()))
	keys, token := must(ca.Service("keys")), must(ca.Service("token"))
	server := must(keys.ServerTLS(slog.New(slog.DiscardHandler)))
	client := must(token.ClientTLS(rpc.Keys))

	state, err := handshake(t, server, client)
	if err != nil || len(state.VerifiedChains) == 0 {
		t.Fatalf("the token service was refused: %v", err)
	}
	if names := state.PeerCertificates[0].DNSNames; len(names) != 1 || names[0] != "token" {
		t.Errorf("the certificate bears the names %q", names)
	}

	key := ecKey(elliptic.P256())
	issued := chain(t, must(ca.SignRequest(csr(key, x509.CertificateRequest{Subject: pkix.Name{CommonName: "token"}, DNSNames: []string{"token"}}))))
	pretender := client.Clone()
	pretender.Certificates = []tls.Certificate{{Certificate: [][]byte{issued[0].Raw, issued[1].Raw}, PrivateKey: key}}
	if _, err := handshake(t, server, pretender); err == nil {
		t.Error("a certificate that the directory issued opened a service")
	}
	if _, err := handshake(t, &tls.Config{Certificates: pretender.Certificates}, must(keys.ClientTLS(rpc.Token))); err == nil {
		t.Error("a certificate that the directory issued stood for a service")
	}
	if _, err := must(tls.LoadX509KeyPair(token.Certificate, token.Key)).Leaf.Verify(x509.VerifyOptions{
		Roots: ca.Pool(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}); err == nil {
		t.Error("a service's certificate is good for a client")
	}
	own := must(tls.LoadX509KeyPair(token.Certificate, token.Key)).Leaf
	if _, err := own.Verify(x509.VerifyOptions{Roots: ca.InternalPool(), DNSName: "token"}); err != nil {
		t.Error(err)
	}
}
