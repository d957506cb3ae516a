package ctl

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"strings"

	adminv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/admin/v1"
)

// interactionID is an x-fapi-interaction-id, a UUID. A file of such a name is
// written ./NAME.
var interactionID = regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)

func explain(ctx context.Context, c *call) error {
	if interactionID.MatchString(c.arguments[0]) {
		return c.explainInteraction(ctx, strings.ToLower(c.arguments[0]))
	}
	return c.dryRun(ctx)
}

func (c *call) explainInteraction(ctx context.Context, id string) error {
	api, err := c.api()
	if err != nil {
		return err
	}
	ctx, cancel := c.bounded(ctx)
	defer cancel()
	found, err := api.ExplainRefusal(ctx, &adminv1.ExplainRefusalRequest{InteractionId: id})
	if err != nil {
		return err
	}
	if c.json {
		err = c.printJSON(found)
	} else {
		c.refusals(id, found)
	}
	if err == nil && len(found.GetRefusals()) == 0 {
		return errWrong
	}
	return err
}

func (c *call) refusals(id string, found *adminv1.ExplainRefusalResponse) {
	if len(found.GetRefusals()) == 0 {
		fmt.Fprintf(c.Out, "nothing was refused under %s, as far as the audit trail in %s of clientreg's machine tells; other services may keep theirs elsewhere\n", id, plain(found.GetFolder()))
	}
	for _, r := range found.GetRefusals() {
		fmt.Fprintf(c.Out, "%s  %s refused %s\n", plain(r.GetTime()), plain(r.GetService()), plain(r.GetMethod()))
		lines(c.Out, "  error", r.GetError(), "  issuer", r.GetIssuer(), "  client_id", r.GetClientId(), "  audit trail", r.GetLine())
		c.rule(r.GetRule())
	}
	if found.GetPartial() {
		fmt.Fprintln(c.Out, "there may be more: the search was cut short")
	}
}

// asMetadata tells a JWT from JSON.
func asMetadata(text []byte) (metadata string, signed bool) {
	text = bytes.TrimSpace(text)
	return string(text), len(text) > 0 && text[0] != '{'
}

func (c *call) dryRun(ctx context.Context) error {
	r, err := c.handOver(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := c.bounded(ctx)
	defer cancel()
	found, err := r.api.CheckRegistration(ctx, &adminv1.CheckRegistrationRequest{Issuer: r.issuer, Metadata: r.metadata, Signed: r.signed, Certificates: r.certificates})
	if err != nil {
		return err
	}
	if c.json {
		err = c.printJSON(found)
	} else {
		c.registration(found)
	}
	if err == nil && !found.GetOk() {
		return errWrong
	}
	return err
}

func (c *call) registration(found *adminv1.CheckRegistrationResponse) {
	lines(c.Out, "framework", found.GetFramework(), "participant", found.GetParticipant())
	c.faults(found.GetFaults())
	for _, way := range found.GetWays() {
		text := "+ it brings what the way in by " + strings.Join(way.GetRequire(), " and ") + " asks for"
		if len(way.GetMissing()) > 0 {
			text = "- the way in by " + strings.Join(way.GetRequire(), " and ") + " also needs " + strings.Join(way.GetMissing(), " and ")
		} else if strings.Contains(text, "initial_access_token") {
			text += " (a token comes in the Authorization header, which is not here)"
		}
		fmt.Fprintln(c.Out, plain(text))
	}
	for _, note := range found.GetNotes() {
		fmt.Fprintln(c.Out, "i "+plain(note))
	}
	if found.GetOk() {
		fmt.Fprintln(c.Out, "= nothing is wrong with it; in effect would be")
		fmt.Fprintln(c.Out, plain(found.GetEffectiveMetadata()))
	} else {
		fmt.Fprintf(c.Out, "= it would be refused: %d faults; a client hears of the first\n", len(found.GetFaults()))
	}
}

func (c *call) faults(faults []*adminv1.Fault) {
	for _, f := range faults {
		fmt.Fprintf(c.Out, "! %s: %s\n", plain(f.GetError()), plain(f.GetDescription()))
		if f.GetCause() != "" {
			fmt.Fprintf(c.Out, "      because %s\n", plain(f.GetCause()))
		}
		c.rule(f.GetRule())
	}
}
