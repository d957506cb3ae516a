//go:build unix

package e2e

import (
	"log/slog"
	"math"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/audit"
	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/disktest"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	"github.com/strongroom-fapi/strongroom/sandbox/layout"
)

// TestFullDisk: while the audit trail cannot be written, grants and registrations are
// 503 and what begins nothing goes on; afterwards the same user reloads and goes on, and
// the trail is whole. It runs in a process of its own, which may not let a file grow:
// that needs no rights.
func TestFullDisk(t *testing.T) {
	if disktest.Case() != "" {
		fullDisk(t)
		return
	}
	t.Parallel()
	disktest.Start(t, "full")(t)
}

func fullDisk(t *testing.T) {
	full := []rpc.Name{rpc.Authorize, rpc.ClientReg}
	trails := map[rpc.Name]audit.Chain{}
	s := special(t, rig.Special{Configure: func(c *layout.Configs) {
		for _, name := range full {
			trails[name] = lengthened(t, c.Audits()[name], name)
		}
	}})
	c := s.Client(t)
	f, b := c.Flow().Push(t), s.Browser(t)
	back := b.Press(t, f.Consent(t, b), "approve").Header.Get("Location")

	least := int64(math.MaxInt64)
	for _, chain := range trails {
		least = min(least, size(t, chain))
	}
	disktest.Limit(t, least+100) // less than any line
	unavailable(t, s.Send(t, request(s, t)))
	b.Get(t, back).Is(t, http.StatusServiceUnavailable)
	b.Get(t, back).Is(t, http.StatusServiceUnavailable)
	unavailable(t, s.Send(t, request(s, t)))
	c.Send(t, c.Credentials()).Is(t, http.StatusOK)
	c.Send(t, c.Flow().PushRequest(rig.Param("response_type", "token"))).Refused(t, http.StatusBadRequest, oauth.CodeUnsupportedResponseType)
	disktest.Limit(t, -1)

	page := b.Get(t, back)
	for deadline := time.Now().Add(20 * time.Second); page.StatusCode == http.StatusServiceUnavailable && time.Now().Before(deadline); page = b.Get(t, back) {
		time.Sleep(50 * time.Millisecond)
	}
	f.Answer(t, b.Follow(t, page))
	f.Exchange(t)
	told(t, trails, c, s.Client(t))
}

func request(s *rig.Suite, t *testing.T) *rig.Request {
	_, request := s.NewClient(t)
	return request
}

// told waits until the chains that were full have the client's grant and the newer
// client, and holds them to be whole. A grant may be told of once for each return.
func told(t *testing.T, trails map[rpc.Name]audit.Chain, c, newer *rig.Client) {
	t.Helper()
	var events []audit.Event
	var torn int
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		events, torn = nil, 0
		for name, chain := range trails {
			report, err := audit.Walk(chain, func(l audit.Line, _ []byte) { events = append(events, l.Event) })
			if err != nil || report.Broken != nil {
				t.Fatalf("%s: %v, %v", name, report.Broken, err)
			}
			torn += len(report.Torn)
		}
		granted, registered := grants(events, c.ID), has(events, audit.ClientRegistered, newer.ID)
		if len(granted) == 1 && registered && has(events, audit.CodeRedeemed, c.ID) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the trail has the grants %v, the newer client: %t", granted, registered)
		}
	}
	if torn == 0 {
		t.Error("no line was unfinished: the disk was not full in the middle of one")
	}
}

// grants are the ids of those that a client was given.
func grants(events []audit.Event, client string) map[string]bool {
	ids := map[string]bool{}
	for _, event := range events {
		if event.Kind == audit.GrantCreated && event.ClientID == client {
			ids[event.GrantID] = true
		}
	}
	return ids
}

func has(events []audit.Event, kind audit.Kind, client string) bool {
	return slices.ContainsFunc(events, func(e audit.Event) bool { return e.Kind == kind && e.ClientID == client })
}

// lengthened is a trail that was made longer than any other file of the suite, so that
// the limit meets it alone.
func lengthened(t *testing.T, of audit.Config, name rpc.Name) audit.Chain {
	t.Helper()
	instance, err := of.Name()
	if err != nil {
		t.Fatal(err)
	}
	r, err := audit.Open(of, string(name), clock.System, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	for range 40000 { // 12 MB
		if err := r.Record(t.Context(), audit.Event{Kind: audit.KeyUsed, Method: strings.Repeat("x", 100)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return audit.Chain{Folder: of.Folder, Service: string(name), Instance: instance}
}

// size is that of a chain's only file, in bytes.
func size(t *testing.T, chain audit.Chain) int64 {
	t.Helper()
	files, err := chain.Files()
	if err != nil || len(files) != 1 {
		t.Fatalf("%v, %v", files, err)
	}
	info, err := os.Stat(files[0])
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}
