package clientreg_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/services/clientreg"
)

// keyHost is where a client publishes its keys.
type keyHost struct {
	*httptest.Server
	asked   atomic.Int32
	answers atomic.Value // string
	down    atomic.Bool
	// instead answers in place of answers, where there is one.
	instead atomic.Pointer[http.HandlerFunc]
}

func newKeyHost(t *testing.T, answer string) *keyHost {
	t.Helper()
	h := &keyHost{}
	h.answers.Store(answer)
	h.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.asked.Add(1)
		if instead := h.instead.Load(); instead != nil {
			(*instead)(w, r)
			return
		}
		if h.down.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", "application/jwk-set+json")
		_, _ = w.Write([]byte(h.answers.Load().(string)))
	}))
	server := leaf(func(c *x509.Certificate) {
		c.ExtKeyUsage, c.IPAddresses = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, []net.IP{{127, 0, 0, 1}}
	})
	h.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{bankCA.sign(server, ecOther.Public())}, PrivateKey: ecOther}}}
	h.StartTLS()
	t.Cleanup(h.Close)
	return h
}

// fetching lets a replica fetch from the host.
func (h *keyHost) fetching(t *testing.T) func(*clientreg.Config) {
	return func(c *clientreg.Config) {
		c.Fetch = clientreg.Fetch{Allow: []string{strings.TrimPrefix(h.URL, "https://")}, Roots: bankCA.file(t)}
	}
}

func (h *keyHost) register(service *replica, changes ...func(object)) registered {
	return service.register(append([]func(object){unset("jwks"), set("jwks_uri", h.URL+"/jwks")}, changes...)...)
}

func (h *keyHost) wantAsked(t *testing.T, want int32) {
	t.Helper()
	if got := h.asked.Load(); got != want {
		t.Errorf("the host was asked %d times, want %d", got, want)
	}
}

func keySet(kid string) string {
	return string(must(jose.NewKeySet(must(jose.NewKey(ecKey.Public(), kid))).MarshalJSON()))
}

func TestKeysByReference(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		host := newKeyHost(t, keySet("one"))
		service := w.replica(host.fetching(t))
		client := host.register(service)
		host.wantAsked(t, 0) // registration fetches nothing
		authenticate := func(kid string) error {
			_, err := service.authenticate(forge(object{"alg": "ES256", "kid": kid}, w.claims(client.ClientID), es256(ecKey)))
			return err
		}
		for range 3 {
			wantAuthenticated(t, authenticate("one"), true)
		}
		host.wantAsked(t, 1)
		t.Run("PKJ-2 a new kid is looked for at once", func(t *testing.T) {
			host.answers.Store(keySet("two"))
			wantAuthenticated(t, authenticate("two"), true)
			wantAuthenticated(t, authenticate("one"), false)
			host.wantAsked(t, 2)
		})
		t.Run("BAD-19 a thousand unknown kids ask once a minute", func(t *testing.T) {
			for range 1000 {
				wantAuthenticated(t, authenticate(oauth.NewID()), false)
			}
			host.wantAsked(t, 2)
			w.clock.Advance(time.Minute)
			wantAuthenticated(t, authenticate("three"), false)
			wantAuthenticated(t, authenticate("four"), false)
			host.wantAsked(t, 3)
		})
		t.Run("a bad signature by a known kid asks for nothing", func(t *testing.T) {
			w.clock.Advance(time.Minute)
			_, err := service.authenticate(forge(object{"alg": "ES256", "kid": "two"}, w.claims(client.ClientID), es256(ecOther)))
			wantAuthenticated(t, err, false)
			host.wantAsked(t, 3)
		})
		t.Run("a host that is down leaves the keys for an hour", func(t *testing.T) {
			host.down.Store(true)
			w.clock.Advance(10 * time.Minute)
			wantAuthenticated(t, authenticate("two"), true)
			w.clock.Advance(time.Hour)
			wantAuthenticated(t, authenticate("two"), false)
			host.down.Store(false)
			w.clock.Advance(time.Minute)
			wantAuthenticated(t, authenticate("two"), true)
		})
		t.Run("BAD-18 an RSA key of 1024 bits published later", func(t *testing.T) {
			weak := `{"keys":[{"kty":"RSA","kid":"weak","e":"AQAB","n":"` + b64(append([]byte{0x80}, append(make([]byte, 126), 1)...)) + `"},` + string(jwk("two")) + `]}`
			host.answers.Store(weak)
			w.clock.Advance(10 * time.Minute)
			wantAuthenticated(t, authenticate("weak"), false)
			wantAuthenticated(t, authenticate("two"), true) // RFC 7517 §5: the others serve
		})
		t.Run("who may not authenticate this way makes nobody fetch", func(t *testing.T) {
			w.clock.Advance(time.Hour)
			before := host.asked.Load()
			_, err := service.present(client.ClientID, bankCA.issue())
			wantAuthenticated(t, err, false)
			host.wantAsked(t, before)
			w.change(client.ClientID, `active = $4`, false)
			if _, err := service.getClient(client.ClientID); err == nil { // and so hears of it
				t.Error("the client is still active")
			}
			wantAuthenticated(t, authenticate("two"), false)
			host.wantAsked(t, before)
		})
	})
}

