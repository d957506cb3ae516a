package relay

import (
	"net"
	"time"
)

// link is one connection through a relay.
type link struct {
	relay          *Relay
	caller, target net.Conn
	ended          chan struct{}

	// These are the relay's to guard. Asked tells that the caller sent something
	// that was not answered yet; armed, that what is cut may be here.
	asked, armed bool
}

// reach is false where the link has ended meanwhile.
func (l *link) reach(target net.Conn) bool {
	l.relay.mu.Lock()
	defer l.relay.mu.Unlock()
	select {
	case <-l.ended:
		_ = target.Close()
		return false
	default:
		l.target = target
		return true
	}
}

func (l *link) end() {
	l.relay.mu.Lock()
	defer l.relay.mu.Unlock()
	delete(l.relay.links, l)
	select {
	case <-l.ended:
		return
	default:
		close(l.ended)
	}
	_ = l.caller.Close()
	if l.target != nil {
		_ = l.target.Close()
	}
}

// whole waits while the network is partitioned; it is false where the link ended.
func (l *link) whole() bool {
	for first := true; ; first = false {
		l.relay.mu.Lock()
		if first && l.relay.fault.partitioned {
			l.relay.felt++
		}
		partitioned, changed := l.relay.fault.partitioned, l.relay.changed
		l.relay.mu.Unlock()
		if !partitioned {
			return true
		}
		select {
		case <-changed:
		case <-l.ended:
			return false
		}
	}
}

// pieceSize is how much is passed on at once, in bytes.
const pieceSize = 32 << 10

// up passes on what the caller sends.
func (l *link) up() {
	defer l.end()
	piece := make([]byte, pieceSize)
	for {
		n, err := l.caller.Read(piece)
		if n > 0 && (!l.whole() || l.cutQuestion()) {
			return
		}
		if n > 0 {
			if _, err := l.target.Write(piece[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// cutQuestion notes that something is asked, and tells whether it must not arrive.
func (l *link) cutQuestion() bool {
	l.relay.mu.Lock()
	defer l.relay.mu.Unlock()
	l.asked = true
	f := l.relay.fault
	cut := l.armed && f.asking && f.cuts != 0 && f.passes == 0
	if cut {
		l.relay.felt++
	}
	return cut
}

// down passes on what the target answers.
func (l *link) down() {
	defer l.end()
	piece := make([]byte, pieceSize)
	for {
		n, err := l.target.Read(piece)
		if n > 0 {
			cut, linger, delay := l.cutAnswer()
			if cut {
				l.swallow(linger)
				return
			}
			if !l.wait(delay) || !l.whole() {
				return
			}
			if _, err := l.caller.Write(piece[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// cutAnswer counts an exchange, and tells whether its answer must not arrive.
func (l *link) cutAnswer() (cut bool, linger, delay time.Duration) {
	l.relay.mu.Lock()
	defer l.relay.mu.Unlock()
	f := &l.relay.fault
	if !l.asked || !l.armed || f.cuts == 0 {
		if f.delay > 0 {
			l.relay.felt++
		}
		return false, 0, f.delay
	}
	l.asked = false
	if f.passes > 0 {
		f.passes--
		return false, 0, 0
	}
	if f.asking {
		return false, 0, 0 // it was asked before the cut
	}
	if f.cuts > 0 {
		f.cuts--
	}
	l.relay.felt++
	return true, f.linger, 0
}

// swallow reads what is answered, and forgets it.
func (l *link) swallow(linger time.Duration) {
	_ = l.target.SetReadDeadline(time.Now().Add(linger))
	piece := make([]byte, pieceSize)
	for linger > 0 {
		if _, err := l.target.Read(piece); err != nil {
			return
		}
	}
}

// wait is false where the link ended.
func (l *link) wait(delay time.Duration) bool {
	if delay == 0 {
		return true
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-l.ended:
		return false
	}
}
