//go:build e2e && unix

package e2e

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/audit"
	"github.com/strongroom-fapi/strongroom/platform/disktest"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	"github.com/strongroom-fapi/strongroom/sandbox/layout"
)

// TestFullQueue: while no more events may wait for a full disk, the bank is told 503
// when it answers for a user. It answers again when the user presses again, and once
// there is room the flow goes on: one decision, one grant, and the trail tells of both.
// It runs in a process of its own, which may not let a file grow.
func TestFullQueue(t *testing.T) {
	if disktest.Case() != "" {
		fullQueue(t)
		return
	}
	t.Parallel()
	disktest.Start(t, "full")(t)
}

func fullQueue(t *testing.T) {
	var chain audit.Chain
	s := special(t, rig.Special{Configure: func(c *layout.Configs) {
		chain = lengthened(t, c.Audits()[rpc.Authorize], rpc.Authorize)
	}})
	c := s.Client(t)
	f, b := c.Flow().Push(t), s.Browser(t)
	consent := f.Consent(t, b)

	disktest.Limit(t, size(t, chain)+100) // less than any line
	fillQueue(t, s, f)
	for range 2 {
		b.Press(t, consent, "approve").Is(t, http.StatusServiceUnavailable)
	}
	b.Press(t, consent, "deny").Refused(t, oauth.CodeInvalidRequest) // the first decision stands
	disktest.Limit(t, -1)

	page := b.Press(t, consent, "approve")
	for deadline := time.Now().Add(20 * time.Second); page.StatusCode == http.StatusServiceUnavailable && time.Now().Before(deadline); page = b.Press(t, consent, "approve") {
		time.Sleep(50 * time.Millisecond)
	}
	f.Answer(t, b.Follow(t, page))
	f.Exchange(t)
	approvedOnce(t, chain, c)
}

// fillQueue has authorize refuse more requests than may wait.
func fillQueue(t *testing.T, s *rig.Suite, f *rig.Flow) {
	t.Helper()
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			for range 4700 / 16 { // 4096 wait, and 512 are about to be written
				s.Browser(t).Get(t, f.Endpoint()) // without a request_uri
			}
		})
	}
	group.Wait()
}

// approvedOnce waits until the chain has the client's grant, and holds it to tell of one
// decision of the user's and of no other.
func approvedOnce(t *testing.T, chain audit.Chain, c *rig.Client) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		var events []audit.Event
		report, err := audit.Walk(chain, func(l audit.Line, _ []byte) { events = append(events, l.Event) })
		if err != nil || report.Broken != nil {
			t.Fatalf("%v, %v", report.Broken, err)
		}
		approved := map[string]bool{}
		for _, event := range events {
			if event.Kind == audit.InteractionApproved && event.ClientID == c.ID {
				approved[event.AuthorizationID] = true
			}
		}
		if len(approved) == 1 && len(grants(events, c.ID)) == 1 && has(events, audit.CodeRedeemed, c.ID) && !has(events, audit.InteractionRefused, c.ID) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the trail has the decisions %v, the grants %v", approved, grants(events, c.ID))
		}
	}
}
