package clock

import (
	"sync"
	"testing"
	"time"
)

func TestManualMovesWhenToldTo(t *testing.T) {
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	m := NewManual(start)
	if !m.Now().Equal(start) {
		t.Errorf("it began at %s", m.Now())
	}
	var group sync.WaitGroup
	for range 60 {
		group.Go(func() { m.Advance(time.Second) })
	}
	group.Wait()
	if got := m.Now().Sub(start); got != time.Minute {
		t.Errorf("it moved by %s", got)
	}
	m.Advance(-time.Hour)
	if got := m.Now().Sub(start); got != time.Minute-time.Hour {
		t.Errorf("it moved back by %s", got)
	}
}

func TestShiftedIsAhead(t *testing.T) {
	var s Shifted
	s.Advance(time.Hour)
	s.Advance(time.Minute)
	before := time.Now()
	if ahead := s.Now().Sub(before); ahead < time.Hour+time.Minute || ahead > time.Hour+2*time.Minute {
		t.Errorf("it is %s ahead", ahead)
	}
}

func TestSystemIsTheMachine(t *testing.T) {
	before := time.Now()
	if got := System.Now(); got.Before(before) || got.After(time.Now()) {
		t.Errorf("it says %s", got)
	}
}
