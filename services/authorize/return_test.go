package authorize_test

import (
	"database/sql"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/audit"
	"github.com/strongroom-fapi/strongroom/platform/networktest/relay"
	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
	authorizev1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/authorize/v1"
	interactionv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/interaction/v1"
	"github.com/strongroom-fapi/strongroom/services/authorize"
)

// spentOnce redeems a code twice: the first gets the authorization, and the user has
// one grant.
func (b browser) spentOnce(t *testing.T, code string) {
	t.Helper()
	first, err := b.redeem(t, oauth.NewID(), code, nil)
	if err != nil || first.GetReplayed() {
		t.Errorf("the code is worth nothing: %v, %v", first, err)
	}
	if second, err := b.redeem(t, oauth.NewID(), code, nil); err != nil || !second.GetReplayed() {
		t.Errorf("the code is worth something twice: %v, %v", second, err)
	}
	if grants := b.grantsOf(t, "alice"); len(grants) != 1 || grants[0].GetGrantId() != first.GetAuthorization().GetGrantId() {
		t.Errorf("the user has %v, the code is of %s", grants, first.GetAuthorization().GetGrantId())
	}
}

func (s *suite) grantsOf(t *testing.T, subject string) []*interactionv1.Grant {
	t.Helper()
	response, err := s.app.ListGrants(bounded(t), &interactionv1.ListGrantsRequest{Issuer: s.bank, Subject: subject})
	if err != nil {
		t.Fatal(err)
	}
	return response.GetGrants()
}

// reload comes back again and again, each time as a new request, as a browser that
// reloads the page does. It answers the code, or nothing where the flow has ended.
func (b browser) reload(t *testing.T, handle string) string {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		reply, err := b.complete(t, oauth.NewID(), handle)
		if err == nil {
			return query(t, reply.GetLocation()).Get("code")
		}
		if refusal, ok := oauth.AsError(err); ok && refusal.Code != oauth.CodeTemporarilyUnavailable {
			wantRefused(t, err, oauth.CodeInvalidRequest, "AZ-6")
			return ""
		}
	}
	t.Fatal("it never goes on")
	return ""
}

// race comes back 100 times at once, and answers the codes that were told, and how many
// were refused by each error.
func (b browser) race(t *testing.T, handle string) (told, refused map[string]int) {
	t.Helper()
	told, refused = map[string]int{}, map[string]int{}
	var mu sync.Mutex
	var group sync.WaitGroup
	for range 100 {
		group.Go(func() {
			reply, err := b.complete(t, oauth.NewID(), handle)
			mu.Lock()
			defer mu.Unlock()
			if refusal, ok := oauth.AsError(err); ok {
				refused[refusal.Code]++
				return
			}
			told[query(t, reply.GetLocation()).Get("code")]++
		})
	}
	group.Wait()
	return told, refused
}

// TestReturnWhileTheDatabaseIsAway: it is refused, spends nothing, and goes on when the
// browser reloads once the database is back; if it comes back 100 times at once, it is
// told one code.
func TestReturnWhileTheDatabaseIsAway(t *testing.T) {
	storetest.Each(t, authorize.Migrations, func(t *testing.T, client *redisconn.Client, db *sql.DB) {
		s := newSuite(t, client, db)
		b := s.begin(t, s.push(nil))
		handle := b.approve(t)
		rename := func(from, to string) {
			if _, err := db.ExecContext(t.Context(), "ALTER TABLE "+from+" RENAME TO "+to); err != nil {
				t.Fatal(err)
			}
		}
		rename("user_grant", "away")
		told, refused := b.race(t, handle)
		if len(told) != 0 || refused[oauth.CodeTemporarilyUnavailable] != 100 {
			t.Errorf("without a database %d codes are told, the others are %v", len(told), refused)
		}
		rename("away", "user_grant")
		told, refused = b.race(t, handle)
		if len(told) != 1 || len(refused) != 0 {
			t.Fatalf("with it %d codes are told, the others are %v", len(told), refused)
		}
		for code := range told {
			b.spentOnce(t, code)
		}
	})
}

