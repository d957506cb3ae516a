// Package relay stands between two parts of a suite and disturbs what they say to
// each other: tests place it by configuration, in front of a service or a store.
//
// An exchange is what a caller sends on one connection, and what is answered to
// it. The relay knows no protocol, so that it takes TLS and multiplexed streams as
// they are.
package relay

import (
	"net"
	"sync"
	"time"
)

// Relay passes everything on until it is told otherwise.
type Relay struct {
	listener net.Listener
	target   string

	mu    sync.Mutex
	fault fault
	// changed is closed when the fault changes.
	changed chan struct{}
	links   map[*link]struct{}
	closed  bool
	felt    int
}

// fault is what the relay does to what goes through it.
type fault struct {
	// partitioned holds everything back, in both directions.
	partitioned bool
	// delay is how much later each piece of an answer comes.
	delay time.Duration
	// passes are how many exchanges go on before the first is cut; cuts are how
	// many are cut then; negative for all.
	passes, cuts int
	// asking tells that what is cut is the question already.
	asking bool
	// linger is how long what is answered is swallowed before the connection ends.
	linger time.Duration
}

// New listens on a free port of 127.0.0.1 for what is meant for target, host:port.
func New(target string) (*Relay, error) { return Listen("127.0.0.1:0", target) }

// Listen is New at an address of the caller's choice.
func Listen(address, target string) (*Relay, error) {
	listener, err := net.Listen("tcp", address) //nolint:noctx // it ends with Close
	if err != nil {
		return nil, err
	}
	r := &Relay{listener: listener, target: target, changed: make(chan struct{}), links: map[*link]struct{}{}}
	go r.accept()
	return r, nil
}

// Address is where the relay listens, host:port.
func (r *Relay) Address() string { return r.listener.Addr().String() }

// Pass ends every fault. What was held back arrives now, late, as it does when a
// network is whole again.
func (r *Relay) Pass() { r.set(fault{}) }

// Partition holds everything back, and answers no new connection.
func (r *Relay) Partition() { r.set(fault{partitioned: true}) }

// Delay lets each answer come that much later.
func (r *Relay) Delay(by time.Duration) { r.set(fault{delay: by}) }

// DropAnswers lets the next n exchanges of the connections that are open now reach
// the target, and cuts their answers: what comes back within linger is swallowed,
// then the connection ends. A linger of 0 ends it with the first byte of the answer.
func (r *Relay) DropAnswers(n int, linger time.Duration) { r.set(fault{cuts: n, linger: linger}) }

// CutAfter passes n exchanges on and ends the connection at the next, and every
// connection after it: before the question reaches the target where asking is
// true, else before its answer comes back.
func (r *Relay) CutAfter(n int, asking bool) { r.set(fault{passes: n, cuts: -1, asking: asking}) }

// Felt is how many pieces were held back, delayed or cut so far.
func (r *Relay) Felt() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.felt
}

// Close ends the relay and all connections through it.
func (r *Relay) Close() {
	r.mu.Lock()
	r.closed = true
	links := r.links
	r.links = map[*link]struct{}{}
	r.mu.Unlock()
	_ = r.listener.Close()
	r.Pass()
	for l := range links {
		l.end()
	}
}

// set begins another fault. Only what is asked from now on is cut.
func (r *Relay) set(f fault) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fault = f
	close(r.changed)
	r.changed = make(chan struct{})
	for l := range r.links {
		l.asked, l.armed = false, true
	}
}

func (r *Relay) accept() {
	for {
		conn, err := r.listener.Accept()
		if err != nil {
			return
		}
		go r.connect(conn)
	}
}

// connect reaches the target when the network is whole.
func (r *Relay) connect(caller net.Conn) {
	l := &link{relay: r, caller: caller, ended: make(chan struct{})}
	r.mu.Lock()
	refused := r.closed || r.fault.cuts < 0 && r.fault.passes == 0
	if !refused {
		l.armed = r.fault.cuts < 0
		r.links[l] = struct{}{}
	}
	r.mu.Unlock()
	if refused || !l.whole() {
		l.end()
		return
	}
	target, err := net.DialTimeout("tcp", r.target, time.Second)
	if err != nil {
		l.end()
		return
	}
	if !l.reach(target) {
		return
	}
	go l.down()
	l.up()
}
