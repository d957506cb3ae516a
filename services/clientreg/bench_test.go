package clientreg_test

import (
	"path/filepath"
	"testing"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/secret"
	"github.com/strongroom-fapi/strongroom/platform/sqlconn"
	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
	"github.com/strongroom-fapi/strongroom/services/clientreg"
)

// BenchmarkAuthenticate is the hot path: ES256, a client in memory, one trip to
// the embedded Redis. About 80 µs of it is the signature. Run it with
// -benchtime=2000x: beyond, assertions are used again by their own attempts,
// which costs one more trip.
func BenchmarkAuthenticate(b *testing.B) {
	db := must(sqlconn.Open(b.Context(), sqlconn.Config{DSN: secret.New("sqlite:" + filepath.Join(b.TempDir(), "b.db"))}, "clientreg", clientreg.Migrations))
	defer db.Close()
	service := newWorld(b, db, embeddedRedis(b)).replica()
	client := service.register()
	ctx := service.context()
	requests := make([]*clientregv1.AuthenticateRequest, 2000)
	for i := range requests {
		requests[i] = &clientregv1.AuthenticateRequest{
			Call: service.call(service.here, oauth.NewID()), Credentials: bearing(service.assertion(client.ClientID)),
		}
	}
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		if _, err := service.par.Authenticate(ctx, requests[n%len(requests)]); err != nil {
			b.Fatal(err)
		}
	}
}
