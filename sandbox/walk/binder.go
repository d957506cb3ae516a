package walk

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/binding"
	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// Binding is how tokens are tied to the client.
type Binding string

// The bindings of FAPI 2.0 §5.3.2.1-5.
const (
	MTLS Binding = "mtls"
	DPoP Binding = "dpop"
)

// binder proves, with each request, that the client holds what its tokens are
// bound to.
type binder interface {
	// client makes the request: with the certificate or without one.
	client() *http.Client
	// mutual tells whether the client uses the mTLS aliases.
	mutual() bool
	// scheme is that of the Authorization header.
	scheme() string
	// prove adds what proves possession; token is the one that is sent along.
	prove(req *http.Request, token string) (sent []string, err error)
	// learn takes up a nonce from an answer; true asks to send again.
	learn(origin string, a answer) bool
	// holds tells whether a token is bound to what the client holds.
	holds(binding.Confirmation) bool
	// what it is, in words.
	what() string
}

// certificateBinder is RFC 8705: the TLS connection proves possession.
type certificateBinder struct {
	http *http.Client
	der  []byte
}

func (b certificateBinder) client() *http.Client              { return b.http }
func (certificateBinder) mutual() bool                        { return true }
func (certificateBinder) scheme() string                      { return oauth.TokenTypeBearer }
func (certificateBinder) learn(string, answer) bool           { return false }
func (certificateBinder) what() string                        { return "our certificate: cnf x5t#S256 is its SHA-256" }
func (b certificateBinder) holds(c binding.Confirmation) bool { return c.HeldByCertificate(b.der) }

func (b certificateBinder) prove(*http.Request, string) ([]string, error) {
	return []string{line("(client certificate)", binding.Thumbprint(b.der))}, nil
}

// proofBinder is RFC 9449: a signed proof with each request.
type proofBinder struct {
	http   *http.Client
	key    crypto.Signer
	jwk    *jose.Key
	nonces map[string]string // by origin: servers do not share them
}

func newProofBinder(client *http.Client) (*proofBinder, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	jwk, err := jose.NewKey(key.Public(), "")
	if err != nil {
		return nil, err
	}
	return &proofBinder{http: client, key: key, jwk: jwk, nonces: map[string]string{}}, nil
}

func (b *proofBinder) client() *http.Client { return b.http }
func (*proofBinder) mutual() bool           { return false }
func (*proofBinder) scheme() string         { return oauth.TokenTypeDPoP }
func (*proofBinder) what() string           { return "our DPoP key: cnf jkt is its thumbprint" }

func (b *proofBinder) holds(c binding.Confirmation) bool {
	return c.KeyThumbprint == b.jwk.Thumbprint()
}

func (b *proofBinder) prove(req *http.Request, token string) ([]string, error) {
	claims := map[string]any{
		"jti": oauth.NewID(), "htm": req.Method, "iat": time.Now().Unix(),
		"htu": (&url.URL{Scheme: req.URL.Scheme, Host: req.URL.Host, Path: req.URL.Path}).String(),
	}
	if token != "" {
		claims["ath"] = oauth.Hash(token)
	}
	if nonce := b.nonces[req.URL.Host]; nonce != "" {
		claims["nonce"] = nonce
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return nil, err
	}
	proof, err := jose.SignProof(jose.ES256, "dpop+jwt", payload, b.key)
	if err != nil {
		return nil, err
	}
	req.Header.Set("DPoP", proof)
	return []string{line("DPoP", proof)}, nil
}

func (b *proofBinder) learn(origin string, a answer) bool {
	nonce := a.header.Get("DPoP-Nonce")
	if nonce == "" {
		return false
	}
	b.nonces[origin] = nonce
	return a.text(oauth.ParamError) == oauth.CodeUseDPoPNonce
}
