package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/strongroom-fapi/strongroom/fapi/rule"
	"github.com/strongroom-fapi/strongroom/platform/audit"
	"github.com/strongroom-fapi/strongroom/sandbox/layout"
)

// refusal is something refused, as one line of a service's log tells it, or its
// audit trail.
type refusal struct {
	Time          string `json:"time"`
	Service       string `json:"service"`
	InteractionID string `json:"interaction_id"`
	Method        string `json:"method"`
	Path          string `json:"path"`
	Status        int    `json:"status"`
	Error         string `json:"error"`
	Rule          string `json:"rule"`
	Description   string `json:"description"`
	Cause         string `json:"cause"`
	// client is whom the request came from, as the audit trail tells, and audit
	// where that stands.
	client, audit string
}

// explain tells, from an x-fapi-interaction-id, what was refused, by which rule
// and clause (B6): from the services' log, and from their audit trail, which is
// still there when the log is not.
func explain(_ context.Context, args []string) error {
	var options layout.Options
	flags := newFlags(" explain", "what was refused under an x-fapi-interaction-id, which every answer carries, and by which rule")
	placeFlags(flags, &options)
	logFile := flags.String("log", "", "`file` with the JSON log of services that run elsewhere (default: the sandbox's own)")
	folder := flags.String("audit", "", "`folder` with the audit trail of services that run elsewhere (default: the sandbox's own)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 1 {
		flags.Usage()
		return errors.New("one x-fapi-interaction-id is required")
	}
	if *logFile == "" && *folder == "" {
		place, err := layout.Open(options)
		if err != nil {
			return err
		}
		*logFile, *folder = place.File(layout.LogFile), place.AuditFolder()
	}
	found, err := explained(*logFile, *folder, flags.Arg(0))
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return fmt.Errorf("nothing was refused under %s, as far as the log and the audit trail tell (%s %s)", flags.Arg(0), *logFile, *folder)
	}
	for _, r := range found {
		r.print(os.Stdout)
	}
	return nil
}

// explained is what the log tells, and what the audit trail tells besides. Either
// may be missing.
func explained(logFile, folder, interactionID string) ([]refusal, error) {
	logged, err := loggedRefusals(logFile, interactionID)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	recorded, auditErr := recordedRefusals(folder, interactionID)
	if auditErr != nil && (err != nil || !errors.Is(auditErr, fs.ErrNotExist)) {
		return nil, errors.Join(err, auditErr)
	}
	for _, r := range recorded {
		logged = merge(logged, r)
	}
	return logged, nil
}

// merge adds what the audit trail tells to the log's line about the same.
func merge(logged []refusal, r refusal) []refusal {
	for n := range logged {
		l := &logged[n]
		if l.audit == "" && l.Service == r.Service && l.Error == r.Error && l.Rule == r.Rule {
			l.audit, l.client = r.audit, r.client
			return logged
		}
	}
	return append(logged, r)
}

func recordedRefusals(folder, interactionID string) ([]refusal, error) {
	if folder == "" {
		return nil, nil
	}
	events, reports, err := audit.Select(folder, audit.Filter{InteractionID: interactionID})
	if err != nil {
		return nil, err
	}
	broken := map[audit.Chain]bool{}
	for _, report := range reports {
		broken[report.Chain] = report.Broken != nil
	}
	var found []refusal
	for _, e := range events {
		if e.Error == "" && e.Rule == "" {
			continue
		}
		where := fmt.Sprintf("%s number %d", e.Chain, e.Seq)
		if broken[e.Chain] {
			where += ", in a chain that DOES NOT HOLD (see sandbox audit verify)"
		}
		found = append(found, refusal{
			Time: e.Time.Format("2006-01-02T15:04:05.000000Z07:00"), Service: e.Service, Method: e.Method,
			Error: e.Error, Rule: e.Rule, client: e.ClientID, audit: where,
		})
	}
	return found, nil
}

func loggedRefusals(file, interactionID string) ([]refusal, error) {
	if file == "" {
		return nil, nil
	}
	log, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	return refusals(log, interactionID)
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
	for _, part := range [][2]string{{"description", r.Description}, {"cause", r.Cause}, {"client_id", r.client}, {"audit trail", r.audit}, {"rule", r.Rule}} {
		if part[1] != "" {
			fmt.Fprintf(w, "  %-12s %s\n", part[0], part[1])
		}
	}
	for _, known := range rule.Find(r.Rule) {
		fmt.Fprintf(w, "  %-12s %s (%s)\n", "", known.Text, known.Source)
	}
}
