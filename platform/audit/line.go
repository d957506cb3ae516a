package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"strings"
)

// Line is an event with its place in the chain.
type Line struct {
	// Seq counts from 1.
	Seq uint64 `json:"seq"`
	// Prev is the hash of the line before; zeros before the first.
	Prev string `json:"prev"`
	Event
	// Hash is the SHA-256 of the line up to the comma before it.
	Hash string `json:"hash,omitempty"`
}

// zero is the prev of the first line.
var zero = strings.Repeat("0", 2*sha256.Size)

// A line ends with its hash, `,"hash":"` and 64 digits and `"}`, so that what is
// hashed is the text as it stands: no two writers need agree on a canonical form.
const (
	hashBegins = `,"hash":"`
	hashEnds   = `"}`
	tail       = len(hashBegins) + 2*sha256.Size + len(hashEnds)
)

var (
	errForm = errors.New("it is not a whole line")
	errHash = errors.New("its text does not fit its hash")
)

// Parse reads one line, without its line break, and checks its hash.
func Parse(text []byte) (Line, error) {
	cut := len(text) - tail
	if cut < 1 || !bytes.HasPrefix(text[cut:], []byte(hashBegins)) || !bytes.HasSuffix(text, []byte(hashEnds)) {
		return Line{}, errForm
	}
	if digest(text[:cut]) != string(text[cut+len(hashBegins):len(text)-len(hashEnds)]) {
		return Line{}, errHash
	}
	var l Line
	if err := json.Unmarshal(text, &l); err != nil {
		return Line{}, errForm
	}
	return l, nil
}
