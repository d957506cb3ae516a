package audit

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"time"
)

// writer is the one goroutine that appends.
type writer struct {
	r     *Recorder
	end   *end
	dirty bool
	// told is the seq of the head that the log has told.
	told uint64
	// fault is why the last events could not be written.
	fault error
}

const (
	// batch bounds the events of one write.
	batch = 512
	// syncEvery is how long an event that nobody waits for may be in the
	// machine's memory alone.
	syncEvery = time.Second
	// retryEvery is how long to wait after a failure.
	retryEvery = time.Second
	// headEvery is how often the log tells the head of the chain.
	headEvery = 10 * time.Minute
)

// openWriter opens the end of the chain and writes its first line of this run,
// so that a folder that cannot be written stops the process at its start.
func openWriter(r *Recorder, limit int64) (*writer, error) {
	if err := os.MkdirAll(r.chain.Folder, 0o700); err != nil {
		return nil, fmt.Errorf("audit.folder: %w", err)
	}
	var err error
	if r.lock, err = lock(r.chain.lock()); err != nil {
		return nil, err
	}
	w := &writer{r: r}
	if w.end, err = openEnd(r.chain, limit); err != nil {
		return nil, errors.Join(err, r.lock.Close())
	}
	if err := w.append([]Event{w.opened()}, true); err != nil {
		return nil, errors.Join(err, w.end.close(), r.lock.Close())
	}
	w.tellHead()
	return w, nil
}

// opened is the line that begins a run; it tells of what is torn.
func (w *writer) opened() Event {
	e := w.r.complete(context.Background(), Event{Kind: Opened, Torn: w.end.torn})
	if e.Torn != nil {
		w.r.log.Warn("audit trail: the last line was not finished; it stays, and is told of", "chain", w.r.chain.String(), "bytes", e.Torn.Bytes)
	}
	return e
}

func (w *writer) run() {
	defer close(w.r.closed)
	ticker := time.NewTicker(syncEvery)
	defer ticker.Stop()
	heads := time.NewTicker(headEvery)
	defer heads.Stop()
	for {
		select {
		case first := <-w.r.queue:
			w.write(w.collect(first))
		case <-ticker.C:
			w.sync()
		case <-heads.C:
			w.tellHead()
		case <-w.r.closing:
			w.finish()
			return
		}
	}
}

// collect takes what is queued already, and what is about to be: it yields once to
// those who record, for a write for each event is dearer than its text.
func (w *writer) collect(first entry) []entry {
	entries := []entry{first}
	runtime.Gosched()
	for len(entries) < batch {
		select {
		case e := <-w.r.queue:
			entries = append(entries, e)
		default:
			return entries
		}
	}
	return entries
}

// write appends a batch, again and again until it is written or the process
// ends. Who waits hears of the first failure.
func (w *writer) write(entries []entry) {
	events, wait := make([]Event, len(entries)), false
	for n, e := range entries {
		events[n] = e.event
		wait = wait || e.done != nil
	}
	for {
		lead := w.lead()
		err := w.append(slices.Concat(lead, events), wait)
		tell(entries, err)
		if err == nil {
			return
		}
		if !w.pause() {
			w.fault = err
			for _, event := range events[w.mend(lead, events):] {
				_ = w.r.lose(context.Background(), event, err)
			}
			return
		}
		events = events[w.mend(lead, events):]
	}
}

// lead is what must stand before the next event: where a write failed half-way, what
// tells of the line that it left. It is made anew for each attempt, for the one before
// may have left more of it.
func (w *writer) lead() []Event {
	if w.end.torn == nil {
		return nil
	}
	return []Event{w.opened()}
}

func tell(entries []entry, err error) {
	for n := range entries {
		if entries[n].done != nil {
			entries[n].done <- err
			entries[n].done = nil
		}
	}
}

func (w *writer) append(events []Event, wait bool) error {
	file := w.end.file
	err := w.end.append(events)
	if err == nil && wait {
		err = w.end.sync()
	}
	if err != nil {
		w.r.failing.Store(true)
		w.r.failures.Add(1)
		w.r.log.Error("audit trail: events cannot be written", "chain", w.r.chain.String(), "events", len(events), "cause", err)
		return err
	}
	w.r.failing.Store(false)
	w.r.written.Add(uint64(len(events)))
	w.dirty = !wait
	if w.end.file != file {
		w.tellHead()
	}
	return nil
}

// pause waits before the next attempt; false where the process ends.
func (w *writer) pause() bool {
	select {
	case <-time.After(retryEvery):
		return true
	case <-w.r.closing:
		return false
	}
}

// mend opens the chain's end again, for a write may have failed half-way, and
// answers how many of the events are written. What was written whole and could not be
// brought to the disk counts as not: it is written once more.
func (w *writer) mend(lead, events []Event) int {
	before := w.end.seq
	_ = w.end.file.Close() // it has failed already
	found, err := openEnd(w.r.chain, w.end.limit)
	if err != nil {
		return 0
	}
	w.end = found
	if found.seq < before || found.seq > before+uint64(len(lead)+len(events)) {
		return 0
	}
	written := found.seq - before
	w.r.written.Add(written)
	return int(max(written, uint64(len(lead)))) - len(lead)
}

func (w *writer) sync() {
	if !w.dirty {
		return
	}
	w.dirty = false
	if err := w.end.sync(); err != nil {
		w.r.failures.Add(1)
		w.r.log.Error("audit trail: events may not be on disk", "chain", w.r.chain.String(), "cause", err)
	}
}

// finish writes what is queued.
func (w *writer) finish() {
	for {
		select {
		case e := <-w.r.queue:
			w.write(w.collect(e))
		default:
			w.sync()
			w.tellHead()
			if err := w.end.close(); w.fault == nil {
				w.fault = err
			}
			return
		}
	}
}

// tellHead puts the head of the chain into the log, which is kept elsewhere: so
// a chain that was rewritten as a whole, or cut off, is found out.
func (w *writer) tellHead() {
	if w.end.seq == w.told {
		return
	}
	w.told = w.end.seq
	w.r.log.Info("audit head", "chain", w.r.chain.String(), "seq", w.end.seq, "hash", w.end.prev)
}
