package fetch

import (
	"net/http"
	"time"
)

// Kind is a kind of document: how it is asked for, and what is taken for it.
type Kind struct {
	method      string
	contentType string // of the request's body
	accept      string
	// types are the media types taken; nil for any, where a signature tells.
	types []string
	// longest body, in bytes.
	longest int64
	// timeout of the whole.
	timeout time.Duration
	// plain lets through http at port 80, by the same rules otherwise.
	plain bool
}

// The kinds. What authorities publish of revoked certificates is signed, and by
// custom at http URLs (RFC 5280 §4.2.1.13, RFC 6960 appendix A): TLS would need
// the very answer that is asked for.
var (
	// JSON is what clients and directories publish: key sets (RFC 7517 §8.5), lists.
	JSON = &Kind{
		method: http.MethodGet, accept: "application/json, application/jwk-set+json",
		types: []string{"application/json", "application/jwk-set+json"}, longest: MaxDocument, timeout: totalTimeout,
	}
	// CRL is a certificate revocation list in DER, RFC 5280 §5. Those of national
	// authorities have some megabytes.
	CRL = &Kind{method: http.MethodGet, accept: "application/pkix-crl", longest: MaxCRL, timeout: 30 * time.Second, plain: true}
	// OCSP is the answer to a request in DER, RFC 6960 appendix A.
	OCSP = &Kind{
		method: http.MethodPost, contentType: "application/ocsp-request", accept: "application/ocsp-response",
		types: []string{"application/ocsp-response"}, longest: 64 << 10, timeout: totalTimeout, plain: true,
	}
)

// LongJSON is a list in JSON that may be longer than other documents, in bytes, and
// take its time.
func LongJSON(longest int64) *Kind {
	kind := *JSON
	kind.longest, kind.timeout = longest, 30*time.Second
	return &kind
}

// MaxCRL is the longest revocation list, in bytes.
const MaxCRL = 10 << 20
