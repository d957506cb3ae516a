package store

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
)

func TestRedis(t *testing.T) {
	for name, rule := range contract {
		t.Run(name, func(t *testing.T) {
			storetest.EachRedis(t, func(t *testing.T, client *redisconn.Client) {
				rule(t, bench{NewSessions(client), NewCodes(client), storetest.Issuer(), storetest.Issuer()})
			})
		})
	}
}

// bench is the stores of what expires, with two issuers of their own.
type bench struct {
	sessions      Sessions
	codes         Codes
	issuer, other string
}

var expires = time.Date(2026, 3, 1, 12, 10, 0, 0, time.UTC)

func session() Session {
	return Session{
		ClientID: "client-1", ClientName: "Ann's app", RequestURI: "urn:1", Params: map[string]string{"state": `"é`},
		TicketHash: oauth.Hash("ticket"), CookieHash: oauth.Hash("cookie"), Expires: expires, ExpectedSubject: "alice", Refreshes: true,
	}
}

func answer() Answer {
	return Answer{Subject: "alice", Scopes: []string{"openid"}, AuthTime: 1772366400, ACR: "sca", AMR: []string{"pwd", "otp"}}
}

func keptAnswer() KeptAnswer {
	return KeptAnswer{Answer: answer(), HandleHash: oauth.Hash("handle"), HandleSeed: "seed", Digest: "digest"}
}

func code() Code {
	return Code{
		AuthorizationID: "az-1", GrantID: "grant-1", ClientID: "client-1", RedirectURI: "https://a.example/cb", CodeChallenge: "c",
		Nonce: "n", DPoPKey: "jkt", Answer: answer(), Expires: expires,
	}
}

