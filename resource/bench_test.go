package resource

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"testing"
)

// BenchmarkVerify is the price of one request in the mode Offline, without the
// network: an ES256 token, bound to a certificate or to an ES256 DPoP key.
func BenchmarkVerify(b *testing.B) {
	b.Run("mtls", func(b *testing.B) {
		bank := newBank(b, Offline, nil)
		leaf, err := x509.ParseCertificate(bank.holder.Certificate[0])
		if err != nil {
			b.Fatal(err)
		}
		request := httptest.NewRequest(http.MethodGet, "/", nil)
		request.Header = bearer(bank.token(nil))
		request.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{leaf}}
		for b.Loop() {
			if _, err := bank.verifier.Verify(request, "accounts"); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("dpop", func(b *testing.B) {
		bank := newDPoPBank(b, Offline, nil, demandsNonces)
		token := bank.bound(nil)
		request := httptest.NewRequest(http.MethodGet, "/", nil)
		for b.Loop() {
			b.StopTimer()
			request.Header = dpopHeader(token, bank.proof(token, map[string]any{"nonce": serverNonces.Current(bank.clock.Now())}))
			b.StartTimer()
			if _, err := bank.verifier.Verify(request, "accounts"); err != nil {
				b.Fatal(err)
			}
		}
	})
}
