package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"math/big"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
)

const (
	keyID = "bench"
	// redirectURI of every client; nobody follows it.
	redirectURI = "https://client.example/callback"
)

// client is who asks: one key and one certificate for all client ids.
type client struct {
	key         *ecdsa.PrivateKey
	certificate *tls.Certificate
}

func newClient() (*client, error) {
	key, err := newKey()
	if err != nil {
		return nil, err
	}
	certificate, err := selfSigned("client", x509.ExtKeyUsageClientAuth)
	return &client{key, certificate}, err
}

// jwks is the public key as a client registers it.
func (c *client) jwks() (json.RawMessage, error) {
	public, err := jose.NewKey(c.key.Public(), keyID)
	if err != nil {
		return nil, err
	}
	return jose.NewKeySet(public).MarshalJSON()
}

func newKey() (*ecdsa.PrivateKey, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) }

// selfSigned is a certificate that nobody vouches for: binding a token needs no
// more (RFC 8705 §3), nor does the floor among its own.
func selfSigned(name string, usage ...x509.ExtKeyUsage) (*tls.Certificate, error) {
	key, err := newKey()
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: usage,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}
