package fetch

import (
	"time"

	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/lru"
)

const (
	// downFor is how long a host that nobody could connect to is left alone: all of
	// a dead directory's clients together wait for it once, not each in turn.
	downFor = 10 * time.Second
	// maxDown is how many such hosts are remembered.
	maxDown = 1024
)

// errDown is answered without trying.
var errDown = because(ErrUnreachable, "nobody could connect to the host a moment ago")

// down remembers hosts, host:port, that could not be connected to. A host that
// answers badly, or slowly, is none of them: it may be another client's document
// that is at fault.
type down struct {
	clock clock.Clock
	hosts *lru.Cache[string, time.Time]
}

func newDown(clk clock.Clock) *down { return &down{clk, lru.New[string, time.Time](maxDown, maxDown)} }

func (d *down) mark(host string) { d.hosts.Put(host, d.clock.Now().Add(downFor), 1) }

func (d *down) is(host string) bool {
	until, ok := d.hosts.Get(host)
	return ok && d.clock.Now().Before(until)
}
