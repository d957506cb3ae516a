// Package replaytest is what every resource.Replays must do: its contract, as
// tests.
package replaytest

import (
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/resource"
)

// Store is a memory under test.
type Store struct {
	// Replicas are what two processes of an API hold: one and the same where the
	// memory is within a process.
	Replicas [2]resource.Replays
	// Now is the time as the memory sees it.
	Now func() time.Time
	// Advance lets that time pass.
	Advance func(time.Duration)
	// Fill leaves no room for another proof. Nil where the memory is shared with
	// others, who would feel it: BAD-146 is then not run.
	Fill func(t *testing.T)
	// Forget empties the memory, as a restart or a fail-over does. Nil where the
	// memory ends with its process, or is shared with others.
	Forget func(t *testing.T)
}

// Run runs the contract; open makes an empty memory.
func Run(t *testing.T, open func(t *testing.T) Store) {
	t.Run("expiry", func(t *testing.T) { expiry(t, open(t)) })
	t.Run("BAD-139 two replicas", func(t *testing.T) { twoReplicas(t, open(t)) })
	t.Run("100 racers", func(t *testing.T) { racers(t, open(t)) })
	t.Run("ids apart", func(t *testing.T) { apart(t, open(t)) })
	if store := open(t); store.Fill != nil {
		t.Run("BAD-146 full", func(t *testing.T) { full(t, store) })
	}
	if store := open(t); store.Forget != nil {
		t.Run("a memory that forgot", func(t *testing.T) { forgotten(t, store) })
	}
}

func expiry(t *testing.T, s Store) {
	until := s.Now().Add(time.Second)
	burn(t, s, s.Replicas[0], "p", until, true)
	burn(t, s, s.Replicas[0], "p", until, false)
	burn(t, s, s.Replicas[0], "p", until.Add(time.Hour), false)
	s.Advance(900 * time.Millisecond)
	burn(t, s, s.Replicas[0], "p", until, false)
	s.Advance(1200 * time.Millisecond) // it may be remembered a second longer
	burn(t, s, s.Replicas[0], "p", s.Now().Add(time.Second), true)
	burn(t, s, s.Replicas[0], "p", s.Now().Add(time.Second), false)
}

func twoReplicas(t *testing.T, s Store) {
	until := s.Now().Add(time.Minute)
	burn(t, s, s.Replicas[0], "p", until, true)
	burn(t, s, s.Replicas[1], "p", until, false)
	burn(t, s, s.Replicas[1], "q", until, true)
	burn(t, s, s.Replicas[0], "q", until, false)
}

func racers(t *testing.T, s Store) {
	until := s.Now().Add(time.Minute)
	start := make(chan struct{})
	firsts := make(chan bool, 100)
	var all sync.WaitGroup
	for n := range cap(firsts) {
		all.Go(func() {
			<-start
			first, err := s.Replicas[n%2].Burn(t.Context(), use(s, "p", until))
			if err != nil {
				t.Error(err)
			}
			firsts <- first
		})
	}
	close(start)
	all.Wait()
	close(firsts)
	won := 0
	for first := range firsts {
		if first {
			won++
		}
	}
	if won != 1 {
		t.Errorf("%d of 100 were first", won)
	}
}

func apart(t *testing.T, s Store) {
	until := s.Now().Add(time.Minute)
	for n := range 1000 {
		burn(t, s, s.Replicas[n%2], strconv.Itoa(n), until, true)
	}
	for n := range 1000 {
		burn(t, s, s.Replicas[n%2], strconv.Itoa(n), until, false)
	}
}

// full: new proofs are refused, and what was burnt stays burnt.
func full(t *testing.T, s Store) {
	until := s.Now().Add(time.Minute)
	burn(t, s, s.Replicas[0], "old", until, true)
	s.Fill(t)
	if first, err := s.Replicas[0].Burn(t.Context(), use(s, "new", until)); err == nil || first {
		t.Errorf("a new proof: first %t, error %v", first, err)
	}
	if first, _ := s.Replicas[0].Burn(t.Context(), use(s, "old", until)); first {
		t.Error("an old proof was forgotten")
	}
}

// ahead is how far ahead a client's clock may be.
const ahead = 30 * time.Second

// forgotten: what may have been used before it forgot passes no more, neither what is
// older, nor what a client whose clock is ahead dated later; what is surely newer does.
// That it cannot be told is an error each time: a refusal is no use.
func forgotten(t *testing.T, s Store) {
	before := s.Now()
	burn(t, s, s.Replicas[0], "used", before.Add(time.Minute), true)
	s.Advance(2 * time.Second)
	s.Forget(t)
	for n, row := range []struct {
		id     string
		issued time.Time
		passes bool
	}{
		{"used", before, false}, {"of before", before.Add(time.Second), false}, {"of before", before.Add(time.Second), false}, {"ahead", s.Now().Add(ahead - time.Second), false},
		{"new", s.Now().Add(ahead + time.Second), true}, {"of before, later", before, false},
	} {
		first, err := s.Replicas[n%2].Burn(t.Context(), resource.Use{ID: row.id, Issued: row.issued, Until: s.Now().Add(2 * time.Minute)})
		if first != row.passes || (err == nil) != row.passes {
			t.Errorf("%s: first %t, error %v", row.id, first, err)
		}
	}
}

// use is of a proof that no memory can have forgotten.
func use(s Store, id string, until time.Time) resource.Use {
	return resource.Use{ID: id, Issued: s.Now().Add(time.Hour), Until: until}
}

func burn(t *testing.T, s Store, replays resource.Replays, id string, until time.Time, want bool) {
	t.Helper()
	first, err := replays.Burn(t.Context(), use(s, id, until))
	if err != nil || first != want {
		t.Errorf("%s: first is %t, %v; want %t", id, first, err, want)
	}
}
