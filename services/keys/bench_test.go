package keys

import (
	"context"
	"crypto"
	"syscall"
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
// hop is a call over TLS that is answered from memory, the JWK set.
//
//	go test -run '^$' -bench Sign ./services/keys
func BenchmarkSign(b *testing.B) {
	set := setOf(b, issuerOf("bank", jose.ES256, jose.ES256, jose.PS256))
	service := benchmarked(b, set)
	local, remote := suiteOf(service, set).conn(rpc.Token), overTLS(b, service, set, rpc.Token)(rpc.Token)
	payload := []byte(`{"sub":"alice"}`)
	b.Run("hop", func(b *testing.B) {
		loop(b, func() error {
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			_, err := keysv1.NewKeysServiceClient(remote).PublicKeys(ctx, &keysv1.PublicKeysRequest{Call: scope(b, set, "bank").Call()})
			return err
		})
	})
	for _, algorithm := range []jose.Algorithm{jose.ES256, jose.PS256} {
		signer := service.ring.Load().active(use{"bank", "id_token", algorithm}, start).private.(crypto.Signer)
		b.Run(string(algorithm)+"/signature", func(b *testing.B) {
			loop(b, func() error {
				_, err := jose.Sign(algorithm, "k", "JWT", payload, signer)
				return err
			})
		})
		for _, way := range []struct {
			name string
			conn grpc.ClientConnInterface
		}{{"in process", local}, {"over TLS", remote}} {
			b.Run(string(algorithm)+"/"+way.name, func(b *testing.B) {
				loop(b, func() error { return signThrough(b, way.conn, set, algorithm, payload) })
			})
		}
	}
}

// loop repeats something and reports also the CPU of both sides: unlike time, it does
// not count how long a busy machine takes to wake them.
func loop(b *testing.B, do func() error) {
	b.Helper()
	begun := cpu(b)
	for b.Loop() {
		if err := do(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64((cpu(b)-begun).Microseconds())/float64(b.N), "cpu-µs/op")
}

func cpu(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
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
