package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/services/keys"
)

// selecting adds the options that narrow a command.
func selecting(flags *flag.FlagSet) *keys.Selection {
	s := &keys.Selection{}
	flags.StringVar(&s.Issuer, "issuer", "", "only of this issuer, by `name`")
	flags.StringVar(&s.Purpose, "purpose", "", "only for this `purpose`, such as access_token")
	flags.Func("alg", "only of this `algorithm`, such as PS256", func(value string) error {
		s.Algorithm = jose.Algorithm(value)
		return nil
	})
	return s
}

func list(ctx context.Context, p Program, args []string, out io.Writer) error {
	flags := newFlags(p, "list", "Shows every key and where it is in its life. Private keys are not shown: nothing can show them.")
	selection := selecting(flags)
	s, err := open(ctx, p, flags, args)
	if err != nil {
		return err
	}
	defer s.end()
	return show(ctx, s, *selection, out)
}

func show(ctx context.Context, s *session, selection keys.Selection, out io.Writer) error {
	described, err := s.List(ctx, selection)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ISSUER\tPURPOSE\tALG\tSTATE\tBEGINS\tUNTIL\tBACKEND\tKID\tREASON")
	for _, d := range described {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n",
			d.Issuer, d.Purpose, d.Algorithm, d.State, moment(d.Begins), moment(d.Until), d.Backend, d.KeyID, d.Reason)
	}
	return table.Flush()
}

func moment(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format(time.RFC3339)
}

func rotate(ctx context.Context, p Program, args []string, out io.Writer) error {
	flags := newFlags(p, "rotate", "Publishes the next key of each selected use. It signs after rotation.lead, when everybody has it.")
	selection := selecting(flags)
	now := flags.Bool("now", false, "use the new keys at once: who keeps an older JWK set refuses what they sign until the set is fetched again")
	s, err := open(ctx, p, flags, args)
	if err != nil {
		return err
	}
	defer s.end()
	if err := s.Rotate(ctx, *selection, *now); err != nil {
		return err
	}
	return show(ctx, s, *selection, out)
}

func withdraw(ctx context.Context, p Program, args []string, out io.Writer) error {
	flags := newFlags(p, "withdraw", "Ends a compromised key at once: another one signs, the key leaves the JWK set, its private half is destroyed.\nWhatever it signed is refused from then on: access tokens, id_tokens that come back as hints, requests encrypted to it.")
	issuer := flags.String("issuer", "", "`name` of the issuer; required")
	kid := flags.String("kid", "", "`kid` of the key, as list shows it; required")
	reason := flags.String("reason", "", "why, for those who ask later; required")
	s, err := open(ctx, p, flags, args)
	if err != nil {
		return err
	}
	defer s.end()
	if *issuer == "" || *kid == "" || *reason == "" {
		return errors.New("--issuer, --kid and --reason are required: see --help")
	}
	if err := s.Withdraw(ctx, *issuer, *kid, *reason); err != nil {
		return err
	}
	return show(ctx, s, keys.Selection{Issuer: *issuer}, out)
}
