package revocation

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/platform/clock"
)

// eventually waits for what happens in the background.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for begin := time.Now(); !holds(); time.Sleep(time.Millisecond) {
		if time.Since(begin) > 10*time.Second {
			t.Fatal(what)
		}
	}
}

// TestAskedInTheBackground: after the first answer nobody waits, and a revocation
// is noticed a quarter of an hour after it was published.
func TestAskedInTheBackground(t *testing.T) {
	h, clk := newHost(t), clock.NewManual(start)
	path := h.checker(clk).Path(h.chain(true, false))
	status := func() Status { return path.Status(t.Context()) }
	h.set(func(h *host) { h.list = list(root, nil) })
	for range 100 {
		if got := status(); got != Good {
			t.Fatalf("status is %d", got)
		}
	}
	h.set(func(h *host) { h.list = list(root, nil, serial) })
	clk.Advance(freshness - time.Second)
	if got := status(); got != Good || h.times("/list") != 1 {
		t.Errorf("status is %d, asked %d times", got, h.times("/list"))
	}
	clk.Advance(time.Second)
	hold := make(chan struct{})
	published := h.list
	h.set(func(h *host) { h.list = func() (int, []byte) { <-hold; return published() } })
	for range 100 {
		if got := status(); got != Good { // it is being asked
			t.Fatalf("status is %d", got)
		}
	}
	close(hold)
	eventually(t, "the revocation was not noticed", func() bool { return status() == Revoked })
	if h.times("/list") != 2 {
		t.Errorf("asked %d times", h.times("/list"))
	}
}

// TestWithoutAnswer: what was said holds until its end, nobody waits for an
// address that has none, and it is asked once a minute.
func TestWithoutAnswer(t *testing.T) {
	h, clk := newHost(t), clock.NewManual(start)
	path := h.checker(clk).Path(h.chain(true, false))
	status := func() Status { return path.Status(t.Context()) }
	h.set(func(h *host) { h.list = list(root, nil) })
	if got := status(); got != Good {
		t.Fatalf("status is %d", got)
	}
	h.set(func(h *host) { h.list = func() (int, []byte) { return http.StatusServiceUnavailable, nil } })
	clk.Advance(time.Hour - time.Second)
	for range 100 {
		if got := status(); got != Good {
			t.Fatalf("before its end: status is %d", got)
		}
	}
	eventually(t, "it was not asked again", func() bool { return h.times("/list") == 2 })
	clk.Advance(time.Second)
	for range 100 {
		if got := status(); got != Unknown {
			t.Fatalf("after its end: status is %d", got)
		}
	}
	if h.times("/list") != 2 {
		t.Errorf("asked %d times within a minute", h.times("/list"))
	}
	h.set(func(h *host) { h.list = renewed })
	// When the answer before was noted is the background's to say: the pause ends
	// some time after it.
	eventually(t, "it never came back", func() bool { clk.Advance(pause / 10); return status() == Good })
}

// renewed is the list of two hours later.
var renewed = func() (int, []byte) {
	return list(root, func(l *listTemplate) { l.ThisUpdate, l.NextUpdate = start.Add(time.Hour), start.Add(3*time.Hour) })()
}

// TestNewerWordStays: a list from before is a replay.
func TestNewerWordStays(t *testing.T) {
	h, clk := newHost(t), clock.NewManual(start)
	path := h.checker(clk).Path(h.chain(true, false))
	h.set(func(h *host) { h.list = list(root, nil, serial) })
	if got := path.Status(t.Context()); got != Revoked {
		t.Fatalf("status is %d", got)
	}
	h.set(func(h *host) { h.list = list(root, func(l *listTemplate) { l.ThisUpdate = start.Add(-time.Hour) }) })
	clk.Advance(freshness)
	path.Status(t.Context())
	eventually(t, "it was not asked again", func() bool { return h.times("/list") == 2 })
	for range 100 {
		if got := path.Status(t.Context()); got != Revoked {
			t.Fatalf("status is %d", got)
		}
	}
}

// TestOneTripForAll: who asks at the same time for the first time shares one trip,
// and who gives up does not end it.
func TestOneTripForAll(t *testing.T) {
	h := newHost(t)
	hold := make(chan struct{})
	h.set(func(h *host) { h.list = func() (int, []byte) { <-hold; return list(root, nil, serial)() } })
	checker := h.checker(clock.NewManual(start))
	path := checker.Path(h.chain(true, false))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got := path.Status(ctx); got != Unknown {
		t.Errorf("who gave up got %d", got)
	}
	var waiting sync.WaitGroup
	for range 50 {
		waiting.Go(func() {
			if got := checker.Path(h.chain(true, false)).Status(t.Context()); got != Revoked {
				t.Errorf("status is %d", got)
			}
		})
	}
	close(hold)
	waiting.Wait()
	if h.times("/list") != 1 {
		t.Errorf("asked %d times", h.times("/list"))
	}
}

// BenchmarkStatus is what a request costs whose answers are in memory.
func BenchmarkStatus(b *testing.B) {
	h := newHost(b)
	h.set(func(h *host) { h.list = list(root, nil, 7) })
	path := h.checker(clock.NewManual(start)).Path(h.chain(true, false))
	b.ReportAllocs()
	for b.Loop() {
		if path.Status(b.Context()) != Good {
			b.Fatal("not good")
		}
	}
}
