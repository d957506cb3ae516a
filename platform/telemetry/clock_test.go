package telemetry

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/platform/rpc"
)

// TestAClockIsToldWhenItWasCompared: nothing before that, for zero would say that it is
// right; and then what was found last, behind as well as ahead.
func TestAClockIsToldWhenItWasCompared(t *testing.T) {
	told, err := Open(t.Context(), Config{Metrics: Metrics{Listen: "127.0.0.1:0"}}, "par", "v1", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = told.Close() })
	tell := told.WatchClock(rpc.PAR)
	if scraped := scrape(t, told); strings.Contains(scraped, "strongroom_clock_ahead_seconds{") {
		t.Errorf("a clock that nobody compared is told of:\n%s", scraped)
	}
	for ahead, want := range map[time.Duration]string{1500 * time.Millisecond: "1.5", -90 * time.Second: "-90"} {
		tell(ahead)
		if want = `strongroom_clock_ahead_seconds{service="par"} ` + want + "\n"; !strings.Contains(scrape(t, told), want) {
			t.Errorf("there is no %s", want)
		}
	}
	(*Telemetry)(nil).WatchClock(rpc.PAR)(time.Second) // of who tells nothing
}
