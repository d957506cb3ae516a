package audit

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// Place is where a line stands.
type Place struct {
	File string
	// Number counts the lines of the file from 1.
	Number int
}

func (p Place) String() string { return fmt.Sprintf("%s line %d", filepath.Base(p.File), p.Number) }

// Report is what a chain was found to be.
type Report struct {
	Chain Chain
	Files int
	Lines uint64
	// First and Head are the seq of the first and the last line: files of the
	// past may have been moved to an archive.
	First, Head uint64
	HeadHash    string
	From, Until time.Time
	// Torn are the lines that were not finished and are accounted for.
	Torn []Place
	// Unfinished is the length of what stands behind the last line, in bytes: a
	// process writes at this moment, or was killed and has not been back.
	Unfinished int
	// Broken is the first place where the chain does not hold; nil where it
	// does.
	Broken *Broken
}

// Broken is where a chain does not hold, and why.
type Broken struct {
	Place
	Reason string
}

// Error is for people.
func (b *Broken) Error() string { return b.String() + ": " + b.Reason }

// Walk reads a chain from its first line to its last, shows each to visit with
// its text, and answers whether the chain holds. Behind a break it goes on with
// the lines that can be read.
func Walk(chain Chain, visit func(Line, []byte)) (Report, error) {
	files, err := chain.Files()
	if err != nil {
		return Report{}, err
	}
	w := walk{report: Report{Chain: chain, Files: len(files)}, visit: visit}
	for _, file := range files {
		if err := w.file(file); err != nil {
			return w.report, err
		}
	}
	w.report.Unfinished = len(w.rest)
	return w.report, nil
}

type walk struct {
	report Report
	visit  func(Line, []byte)
	// rest is what is no line and not accounted for yet, and where it begins.
	rest []byte
	at   Place
}

func (w *walk) file(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	if len(w.rest) > 0 {
		w.broken(w.at, "it is not a whole line")
	}
	reader := bufio.NewReaderSize(file, 64<<10)
	for at := (Place{path, 1}); ; at.Number++ {
		text, err := reader.ReadBytes('\n')
		switch {
		case errors.Is(err, io.EOF):
			w.keep(at, text)
			return nil
		case err != nil:
			return err
		}
		w.line(at, text)
	}
}

// line takes one line with its line break.
func (w *walk) line(at Place, text []byte) {
	whole := bytes.TrimSuffix(text, []byte("\n"))
	l, err := Parse(whole)
	switch {
	case errors.Is(err, errForm):
		w.keep(at, text)
		return
	case err != nil:
		w.broken(at, err.Error())
		return
	}
	w.account(at, l)
	w.follow(at, l)
	w.visit(l, whole)
}

// keep holds what is no line, until a line tells that it is torn.
func (w *walk) keep(at Place, text []byte) {
	if len(text) == 0 {
		return
	}
	if len(w.rest) == 0 {
		w.at = at
	}
	w.rest = append(w.rest, text...)
}

// account compares what is no line with what the line behind it tells of it.
func (w *walk) account(at Place, l Line) {
	torn := bytes.TrimSuffix(w.rest, []byte("\n"))
	switch {
	case len(w.rest) == 0 && l.Torn == nil:
	case len(w.rest) == 0:
		w.broken(at, "it tells of an unfinished line that is not there")
	case l.Torn == nil || l.Torn.Bytes != len(torn) || l.Torn.Hash != digest(torn):
		w.broken(w.at, errForm.Error())
	default:
		w.report.Torn = append(w.report.Torn, w.at)
	}
	w.rest = nil
}

// follow compares a line with the one before.
func (w *walk) follow(at Place, l Line) {
	r := &w.report
	switch {
	case r.Lines == 0:
		r.First, r.From = l.Seq, l.Time
		if l.Seq == 1 && l.Prev != zero {
			w.broken(at, "it is the first and names one before it")
		}
	case l.Prev != r.HeadHash || l.Seq != r.Head+1:
		w.broken(at, fmt.Sprintf("it is number %d and does not follow number %d: lines were changed, taken out or put in", l.Seq, r.Head))
	}
	r.Lines++
	r.Head, r.HeadHash, r.Until = l.Seq, l.Hash, l.Time
}

func (w *walk) broken(at Place, reason string) {
	if w.report.Broken == nil {
		w.report.Broken = &Broken{at, reason}
	}
}
