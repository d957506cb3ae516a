package jwks_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/fetch"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/jwks"
)

// host is a client's own server, with what it answers at the moment.
type host struct {
	mu           sync.Mutex
	status       int
	body         string
	cacheControl string
	asked        int
	hold         chan struct{} // closed, or nil: answers at once
}

func (h *host) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	h.asked++
	status, body, cacheControl, hold := h.status, h.body, h.cacheControl, h.hold
	h.mu.Unlock()
	if hold != nil {
		<-hold
	}
	w.Header().Set("Content-Type", "application/jwk-set+json")
	w.Header().Set("Cache-Control", cacheControl)
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}

func (h *host) set(change func(*host)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	change(h)
}

func (h *host) times() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.asked
}

// world is a source, its clock and a host that it may fetch from.
type world struct {
	*host
	t       *testing.T
	clock   *clock.Manual
	source  *jwks.Source
	address string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	h := &host{status: http.StatusOK, body: set("a")}
	server := httptest.NewTLSServer(h)
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	clk := clock.NewManual(time.Now())
	client := fetch.New(fetch.Options{Allow: []string{strings.TrimPrefix(server.URL, "https://")}, Roots: roots, Clock: clk})
	return &world{h, t, clk, jwks.New(client, clk, slog.New(slog.DiscardHandler), 10), server.URL}
}

// set is a JWK set with one key for each kid.
func set(kids ...string) string {
	var keys []*jose.Key
	for _, kid := range kids {
		private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			panic(err)
		}
		key, err := jose.NewKey(private.Public(), kid)
		if err != nil {
			panic(err)
		}
		keys = append(keys, key)
	}
	text, err := jose.NewKeySet(keys...).MarshalJSON()
	if err != nil {
		panic(err)
	}
	return string(text)
}

// kids are those of the keys, separated by blanks; "none" where there are none.
func kids(keys *jose.KeySet) string {
	if keys == nil {
		return "none"
	}
	var found []string
	for _, key := range keys.Keys() {
		found = append(found, key.ID())
	}
	return strings.Join(found, " ")
}

func (w *world) wantKeys(want string, fresh bool) {
	w.t.Helper()
	keys, got, err := w.source.Keys(w.t.Context(), w.address)
	if err != nil || kids(keys) != want || got != fresh {
		w.t.Errorf("keys are %q, fresh %v, %v; want %q, %v", kids(keys), got, err, want, fresh)
	}
}

func (w *world) wantAgain(want string, fetched bool) {
	w.t.Helper()
	keys, got, err := w.source.Again(w.t.Context(), w.address)
	if err != nil || got != fetched || fetched && kids(keys) != want {
		w.t.Errorf("again: keys are %q, fetched %v, %v; want %q, %v", kids(keys), got, err, want, fetched)
	}
}

func (w *world) wantAsked(want int) {
	w.t.Helper()
	if got := w.times(); got != want {
		w.t.Errorf("the host was asked %d times, want %d", got, want)
	}
}

func TestKeysAreUsedForTheirLifetime(t *testing.T) {
	for cacheControl, want := range map[string]time.Duration{
		"": 5 * time.Minute, "public": 5 * time.Minute, "max-age=120": 2 * time.Minute, "private, Max-Age=\"600\"": 10 * time.Minute,
		"max-age=1": time.Minute, "max-age=0": time.Minute, "no-store": time.Minute, "no-cache, max-age=600": time.Minute,
		"max-age=86400": time.Hour, "max-age=99999999999999": 5 * time.Minute, "max-age=-1": 5 * time.Minute, "max-age=x": 5 * time.Minute, "s-maxage=120": 5 * time.Minute,
	} {
		t.Run(cacheControl, func(t *testing.T) {
			w := newWorld(t)
			w.set(func(h *host) { h.cacheControl = cacheControl })
			w.wantKeys("a", true)
			w.set(func(h *host) { h.body = set("b") })
			w.clock.Advance(want - time.Second)
			w.wantKeys("a", false)
			w.clock.Advance(time.Second)
			w.wantKeys("b", true)
			w.wantAsked(2)
		})
	}
}

