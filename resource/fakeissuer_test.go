package resource

import (
	"crypto/ecdsa"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
)

// fakeIssuer serves what the kit asks of an authorization server: metadata,
// keys, introspection.
type fakeIssuer struct {
	t          testing.TB
	server     *httptest.Server
	identifier string
	key        *ecdsa.PrivateKey
	keyID      string

	mu       sync.Mutex
	metadata map[string]any
	keys     any
	maxAge   string
	down     bool
	hang     chan struct{} // while not nil, keys wait for it
	answers  map[string]any
	fetched  map[string]int // requests by path
	forms    []url.Values   // of introspection
}

func newFakeIssuer(t testing.TB) *fakeIssuer {
	i := &fakeIssuer{t: t, keyID: "k1", key: newECKey(t), answers: map[string]any{}, fetched: map[string]int{}}
	i.server = httptest.NewTLSServer(http.HandlerFunc(i.serve))
	t.Cleanup(i.server.Close)
	i.identifier = i.server.URL + "/fapi2"
	i.metadata = map[string]any{
		"issuer":                 i.identifier,
		"jwks_uri":               i.identifier + "/jwks",
		"introspection_endpoint": i.identifier + "/introspect",
		"mtls_endpoint_aliases":  map[string]string{"introspection_endpoint": i.identifier + "/mtls-introspect"},
	}
	i.publish(i.keyID, i.key)
	return i
}

// publish makes this the issuer's only key.
func (i *fakeIssuer) publish(kid string, key *ecdsa.PrivateKey) {
	public, err := jose.NewKey(key.Public(), kid)
	if err != nil {
		i.t.Fatal(err)
	}
	i.change(func() { i.keys = jose.NewKeySet(public) })
}

// rotate makes a new key, publishes it and signs with it from now on.
func (i *fakeIssuer) rotate(kid string) {
	i.key, i.keyID = newECKey(i.t), kid
	i.publish(kid, i.key)
}

// change does something while no request is served.
func (i *fakeIssuer) change(do func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	do()
}

func (i *fakeIssuer) count(path string) int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.fetched["/fapi2"+path]
}

func (i *fakeIssuer) serve(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.fetched[r.URL.Path]++
	if i.down {
		http.Error(w, "down", http.StatusBadGateway)
		return
	}
	if i.maxAge != "" {
		w.Header().Set("Cache-Control", i.maxAge)
	}
	var body any
	switch r.URL.Path {
	case "/fapi2/.well-known/openid-configuration":
		body = i.metadata
	case "/fapi2/jwks":
		if hang := i.hang; hang != nil {
			i.mu.Unlock()
			<-hang
			i.mu.Lock()
		}
		body = i.keys
	case "/fapi2/introspect", "/fapi2/mtls-introspect":
		r.ParseForm()
		i.forms = append(i.forms, r.PostForm)
		if body = i.answers[r.PostForm.Get("token")]; body == nil {
			body = map[string]any{"active": false}
		}
	default:
		http.NotFound(w, r)
		return
	}
	json.NewEncoder(w).Encode(body)
}
