package keys

import (
	"context"
	"crypto"
	"testing"
	"time"

	"google.golang.org/grpc"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	"github.com/strongroom-fapi/strongroom/platform/secret"
	"github.com/strongroom-fapi/strongroom/platform/sqlconn"
	keysv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/keys/v1"
)

// BenchmarkSign is what the service costs over the signature itself: the same token
// signed by the key at hand, through the interceptor in one process, and over TLS. The
// hop is the same call over TLS with nothing to sign: it is refused by the handler.
//
//	go test -run '^$' -bench Sign ./services/keys
func BenchmarkSign(b *testing.B) {
	set := setOf(b, issuerOf("bank", jose.ES256, jose.ES256, jose.PS256))
	service := benchmarked(b, set)
	local, remote := suiteOf(service, set).conn(rpc.Token), overTLS(b, service, set, rpc.Token)(rpc.Token)
	payload := []byte(`{"sub":"alice"}`)
	b.Run("hop", func(b *testing.B) {
		for b.Loop() {
			if signThrough(b, remote, set, "none", payload) == nil {
				b.Fatal("signed")
			}
		}
	})
	for _, algorithm := range []jose.Algorithm{jose.ES256, jose.PS256} {
		signer := service.ring.Load().active(use{"bank", "id_token", algorithm}, start).private.(crypto.Signer)
		b.Run(string(algorithm)+"/signature", func(b *testing.B) {
			for b.Loop() {
				if _, err := jose.Sign(algorithm, "k", "JWT", payload, signer); err != nil {
					b.Fatal(err)
				}
			}
		})
		for _, way := range []struct {
			name string
			conn grpc.ClientConnInterface
		}{{"in process", local}, {"over TLS", remote}} {
			b.Run(string(algorithm)+"/"+way.name, func(b *testing.B) {
				for b.Loop() {
					if err := signThrough(b, way.conn, set, algorithm, payload); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func benchmarked(b *testing.B, set *issuer.Set) *Service {
	b.Helper()
	db, err := sqlconn.Open(b.Context(), sqlconn.Config{DSN: secret.New("sqlite:" + b.TempDir() + "/keys.db")}, "keys", Migrations)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	return newService(b, db, set)
}

func signThrough(b *testing.B, conn grpc.ClientConnInterface, set *issuer.Set, algorithm jose.Algorithm, payload []byte) error {
	b.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	_, err := keysv1.NewKeysServiceClient(conn).Sign(ctx, &keysv1.SignRequest{
		Call: scope(b, set, "bank").Call(), Purpose: idToken, Algorithm: string(algorithm), Payload: payload,
	})
	return err
}