// TestAgainAtMostOnceAMinute is BAD-19.
func TestAgainAtMostOnceAMinute(t *testing.T) {
	w := newWorld(t)
	w.wantAgain("", false) // nothing is known of the address yet
	w.wantKeys("a", true)
	w.set(func(h *host) { h.body = set("a", "b") })
	w.wantAgain("a b", true)
	for range 1000 {
		w.wantAgain("", false)
	}
	w.wantKeys("a b", false)
	w.wantAsked(2)
	w.clock.Advance(time.Minute - time.Second)
	w.wantAgain("", false)
	w.clock.Advance(time.Second)
	w.wantAgain("a b", true)
	w.clock.Advance(10 * time.Second)
	w.wantAgain("", false)
	w.wantAsked(3)
}

// TestWithoutAnswer: a host that is down leaves the keys for an hour; one that
// answers what cannot be accepted has none.
func TestWithoutAnswer(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*host)
		stale  bool
	}{
		"down":                         {func(h *host) { h.status = 503 }, true},
		"too many requests":            {func(h *host) { h.status = 429 }, true},
		"gone":                         {func(h *host) { h.status = 404 }, false},
		"redirect":                     {func(h *host) { h.status = 302 }, false},
		"not JSON":                     {func(h *host) { h.body = "<html>" }, false},
		"longer than a set may be":     {func(h *host) { h.body = strings.Repeat(" ", 257<<10) }, false},
		"repeated members":             {func(h *host) { h.body = `{"keys":[],"keys":[]}` }, false},
		"a set without keys is no set": {func(h *host) { h.body = `{}` }, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.wantKeys("a", true)
			good := w.body
			w.set(test.change)
			w.clock.Advance(5 * time.Minute)
			want := "none"
			if test.stale {
				want = "a"
			}
			w.wantKeys(want, true)
			w.wantKeys(want, false) // not asked again at once
			w.wantAsked(2)
			w.clock.Advance(time.Hour)
			w.wantKeys("none", true)
			w.set(func(h *host) { h.status, h.body = 200, good })
			w.wantKeys("none", false)
			w.wantAgain("a", true) // but for a client that tries again
		})
	}
}

// TestBadKeysArePassedOver: a key that would be refused at registration serves
// nothing, and ends nothing that the others serve (BAD-18, RFC 7517 §5).
func TestBadKeysArePassedOver(t *testing.T) {
	for name, bad := range map[string]string{
		"BAD-18 RSA key of 1024 bits": `{"kty":"RSA","kid":"bad","e":"AQAB","n":"` + strings.Repeat("x", 171) + `"}`,
		"private key":                 `{"kty":"EC","kid":"bad","crv":"P-256","x":"","y":"","d":"AA"}`,
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			good := strings.TrimSuffix(strings.TrimPrefix(w.body, `{"keys":[`), `]}`)
			w.set(func(h *host) { h.body = `{"keys":[` + bad + `,` + good + `]}` })
			w.wantKeys("a", true)
			w.wantKeys("a", false)
			w.set(func(h *host) { h.body = `{"keys":[` + bad + `]}` })
			w.clock.Advance(5 * time.Minute)
			w.wantKeys("", true)
		})
	}
}

func TestFirstFailureIsRememberedForAMinute(t *testing.T) {
	w := newWorld(t)
	w.set(func(h *host) { h.status = 503 })
	w.wantKeys("none", true)
	for range 100 {
		w.wantKeys("none", false)
	}
	w.wantAsked(1)
	w.clock.Advance(time.Minute)
	w.set(func(h *host) { h.status = 200 })
	w.wantKeys("a", true)
}

// TestOneTripForAll: who asks for the same keys at the same time shares one trip,
// and who gives up does not end it.
func TestOneTripForAll(t *testing.T) {
	w := newWorld(t)
	hold := make(chan struct{})
	w.set(func(h *host) { h.hold = hold })
	var waiting sync.WaitGroup
	for range 50 {
		waiting.Go(func() {
			keys, _, err := w.source.Keys(t.Context(), w.address)
			if err != nil || kids(keys) != "a" {
				t.Errorf("keys are %q, %v", kids(keys), err)
			}
		})
	}
	for w.times() == 0 {
		time.Sleep(time.Millisecond)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := w.source.Keys(ctx, w.address)
	if refusal, ok := oauth.AsError(err); !ok || refusal.HTTPStatus() != 503 {
		t.Errorf("who gave up got %v", err)
	}
	close(hold)
	waiting.Wait()
	w.wantKeys("a", false)
	w.wantAsked(1)
}