// contract is what every store of sessions and codes must hold to.
var contract = map[string]func(*testing.T, bench){
	"a session comes back as it was put, as often as asked": func(t *testing.T, b bench) {
		b.putSession(t, "s")
		for range 2 {
			if got, found := b.session(t, b.issuer, "s"); !found || !reflect.DeepEqual(got, session()) {
				t.Errorf("%+v, %t", got, found)
			}
		}
		if _, found := b.session(t, b.issuer, "t"); found {
			t.Error("a session that was not put is found")
		}
	},
	"an answer comes back with its session, and the first one stands": func(t *testing.T, b bench) {
		b.putSession(t, "s")
		for _, given := range []KeptAnswer{keptAnswer(), {Answer: Answer{Subject: "mallory"}}, {Digest: "digest"}} {
			if kept := b.answer(t, b.issuer, "s", given); !reflect.DeepEqual(kept, keptAnswer()) {
				t.Errorf("%+v stands", kept)
			}
		}
		got, _ := b.session(t, b.issuer, "s")
		if got.Answer == nil || !reflect.DeepEqual(*got.Answer, keptAnswer()) {
			t.Errorf("%+v", got.Answer)
		}
	},
	"an answer alone is no session": func(t *testing.T, b bench) {
		b.answer(t, b.issuer, "s", keptAnswer())
		if _, found := b.session(t, b.issuer, "s"); found {
			t.Error("a session was made of an answer")
		}
	},
	"of 100 answers at once one is kept": func(t *testing.T, b bench) {
		b.putSession(t, "s")
		won := race(t, func(n int) (bool, error) {
			kept, err := b.sessions.Answer(context.Background(), b.issuer, "s", KeptAnswer{Digest: fmt.Sprint(n)}, time.Hour)
			return kept.Digest == fmt.Sprint(n), err
		})
		if got, _ := b.session(t, b.issuer, "s"); won != 1 || got.Answer == nil {
			t.Errorf("%d were kept", won)
		}
	},
	"a session is ended by one attempt, and by that one again": func(t *testing.T, b bench) {
		b.putSession(t, "s")
		burnOnce(t, func(attempt string) (bool, error) {
			return b.sessions.Burn(t.Context(), b.issuer, "s", attempt, time.Hour)
		})
	},
	"a session that ended is still known, with who ended it": func(t *testing.T, b bench) {
		b.putSession(t, "s")
		burnOnce(t, func(attempt string) (bool, error) {
			return b.sessions.Burn(t.Context(), b.issuer, "s", attempt, time.Hour)
		})
		want := session()
		want.EndedBy = "a"
		if got, found := b.session(t, b.issuer, "s"); !found || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, %t", got, found)
		}
	},
	"of 100 attempts at once one ends a session": func(t *testing.T, b bench) {
		if won := race(t, func(n int) (bool, error) {
			return b.sessions.Burn(context.Background(), b.issuer, "s", fmt.Sprint(n), time.Hour)
		}); won != 1 {
			t.Errorf("%d did", won)
		}
	},
	"a code comes back as it was put": func(t *testing.T, b bench) {
		b.putCode(t, "c")
		if got, found := b.code(t, b.issuer, "c"); !found || !reflect.DeepEqual(got, code()) {
			t.Errorf("%+v, %t", got, found)
		}
		if _, found := b.code(t, b.issuer, "d"); found {
			t.Error("a code that was not put is found")
		}
	},
	"a spent code is still known, with who spent it (SP2-29)": func(t *testing.T, b bench) {
		b.putCode(t, "c")
		burnOnce(t, func(attempt string) (bool, error) {
			return b.codes.Burn(t.Context(), b.issuer, "c", attempt, time.Hour)
		})
		want := code()
		want.SpentBy = "a"
		if got, found := b.code(t, b.issuer, "c"); !found || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, %t", got, found)
		}
	},
	"of 100 attempts at once one spends a code (BAD-102)": func(t *testing.T, b bench) {
		b.putCode(t, "c")
		if won := race(t, func(n int) (bool, error) {
			return b.codes.Burn(context.Background(), b.issuer, "c", fmt.Sprint(n), time.Hour)
		}); won != 1 {
			t.Errorf("%d did", won)
		}
	},
	"issuers do not see each other (BAD-38)": func(t *testing.T, b bench) {
		b.putSession(t, "s")
		b.putCode(t, "c")
		if _, found := b.session(t, b.other, "s"); found {
			t.Error("the other issuer finds the session")
		}
		if _, found := b.code(t, b.other, "c"); found {
			t.Error("the other issuer finds the code")
		}
		b.answer(t, b.other, "s", keptAnswer())
		for name, burn := range map[string]func(context.Context, string, string, string, time.Duration) (bool, error){"session": b.sessions.Burn, "code": b.codes.Burn} {
			there, err := burn(t.Context(), b.other, name[:1], "a", time.Hour)
			if err != nil || !there {
				t.Errorf("%s: %t, %v", name, there, err)
			}
			if here, err := burn(t.Context(), b.issuer, name[:1], "b", time.Hour); err != nil || !here {
				t.Errorf("the other issuer burnt the %s: %v", name, err)
			}
		}
		if got, _ := b.session(t, b.issuer, "s"); got.Answer != nil {
			t.Error("the other issuer answered")
		}
	},
	"a session and a code of one name are two things": func(t *testing.T, b bench) {
		b.putSession(t, "x")
		if _, found := b.code(t, b.issuer, "x"); found {
			t.Error("a session is a code")
		}
		if _, err := b.codes.Burn(t.Context(), b.issuer, "x", "a", time.Hour); err != nil {
			t.Fatal(err)
		}
		if burnt, err := b.sessions.Burn(t.Context(), b.issuer, "x", "b", time.Hour); err != nil || !burnt {
			t.Errorf("burning a code ended a session: %v", err)
		}
	},
	"a store that cannot answer is a refusal with 503": func(t *testing.T, b bench) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, _, getSession := b.sessions.Get(ctx, b.issuer, "s")
		_, _, getCode := b.codes.Get(ctx, b.issuer, "c")
		_, keep := b.sessions.Answer(ctx, b.issuer, "s", keptAnswer(), time.Hour)
		_, end := b.sessions.Burn(ctx, b.issuer, "s", "a", time.Hour)
		_, spend := b.codes.Burn(ctx, b.issuer, "c", "a", time.Hour)
		for name, err := range map[string]error{
			"put session": b.sessions.Put(ctx, b.issuer, "s", session(), time.Hour), "put code": b.codes.Put(ctx, b.issuer, "c", code(), time.Hour),
			"get session": getSession, "get code": getCode, "answer": keep, "end": end, "spend": spend,
		} {
			if refusal, ok := oauth.AsError(err); !ok || refusal.HTTPStatus() != 503 {
				t.Errorf("%s: %v", name, err)
			}
		}
	},
}

