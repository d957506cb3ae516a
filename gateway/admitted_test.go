package gateway

import (
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/strongroom-fapi/strongroom/platform/telemetry"
	"github.com/strongroom-fapi/strongroom/platform/telemetrytest"
)

// TestTheGateTellsWhatItLetsIn: of what begins and of what continues by itself, how many
// have a place, had to wait, how long, and were refused; keys are none of either.
func TestTheGateTellsWhatItLetsIn(t *testing.T) {
	collector, err := telemetrytest.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer collector.Close()
	told, err := telemetry.Open(t.Context(), telemetry.Config{Metrics: telemetry.Metrics{Endpoint: collector.Address, Insecure: true}}, "gateway", "v1", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	gate := newGate(Admission{Concurrent: 3, Reserved: 1, Wait: time.Second}, told)
	var mu sync.Mutex
	waited := [unbounded][]time.Duration{}
	for of, tell := range gate.waited {
		gate.waited[of] = func(d time.Duration) {
			mu.Lock()
			defer mu.Unlock()
			waited[of] = append(waited[of], d)
			tell(d)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		service := &slow{answer: make(chan struct{})}
		conn := gate.to(service)
		calls := []string{push, publicKeys, exchange, push, begin, exchange, exchange}
		done := make(chan error, len(calls))
		for _, method := range calls {
			go func() { done <- conn.Invoke(t.Context(), method, nil, nil) }()
			synctest.Wait()
		}
		want(t, "with all places taken", gate, telemetry.Admission{Busy: 1, Limit: 2, Waits: 2}, telemetry.Admission{Busy: 2, Limit: 3, Waits: 1})
		time.Sleep(300 * time.Millisecond)
		service.answer <- struct{}{} // the push: who continues comes first
		synctest.Wait()
		want(t, "with a place passed on", gate, telemetry.Admission{Limit: 2, Waits: 2}, telemetry.Admission{Busy: 3, Limit: 3, Waits: 1})
		time.Sleep(time.Second)
		synctest.Wait()
		want(t, "when time is up", gate, telemetry.Admission{Limit: 2, Waits: 2, Refused: 2}, telemetry.Admission{Busy: 3, Limit: 3, Waits: 1})
		close(service.answer)
		for range calls {
			<-done
		}
	})
	want(t, "at the end", gate, telemetry.Admission{Limit: 2, Waits: 2, Refused: 2}, telemetry.Admission{Limit: 3, Waits: 1})
	if !slices.Equal(waited[begins], []time.Duration{time.Second, time.Second}) || !slices.Equal(waited[continues], []time.Duration{300 * time.Millisecond}) {
		t.Errorf("they waited for %v", waited)
	}
	if err := told.Close(); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]float64{
		"strongroom.admission.busy{kind=new,service=gateway}":         0,
		"strongroom.admission.limit{kind=new,service=gateway}":        2,
		"strongroom.admission.limit{kind=continuing,service=gateway}": 3,
		"strongroom.admission.waits{kind=continuing,service=gateway}": 1,
		"strongroom.admission.refusals{kind=new,service=gateway}":     2,
		"strongroom.admission.wait{kind=new,service=gateway}":         2,
		"strongroom.admission.wait{kind=continuing,service=gateway}":  1,
	} {
		if value, ok := collector.Metric(name); !ok || value != want {
			t.Errorf("%s is %v, want %v (%v)", name, value, want, collector.Metrics())
		}
	}
}

func want(t *testing.T, when string, g *gate, begun, continued telemetry.Admission) {
	t.Helper()
	if got := g.admitted(begins); got != begun {
		t.Errorf("%s: new calls: %+v, want %+v", when, got, begun)
	}
	if got := g.admitted(continues); got != continued {
		t.Errorf("%s: continuing calls: %+v, want %+v", when, got, continued)
	}
}
