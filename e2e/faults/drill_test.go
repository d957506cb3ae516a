//go:build e2e

// Package faults holds drills: replicas of every service under a bounded load of
// full flows, while a process, a store or the network between them fails. What
// became of each flow is counted, and what was acknowledged must be there at the
// end.
package faults

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
)

// counts is what became of the flows of a drill.
type counts struct {
	begun, completed int
	// refused are answers 503, each of which was sent again.
	refused int
	// cut are requests to which no answer came, each of which was sent again.
	cut int
	// lost are flows that could not go on, because what they spent was spent by a
	// request whose answer was lost; by the step.
	lost map[string]int
	// forgotten are flows that ended with a clear error, because Redis had forgotten
	// what they stood for; by the step.
	forgotten map[string]int
	// raced are codes that were redeemed by two requests at once; replayed are
	// assertions and proofs that came again; twice is what was spent twice of both.
	raced, replayed, twice int
}

// held is what a client was given and must still have.
type held struct {
	client  *rig.Client
	refresh string
}

// granted is a grant that was acknowledged by a code.
type granted struct {
	client  *rig.Client
	subject string
}

type drill struct {
	fleet *rig.Fleet
	// clients are of both bindings; their flows take turns.
	clients []*rig.Client
	// forgets tells that Redis may forget what it had in this drill.
	forgets bool

	mu         sync.Mutex
	counts     counts
	held       []held
	granted    []granted
	registered []*rig.Client
	used       []*used
	codes      []*racedCode
	faults     []string
	// healed is when the fault was over; recovered how long after that a flow, begun
	// since, was completed.
	healed    time.Time
	recovered time.Duration
}

func newDrill(t *testing.T, fleet *rig.Fleet) *drill {
	t.Helper()
	return &drill{
		fleet: fleet, clients: []*rig.Client{fleet.Client(t), fleet.Client(t, rig.DPoP)},
		counts: counts{lost: map[string]int{}, forgotten: map[string]int{}},
	}
}

func (d *drill) count(change func(*counts)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change(&d.counts)
}

func (d *drill) fault(format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.faults = append(d.faults, fmt.Sprintf(format, args...))
}

// heals notes that the fault is over. Nothing may be forgotten that is begun after
// the first time.
func (d *drill) heals() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.healed.IsZero() {
		d.healed = time.Now()
	}
}

// mayBeForgotten tells whether Redis may know nothing of a flow.
func (d *drill) mayBeForgotten(begun time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.forgets && (d.healed.IsZero() || begun.Before(d.healed))
}

// completes counts a flow that went through.
func (d *drill) completes(begun time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.counts.completed++
	if d.recovered == 0 && !d.healed.IsZero() && begun.After(d.healed) {
		d.recovered = time.Since(d.healed)
	}
}

// recoveryBound is how long after a fault flows may take to go through again: a lost
// service is looked for every two seconds, and a flow takes some itself where the
// machine is busy.
const recoveryBound = 15 * time.Second

// awaitRecovery waits until a flow that was begun after the fault is completed.
func (d *drill) awaitRecovery() {
	for deadline := time.Now().Add(recoveryBound); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		d.mu.Lock()
		recovered := d.recovered
		d.mu.Unlock()
		if recovered > 0 {
			return
		}
	}
	d.fault("no flow went through within %s after the fault", recoveryBound)
}

// awaitLoad waits until so many flows are completed and so much was used, so that a
// fault meets a load, and something that may not be used again.
func (d *drill) awaitLoad(t *testing.T, flows, uses int) {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		d.mu.Lock()
		enough := d.counts.completed >= flows && len(d.used) >= uses
		d.mu.Unlock()
		if enough {
			return
		}
	}
	t.Fatalf("fewer than %d flows were completed within %s: %q", flows, patience, d.faults)
}

// awaitMore waits until so many flows more are completed.
func (d *drill) awaitMore(t *testing.T, flows int) {
	t.Helper()
	d.mu.Lock()
	before := d.counts.completed
	d.mu.Unlock()
	d.awaitLoad(t, before+flows, 0)
}

func sum(of map[string]int) (all int) {
	for _, n := range of {
		all += n
	}
	return all
}

// report prints what became of the flows, and fails the test for what must not be.
func (d *drill) report(t *testing.T) {
	t.Helper()
	c := d.counts
	lost, forgotten := sum(c.lost), sum(c.forgotten)
	t.Logf("flows begun %d, completed %d, ended by a clear error as Redis had forgotten them %d %v, lost after the burn %d %v; requests refused with 503 %d, cut off %d; "+
		"codes raced %d, assertions and proofs replayed %d, spent twice %d; held: %d refresh tokens, %d grants, %d registrations; through again after %s",
		c.begun, c.completed, forgotten, c.forgotten, lost, c.lost, c.refused, c.cut, c.raced, c.replayed, c.twice,
		len(d.held), len(d.granted), len(d.registered), d.recovered.Round(10*time.Millisecond))
	for _, fault := range d.faults {
		t.Error(fault)
	}
	if c.twice > 0 {
		t.Errorf("%d were spent twice", c.twice)
	}
	if c.begun == 0 || c.completed+lost+forgotten != c.begun {
		t.Errorf("of %d flows %d were completed, %d lost and %d forgotten", c.begun, c.completed, lost, forgotten)
	}
	if c.raced == 0 || c.replayed == 0 || len(d.held) == 0 || len(d.registered) == 0 {
		t.Error("the drill tried too little")
	}
}
