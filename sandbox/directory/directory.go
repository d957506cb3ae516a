// Package directory is the trust framework's directory of the sandbox: it issues
// certificates, enrols participants, vouches for their software by signed
// statements (RFC 7591 §2.3) and publishes keys. A real one knows who asks; this
// one enrols everybody who reaches it, and from then on knows them by their key.
//
//	POST /participants                   enrols: org_id, software_id, certificate -> 201
//	GET  /participants                   who takes part, and how they stand
//	PUT  /participants/{org_id}/status   suspends or lets in, for the operator -> 204
//	POST /token          client_credentials by the participant's certificate
//	GET  /statement      the software statement, for that token's bearer
//	GET  /jwks           the keys of statements
//	POST /certificates   a PEM certificate request -> 201, a PEM chain, leaf first
//	PUT  /keys/{name}    keeps a JWK set           -> 201 where new, else 204
//	GET  /keys/{name}    the JWK set as it was put
//	GET  /healthz        204
package directory

import (
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/secret"
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
	// MaxParticipants is how many may take part. Default 1000.
	MaxParticipants int `yaml:"max_participants"`
	// Issuer is the iss of statements. Required.
	Issuer string `yaml:"issuer"`
	// OperatorToken lets its bearer suspend participants. Default none: nobody may.
	OperatorToken secret.Text `yaml:"operator_token"`
}

// Authority issues certificates; pki.CA is one.
type Authority interface {
	// SignRequest answers a PEM chain, leaf first. Its error is told to the
	// participant.
	SignRequest(*x509.CertificateRequest) ([]byte, error)
	// SignParticipant answers such a chain for a participant, by an authority that
	// signs for nobody else. Its error is told to the participant.
	SignParticipant(*x509.CertificateRequest, pkix.Name) ([]byte, error)
}

// Deps is what code passes.
type Deps struct {
	CA    Authority
	Clock clock.Clock
	Log   *slog.Logger
}

// Directory answers participants.
type Directory struct {
	cfg          Config
	ca           Authority
	clock        clock.Clock
	log          *slog.Logger
	keys         *keyStore
	participants *register
	tokens       tokens
	key          *rsa.PrivateKey
	keyID        string
	jwks         []byte
	mux          *http.ServeMux
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
	if cfg.MaxParticipants == 0 {
		cfg.MaxParticipants = 1000
	}
	participants, err := openRegister(cfg.Dir, cfg.MaxParticipants)
	if err != nil {
		return nil, err
	}
	d := &Directory{
		cfg: cfg, ca: deps.CA, clock: deps.Clock, log: deps.Log, keys: keys, participants: participants,
		tokens: tokens{byID: map[string]token{}}, mux: http.NewServeMux(),
	}
	if err := d.open(); err != nil {
		return nil, err
	}
	d.mux.HandleFunc("POST /participants", d.enrol)
	d.mux.HandleFunc("GET /participants", d.listing)
	d.mux.HandleFunc("PUT /participants/{org_id}/status", d.setStatus)
	d.mux.HandleFunc("POST /token", d.exchange)
	d.mux.HandleFunc("GET /statement", d.statement)
	d.mux.HandleFunc("GET /jwks", d.publish)
	d.mux.HandleFunc("/participants", methodNotAllowed("GET, HEAD, POST"))
	d.mux.HandleFunc("/participants/{org_id}/status", methodNotAllowed("PUT"))
	d.mux.HandleFunc("/token", methodNotAllowed("POST"))
	d.mux.HandleFunc("/statement", methodNotAllowed("GET, HEAD"))
	d.mux.HandleFunc("/jwks", methodNotAllowed("GET, HEAD"))
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

// open loads the key of statements and what is published of it.
func (d *Directory) open() (err error) {
	if d.key, err = openKey(d.cfg.Dir); err != nil {
		return err
	}
	thumbprinted, err := jose.NewKey(d.key.Public(), "")
	if err != nil {
		return err
	}
	d.keyID = thumbprinted.Thumbprint()
	public, err := jose.NewKey(d.key.Public(), d.keyID)
	if err != nil {
		return err
	}
	d.jwks, err = jose.NewKeySet(public).MarshalJSON()
	return err
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
	refuse(w, httpStatus, code, description)
}

func refuse(w http.ResponseWriter, httpStatus int, code, description string) {
	writeJSON(w, httpStatus, map[string]string{
		oauth.ParamError:            code,
		oauth.ParamErrorDescription: oauth.Describe(description),
	})
}

func writeJSON(w http.ResponseWriter, httpStatus int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(httpStatus)
	_ = json.NewEncoder(w).Encode(body)
}
