package auditcmd

import (
	"errors"
	"fmt"
	"time"

	"github.com/strongroom-fapi/strongroom/platform/audit"
)

// export prints the events of a client, a grant or an interaction as they stand
// in the trail, in the order of time.
func (p Program) export(args []string) error {
	flags, folder := p.flags("export", "the events of a client, a grant or an interaction, one JSON object per line, as they stand in the trail")
	var filter audit.Filter
	flags.StringVar(&filter.ClientID, "client", "", "`client_id` whose events are wanted")
	flags.StringVar(&filter.GrantID, "grant", "", "`grant_id` whose events are wanted, with what was issued under it")
	flags.StringVar(&filter.InteractionID, "interaction", "", "x-fapi-interaction-id, a `UUID`, of the request whose events are wanted")
	flags.Func("since", "the earliest `time`, such as 2026-03-01 or 2026-03-01T12:00:00Z", func(text string) (err error) {
		filter.Since, err = parseTime(text)
		return err
	})
	all := flags.Bool("all", false, "every event")
	if err := parse(flags, args); err != nil {
		return err
	}
	if filter == (audit.Filter{}) && !*all {
		flags.Usage()
		return errors.New("one of --client, --grant, --interaction, --since or --all is required")
	}
	found, reports, err := audit.Select(folder(), filter)
	if err != nil {
		return err
	}
	if len(reports) == 0 {
		return fmt.Errorf("there is no audit trail in %s", folder())
	}
	for _, f := range found {
		fmt.Fprintf(p.Out, "%s\n", f.Text)
	}
	for _, r := range reports {
		if r.Broken != nil {
			return fmt.Errorf("%s: %w: this export may lack events", r.Chain, r.Broken)
		}
	}
	return nil
}

func parseTime(text string) (time.Time, error) {
	for _, form := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(form, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, errors.New("must be a date or a time of RFC 3339")
}
