package fetch_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/fetch"
)

// TestPlainHTTP: spoken for what authorities publish of revoked certificates, by
// the same rules on addresses, and for nothing else (BAD-157).
func TestPlainHTTP(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/ocsp-response")
		body, _ := io.ReadAll(r.Body)
		_, _ = w.Write(append([]byte(r.Method+" "+r.Header.Get("Content-Type")+" "), body...))
	}))
	t.Cleanup(server.Close)
	tests := []struct {
		name    string
		kind    *fetch.Kind
		address string
		ip      string
		want    error
		body    string
	}{
		{"a list", fetch.CRL, "http://crl.ca.example/list", "8.8.8.8", nil, "GET  "},
		{"an OCSP answer", fetch.OCSP, "http://ocsp.ca.example/", "8.8.8.8", nil, "POST application/ocsp-request asked"},
		{"keys", fetch.JSON, "http://keys.tpp.example/jwks", "8.8.8.8", fetch.ErrPolicy, ""},
		{"a list at another port", fetch.CRL, "http://crl.ca.example:8080/list", "8.8.8.8", fetch.ErrPolicy, ""},
		{"a list at the port of https", fetch.CRL, "http://crl.ca.example:443/list", "8.8.8.8", fetch.ErrPolicy, ""},
		{"a list by address", fetch.CRL, "http://8.8.8.8/list", "8.8.8.8", fetch.ErrPolicy, ""},
		{"a list of a name inside", fetch.CRL, "http://ca.internal/list", "8.8.8.8", fetch.ErrPolicy, ""},
		{"a list with userinfo", fetch.CRL, "http://a@crl.ca.example/list", "8.8.8.8", fetch.ErrPolicy, ""},
		{"a list that resolves to the metadata of a cloud", fetch.CRL, "http://crl.ca.example/latest/meta-data", "169.254.169.254", fetch.ErrPolicy, ""},
		{"an OCSP responder that resolves inwards", fetch.OCSP, "http://ocsp.ca.example/", "10.0.0.1", fetch.ErrPolicy, ""},
		{"a list by LDAP", fetch.CRL, "ldap://directory.ca.example/cn=a", "8.8.8.8", fetch.ErrPolicy, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			world := &internet{answers: always(test.ip), server: server}
			got, err := world.client().Fetch(t.Context(), test.kind, test.address, []byte("asked"))
			if test.kind == fetch.CRL {
				got.Body = []byte(strings.TrimSuffix(string(got.Body), "asked"))
			}
			if !errors.Is(err, test.want) || string(got.Body) != test.body {
				t.Errorf("got %q, %v", got.Body, err)
			}
			if dialled := len(world.dialled) > 0; dialled != (test.want == nil) {
				t.Errorf("dialled %q", world.dialled)
			}
		})
	}
}

// TestDeadHostIsLeftAlone: all who want something of a host that nobody can
// connect to wait for it once in 10 seconds.
func TestDeadHostIsLeftAlone(t *testing.T) {
	world := &internet{answers: always("8.8.8.8")}
	clk := clock.NewManual(time.Now())
	client := fetch.New(fetch.Options{Roots: roots(), Clock: clk, Resolver: world, Dial: world.dial})
	get := func(address string, dialled int) {
		t.Helper()
		if _, err := client.Get(t.Context(), address); !errors.Is(err, fetch.ErrUnreachable) || len(world.dialled) != dialled {
			t.Errorf("%v; dialled %d times, want %d", err, len(world.dialled), dialled)
		}
	}
	get("https://dead.example/one", 1)
	get("https://dead.example/two", 1)
	get("https://DEAD.example/three", 1)
	get("https://other.example/one", 2)
	clk.Advance(10 * time.Second)
	get("https://dead.example/one", 3)
}

// TestBadAnswerIsNoDeadHost: a host that answers badly is asked again, for another
// client's document may be good.
func TestBadAnswerIsNoDeadHost(t *testing.T) {
	server := serve(t, "keys.tpp.example", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/bad" {
			panic(http.ErrAbortHandler)
		}
		answer(200, "application/json", "{}")(w, r)
	}))
	client := (&internet{answers: always("8.8.8.8"), server: server}).client()
	if _, err := client.Get(t.Context(), "https://keys.tpp.example/bad"); !errors.Is(err, fetch.ErrUnreachable) {
		t.Fatal(err)
	}
	if _, err := client.Get(t.Context(), "https://keys.tpp.example/good"); err != nil {
		t.Error(err)
	}
}

// TestAllHostsTogether: 64 at once, however many hosts there are.
func TestAllHostsTogether(t *testing.T) {
	var now, most atomic.Int32
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		if n := now.Add(1); n > most.Load() {
			most.Store(n)
		}
		<-release
		now.Add(-1)
	}))
	t.Cleanup(server.Close)
	client := (&internet{answers: always("8.8.8.8"), server: server}).client()
	results := make(chan error)
	for n := range 100 {
		go func() {
			_, err := client.Fetch(context.WithoutCancel(t.Context()), fetch.CRL, "http://host"+string(rune('a'+n%25))+".example/list", nil)
			results <- err
		}()
	}
	for now.Load() < 64 {
		time.Sleep(time.Millisecond)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := client.Fetch(ctx, fetch.CRL, "http://late.example/list", nil); !errors.Is(err, fetch.ErrBusy) {
		t.Errorf("the one without patience: %v", err)
	}
	close(release)
	for range 100 {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	if most.Load() != 64 {
		t.Errorf("%d at once", most.Load())
	}
}
