package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/audit"
	"github.com/strongroom-fapi/strongroom/sandbox/layout"
)

// TestAuditExport: what is exported of a client, or of a grant, is everything that
// happened to it and nothing that happened to another, over flows of two clients of one
// user that meet.
func TestAuditExport(t *testing.T) {
	t.Parallel()
	var folder string
	s := special(t, rig.Special{Configure: func(c *layout.Configs) { folder = c.Authorize.Audit.Folder }})
	a, b := s.Client(t), s.Client(t)

	replayed := a.Authorized(t)
	tokens := replayed.Exchange(t)
	a.Send(t, a.Refresh(tokens.Text("refresh_token"))).Is(t, http.StatusOK)
	a.Send(t, replayed.TokenRequest()).Refused(t, http.StatusBadRequest, oauth.CodeInvalidGrant)
	a.Send(t, a.Userinfo(tokens.Text("access_token"))).Is(t, http.StatusUnauthorized)

	withdrawn := a.Authorized(t).Exchange(t)
	s.Withdraw(t, a, a.Send(t, a.Userinfo(withdrawn.Text("access_token"))).Is(t, http.StatusOK).Text("sub"))
	a.Send(t, a.Refresh(withdrawn.Text("refresh_token"))).Refused(t, http.StatusBadRequest, oauth.CodeInvalidGrant)
	a.Send(t, a.Flow().PushRequest(rig.Param("response_type", "token"))).Is(t, http.StatusBadRequest)

	stolen := b.Authorized(t)
	a.Send(t, a.Flow().TokenRequest(rig.Param("code", stolen.Code))).Refused(t, http.StatusBadRequest, oauth.CodeInvalidGrant)
	revoked := stolen.Exchange(t)
	a.Send(t, a.Revoke(revoked.Text("refresh_token"))).Refused(t, http.StatusBadRequest, oauth.CodeInvalidGrant)
	b.Send(t, b.Revoke(revoked.Text("access_token"))).Is(t, http.StatusOK)
	b.Send(t, b.Userinfo(revoked.Text("access_token"))).Is(t, http.StatusUnauthorized)
	b.Send(t, b.Revoke(revoked.Text("refresh_token"))).Is(t, http.StatusOK)
	b.Send(t, b.Refresh(revoked.Text("refresh_token"))).Refused(t, http.StatusBadRequest, oauth.CodeInvalidGrant)
	denied, browser := b.Flow().Push(t), s.Browser(t)
	browser.Follow(t, browser.Press(t, denied.Consent(t, browser), "deny"))

	given := []string{"interaction.approved", "grant.created", "code.redeemed", "token.issued"}
	first := slices.Concat(given, []string{"token.issued", "code.replayed SP2-29", "refused SP2-29", "refused RS2-5"})
	second := slices.Concat(given, []string{"grant.withdrawn", "refused TOK-2"})
	theirs := slices.Concat(given, []string{"token.revoked", "refused RS2-5", "token.revoked", "refused TOK-3"})
	for name, row := range map[string]struct {
		filter audit.Filter
		want   []string
	}{
		"a client":                      {audit.Filter{ClientID: a.ID}, slices.Concat([]string{"client.registered"}, first, second, []string{"refused SP2-21", "refused TOK-2", "refused REV-1"})},
		"another client":                {audit.Filter{ClientID: b.ID}, slices.Concat([]string{"client.registered"}, theirs, []string{"interaction.refused"})},
		"a grant that was replayed":     {audit.Filter{GrantID: grantOf(t, folder, a.ID, 0)}, first},
		"a grant that was withdrawn":    {audit.Filter{GrantID: grantOf(t, folder, a.ID, 1)}, second},
		"a grant of another client":     {audit.Filter{GrantID: grantOf(t, folder, b.ID, 0)}, theirs},
		"a grant, and the wrong client": {audit.Filter{GrantID: grantOf(t, folder, b.ID, 0), ClientID: a.ID}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			slices.Sort(row.want)
			var got []string
			for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
				found, _, err := audit.Select(folder, row.filter)
				if err != nil {
					t.Fatal(err)
				}
				if got = kindsOf(found); slices.Equal(got, row.want) {
					return
				}
				if time.Now().After(deadline) {
					t.Fatalf("the export has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(row.want, "\n"))
				}
			}
		})
	}
}

// kindsOf is what each event is, with the rule of a refusal, in order of the words.
func kindsOf(found []audit.Found) (kinds []string) {
	for _, f := range found {
		kinds = append(kinds, strings.TrimSpace(fmt.Sprint(f.Kind, " ", f.Rule)))
	}
	slices.Sort(kinds)
	return kinds
}

// grantOf is a client's nth grant.
func grantOf(t *testing.T, folder, client string, nth int) string {
	t.Helper()
	found, _, err := audit.Select(folder, audit.Filter{ClientID: client})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		if f.Kind != audit.GrantCreated {
			continue
		}
		if nth == 0 {
			return f.GrantID
		}
		nth--
	}
	t.Fatal("the client has no such grant")
	return ""
}
