package directory

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"net/http"
)

// issue answers a certificate for a certificate request, whatever its content
// type: participants send many.
func (d *Directory) issue(w http.ResponseWriter, r *http.Request) {
	body, ok := read(w, r, maxRequest)
	if !ok {
		return
	}
	block, rest := pem.Decode(body)
	if block == nil || len(bytes.TrimSpace(rest)) > 0 ||
		block.Type != "CERTIFICATE REQUEST" && block.Type != "NEW CERTIFICATE REQUEST" {
		fail(w, http.StatusBadRequest, "the body must be one PEM certificate request")
		return
	}
	request, err := x509.ParseCertificateRequest(block.Bytes)
	if err != nil {
		fail(w, http.StatusBadRequest, "the certificate request cannot be read")
		return
	}
	chain, err := d.ca.SignRequest(request)
	if err != nil {
		d.log.InfoContext(r.Context(), "certificate request refused", "cause", err)
		fail(w, http.StatusBadRequest, err.Error())
		return
	}
	w.Header().Set("Content-Type", "application/x-pem-file")
	w.WriteHeader(http.StatusCreated)
	_, _ = w.Write(chain)
}
