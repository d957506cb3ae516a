package store

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
	"github.com/strongroom-fapi/strongroom/platform/storetest/once"
)

// things are what is spent once here. Redis may forget a code, which its authorization
// decides in SQL, and a session, whose request_uri its grant decides. To an answer, what
// was sent is the attempt: the same may come again.
func things() once.Things {
	issuer := storetest.Issuer()
	return once.Things{
		"code":    {Kind: once.Kind{Elsewhere: true}, Open: codesOf(issuer)},
		"session": {Kind: once.Kind{Elsewhere: true}, Open: sessionsOf(issuer)},
		"answer":  {Kind: once.Kind{Elsewhere: true}, Open: answersOf(issuer)},
	}
}

// TestOnce is the contract of codes, sessions and answers.
func TestOnce(t *testing.T) { once.Redis(t, things()) }

type open = func(testing.TB, *redisconn.Client) once.Store

func codesOf(issuer string) open {
	return func(_ testing.TB, client *redisconn.Client) once.Store {
		codes := NewCodes(client)
		return once.Store{
			Keep: func(ctx context.Context, id string) error { return codes.Put(ctx, issuer, id, code(), time.Hour) },
			Spend: func(ctx context.Context, s once.Spending) (bool, error) {
				return codes.Burn(ctx, issuer, s.ID, s.Attempt, s.Life)
			},
			Left: func(ctx context.Context, id string) (bool, error) {
				record, found, err := codes.Get(ctx, issuer, id)
				return found && record.SpentBy == "", err
			},
		}
	}
}

func sessionsOf(issuer string) open {
	return func(_ testing.TB, client *redisconn.Client) once.Store {
		sessions := NewSessions(client)
		return once.Store{
			Keep: func(ctx context.Context, id string) error { return sessions.Put(ctx, issuer, id, session(), time.Hour) },
			Spend: func(ctx context.Context, s once.Spending) (bool, error) {
				return sessions.Burn(ctx, issuer, s.ID, s.Attempt, s.Life)
			},
		}
	}
}

func answersOf(issuer string) open {
	return func(_ testing.TB, client *redisconn.Client) once.Store {
		sessions := NewSessions(client)
		return once.Store{Spend: func(ctx context.Context, s once.Spending) (bool, error) {
			kept, err := sessions.Answer(ctx, issuer, s.ID, KeptAnswer{Digest: s.Attempt}, s.Life)
			return err == nil && kept.Digest == s.Attempt, err
		}}
	}
}

// TestGrantOnce: a request_uri brings one grant, by the row that decides.
func TestGrantOnce(t *testing.T) {
	issuer := storetest.Issuer()
	once.SQL(t, once.Kind{}, Migrations, func(db *sql.DB) once.Store {
		grants := NewGrants(db)
		return once.Store{Spend: func(ctx context.Context, s once.Spending) (bool, error) {
			one := grant(oauth.NewID())
			one.RequestHash, one.Session = s.ID, s.Attempt
			_, err := grants.Add(ctx, issuer, one)
			if refusal, ok := oauth.AsError(err); ok && refusal.Code == oauth.CodeInvalidRequestURI {
				return false, nil
			}
			return err == nil, err
		}}
	})
}
