package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/strongroom-fapi/strongroom/fapi/rule"
	"github.com/strongroom-fapi/strongroom/sandbox/layout"
)

// refusal is one line of a service's log about something refused.
type refusal struct {
	Time          string `json:"time"`
	Message       string `json:"msg"`
	Service       string `json:"service"`
	InteractionID string `json:"interaction_id"`
	Method        string `json:"method"`
	Path          string `json:"path"`
	Status        int    `json:"status"`
	Error         string `json:"error"`
	Rule          string `json:"rule"`
	Description   string `json:"description"`
	Cause         string `json:"cause"`
}

// explain tells, from an x-fapi-interaction-id, what was refused, by which rule
// and clause (B6).
func explain(_ context.Context, args []string) error {
	var options layout.Options
	flags := newFlags(" explain", "what was refused under an x-fapi-interaction-id, which every answer carries, and by which rule")
	placeFlags(flags, &options)
	logFile := flags.String("log", "", "`file` with the JSON log of services that run elsewhere (default: the sandbox's own)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 1 {
		flags.Usage()
		return errors.New("one x-fapi-interaction-id is required")
	}
	if *logFile == "" {
		place, err := layout.Open(options)
		if err != nil {
			return err
		}
		*logFile = place.File(layout.LogFile)
	}
	file, err := os.Open(*logFile)
	if err != nil {
		return err
	}
	defer file.Close()
	found, err := refusals(file, flags.Arg(0))
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return fmt.Errorf("nothing was refused under %s, as far as %s tells", flags.Arg(0), *logFile)
	}
	for _, r := range found {
		r.print(os.Stdout)
	}
	return nil
}

// maxLine bounds one line of a log, in bytes.
const maxLine = 1 << 20

// refusals reads the lines of one interaction. Lines that are no JSON object are
// others' and are passed over.
func refusals(log io.Reader, interactionID string) ([]refusal, error) {
	var found []refusal
	lines := bufio.NewScanner(log)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		var r refusal
		if json.Unmarshal(lines.Bytes(), &r) == nil && r.InteractionID == interactionID && r.Error != "" {
			found = append(found, r)
		}
	}
	return found, lines.Err()
}

func (r refusal) print(w io.Writer) {
	fmt.Fprintf(w, "\n%s  %s", r.Time, r.Service)
	if r.Path != "" {
		fmt.Fprintf(w, " answered %d to %s %s\n", r.Status, r.Method, r.Path)
	} else {
		fmt.Fprintf(w, " refused %s\n", r.Method)
	}
	fmt.Fprintf(w, "  %-12s %s\n", "error", r.Error)
	for _, part := range [][2]string{{"description", r.Description}, {"cause", r.Cause}, {"rule", r.Rule}} {
		if part[1] != "" {
			fmt.Fprintf(w, "  %-12s %s\n", part[0], part[1])
		}
	}
	for _, known := range rule.Find(r.Rule) {
		fmt.Fprintf(w, "  %-12s %s (%s)\n", "", known.Text, known.Source)
	}
}
