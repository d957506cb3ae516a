package ecosystem

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

type object = map[string]any

// issuers are several authorization servers, as far as an API sees them, on one
// host: each with a key and resource servers of its own.
type issuers struct {
	t      *testing.T
	server *httptest.Server

	mu       sync.Mutex
	keys     map[string]*ecdsa.PrivateKey // by name
	answers  map[string]object            // to introspection, by token
	asked    map[string][]string          // tokens, by name
	refusals int                          // of registrations, before one is taken
}

func newIssuers(t *testing.T, names ...string) *issuers {
	i := &issuers{t: t, keys: map[string]*ecdsa.PrivateKey{}, answers: map[string]object{}, asked: map[string][]string{}}
	for _, name := range names {
		i.keys[name] = newKey(t)
	}
	i.server = httptest.NewTLSServer(i)
	t.Cleanup(i.server.Close)
	return i
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (i *issuers) identifier(name string) string { return i.server.URL + "/" + name }

// trusted is a PEM file of who signed the servers' certificate.
func (i *issuers) trusted() string {
	file := filepath.Join(i.t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: i.server.Certificate().Raw})
	if err := os.WriteFile(file, text, 0o600); err != nil {
		i.t.Fatal(err)
	}
	return file
}

func (i *issuers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	name, rest, _ := strings.Cut(strings.TrimPrefix(path.Clean(r.URL.Path), "/"), "/")
	key := i.keys[name]
	if key == nil {
		http.NotFound(w, r)
		return
	}
	switch rest {
	case "register":
		if i.refusals--; i.refusals >= 0 || r.Header.Get("Authorization") != "Bearer let-me-in" {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusCreated)
		i.write(w, object{"client_id": "bank-at-" + name})
	case ".well-known/openid-configuration":
		identifier := i.server.URL + "/" + name
		i.write(w, object{"issuer": identifier, "jwks_uri": identifier + "/jwks", "introspection_endpoint": identifier + "/introspect"})
	case "jwks":
		public, err := jose.NewKey(key.Public(), name)
		if err != nil {
			i.t.Error(err)
		}
		i.write(w, jose.NewKeySet(public))
	case "introspect":
		token := r.FormValue("token")
		i.asked[name] = append(i.asked[name], token)
		answer, known := i.answers[token]
		if !known {
			answer = object{"active": false}
		}
		i.write(w, answer)
	}
}

func (i *issuers) write(w http.ResponseWriter, value any) {
	if err := json.NewEncoder(w).Encode(value); err != nil {
		i.t.Error(err)
	}
}

// askedOf is whether an issuer was asked about a token.
func (i *issuers) askedOf(name, token string) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, asked := range i.asked[name] {
		if asked == token {
			return true
		}
	}
	return false
}

// stands makes a token active.
func (i *issuers) stands(token string, answer object) {
	i.mu.Lock()
	defer i.mu.Unlock()
	answer["active"] = true
	i.answers[token] = answer
}

// client is one with a DPoP key.
type client struct {
	t       *testing.T
	issuers *issuers
	key     *ecdsa.PrivateKey
}

// claims are of a good access token of alice's, bound to the client's key.
func (c client) claims(issuer string) object {
	public, err := jose.NewKey(c.key.Public(), "")
	if err != nil {
		c.t.Fatal(err)
	}
	now := time.Now().Unix()
	return object{
		"iss": issuer, "aud": publicAPI, "sub": "user-alice-5f0c9e", "client_id": "client-1", "jti": oauth.NewID(),
		"iat": now, "exp": now + 300, "scope": "accounts payments", "cnf": object{"jkt": public.Thumbprint()},
	}
}

// jwt is a token that says it is one issuer's, signed by one, and that stands.
func (c client) jwt(says, signedBy string) string {
	c.t.Helper()
	payload, err := json.Marshal(c.claims(says))
	if err != nil {
		c.t.Fatal(err)
	}
	token, err := jose.Sign(jose.ES256, signedBy, "at+jwt", payload, c.issuers.keys[signedBy])
	if err != nil {
		c.t.Fatal(err)
	}
	c.issuers.stands(token, object{})
	return token
}

// proof is a good proof for a call with a token.
func (c client) proof(method, path, token, nonce string) string {
	c.t.Helper()
	claims := object{"jti": oauth.NewID(), "htm": method, "htu": publicAPI + path, "iat": time.Now().Unix(), "ath": oauth.Hash(token)}
	if nonce != "" {
		claims["nonce"] = nonce
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		c.t.Fatal(err)
	}
	proof, err := jose.SignProof(jose.ES256, "dpop+jwt", payload, c.key)
	if err != nil {
		c.t.Fatal(err)
	}
	return proof
}
