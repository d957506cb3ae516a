//go:build e2e

package e2e

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
)

// TestReturnWhileTheDatabaseIsAway: a user who comes back from the bank is told to
// reload, and goes on once the database is back; the code is good once, and the way
// back then leads nowhere (BAD-86).
func TestReturnWhileTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	postgres := rig.NewPostgres(t)
	s := special(t, rig.Special{SQL: postgres.DSN})
	f, b, back := refusedReturn(t, s, postgres)
	page := b.Get(t, back).Shown(t, http.StatusServiceUnavailable)
	if again, ok := page.ByID("again"); !ok || !strings.Contains(again, "Reload this page") || page.Header.Get("Retry-After") == "" {
		t.Errorf("the page says %q, Retry-After %q: %s", again, page.Header.Get("Retry-After"), page.Body)
	}
	page.Guarded(t)
	postgres.Start(t)
	time.Sleep(idleUnseen) // the token service has connections too, and a code for one try
	page = b.Get(t, back)
	for deadline := time.Now().Add(10 * time.Second); page.StatusCode == http.StatusServiceUnavailable && time.Now().Before(deadline); page = b.Get(t, back) {
		time.Sleep(100 * time.Millisecond)
	}
	f.Answer(t, b.Follow(t, page))
	b.Get(t, back).Refused(t, "invalid_request")
	f.Exchange(t)
	redeemsOnce(t, f, oneNode)
}

// idleUnseen is how long a connection may have been idle that the driver uses without
// looking whether it still stands (pgx's ResetSession), and a little more.
const idleUnseen = 1100 * time.Millisecond

// refusedReturn kills the database and is the first of some users who come back then and
// are refused: what served a connection may finish what it does.
func refusedReturn(t *testing.T, s *rig.Suite, postgres *rig.Postgres) (*rig.Flow, *rig.Browser, string) {
	t.Helper()
	type user struct {
		flow    *rig.Flow
		browser *rig.Browser
		back    string
	}
	var users []user
	for range 5 {
		f, b := s.Client(t).Flow().Push(t), s.Browser(t)
		users = append(users, user{f, b, b.Press(t, f.Consent(t, b), "approve").Header.Get("Location")})
	}
	postgres.Kill(t)
	for _, u := range users {
		if u.browser.Get(t, u.back).StatusCode == http.StatusServiceUnavailable {
			return u.flow, u.browser, u.back
		}
	}
	t.Fatal("nobody was refused")
	return nil, nil, ""
}
