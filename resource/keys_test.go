package resource

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// wantCode looks at the OAuth code of an error; "" is no error.
func wantCode(t testing.TB, err error, code string) {
	t.Helper()
	reason, _ := oauth.AsError(err)
	if got := ""; err == nil && code != "" || err != nil && (reason == nil || reason.Code != code) {
		if reason != nil {
			got = reason.Code
		}
		t.Fatalf("error is %q (%v), want %q", got, err, code)
	}
}

func wantFetched(t *testing.T, issuer *fakeIssuer, path string, want int) {
	t.Helper()
	if got := issuer.count(path); got != want {
		t.Errorf("%s was fetched %d times, want %d", path, got, want)
	}
}

func TestKeysAreKept(t *testing.T) {
	for _, test := range []struct {
		name, cacheControl string
		fresh              time.Duration
	}{
		{"5 minutes by default", "", 5 * time.Minute},
		{"for max-age", "public, max-age=90", 90 * time.Second},
		{"10 s where the issuer allows none", "max-age=0", 10 * time.Second},
		{"10 s where nothing may be stored", "no-store, max-age=300", 10 * time.Second},
		{"an hour where the issuer allows more", "max-age=86400", time.Hour},
		{"5 minutes where max-age is no number", "max-age=soon", 5 * time.Minute},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBank(t, Offline, nil)
			b.issuer.maxAge = test.cacheControl
			wantCode(t, b.verify(b.token(nil)), "")
			b.clock.advance(test.fresh - time.Second)
			wantCode(t, b.verify(b.token(nil)), "")
			wantFetched(t, b.issuer, "/jwks", 1)
			b.clock.advance(time.Second)
			wantCode(t, b.verify(b.token(nil)), "")
			wantFetched(t, b.issuer, "/jwks", 2)
			wantFetched(t, b.issuer, "/.well-known/openid-configuration", 2)
		})
	}
}

func TestRotationIsFeltAtOnce(t *testing.T) {
	b := newBank(t, Offline, nil)
	old := b.token(nil)
	wantCode(t, b.verify(old), "")
	b.issuer.rotate("k2")
	wantCode(t, b.verify(b.token(nil)), "")
	wantFetched(t, b.issuer, "/jwks", 2)
	wantCode(t, b.verify(old), "invalid_token") // its key is withdrawn
}

func TestUnknownKidRefetchesOnceAMinute(t *testing.T) {
	b := newBank(t, Offline, nil)
	b.issuer.maxAge = "max-age=3600"
	unknown := func() string {
		claims := b.claims(nil)
		return signJWT(t, "at+jwt", "k9", claims, b.issuer.key)
	}
	wantCode(t, b.verify(b.token(nil)), "")
	for range 3 {
		wantCode(t, b.verify(unknown()), "invalid_token")
	}
	wantFetched(t, b.issuer, "/jwks", 2)
	b.clock.advance(59 * time.Second)
	wantCode(t, b.verify(unknown()), "invalid_token")
	wantFetched(t, b.issuer, "/jwks", 2)
	b.clock.advance(time.Second)
	wantCode(t, b.verify(unknown()), "invalid_token")
	wantFetched(t, b.issuer, "/jwks", 3)
}

// race verifies one token in 100 goroutines at once.
func (b *bank) race(token string) []error {
	failures := make([]error, 100)
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range failures {
		all.Go(func() {
			<-start
			failures[i] = b.verify(token)
		})
	}
	close(start)
	all.Wait()
	return failures
}

func TestRacersShareOneFetch(t *testing.T) {
	tests := []struct {
		name    string
		prepare func(*bank)
		kid     string
		fetches int
		code    string
	}{
		{"the first requests of all", func(*bank) {}, "k1", 1, ""},
		{"a kid that nobody knows", func(b *bank) { wantCode(b.t, b.verify(b.token(nil)), "") }, "k9", 2, "invalid_token"},
		{"a new key", func(b *bank) {
			wantCode(b.t, b.verify(b.token(nil)), "")
			b.issuer.rotate("k2")
		}, "k2", 2, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newBank(t, Offline, nil)
			test.prepare(b)
			for _, err := range b.race(signJWT(t, "at+jwt", test.kid, b.claims(nil), b.issuer.key)) {
				wantCode(t, err, test.code)
			}
			wantFetched(t, b.issuer, "/jwks", test.fetches)
			wantFetched(t, b.issuer, "/.well-known/openid-configuration", 1)
		})
	}
}