// TestSelfSignedByReference is MTLS-4 with keys at a jwks_uri.
func TestSelfSignedByReference(t *testing.T) {
	first, second := selfSigned(), selfSigned()
	set1, set2 := string(must(json.Marshal(certifiedKeys(first)))), string(must(json.Marshal(certifiedKeys(first, second))))
	eachWorld(t, func(t *testing.T, w *world) {
		host := newKeyHost(t, set1)
		service := w.replica(host.fetching(t))
		client := host.register(service, set("token_endpoint_auth_method", "self_signed_tls_client_auth"))
		_, err := service.present(client.ClientID, [][]byte{first})
		wantAuthenticated(t, err, true)
		host.answers.Store(set2)
		_, err = service.present(client.ClientID, [][]byte{second})
		wantAuthenticated(t, err, true)
		_, err = service.present(client.ClientID, [][]byte{selfSigned()})
		wantAuthenticated(t, err, false)
		host.wantAsked(t, 2)
	})
}

// TestKeysMoveWithUpdate: a PUT with another jwks_uri holds at the next use.
func TestKeysMoveWithUpdate(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		host := newKeyHost(t, keySet("ec"))
		service, other := w.replica(host.fetching(t)), w.replica(host.fetching(t))
		client := host.register(service)
		_, err := other.authenticate(w.assertion(client.ClientID))
		wantAuthenticated(t, err, true)
		if _, err := service.update(client.RegistrationAccessToken, client.ClientID, replacing(client, unset("jwks"), set("jwks_uri", "https://nobody.invalid/jwks"))); err != nil {
			t.Fatal(err)
		}
		_, err = other.authenticate(w.assertion(client.ClientID))
		wantAuthenticated(t, err, false)
	})
}

// TestRegisterRefusesKeyAddress is BAD-157; every form is a row of internal/fetch.
func TestRegisterRefusesKeyAddress(t *testing.T) {
	eachSQL(t, func(t *testing.T, service *replica) {
		for _, address := range []string{
			"http://client.example/jwks", "https://169.254.169.254/jwks", "https://localhost/jwks", "https://[::ffff:10.0.0.1]/jwks", "https://2130706433/jwks",
			"https://10.0.0.1/jwks", "https://user@client.example/jwks", "https://client.example/jwks#a", "https://client.example:8443/jwks", "https://client.internal/jwks",
			"/jwks", "jwks", "data:application/json,{}", "https://client.example/" + text(2048),
		} {
			t.Run(address, func(t *testing.T) {
				_, err := service.tryRegister(clientToken, document(unset("jwks"), set("jwks_uri", address)))
				wantRefusal(t, err, oauth.CodeInvalidClientMetadata, "THR-3", 400)
			})
		}
		t.Run("not the directory's", func(t *testing.T) {
			service.here.ClientHosts = []string{"directory.example"}
			defer func() { service.here.ClientHosts = nil }()
			_, err := service.tryRegister(clientToken, document(unset("jwks"), set("jwks_uri", "https://client.example/jwks")))
			wantRefusal(t, err, oauth.CodeInvalidClientMetadata, "THR-3", 400)
			if client := service.register(unset("jwks"), set("jwks_uri", "https://directory.example/jwks")); client.JWKSURI == "" {
				t.Errorf("the directory's: registered is %s", client.raw)
			}
		})
		t.Run("jwks null is no other source of keys", func(t *testing.T) {
			if client := service.register(set("jwks", nil), set("jwks_uri", "https://client.example/jwks")); client.JWKS != nil {
				t.Errorf("registered is %s", client.raw)
			}
		})
		t.Run("a public one is taken as it is", func(t *testing.T) {
			client := service.register(unset("jwks"), set("jwks_uri", "https://client.example/jwks?a=b"))
			if client.JWKSURI != "https://client.example/jwks?a=b" || client.JWKS != nil {
				t.Errorf("registered is %s", client.raw)
			}
		})
	})
}
