package fetch_test

import (
	"compress/gzip"
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/fetch"
)

// TestAnswers: what a host can do instead of answering a document (BAD-157).
func TestAnswers(t *testing.T) {
	redirected := false
	inner := serve(t, "inner.example", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { redirected = true }))
	redirect := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, inner.URL, status) }
	}
	long := strings.Repeat(" ", fetch.MaxDocument+1)
	tests := []struct {
		name    string
		handler http.HandlerFunc
		want    error
	}{
		{"redirect, moved", redirect(301), fetch.ErrAnswer},
		{"redirect, found", redirect(302), fetch.ErrAnswer},
		{"redirect, see other", redirect(303), fetch.ErrAnswer},
		{"redirect, temporary", redirect(307), fetch.ErrAnswer},
		{"redirect, permanent", redirect(308), fetch.ErrAnswer},
		{"not found", answer(404, "application/json", "{}"), fetch.ErrAnswer},
		{"no content", answer(204, "application/json", ""), fetch.ErrAnswer},
		{"error of the server", answer(500, "application/json", "{}"), fetch.ErrUnreachable},
		{"too many requests", answer(429, "application/json", "{}"), fetch.ErrUnreachable},
		{"HTML", answer(200, "text/html", "{}"), fetch.ErrAnswer},
		{"a type that only begins alike", answer(200, "application/jsonp", "{}"), fetch.ErrAnswer},
		{"no type", answer(200, "", "{}"), fetch.ErrAnswer},
		{"256 KiB", answer(200, "application/json", long[1:]), nil},
		{"256 KiB and a byte", answer(200, "application/json", long), fetch.ErrAnswer},
		{"100 MB that say so", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "100000000")
			answer(200, "application/json", long)(w, r)
		}, fetch.ErrAnswer},
		{"without end", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			for {
				if _, err := w.Write([]byte(long)); err != nil {
					return
				}
			}
		}, fetch.ErrAnswer},
		{"a bomb of zeroes", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Encoding", "gzip")
			zip := gzip.NewWriter(w)
			_, _ = zip.Write([]byte(long))
			_ = zip.Close()
		}, fetch.ErrAnswer},
		{"headers of 1 MB", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X", strings.Repeat("x", 1<<20))
			answer(200, "application/json", "{}")(w, r)
		}, fetch.ErrUnreachable},
		{"cut short", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte("{}"))
		}, fetch.ErrUnreachable},
		{"hung up", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, fetch.ErrUnreachable},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			world := &internet{answers: always("8.8.8.8"), server: serve(t, "keys.tpp.example", test.handler)}
			if _, err := world.client().Get(t.Context(), address); !errors.Is(err, test.want) {
				t.Errorf("error is %v", err)
			}
			if redirected || len(world.dialled) != 1 {
				t.Errorf("redirected: %v; dialled %q", redirected, world.dialled)
			}
		})
	}
}

// TestSlowHosts: none of them holds a fetch for longer than 5 s (BAD-157).
func TestSlowHosts(t *testing.T) {
	drip := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for r.Context().Err() == nil {
			_, _ = w.Write([]byte(" "))
			_ = http.NewResponseController(w).Flush()
			time.Sleep(50 * time.Millisecond)
		}
	}
	silent := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	for name, handler := range map[string]http.HandlerFunc{"drips": drip, "silent": silent} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := (&internet{answers: always("8.8.8.8"), server: serve(t, "keys.tpp.example", handler)}).client()
			begin := time.Now()
			_, err := client.Get(t.Context(), address)
			if took := time.Since(begin); !errors.Is(err, fetch.ErrUnreachable) || took > 7*time.Second {
				t.Errorf("%v after %s", err, took)
			}
		})
	}
	t.Run("ends with its caller", func(t *testing.T) {
		client := (&internet{answers: always("8.8.8.8"), server: serve(t, "keys.tpp.example", http.HandlerFunc(silent))}).client()
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		begin := time.Now()
		if _, err := client.Get(ctx, address); !errors.Is(err, fetch.ErrUnreachable) || time.Since(begin) > 2*time.Second {
			t.Errorf("%v after %s", err, time.Since(begin))
		}
	})
}

// TestLateAnswerIsNone: a host that answers as the time ends, as servers do which see
// that nobody waits any more, was too slow. It did not answer what cannot be accepted.
func TestLateAnswerIsNone(t *testing.T) {
	var leave atomic.Pointer[context.CancelFunc]
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		(*leave.Load())()
		w.WriteHeader(http.StatusNotFound)
	})
	client := (&internet{answers: always("8.8.8.8"), server: serve(t, "keys.tpp.example", handler)}).client()
	for range 300 { // which of the two the client sees first differs
		ctx, cancel := context.WithCancel(t.Context())
		leave.Store(&cancel)
		if _, err := client.Get(ctx, address); !errors.Is(err, fetch.ErrUnreachable) {
			t.Fatal(err)
		}
	}
}

// TestOneHostIsNotFlooded: 8 at once, the others wait, or give up.
func TestOneHostIsNotFlooded(t *testing.T) {
	var now, most atomic.Int32
	release := make(chan struct{})
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n := now.Add(1); n > most.Load() {
			most.Store(n)
		}
		<-release
		now.Add(-1)
		answer(200, "application/json", "{}")(w, r)
	})
	client := (&internet{answers: always("8.8.8.8"), server: serve(t, "keys.tpp.example", handler)}).client()
	results := make(chan error)
	for range 20 {
		go func() {
			_, err := client.Get(context.WithoutCancel(t.Context()), address)
			results <- err
		}()
	}
	for now.Load() < 8 {
		time.Sleep(time.Millisecond)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := client.Get(ctx, address); !errors.Is(err, fetch.ErrBusy) {
		t.Errorf("the one without patience: %v", err)
	}
	close(release)
	for range 20 {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	if most.Load() != 8 {
		t.Errorf("%d at once", most.Load())
	}
}

// TestSlowResolver: a name that is not answered costs 3 s.
func TestSlowResolver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		_, err := fetchWith(t, silentResolver{})
		if took := time.Since(begin); !errors.Is(err, fetch.ErrUnreachable) || took != 3*time.Second {
			t.Errorf("%v after %s", err, took)
		}
	})
}
