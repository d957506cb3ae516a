package clientreg_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestKeysOfAMisbehavingDirectory: a directory that published a client's keys well begins
// to be slow, huge, lying, down, or rotates them. What it says badly takes the keys
// away, for they may have been withdrawn; where it says nothing they stay for an
// hour, so that a directory's bad day is not everybody's.
func TestKeysOfAMisbehavingDirectory(t *testing.T) {
	says := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(text))
		}
	}
	tests := []struct {
		name    string
		handler http.HandlerFunc
		// old and next tell whether the key of before works, and another.
		old, next bool
	}{
		{"rotates its keys", says(keySet("next")), false, true},
		{"answers as before", says(keySet("old")), true, false},
		{"down", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }, true, false},
		{"hangs up", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, true, false},
		{"slow", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, true, false},
		{"huge", says(`{"keys":[` + strings.Repeat(" ", 257<<10) + `]}`), false, false},
		{"lies: an error page", says("<html>"), false, false},
		{"lies: no key", says(`{"keys":[]}`), false, false},
		{"lies: a private key", says(`{"keys":[` + string(jwk("old", `"d":"AAAA"`)) + `]}`), false, false},
		{"lies: elsewhere", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://169.254.169.254/", http.StatusFound)
		}, false, false},
	}
	eachSQL(t, func(t *testing.T, service *replica) {
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				host := newKeyHost(t, keySet("old"))
				service := service.replica(host.fetching(t))
				client := host.register(service)
				authenticate := func(kid string) error {
					_, err := service.authenticate(forge(object{"alg": "ES256", "kid": kid}, service.claims(client.ClientID), es256(ecKey)))
					return err
				}
				wantAuthenticated(t, authenticate("old"), true)
				host.instead.Store(&test.handler)
				service.clock.Advance(10 * time.Minute)
				wantAuthenticated(t, authenticate("next"), test.next)
				wantAuthenticated(t, authenticate("old"), test.old)
			})
		}
	})
}