// TestReturnWhileRequestsAreAway: what was refused with 503 goes on, whatever the user
// decided.
func TestReturnWhileRequestsAreAway(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		for name, given := range map[string]any{"approved": approval(), "refused": interactionv1.Refusal_REASON_ACCESS_DENIED} {
			b := s.begin(t, s.push(nil))
			handle, err := b.answer(t, given)
			if err != nil {
				t.Fatal(err)
			}
			s.requests.setDown(true)
			_, err = b.complete(t, oauth.NewID(), handle)
			wantRefused(t, err, oauth.CodeTemporarilyUnavailable, "")
			s.requests.setDown(false)
			reply, err := b.complete(t, oauth.NewID(), handle)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if params := query(t, reply.GetLocation()); params.Has("code") != (name == "approved") || params.Has("error") == params.Has("code") {
				t.Errorf("%s: it is sent to %s", name, reply.GetLocation())
			}
		}
	})
}

// TestReturnOverAnyCut: wherever a connection to a store is cut, in front of a question
// or behind it, the browser that reloads gets the one code. Never are there two grants
// or two codes.
func TestReturnOverAnyCut(t *testing.T) {
	run := func(t *testing.T, client *redisconn.Client, db *sql.DB, line *relay.Relay) {
		s := newSuite(t, client, db)
		felt := 0
		for n := range 8 {
			for _, asking := range []bool{true, false} {
				b := s.begin(t, s.push(nil))
				given := approval()
				given.Subject = "user-" + oauth.NewID()
				handle, err := b.answer(t, given)
				if err != nil {
					t.Fatal(err)
				}
				before := line.Felt()
				line.CutAfter(n, asking)
				reply, err := b.complete(t, oauth.NewID(), handle)
				line.Pass()
				if line.Felt() > before {
					felt++
				}
				code := query(t, reply.GetLocation()).Get("code")
				if err != nil {
					code = b.reload(t, handle)
				}
				if again := b.reload(t, handle); again != code || code == "" {
					t.Errorf("cut after %d, asking %t: it is told %q, then %q", n, asking, code, again)
				}
				if grants := s.grantsOf(t, given.GetSubject()); len(grants) > 1 {
					t.Errorf("cut after %d, asking %t: %d grants", n, asking, len(grants))
				}
				if first, err := s.redeem(t, oauth.NewID(), code, nil); err != nil || first.GetReplayed() {
					t.Errorf("cut after %d, asking %t: the code is worth nothing: %v", n, asking, err)
				}
				if again := b.reload(t, handle); again != "" {
					t.Errorf("cut after %d, asking %t: it comes back when its code is spent", n, asking)
				}
			}
		}
		if felt == 0 {
			t.Error("no cut was felt")
		}
	}
	through := func(t *testing.T, address string) (*relay.Relay, string) {
		t.Helper()
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		line, err := relay.New(u.Host)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(line.Close)
		u.Host = line.Address()
		return line, u.String()
	}
	redis := map[string]string{"embedded": storetest.Embedded(t)}
	if address := os.Getenv(storetest.RedisURL); address != "" {
		redis["redis"] = address
	}
	for name, address := range redis {
		t.Run(name, func(t *testing.T) {
			line, through := through(t, address)
			run(t, storetest.OpenRedis(t, through), storetest.OpenSQLite(t, authorize.Migrations), line)
		})
	}
	if dsn := os.Getenv(storetest.PostgresDSN); dsn != "" {
		t.Run("postgres", func(t *testing.T) {
			_, schema := storetest.OpenPostgres(t, dsn, authorize.Migrations)
			line, through := through(t, dsn)
			run(t, storetest.OpenRedis(t, storetest.Embedded(t)), storetest.PostgresTwin(t, through, schema, authorize.Migrations), line)
		})
	}
}

// TestReturnWhenRedisForgot: a store that has lost the end of a session lets the browser
// come back once more, to the same code and grant, for as long as SQL knows what that
// bought.
func TestReturnWhenRedisForgot(t *testing.T) {
	storetest.Each(t, authorize.Migrations, func(t *testing.T, client *redisconn.Client, db *sql.DB) {
		s := newSuite(t, client, db)
		b := s.begin(t, s.push(nil))
		handle := b.approve(t)
		complete := func(forget bool) (*authorizev1.BrowserReply, error) {
			t.Helper()
			id, _, _ := strings.Cut(handle, ".")
			if forget && client.Del(t.Context(), "authorize:{"+s.bank+"/session/"+oauth.Hash(id)+"}:by").Val() != 1 {
				t.Fatal("there was nothing to forget")
			}
			return b.complete(t, oauth.NewID(), handle)
		}
		first, err := complete(false)
		if err != nil {
			t.Fatal(err)
		}
		s.clock.Advance(4 * time.Minute)
		second, err := complete(true)
		if err != nil || second.GetLocation() != first.GetLocation() {
			t.Fatalf("another code: %v, %v", second, err)
		}
		b.spentOnce(t, query(t, second.GetLocation()).Get("code"))
		s.clock.Advance(time.Minute) // an access token's life after the grant
		_, err = complete(true)
		wantRefused(t, err, oauth.CodeInvalidRequest, "AZ-6")
		if _, err := s.app.WithdrawGrant(bounded(t), &interactionv1.WithdrawGrantRequest{Issuer: s.bank, Subject: "alice", GrantId: s.grantsOf(t, "alice")[0].GetGrantId()}); err != nil {
			t.Fatal(err)
		}
		_, err = b.complete(t, oauth.NewID(), handle)
		wantRefused(t, err, oauth.CodeInvalidRequestURI, "PAR-5") // what was withdrawn does not come back
	})
}

