package rig

import (
	"bytes"
	"regexp"
	"strings"
	"sync"
)

// Log collects what the parts of a suite write.
type Log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write takes in one piece.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// Bytes is a copy of everything written so far.
func (l *Log) Bytes() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Clone(l.text.Bytes())
}

// tail is the end of it, enough to see why a start failed.
func (l *Log) tail() []byte {
	const most = 4 << 10
	text := l.Bytes()
	return text[max(0, len(text)-most):]
}

// crash begins what no part may ever write: the report of a data race, and the
// last words of a process or a handler that panicked.
var crash = regexp.MustCompile(`WARNING: DATA RACE|^panic: |^fatal error: |"msg":"(route|handler) panicked"`)

// Crashes lists the lines of a log that tell of one.
func Crashes(log []byte) []string {
	var found []string
	for line := range strings.Lines(string(log)) {
		if crash.MatchString(line) {
			found = append(found, line)
		}
	}
	return found
}
