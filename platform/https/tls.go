// Package https is how the suite serves HTTP to the outside: which TLS, which
// limits, and how it stops.
package https

import "crypto/tls"

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
func PublicTLS(certificates []tls.Certificate) *tls.Config {
	return &tls.Config{
		MinVersion:   tls.VersionTLS12,
		CipherSuites: cipherSuites,
		Certificates: certificates,
		NextProtos:   []string{"h2", "http/1.1"},
	}
}

// MutualTLS asks for a client certificate, demands none and trusts none yet: who
// must bring which is verified per client. It gives no session tickets, for a
// resumed session would skip the certificate.
func MutualTLS(certificates []tls.Certificate) *tls.Config {
	config := PublicTLS(certificates)
	config.ClientAuth = tls.RequestClientCert
	config.SessionTicketsDisabled = true
	return config
}
