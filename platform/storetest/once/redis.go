package once

import (
	"os"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/redisconn/embedded"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
)

// Thing is something that is spent once in Redis.
type Thing struct {
	Kind
	// Open makes a replica's store.
	Open func(t testing.TB, client *redisconn.Client) Store
}

// Things are those of one service, by name.
type Things map[string]Thing

// Redis runs the contract of each thing on an embedded Redis, and on the real one
// that the environment names.
func Redis(t *testing.T, things Things) {
	t.Run("embedded", func(t *testing.T) {
		server := embedded.New()
		if err := embedded.Start(server, "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(server.Close)
		things.in(t, "redis://"+server.Addr(), server.FastForward)
	})
	if address := os.Getenv(storetest.RedisURL); address != "" {
		t.Run("redis", func(t *testing.T) { things.in(t, address, time.Sleep) })
	}
}

// Deployed runs the contract of each on Redis behind Sentinels and on a cluster, and
// lets them fail over. It starts servers of its own.
func Deployed(t *testing.T, things Things) {
	for _, form := range []struct {
		name  string
		start func(testing.TB) storetest.Deployment
	}{{"sentinel", storetest.Sentinels}, {"cluster", storetest.Cluster}} {
		t.Run(form.name, func(t *testing.T) {
			t.Parallel() // it is waiting for most of the time
			deployed := form.start(t)
			things.failOver(t, things.in(t, deployed.URL, time.Sleep), deployed)
		})
	}
}

// in runs the contracts in one store, and answers where each was.
func (things Things) in(t *testing.T, address string, advance func(time.Duration)) map[string]bench {
	benches := map[string]bench{}
	for name, thing := range things {
		benches[name] = thing.in(t, address, advance)
		t.Run(name, benches[name].run)
	}
	return benches
}

func (thing Thing) in(t *testing.T, address string, advance func(time.Duration)) bench {
	b := bench{Kind: thing.Kind, lines: newLines(), advance: advance}
	t.Cleanup(b.lines.close)
	for n := range b.replicas {
		b.replicas[n] = thing.Open(t, storetest.OpenRedis(t, address))
	}
	cut := thing.Open(t, storetest.OpenRedis(t, address, b.lines.under))
	b.cut = &cut
	return b
}
