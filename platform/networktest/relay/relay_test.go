package relay_test

import (
	"bufio"
	"fmt"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/platform/networktest/relay"
)

// target answers each line with itself, and remembers what reached it.
type target struct {
	address string
	mu      sync.Mutex
	lines   []string
}

func newTarget(t *testing.T) *target {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // a test's own
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	s := &target{address: listener.Addr().String()}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go s.serve(conn)
		}
	}()
	return s
}

func (s *target) serve(conn net.Conn) {
	lines := bufio.NewScanner(conn)
	for lines.Scan() {
		s.mu.Lock()
		s.lines = append(s.lines, lines.Text())
		s.mu.Unlock()
		_, _ = fmt.Fprintln(conn, lines.Text())
	}
}

func (s *target) reached(line string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Contains(s.lines, line)
}

func newRelay(t *testing.T, s *target) *relay.Relay {
	t.Helper()
	r, err := relay.New(s.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

// caller is one connection.
type caller struct {
	conn  net.Conn
	lines *bufio.Scanner
}

func dial(t *testing.T, r *relay.Relay) caller {
	t.Helper()
	conn, err := net.DialTimeout("tcp", r.Address(), time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return caller{conn, bufio.NewScanner(conn)}
}

// ask is true where the line comes back in time.
func (c caller) ask(line string, within time.Duration) bool {
	_ = c.conn.SetReadDeadline(time.Now().Add(within))
	_, _ = fmt.Fprintln(c.conn, line)
	return c.lines.Scan() && c.lines.Text() == line
}

const (
	soon   = 5 * time.Second
	hardly = 100 * time.Millisecond
)

func TestPass(t *testing.T) {
	c := dial(t, newRelay(t, newTarget(t)))
	for _, line := range []string{"a", "b"} {
		if !c.ask(line, soon) {
			t.Errorf("%s does not come back", line)
		}
	}
}

func TestPartition(t *testing.T) {
	s := newTarget(t)
	r := newRelay(t, s)
	open := dial(t, r)
	if !open.ask("before", soon) {
		t.Fatal("it does not pass")
	}
	r.Partition()
	if late := dial(t, r); open.ask("during", hardly) || late.ask("new", hardly) || s.reached("during") || s.reached("new") {
		t.Error("something came through")
	}
	if r.Felt() == 0 {
		t.Error("it felt nothing")
	}
	r.Pass()
	if !dial(t, r).ask("after", soon) {
		t.Error("it does not pass again")
	}
	for deadline := time.Now().Add(soon); !s.reached("during"); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("what was held back does not arrive")
		}
	}
}

func TestDelay(t *testing.T) {
	r := newRelay(t, newTarget(t))
	c := dial(t, r)
	r.Delay(200 * time.Millisecond)
	if began := time.Now(); !c.ask("a", soon) || time.Since(began) < 200*time.Millisecond {
		t.Error("the answer came early, or never")
	}
	if r.Felt() != 1 {
		t.Errorf("it felt %d delays", r.Felt())
	}
}

func TestDropAnswers(t *testing.T) {
	for _, linger := range []time.Duration{0, 20 * time.Millisecond} {
		s := newTarget(t)
		r := newRelay(t, s)
		one, two := dial(t, r), dial(t, r)
		if !one.ask("a", soon) || !two.ask("b", soon) {
			t.Fatal("they do not pass")
		}
		r.DropAnswers(1, linger)
		if late := dial(t, r); !late.ask("new", soon) {
			t.Error("a new connection is cut")
		}
		if one.ask("lost", soon) || !s.reached("lost") {
			t.Error("the question did not arrive, or its answer did")
		}
		if !two.ask("c", soon) {
			t.Error("more than one answer is cut")
		}
		if r.Felt() != 1 {
			t.Errorf("it felt %d cuts", r.Felt())
		}
	}
}

func TestCutAfter(t *testing.T) {
	for _, asking := range []bool{false, true} {
		s := newTarget(t)
		r := newRelay(t, s)
		c := dial(t, r)
		if !c.ask("a", soon) {
			t.Fatal("it does not pass")
		}
		r.CutAfter(1, asking)
		if !c.ask("first", soon) {
			t.Error("the first is cut")
		}
		if c.ask("second", soon) || s.reached("second") == asking {
			t.Errorf("asking %t: the second came through, or not far enough", asking)
		}
		if dial(t, r).ask("third", soon) || s.reached("third") {
			t.Error("another connection passes")
		}
		r.Pass()
		if !dial(t, r).ask("fourth", soon) {
			t.Error("it does not pass again")
		}
	}
}