// burnOnce is the rule of everything that is spent once.
func burnOnce(t *testing.T, burn func(attempt string) (bool, error)) {
	t.Helper()
	for n, step := range []struct {
		attempt string
		want    bool
	}{{"a", true}, {"a", true}, {"b", false}, {"a", true}, {"", false}} {
		if got, err := burn(step.attempt); err != nil || got != step.want {
			t.Errorf("step %d by %q: %t, %v", n, step.attempt, got, err)
		}
	}
}

// race runs 100 at once and answers how many won.
func race(t *testing.T, run func(n int) (bool, error)) int {
	t.Helper()
	var won atomic.Int32
	var group sync.WaitGroup
	for n := range 100 {
		group.Go(func() {
			ok, err := run(n)
			if err != nil {
				t.Error(err)
			}
			if ok {
				won.Add(1)
			}
		})
	}
	group.Wait()
	return int(won.Load())
}

func (b bench) putSession(t *testing.T, id string) {
	t.Helper()
	if err := b.sessions.Put(t.Context(), b.issuer, id, session(), time.Hour); err != nil {
		t.Fatal(err)
	}
}

func (b bench) putCode(t *testing.T, text string) {
	t.Helper()
	if err := b.codes.Put(t.Context(), b.issuer, text, code(), time.Hour); err != nil {
		t.Fatal(err)
	}
}

func (b bench) session(t *testing.T, issuer, id string) (Session, bool) {
	t.Helper()
	got, found, err := b.sessions.Get(t.Context(), issuer, id)
	if err != nil {
		t.Fatal(err)
	}
	return got, found
}

func (b bench) code(t *testing.T, issuer, text string) (Code, bool) {
	t.Helper()
	got, found, err := b.codes.Get(t.Context(), issuer, text)
	if err != nil {
		t.Fatal(err)
	}
	return got, found
}

func (b bench) answer(t *testing.T, issuer, id string, a KeptAnswer) KeptAnswer {
	t.Helper()
	kept, err := b.sessions.Answer(t.Context(), issuer, id, a, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return kept
}

func TestTicketIs(t *testing.T) {
	if s := session(); !s.TicketIs("ticket") || s.TicketIs("cookie") || s.TicketIs("") || (Session{}).TicketIs("") {
		t.Error("a session takes another's ticket")
	}
}

// TestKeys: nothing lives for ever, and who reads the store cannot use it.
func TestKeys(t *testing.T) {
	storetest.EachRedis(t, func(t *testing.T, client *redisconn.Client) {
		b := bench{sessions: NewSessions(client), codes: NewCodes(client), issuer: storetest.Issuer()}
		b.putSession(t, "secret-session")
		b.putCode(t, "secret-code")
		b.answer(t, b.issuer, "secret-session", keptAnswer())
		for _, burn := range []func() (bool, error){
			func() (bool, error) { return b.sessions.Burn(t.Context(), b.issuer, "secret-session", "a", time.Hour) },
			func() (bool, error) { return b.codes.Burn(t.Context(), b.issuer, "secret-code", "a", time.Hour) },
		} {
			if _, err := burn(); err != nil {
				t.Fatal(err)
			}
		}
		keys, err := client.Keys(t.Context(), "authorize:{"+b.issuer+"/*").Result()
		if err != nil || len(keys) != 5 {
			t.Fatalf("%d keys, %v", len(keys), err)
		}
		for _, key := range keys {
			if left := client.TTL(t.Context(), key).Val(); left <= 0 || left > time.Hour {
				t.Errorf("%s lives for %s", key, left)
			}
			if value := client.Get(t.Context(), key).Val(); strings.Contains(key+value, "secret") {
				t.Errorf("%s tells a secret: %s", key, value)
			}
		}
	})
}
