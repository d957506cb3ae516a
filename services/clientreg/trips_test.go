package clientreg_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/strongroom-fapi/strongroom/platform/secret"
	"github.com/strongroom-fapi/strongroom/platform/sqlconn"
	"github.com/strongroom-fapi/strongroom/services/clientreg"
)

// trips counts the round trips to Redis.
type trips struct{ atomic.Int64 }

func (t *trips) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		return next(ctx, network, address)
	}
}

func (t *trips) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, command redis.Cmder) error {
		t.Add(1)
		return next(ctx, command)
	}
}

func (t *trips) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, commands []redis.Cmder) error {
		if commands[0].Name() != "hello" { // a new connection introduces itself
			t.Add(1)
		}
		return next(ctx, commands)
	}
}

// TestOneTripPerAuthentication: a client in use costs one trip to Redis, and
// nothing of SQL. That this holds for one among 10,000, internal/directory shows.
func TestOneTripPerAuthentication(t *testing.T) {
	db := must(sqlconn.Open(t.Context(), sqlconn.Config{DSN: secret.New("sqlite:" + filepath.Join(t.TempDir(), "trips.db"))}, "clientreg", clientreg.Migrations))
	defer db.Close()
	service := newWorld(t, db, embeddedRedis(t)).replica()
	byKey, byName, byOwn := service.register(), service.certified("tls_client_auth_subject_dn", subjectDN), service.selfCertified(selfSigned())
	chain, own := bankCA.issue(), must(base64.StdEncoding.DecodeString(firstCertificate(t, byOwn)))
	uses := map[string]func() error{
		"private_key_jwt":             func() error { _, err := service.authenticate(service.assertion(byKey.ClientID)); return err },
		"tls_client_auth":             func() error { _, err := service.present(byName.ClientID, chain); return err },
		"self_signed_tls_client_auth": func() error { _, err := service.present(byOwn.ClientID, [][]byte{own}); return err },
	}
	for _, use := range uses {
		if err := use(); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	count := &trips{}
	service.redis.AddHook(count)
	for method, use := range uses {
		t.Run(method, func(t *testing.T) {
			before := count.Load()
			for range 20 {
				if err := use(); err != nil {
					t.Fatal(err)
				}
			}
			if got := count.Load() - before; got != 20 {
				t.Errorf("%d trips to Redis for 20 uses", got)
			}
		})
	}
}

func firstCertificate(t *testing.T, client registered) string {
	t.Helper()
	var set struct {
		Keys []struct {
			X5c []string `json:"x5c"`
		} `json:"keys"`
	}
	if err := json.Unmarshal(client.JWKS, &set); err != nil {
		t.Fatal(err)
	}
	return set.Keys[0].X5c[0]
}
