package authorize_test

import (
	"database/sql"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc/codes"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/audit"
	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/inproc"
	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
	interactionv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/interaction/v1"
	"github.com/strongroom-fapi/strongroom/services/authorize"
)

// approvalWith is a sound approval with one thing set otherwise.
func approvalWith(change func(*interactionv1.Approval)) *interactionv1.Approval {
	given := approval()
	change(given)
	return given
}

// TestSameAnswerAgain: an app that does not know whether it was heard sends its answer
// again and is answered the same; whatever is not the same answer is refused, and the
// first one stands.
func TestSameAnswerAgain(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		b := s.begin(t, s.push(nil))
		handle := b.approve(t)
		for name, other := range map[string]any{
			"another user":     approvalWith(func(a *interactionv1.Approval) { a.Subject = "bob" }),
			"fewer scopes":     approvalWith(func(a *interactionv1.Approval) { a.Scopes = a.Scopes[:1] }),
			"another login":    approvalWith(func(a *interactionv1.Approval) { a.AuthTime-- }),
			"another acr":      approvalWith(func(a *interactionv1.Approval) { a.Acr = "basic" }),
			"another amr":      approvalWith(func(a *interactionv1.Approval) { a.Amr = a.Amr[:1] }),
			"a bad approval":   approvalWith(func(a *interactionv1.Approval) { a.Subject = "" }),
			"a refusal":        interactionv1.Refusal_REASON_ACCESS_DENIED,
			"no answer at all": nil,
		} {
			t.Run(name, func(t *testing.T) {
				_, err := b.answer(t, other)
				wantStatus(t, err, codes.FailedPrecondition)
			})
		}
		elsewhere := *s
		elsewhere.app = interactionv1.NewInteractionServiceClient(s.dial(t, s.ca.Identity(t, "second.bank.example")))
		_, err := browser{&elsewhere, b.ticket, nil}.answer(t, approval())
		wantStatus(t, err, codes.FailedPrecondition) // another app
		if _, err := s.app.GetInteraction(bounded(t), &interactionv1.GetInteractionRequest{Issuer: s.bank, Ticket: b.ticket}); err != nil {
			t.Errorf("an app that reads before it answers again: %v", err)
		}
		if again := b.approve(t); again != handle {
			t.Errorf("the way back is %s, was %s", again, handle)
		}
		if _, err := b.complete(t, oauth.NewID(), handle); err != nil {
			t.Fatal(err)
		}
		if grants := s.grantsOf(t, "alice"); len(grants) != 1 {
			t.Errorf("alice gave %v", grants)
		}
	})
}

// TestSameRefusalAgain: so it is with what leads to an error at the client.
func TestSameRefusalAgain(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		for _, given := range []any{interactionv1.Refusal_REASON_ACCESS_DENIED, approvalWith(func(a *interactionv1.Approval) { a.Acr = "basic" })} {
			b := s.begin(t, s.push(map[string]string{"acr_values": "sca"}))
			handle, err := b.answer(t, given)
			if err != nil {
				t.Fatal(err)
			}
			if again, err := b.answer(t, given); err != nil || again != handle {
				t.Errorf("the way back is %s, was %s: %v", again, handle, err)
			}
			_, err = b.answer(t, approval())
			wantStatus(t, err, codes.FailedPrecondition)
			reply, err := b.complete(t, oauth.NewID(), handle)
			if err != nil || !query(t, reply.GetLocation()).Has("error") {
				t.Errorf("%v, %v", reply, err)
			}
		}
	})
}

// TestSameAnswerAtOnce: of calls that race, all are told the same way back.
func TestSameAnswerAtOnce(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		b := s.begin(t, s.push(nil))
		var mu sync.Mutex
		var group sync.WaitGroup
		handles := map[string]bool{}
		for range 20 {
			group.Go(func() {
				handle, err := b.answer(t, approval())
				mu.Lock()
				defer mu.Unlock()
				if handles[handle] = true; err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if len(handles) != 1 {
			t.Errorf("%d ways back", len(handles))
		}
	})
}

// TestHandleIsOfTheAnswerAlone: a ticket, which stands in a URL, does not lead to the
// handle (BAD-99), and neither does the store.
func TestHandleIsOfTheAnswerAlone(t *testing.T) {
	storetest.Each(t, authorize.Migrations, func(t *testing.T, client *redisconn.Client, db *sql.DB) {
		s := newSuite(t, client, db)
		b := s.begin(t, s.push(nil))
		handle := b.approve(t)
		id, secret, _ := strings.Cut(handle, ".")
		kept := "authorize:{" + s.bank + "/session/" + oauth.Hash(id) + "}:answer"
		if text := client.Get(t.Context(), kept).Val(); text == "" || strings.Contains(text, secret) {
			t.Errorf("the store has %q", text)
		}
		if client.Del(t.Context(), kept).Val() != 1 {
			t.Fatal("there was nothing to forget")
		}
		if again := b.approve(t); again == handle {
			t.Error("the ticket alone makes the handle")
		}
	})
}

// TestAnswerWhoseEventIsLost: an app that was told 503 because the trail took no event
// answers again, and is answered once the event is in a trail, here that of another
// replica.
func TestAnswerWhoseEventIsLost(t *testing.T) {
	storetest.Each(t, authorize.Migrations, func(t *testing.T, client *redisconn.Client, db *sql.DB) {
		var deps authorize.Deps
		s := newSuite(t, client, db, func(d *authorize.Deps) { deps, d.Audit = *d, closedTrail(t) })
		b := s.begin(t, s.push(nil))
		for range 2 {
			_, err := b.answer(t, approval())
			wantStatus(t, err, codes.Unavailable)
		}
		b.suite = s.replica(t, deps)
		handle := b.approve(t)
		id, _, _ := strings.Cut(b.ticket, ".")
		var told []audit.Event
		for _, line := range s.told(t) {
			if line.Kind == audit.InteractionApproved {
				told = append(told, line.Event)
			}
		}
		if len(told) != 1 || told[0].Subject != "alice" || told[0].Actor != "app.bank.example" || told[0].AuthorizationID != oauth.Hash(id)[:22] {
			t.Errorf("told is %+v", told)
		}
		reply, err := b.complete(t, oauth.NewID(), handle)
		if err != nil {
			t.Fatal(err)
		}
		b.spentOnce(t, query(t, reply.GetLocation()).Get("code"))
	})
}

// closedTrail is one that takes nothing, as one whose queue stays full.
func closedTrail(t *testing.T) *audit.Recorder {
	t.Helper()
	trail, err := audit.Open(audit.Config{Folder: t.TempDir()}, string(rpc.Authorize), clock.NewManual(start), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := trail.Close(); err != nil {
		t.Fatal(err)
	}
	return trail
}

// replica is another of the same service, with the same stores.
func (s *suite) replica(t *testing.T, deps authorize.Deps) *suite {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	deps.Interactions = []net.Listener{listener}
	service := authorize.New(s.config(t), deps)
	other := *s
	other.address = listener.Addr().String()
	other.server = inproc.NewServer(rpc.ServerInterceptor(rpc.Authorize, s.set, deps.Log, deps.Audit))
	service.Register(other.server)
	run(t, service)
	other.app = interactionv1.NewInteractionServiceClient(other.dial(t, s.ca.Identity(t, "app.bank.example")))
	return &other
}
