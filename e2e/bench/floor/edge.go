package main

import (
	"crypto/sha256"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
)

// edge serves discovery, /par and /token over HTTPS, with an optional client
// certificate.
func edge(issuer, address string, w wire, push, exchange call) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(rw http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(rw, `{"issuer":%q,"pushed_authorization_request_endpoint":%q,"token_endpoint":%q}`, issuer, issuer+"/par", issuer+"/token")
	})
	mux.HandleFunc("POST /par", func(rw http.ResponseWriter, r *http.Request) {
		answer(rw, r, http.StatusCreated, "", push)
	})
	mux.HandleFunc("POST /token", func(rw http.ResponseWriter, r *http.Request) {
		answer(rw, r, http.StatusOK, constraint(r)+" ", exchange)
	})
	settings := w.server()
	settings.ClientAuth = tls.RequestClientCert // binding asks no authority (RFC 8705 §3)
	return (&http.Server{Addr: address, Handler: mux, TLSConfig: settings}).ListenAndServeTLS("", "")
}

// constraint is what the token shall be bound to: the DPoP proof, with dots in
// it, or the thumbprint of the certificate, without.
func constraint(r *http.Request) string {
	if proof := r.Header.Get("DPoP"); proof != "" {
		return proof
	}
	if len(r.TLS.PeerCertificates) == 0 {
		return ""
	}
	digest := sha256.Sum256(r.TLS.PeerCertificates[0].Raw)
	return b64.EncodeToString(digest[:])
}

func answer(rw http.ResponseWriter, r *http.Request, code int, prefix string, do call) {
	body, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, 1<<16))
	out := ""
	if err == nil {
		out, err = do(r.Context(), prefix+string(body))
	}
	rw.Header().Set("Content-Type", "application/json")
	rw.Header().Set("Cache-Control", "no-store")
	if err != nil {
		code, out = http.StatusBadRequest, fmt.Sprintf(`{"error":%q}`, err)
	}
	rw.WriteHeader(code)
	_, _ = io.WriteString(rw, out)
}
