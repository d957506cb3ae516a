// Package directory is the trust framework's directory of the sandbox: it issues
// certificates to participants and publishes their keys. A real one knows who
// asks; this one serves everybody who reaches it.
//
//	POST /certificates   a PEM certificate request -> 201, a PEM chain, leaf first
//	PUT  /keys/{name}    keeps a JWK set           -> 201 where new, else 204
//	GET  /keys/{name}    the JWK set as it was put
//	GET  /healthz        204
package directory

import (
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// maxRequest bounds a certificate request, in bytes: RSA of 8192 bits and a
// page of names need less than a quarter.
const maxRequest = 32 << 10

// Config is what users write.
type Config struct {
	// Dir is the folder that keeps the key sets, one file for each. Required.
	Dir string `yaml:"dir"`
	// MaxKeySets is how many names may have a key set. Default 10000.
	MaxKeySets int `yaml:"max_key_sets"`
}

// Authority issues certificates; pki.CA is one.
type Authority interface {
	// SignRequest answers a PEM chain, leaf first. Its error is told to the
	// participant.
	SignRequest(*x509.CertificateRequest) ([]byte, error)
}

// Deps is what code passes.
type Deps struct {
	CA  Authority
	Log *slog.Logger
}

// Directory answers participants.
type Directory struct {
	ca   Authority
	log  *slog.Logger
	keys *keyStore
	mux  *http.ServeMux
}

var _ http.Handler = (*Directory)(nil)

// New makes a directory that has the key sets which Dir keeps.
func New(cfg Config, deps Deps) (*Directory, error) {
	if cfg.MaxKeySets == 0 {
		cfg.MaxKeySets = 10_000
	}
	keys, err := openKeyStore(cfg.Dir, cfg.MaxKeySets)
	if err != nil {
		return nil, err
	}
	d := &Directory{ca: deps.CA, log: deps.Log, keys: keys, mux: http.NewServeMux()}
	d.mux.HandleFunc("POST /certificates", d.issue)
	d.mux.HandleFunc("PUT /keys/{name}", d.put)
	d.mux.HandleFunc("GET /keys/{name}", d.get)
	d.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	d.mux.HandleFunc("/certificates", methodNotAllowed("POST"))
	d.mux.HandleFunc("/keys/{name}", methodNotAllowed("GET, HEAD, PUT"))
	d.mux.HandleFunc("/healthz", methodNotAllowed("GET, HEAD"))
	d.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		fail(w, http.StatusNotFound, "there is nothing here")
	})
	return d, nil
}

// ServeHTTP answers one request.
func (d *Directory) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	d.mux.ServeHTTP(w, r)
}

// read reads a body of bounded length; where it answers false, the request has
// been refused.
func read(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, bool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		fail(w, http.StatusRequestEntityTooLarge, "the body is too long")
	case err != nil:
		fail(w, http.StatusBadRequest, "the body could not be read")
	}
	return body, err == nil
}

func methodNotAllowed(allow string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Allow", allow)
		fail(w, http.StatusMethodNotAllowed, "the method is not served here")
	}
}

// fail answers an error as the suite does elsewhere, RFC 6749 §5.2.
func fail(w http.ResponseWriter, httpStatus int, description string) {
	code := oauth.CodeInvalidRequest
	if httpStatus >= 500 {
		code = oauth.CodeServerError
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(httpStatus)
	_ = json.NewEncoder(w).Encode(map[string]string{
		oauth.ParamError:            code,
		oauth.ParamErrorDescription: oauth.Describe(description),
	})
}
