// Package https is how the suite serves HTTP to the outside: which TLS, which
// limits, and how it stops.
package https

import (
	"crypto/tls"
	"errors"
)

// cipherSuites of TLS 1.2 that remain (NET-6: FAPI 2.0 §5.2.2.1, BCP 195);
// TLS 1.3 is preferred and chooses for itself.
var cipherSuites = []uint16{
	tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
	tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
	tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
	tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
}

// PublicTLS never asks for a client certificate, so that browsers show no
// prompt.
func PublicTLS(certificates Certificates) *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		CipherSuites:   cipherSuites,
		GetCertificate: certificates.choose,
		NextProtos:     []string{"h2", "http/1.1"},
	}
}

// Certificates are the server's as they are now, one for each kind of key; asked
// for at each handshake, so that they can change.
type Certificates func() []tls.Certificate

// choose is the first that the client can use, else the first.
func (c Certificates) choose(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	certificates := c()
	for n := range certificates {
		if hello.SupportsCertificate(&certificates[n]) == nil {
			return &certificates[n], nil
		}
	}
	if len(certificates) == 0 {
		return nil, errors.New("the server has no certificate")
	}
	return &certificates[0], nil
}

// MutualTLS asks for a client certificate, demands none and trusts none yet: who
// must bring which is verified per client. It gives no session tickets, for a
// resumed session would skip the certificate.
func MutualTLS(certificates Certificates) *tls.Config {
	config := PublicTLS(certificates)
	config.ClientAuth = tls.RequestClientCert
	config.SessionTicketsDisabled = true
	return config
}
