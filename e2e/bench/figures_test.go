package main

import (
	"reflect"
	"testing"
	"time"
)

func TestPercentile(t *testing.T) {
	hundred := make([]time.Duration, 100)
	for i := range hundred {
		hundred[i] = time.Duration(i + 1)
	}
	for _, test := range []struct {
		name   string
		sorted []time.Duration
		q      float64
		want   time.Duration
	}{
		{"p50 of 1 to 100 is 50", hundred, 0.50, 50},
		{"p99 of 1 to 100 is 99", hundred, 0.99, 99},
		{"the least is at 0", hundred, 0, 1},
		{"the most is at 1", hundred, 1, 100},
		{"p99 of three is the last", hundred[:3], 0.99, 3},
		{"one is every percentile", hundred[6:7], 0.50, 7},
		{"of nothing it is nothing", nil, 0.50, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := percentile(test.sorted, test.q); got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
}

func TestMedian(t *testing.T) {
	for _, test := range []struct {
		name   string
		values []float64
		want   float64
	}{
		{"the middle one of an odd count, in whatever order", []float64{9, 1, 5}, 5},
		{"the mean of the middle two of an even count", []float64{8, 2, 4, 100}, 6},
		{"of nothing it is nothing", nil, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := median(test.values); got != test.want {
				t.Errorf("got %g, want %g", got, test.want)
			}
		})
	}
}

func TestRatioIsTakenRoundByRound(t *testing.T) {
	// The machine was slower for both sides in the last two rounds.
	product := []figures{{CPU: 2}, {CPU: 20}, {CPU: 26}}
	base := []figures{{CPU: 1}, {CPU: 10}, {CPU: 10}}
	if got := ratio(product, base); got != 2 {
		t.Errorf("got %g, want 2", got)
	}
}

func TestSummary(t *testing.T) {
	r := result{latencies: []time.Duration{3 * time.Millisecond, time.Millisecond, 2 * time.Millisecond, 4 * time.Millisecond}, elapsed: 2 * time.Second}
	of := partsOf(
		map[string]usage{"token": {cpu: time.Second}, "redis": {cpu: time.Second}},
		map[string]usage{"token": {cpu: 1800 * time.Millisecond, resident: 3 << 20}, "redis": {cpu: 1200 * time.Millisecond, resident: 9 << 20}},
		len(r.latencies))
	got, err := summary(r, of)
	want := figures{PerSecond: 2, P50: 2, P99: 4, CPU: 250, Busy: 0.5, Memory: 3, Parts: parts{"token": {200, 3}, "redis": {50, 9}}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	if said := got.Parts.String(); said != "token 200.000, redis 50.000" {
		t.Errorf("the parts read %q", said)
	}
	if _, err := summary(result{elapsed: time.Second}, nil); err == nil {
		t.Error("a measurement without an answer says something")
	}
}
