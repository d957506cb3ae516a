package e2e

import (
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// TestPublishedKeys: keys at a jwks_uri are judged when they are fetched, each as it
// would have been at registration, and nobody makes the suite fetch them at will
// (PKJ-2, CRY-2).
func TestPublishedKeys(t *testing.T) {
	t.Parallel()
	eachClient(t, asserting, func(t *testing.T, s *rig.Suite, k kind) {
		t.Run("BAD-18 an RSA key of 1024 bits, published after registration", func(t *testing.T) {
			key, weak := rig.ES256Key(), rig.WeakRSAKey()
			document := s.Document(rig.Keys(rig.JWKS(key)))
			c := k.client(t, s, rig.Keyed(key), rig.Publishing(document))
			c.Send(t, c.Credentials()).Is(t, http.StatusOK)
			document.Set(rig.Keys(rig.WeakJWKS(key, weak)))
			byWeak := rig.All(rig.JOSE("kid", weak.ID), rig.Signed("PS256", weak.Honest()))
			for range 2 {
				c.Send(t, c.Credentials(byWeak)).Refused(t, http.StatusUnauthorized, invalidClient)
			}
			if document.Calls() != 2 {
				t.Errorf("the keys were fetched %d times: the weak one was not looked for", document.Calls())
			}
			c.Send(t, c.Credentials()).Is(t, http.StatusOK) // RFC 7517 §5: the good one serves
		})
		t.Run("BAD-19 an unknown kid is looked for once, a hundred others not at all", func(t *testing.T) {
			first, second := rig.ES256Key(), rig.ES256Key()
			document := s.Document(rig.Keys(rig.JWKS(first)))
			c := k.client(t, s, rig.Keyed(first), rig.Publishing(document))
			c.Send(t, c.Credentials()).Is(t, http.StatusOK)
			document.Set(rig.Keys(rig.JWKS(first, second)))
			bySecond := rig.All(rig.JOSE("kid", second.ID), rig.Signed("ES256", second.Honest()))
			c.Send(t, c.Credentials(bySecond)).Is(t, http.StatusOK) // a rotation is noticed at once
			for range 100 {
				c.Send(t, c.Credentials(rig.JOSE("kid", oauth.NewID()))).Refused(t, http.StatusUnauthorized, invalidClient)
			}
			if document.Calls() != 2 {
				t.Errorf("the keys were fetched %d times, want 2", document.Calls())
			}
			c.Send(t, c.Credentials()).Is(t, http.StatusOK) // and who floods is not locked out
		})
	})
}

// TestHostileKeyAddress: an address that leads inside is refused when it is
// registered (BAD-157, THR-3), and nobody connects to it.
func TestHostileKeyAddress(t *testing.T) {
	t.Parallel()
	eachRendering(t, func(t *testing.T, s *rig.Suite) {
		lure := newLure(t)
		_, port, err := net.SplitHostPort(lure.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		for why, address := range map[string]string{
			"BAD-157 http":                       "http://keys.example/jwks",
			"BAD-157 a cloud's metadata":         "https://169.254.169.254/latest/meta-data",
			"BAD-157 localhost":                  "https://localhost/jwks",
			"BAD-157 localhost, at the lure":     "https://localhost:" + port + "/jwks",
			"BAD-157 the loopback address":       "https://127.0.0.1:" + port + "/jwks",
			"BAD-157 IPv4 in IPv6":               "https://[::ffff:10.0.0.1]/jwks",
			"BAD-157 IPv6 loopback":              "https://[::1]:" + port + "/jwks",
			"BAD-157 a decimal address":          "https://2130706433/jwks",
			"BAD-157 a hexadecimal address":      "https://0x7f.0.0.1/jwks",
			"BAD-157 a short address":            "https://127.1/jwks",
			"BAD-157 a private address":          "https://192.168.0.1/jwks",
			"BAD-157 another port":               "https://keys.example:8443/jwks",
			"BAD-157 a user name":                "https://keys.example@127.0.0.1/jwks",
			"BAD-157 a name of an inner network": "https://keys.internal/jwks",
			"BAD-157 a file":                     "file:///etc/passwd",
			"BAD-157 no URL":                     "keys",
		} {
			t.Run(why, func(t *testing.T) {
				asked := registrable(rig.ES256Key()).with("jwks", nil, "jwks_uri", address)
				s.Send(t, s.RegistrationRequest(t, rig.FAPI2, asked)).Refused(t, http.StatusBadRequest, invalidMetadata)
			})
		}
		lure.untouched(t)
	})
}

// TestHostileKeyHost: what a client's host answers ends in bounded time and space,
// and leads nowhere else (BAD-157, THR-3). The client is refused, and is served as
// soon as its host is.
func TestHostileKeyHost(t *testing.T) {
	t.Parallel()
	eachRendering(t, func(t *testing.T, s *rig.Suite) {
		lure := newLure(t)
		var sent atomic.Int64
		for _, row := range []struct {
			why    string
			answer http.HandlerFunc
		}{
			{"a redirect inside", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, lure.URL+"/jwks", http.StatusFound) }},
			{"a redirect to a cloud's metadata", func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "http://169.254.169.254/latest/meta-data", http.StatusTemporaryRedirect)
			}},
			{"100 MB", huge(&sent)},
			{"a byte every 200 ms", drip},
			{"no JWK set", rig.Keys([]byte(`{"keys":7}`))},
			{"a page", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) }},
			{"a set that is 100,000 lists deep", rig.Keys(deepList())},
		} {
			t.Run("BAD-157 "+row.why, func(t *testing.T) {
				t.Parallel()
				c := s.Client(t, rig.Publishing(s.Document(row.answer)))
				begun := time.Now()
				answer := c.Send(t, c.Credentials())
				if answer.StatusCode != http.StatusServiceUnavailable {
					answer.Refused(t, http.StatusUnauthorized, invalidClient)
				}
				if took := time.Since(begun); took > 10*time.Second {
					t.Errorf("it took %s", took)
				}
			})
		}
		t.Cleanup(func() {
			lure.untouched(t)
			if most := int64(16 << 20); sent.Load() > most {
				t.Errorf("the suite read %d bytes of the 100 MB", sent.Load())
			}
		})
	})
}

// huge answers 100 MB, without saying so before.
func huge(sent *atomic.Int64) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		block := make([]byte, 64<<10)
		for range 100 << 20 / len(block) {
			n, err := w.Write(block)
			sent.Add(int64(n))
			if err != nil {
				return
			}
		}
	}
}

// drip answers for half a minute, or until nobody listens.
func drip(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	for range 150 {
		if _, err := w.Write([]byte(" ")); err != nil {
			return
		}
		_ = http.NewResponseController(w).Flush()
		select {
		case <-r.Context().Done():
			return
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func deepList() []byte {
	list := make([]byte, 100_000)
	for n := range list {
		list[n] = '['
	}
	return list
}