// TestIssuerDown: stale keys serve for an hour, then nothing passes.
func TestIssuerDown(t *testing.T) {
	b := newBank(t, Offline, nil)
	wantCode(t, b.verify(b.token(nil)), "")
	b.issuer.change(func() { b.issuer.down = true })
	b.clock.advance(5*time.Minute + 59*time.Minute)
	wantCode(t, b.verify(b.token(nil)), "")
	if !strings.Contains(b.log.String(), "issuer's document not fetched") {
		t.Error("the log does not tell that keys are stale")
	}
	asked := b.issuer.count("/jwks")
	wantCode(t, b.verify(b.token(nil)), "")
	wantFetched(t, b.issuer, "/jwks", asked) // not before the pause is over
	b.clock.advance(time.Minute)
	wantCode(t, b.verify(b.token(nil)), "temporarily_unavailable")
	b.issuer.change(func() { b.issuer.down = false })
	b.clock.advance(5 * time.Second)
	wantCode(t, b.verify(b.token(nil)), "")
}

func TestIssuerDownFromTheBeginning(t *testing.T) {
	b := newBank(t, Offline, nil)
	b.issuer.down = true
	got := b.present(b.token(nil))
	wantReply(t, got, 503, "temporarily_unavailable")
	if got.header.Get("Retry-After") != "5" || got.header.Get("WWW-Authenticate") != "" {
		t.Errorf("headers are %v, want Retry-After and no challenge", got.header)
	}
}

// TestIssuerHangs: a request waits a second where stale keys serve, and the
// next ones do not wait at all.
func TestIssuerHangs(t *testing.T) {
	b := newBank(t, Offline, nil)
	wantCode(t, b.verify(b.token(nil)), "")
	hang := make(chan struct{})
	defer close(hang)
	b.issuer.change(func() { b.issuer.hang = hang })
	b.clock.advance(6 * time.Minute)
	begun := time.Now()
	wantCode(t, b.verify(b.token(nil)), "")
	if waited := time.Since(begun); waited < patience || waited >= fetchTimeout {
		t.Errorf("the first waited %v", waited)
	}
	begun = time.Now()
	wantCode(t, b.verify(b.token(nil)), "")
	if waited := time.Since(begun); waited >= patience {
		t.Errorf("the second waited %v", waited)
	}
}

// TestIssuerDocumentsRefused: what the issuer must not publish, or not there.
func TestIssuerDocumentsRefused(t *testing.T) {
	elsewhere := newFakeIssuer(t)
	tests := []struct {
		name   string
		change func(*fakeIssuer)
	}{
		{"metadata of another issuer", func(i *fakeIssuer) { i.metadata["issuer"] = "https://cuckoo.example" }},
		{"issuer differs by a slash", func(i *fakeIssuer) { i.metadata["issuer"] = i.identifier + "/" }},
		{"jwks_uri over plain http", func(i *fakeIssuer) {
			plain := httptest.NewServer(i.server.Config.Handler)
			t.Cleanup(plain.Close)
			i.metadata["jwks_uri"] = plain.URL + "/fapi2/jwks"
		}},
		{"no jwks_uri", func(i *fakeIssuer) { delete(i.metadata, "jwks_uri") }},
		{"jwks_uri is not there", func(i *fakeIssuer) { i.metadata["jwks_uri"] = i.identifier + "/nowhere" }},
		{"keys are no JWKS", func(i *fakeIssuer) { i.keys = "none" }},
		{"keys are longer than 256 KiB", func(i *fakeIssuer) {
			i.keys = map[string]any{"keys": []any{}, "padding": strings.Repeat("x", maxBody)}
		}},
		{"keys are redirected", func(i *fakeIssuer) {
			elsewhere.publish("k1", i.key)
			redirect := http.RedirectHandler(elsewhere.identifier+"/jwks", http.StatusFound)
			plain := i.server.Config.Handler
			i.server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/jwks") {
					redirect.ServeHTTP(w, r)
					return
				}
				plain.ServeHTTP(w, r)
			})
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newBank(t, Offline, nil)
			test.change(b.issuer)
			wantCode(t, b.verify(b.token(nil)), "temporarily_unavailable")
		})
	}
}

// TestOtherTokensAskNothing: what is not for us costs the issuer no question.
func TestOtherTokensAskNothing(t *testing.T) {
	b := newBank(t, Offline, nil)
	for _, change := range []map[string]any{{"iss": "https://cuckoo.example"}, {"aud": "https://other"}, {"exp": 1}} {
		wantCode(t, b.verify(b.token(change)), "invalid_token")
	}
	wantFetched(t, b.issuer, "/jwks", 0)
}

func TestEveryErrorIsARefusal(t *testing.T) {
	b := newBank(t, Offline, nil)
	var refusal *Refusal
	if err := b.verify("x.y.z"); !errors.As(err, &refusal) || refusal.Reason.Rule != "AT-2" {
		t.Errorf("error is %v", err)
	}
}
