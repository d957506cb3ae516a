//go:build e2e

package faults

import (
	"context"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/audit"
	"github.com/strongroom-fapi/strongroom/platform/networktest/relay"
)

// lostReply: everything was done for a user who came back, and no gateway hears of it.
// The same browser comes again and gets the code that was made, of the one grant; when
// it is spent, the way back leads nowhere (BAD-86).
func lostReply(t *testing.T, fleet *rig.Fleet) {
	c := fleet.Client(t)
	f, subject := c.Flow().Push(t), "user-"+oauth.NewID()
	back := wayBack(t, fleet, f, subject)
	lines := fleet.Between("gateway", "authorize")

	lines.Each(func(r *relay.Relay) { r.Delay(3 * rig.GatewayTimeout) })
	fleet.Send(t, back).Is(t, http.StatusServiceUnavailable)
	if told := grantsTold(t, fleet, c); told != 1 {
		t.Errorf("the trail has %d grants: nothing was done whose reply could be lost", told)
	}
	lines.Each((*relay.Relay).Pass)

	first, second := returned(t, fleet, back), returned(t, fleet, back)
	if first == "" || first != second {
		t.Fatalf("the codes are %q and %q", first, second)
	}
	f.Code = first
	f.Exchange(t)
	fleet.Send(t, back).Is(t, http.StatusBadRequest)
	if told := grantsTold(t, fleet, c); told != 1 {
		t.Errorf("the trail has %d grants", told)
	}
}

// wayBack walks a flow to where the bank sends the browser back.
func wayBack(t *testing.T, fleet *rig.Fleet, f *rig.Flow, subject string) *rig.Request {
	t.Helper()
	begun := fleet.Send(t, rig.Get(f.URL())).Is(t, http.StatusSeeOther)
	at, err := url.Parse(begun.Header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	answered, err := fleet.Answer(t.Context(), at, subject, time.Now(), []string{"openid"})
	if err != nil {
		t.Fatal(err)
	}
	back := rig.Get(answered.Is(t, http.StatusOK).Text("redirectTo"))
	for _, cookie := range begun.Cookies() {
		back.Header.Add("Cookie", cookie.Name+"="+cookie.Value)
	}
	return back
}

// returned comes back until it is told a code.
func returned(t *testing.T, fleet *rig.Fleet, back *rig.Request) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		answer, err := fleet.Try(ctx, back)
		switch {
		case err != nil:
			t.Fatal(err)
		case answer.StatusCode == http.StatusServiceUnavailable:
			time.Sleep(100 * time.Millisecond)
			continue
		}
		to, err := url.Parse(answer.Is(t, http.StatusSeeOther).Header.Get("Location"))
		if err != nil {
			t.Fatal(err)
		}
		return to.Query().Get(oauth.ParamCode)
	}
}

// grantsTold counts what the trails tell of grants to a client.
func grantsTold(t *testing.T, fleet *rig.Fleet, c *rig.Client) (told int) {
	t.Helper()
	found, _, err := audit.Select(fleet.Layout.AuditFolder(), audit.Filter{ClientID: c.ID})
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range found {
		if line.Kind == audit.GrantCreated {
			told++
		}
	}
	return told
}