// TestReturnWithAnotherAnswer: a store that has lost an answer lets the bank's app give
// another, which does not go on under the grant of the first.
func TestReturnWithAnotherAnswer(t *testing.T) {
	storetest.Each(t, authorize.Migrations, func(t *testing.T, client *redisconn.Client, db *sql.DB) {
		s := newSuite(t, client, db)
		b := s.begin(t, s.push(nil))
		handle := b.approve(t)
		if _, err := b.complete(t, oauth.NewID(), handle); err != nil {
			t.Fatal(err)
		}
		id, _, _ := strings.Cut(handle, ".")
		session := "authorize:{" + s.bank + "/session/" + oauth.Hash(id) + "}"
		for _, forgotten := range []string{session + ":by", session + ":answer"} {
			if client.Del(t.Context(), forgotten).Val() != 1 {
				t.Fatal("there was nothing to forget")
			}
		}
		other := approval()
		other.Subject = "bob"
		handle, err := b.answer(t, other)
		if err != nil {
			t.Fatal(err)
		}
		_, err = b.complete(t, oauth.NewID(), handle)
		wantRefused(t, err, oauth.CodeInvalidRequestURI, "PAR-5")
	})
}

// TestReturnAgainLengthensNothing: who is told again is told a code that lives no longer
// for it, and nothing once it has expired.
func TestReturnAgainLengthensNothing(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		b := s.begin(t, s.push(nil))
		handle := b.approve(t)
		reply, err := b.complete(t, oauth.NewID(), handle)
		if err != nil {
			t.Fatal(err)
		}
		s.clock.Advance(59 * time.Second)
		if again, err := b.complete(t, oauth.NewID(), handle); err != nil || again.GetLocation() != reply.GetLocation() {
			t.Errorf("while the code is good: %v, %v", again, err)
		}
		s.clock.Advance(time.Second)
		_, err = b.complete(t, oauth.NewID(), handle)
		wantRefused(t, err, oauth.CodeInvalidRequest, "AZ-6")
		_, err = s.redeem(t, oauth.NewID(), query(t, reply.GetLocation()).Get("code"), nil)
		wantRefused(t, err, oauth.CodeInvalidGrant, "TOK-2")
	})
}

// TestRefusedReturnAgain: what the user refused is told again while the session would
// last.
func TestRefusedReturnAgain(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		b := s.begin(t, s.push(nil))
		handle, err := b.answer(t, interactionv1.Refusal_REASON_ACCESS_DENIED)
		if err != nil {
			t.Fatal(err)
		}
		reply, err := b.complete(t, oauth.NewID(), handle)
		if err != nil {
			t.Fatal(err)
		}
		s.clock.Advance(10*time.Minute - time.Millisecond)
		if again, err := b.complete(t, oauth.NewID(), handle); err != nil || again.GetLocation() != reply.GetLocation() || query(t, again.GetLocation()).Has("code") {
			t.Errorf("while the session would last: %v, %v", again, err)
		}
		s.clock.Advance(time.Millisecond)
		_, err = b.complete(t, oauth.NewID(), handle)
		wantRefused(t, err, oauth.CodeInvalidRequest, "AZ-6")
	})
}

// TestReturnAgainTellsTheTrailNothing: what is told again begins nothing, so that the
// trail has one grant.
func TestReturnAgainTellsTheTrailNothing(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		b := s.begin(t, s.push(nil))
		handle := b.approve(t)
		for range 3 {
			if _, err := b.complete(t, oauth.NewID(), handle); err != nil {
				t.Fatal(err)
			}
		}
		told := 0
		for _, line := range s.told(t) {
			if line.Kind == audit.GrantCreated {
				told++
			}
		}
		if told != 1 {
			t.Errorf("the trail has %d grants", told)
		}
	})
}
