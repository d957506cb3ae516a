package audit

import (
	"bytes"
	"errors"
	"fmt"
	"os"
)

// end is the open end of a chain, where lines are appended.
type end struct {
	chain Chain
	limit int64
	file  *os.File
	size  int64
	// seq and prev are those of the last line.
	seq  uint64
	prev string
	// torn is what stands behind the last line without being one.
	torn *Torn
	// unended tells that the last line is whole, but for its line break.
	unended bool
	// text is kept for the next lines.
	text []byte
}

// openEnd finds the last line of a chain and opens its file for appending. It
// refuses to go on behind a line that was changed.
func openEnd(chain Chain, limit int64) (*end, error) {
	files, err := chain.Files()
	if err != nil {
		return nil, fmt.Errorf("audit.folder: %w", err)
	}
	e := &end{chain: chain, limit: limit, prev: zero}
	for n := len(files) - 1; n >= 0; n-- {
		found, behind, err := e.find(files[n])
		if err != nil {
			return nil, fmt.Errorf("audit.folder: %s: %w", files[n], err)
		}
		if n == len(files)-1 {
			e.torn = tornOf(behind) // where the next line goes
		}
		if found {
			break
		}
	}
	if len(files) == 0 {
		return e, e.begin()
	}
	return e, e.reopen(files[len(files)-1])
}

// tailSize is how much of a file is read to find its last line, in bytes: many
// times the longest.
const tailSize = 256 << 10

// find takes the last line of a file for the chain's last, and answers what stands
// behind it.
func (e *end) find(path string) (found bool, behind []byte, err error) {
	text, err := readTail(path)
	if err != nil {
		return false, nil, err
	}
	for rest := text; len(rest) > 0; {
		whole, ended := bytes.CutSuffix(rest, lineBreak)
		begin := bytes.LastIndexByte(whole, '\n') + 1
		line, err := Parse(whole[begin:])
		if err == nil {
			e.seq, e.prev, e.unended = line.Seq, line.Hash, !ended
			return true, text[len(rest):], nil
		}
		if ended && errors.Is(err, errHash) {
			return false, nil, fmt.Errorf("the last line was changed: %w; move the file away to begin a new chain", err)
		}
		rest = rest[:begin]
	}
	return false, text, nil
}

var lineBreak = []byte("\n")

func tornOf(text []byte) *Torn {
	if len(text) == 0 {
		return nil
	}
	return &Torn{Bytes: len(text), Hash: digest(text)}
}

func readTail(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	from := max(0, info.Size()-tailSize)
	text := make([]byte, info.Size()-from)
	_, err = file.ReadAt(text, from)
	return text, err
}

// begin opens the next file of the chain.
func (e *end) begin() error { return e.reopen(e.chain.file(e.seq + 1)) }

func (e *end) reopen(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("audit.folder: %w", err)
	}
	info, err := file.Stat()
	if err != nil {
		return errors.Join(err, file.Close())
	}
	e.file, e.size = file, info.Size()
	return nil
}

// append writes events as lines, in one piece, behind a line break that ends what a
// write left without one. That must be in the same file, however long it is.
func (e *end) append(events []Event) error {
	open := e.torn != nil || e.unended
	if e.size >= e.limit && !open {
		if err := e.next(); err != nil {
			return err
		}
	}
	text := e.text[:0]
	if open {
		text = append(text, '\n')
	}
	seq, prev := e.seq, e.prev
	for n := range events {
		seq++
		text, prev = appendLine(text, seq, prev, &events[n])
		text = append(text, '\n')
	}
	e.text = text
	n, err := e.file.Write(text)
	e.size += int64(n)
	if err != nil {
		return err
	}
	e.seq, e.prev, e.torn, e.unended = seq, prev, nil, false
	return nil
}

// next ends this file and begins another.
func (e *end) next() error {
	if err := e.close(); err != nil {
		return err
	}
	return e.begin()
}

func (e *end) sync() error { return e.file.Sync() }

func (e *end) close() error { return errors.Join(e.file.Sync(), e.file.Close()) }
