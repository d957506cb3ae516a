package audit_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/platform/audit"
	"github.com/strongroom-fapi/strongroom/platform/clock"
)

// TestRefusals: of an interaction what was refused and nothing else, from every
// chain, in the order of time, and no more than is wanted.
func TestRefusals(t *testing.T) {
	folder := t.TempDir()
	clk := clock.NewManual(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	open := func(service string) *audit.Recorder {
		r, err := audit.Open(audit.Config{Folder: folder, Instance: "a", FileSize: 512}, service, clk, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	token, clientreg := open("token"), open("clientreg")
	for _, e := range []struct {
		by *audit.Recorder
		audit.Event
	}{
		{token, audit.Event{Kind: audit.Refused, InteractionID: "i-1", Rule: "TOK-2", Error: "invalid_grant"}},
		{clientreg, audit.Event{Kind: audit.Refused, InteractionID: "i-1", Rule: "CA-1"}},
		{clientreg, audit.Event{Kind: audit.ClientRegistered, InteractionID: "i-1", ClientID: "c"}},
		{clientreg, audit.Event{Kind: audit.Refused, InteractionID: "i-11", Rule: "CA-1"}},
		{clientreg, audit.Event{Kind: audit.Refused, InteractionID: "i-2", Rule: "CA-1", ClientID: "i-1"}},
		{token, audit.Event{Kind: audit.Refused, InteractionID: "i-1", Error: "invalid_scope"}},
	} {
		clk.Advance(time.Second)
		if err := e.by.Record(t.Context(), e.Event); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range []*audit.Recorder{token, clientreg} {
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	all := func(audit.Line) bool { return true }
	found, partial, err := audit.Refusals(t.Context(), folder, "i-1", 10, all)
	if err != nil || partial || len(found) != 3 || found[0].Rule != "TOK-2" || found[1].Service != "clientreg" || found[2].Error != "invalid_scope" {
		t.Errorf("%v, %v: %+v", err, partial, found)
	}
	if found, partial, err := audit.Refusals(t.Context(), folder, "i-1", 2, all); err != nil || !partial || len(found) != 2 {
		t.Errorf("the first two: %v, %v: %+v", err, partial, found)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if found, partial, err := audit.Refusals(ended, folder, "i-1", 10, all); err != nil || !partial || len(found) != 0 {
		t.Errorf("a search without time: %v, %v: %+v", err, partial, found)
	}
	if _, _, err := audit.Refusals(t.Context(), folder+"/none", "i-1", 10, all); err == nil {
		t.Error("a folder that is not there: no error")
	}
}
