package health

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
)

// TestReadiness: ready is who has everything; an answer stands for a second; a
// change is one line of log; and who is about to end is never ready again.
func TestReadiness(t *testing.T) {
	var log bytes.Buffer
	var fault error
	asked, now := 0, time.Unix(0, 0)
	r := New(slog.New(slog.NewTextHandler(&log, nil)),
		Check{Name: "redis", Ask: func(context.Context) error { return nil }},
		Check{Name: "sql", Ask: func(context.Context) error { asked++; return fault }})
	r.now = func() time.Time { return now }
	away := errors.New("connection refused")
	for _, row := range []struct {
		name   string
		change func()
		ready  bool
		asked  int
		lines  int
	}{
		{"at first", func() {}, true, 1, 1},
		{"at once again", func() {}, true, 1, 1},
		{"a store goes away", func() { fault, now = away, now.Add(keep) }, false, 2, 2},
		{"it comes back, unnoticed for a second", func() { fault = nil }, false, 2, 2},
		{"it is back", func() { now = now.Add(keep) }, true, 3, 3},
		{"the process is about to end", r.Leave, false, 3, 3},
		{"and stays so", func() { now = now.Add(keep) }, false, 3, 3},
	} {
		row.change()
		_, err := r.Check(t.Context(), &healthv1.HealthCheckRequest{})
		lines := strings.Count(log.String(), "\n")
		if (err == nil) != row.ready || asked != row.asked || lines != row.lines {
			t.Errorf("%s: %v; asked %d times, want %d; %d lines, want %d", row.name, err, asked, row.asked, lines, row.lines)
		}
	}
	if !strings.Contains(log.String(), "sql: connection refused") {
		t.Errorf("the log does not say what is missing: %s", &log)
	}
}

// TestNobodyWaitsLong: a store that does not answer is one that is not there.
func TestNobodyWaitsLong(t *testing.T) {
	r := New(slog.New(slog.DiscardHandler), Check{Name: "sql", Ask: func(ctx context.Context) error {
		if _, ok := ctx.Deadline(); !ok {
			t.Error("the check has no deadline")
		}
		return context.DeadlineExceeded
	}})
	if r.Ready(t.Context()) == nil {
		t.Error("ready")
	}
	if _, err := r.Check(t.Context(), &healthv1.HealthCheckRequest{Service: "other"}); err == nil {
		t.Error("another health than the process's was told")
	}
}

// TestSpared: without what a process answers from memory it is not ready, and takes
// calls; without anything else it takes none.
func TestSpared(t *testing.T) {
	away := errors.New("connection refused")
	var redis, sql error
	now := time.Unix(0, 0)
	r := New(slog.New(slog.DiscardHandler),
		SparedFor(Check{Name: "sql", Ask: func(context.Context) error { return sql }}),
		Check{Name: "redis", Ask: func(context.Context) error { return redis }})
	r.now = func() time.Time { return now }
	for _, row := range []struct {
		name        string
		sql, redis  error
		ready, open bool
	}{
		{"everything is there", nil, nil, true, true},
		{"what is spared is away", away, nil, false, true},
		{"both are away", away, away, false, false},
		{"what is not spared is away", nil, away, false, false},
	} {
		sql, redis, now = row.sql, row.redis, now.Add(keep)
		if err := r.Ready(t.Context()); (err == nil) != row.ready {
			t.Errorf("%s: ready: %v", row.name, err)
		}
		if err := r.Open(t.Context()); (err == nil) != row.open {
			t.Errorf("%s: open: %v", row.name, err)
		}
	}
	sql, redis, now = nil, nil, now.Add(keep)
	if r.Leave(); r.Open(t.Context()) == nil {
		t.Error("who is about to end takes calls")
	}
}
