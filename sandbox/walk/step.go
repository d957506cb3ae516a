// Package walk is the demo client: it walks a FAPI 2.0 flow from outside, over
// HTTPS alone, and tells each step: what is sent, what comes back, what was
// checked.
package walk

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// Step is one step of a flow.
type Step struct {
	Title string `json:"title"`
	// Why says in a sentence what the step is for.
	Why       string     `json:"why"`
	Exchanges []Exchange `json:"exchanges"`
	Checks    []Check    `json:"checks"`
}

// Exchange is one HTTP request and its answer, shortened for people.
type Exchange struct {
	Request  string   `json:"request"`
	Sent     []string `json:"sent,omitempty"`
	Status   int      `json:"status"`
	Received []string `json:"received,omitempty"`
}

// Check is one thing that was verified.
type Check struct {
	Text string `json:"text"`
	OK   bool   `json:"ok"`
}

// Report is told each step when it has ended.
type Report func(Step)

// check adds a verified fact to a step and answers it.
func (s *Step) check(ok bool, format string, args ...any) bool {
	s.Checks = append(s.Checks, Check{Text: fmt.Sprintf(format, args...), OK: ok})
	return ok
}

// failed is the first check that did not hold, or nothing.
func (s *Step) failed() error {
	for _, c := range s.Checks {
		if !c.OK {
			return fmt.Errorf("%s: not so: %s", s.Title, c.Text)
		}
	}
	return nil
}

// Print reports in words.
func Print(w io.Writer) Report {
	n := 0
	return func(s Step) {
		n++
		fmt.Fprintf(w, "\n%2d  %s\n    %s\n", n, s.Title, s.Why)
		for _, e := range s.Exchanges {
			fmt.Fprintf(w, "\n    → %s\n", e.Request)
			for _, line := range e.Sent {
				fmt.Fprintf(w, "        %s\n", line)
			}
			fmt.Fprintf(w, "    ← %d\n", e.Status)
			for _, line := range e.Received {
				fmt.Fprintf(w, "        %s\n", line)
			}
		}
		if len(s.Checks) > 0 {
			fmt.Fprintln(w)
		}
		for _, c := range s.Checks {
			mark := "✓"
			if !c.OK {
				mark = "✗ NOT SO:"
			}
			fmt.Fprintf(w, "    %s %s\n", mark, c.Text)
		}
	}
}

// JSON reports one JSON object a line.
func JSON(w io.Writer) Report {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return func(s Step) { _ = encoder.Encode(s) }
}

// shorten keeps the beginning of a long value: enough to recognise it.
func shorten(value string) string {
	const most = 60
	if len(value) <= most {
		return value
	}
	return value[:most-12] + "… " + fmt.Sprintf("(%d long)", len(value))
}

func line(name, value string) string {
	return fmt.Sprintf("%-22s %s", name, shorten(strings.ToValidUTF8(value, "?")))
}
