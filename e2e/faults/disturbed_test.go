//go:build e2e

package faults

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
	"github.com/strongroom-fapi/strongroom/platform/networktest/relay"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
)

// TestStoresAndNetwork: the stores are killed, and the network between any two parts
// fails, under a load of full flows.
func TestStoresAndNetwork(t *testing.T) {
	redis, postgres := rig.NewRedis(t), rig.NewPostgres(t)
	fleet := newFleet(t, rig.Special{Redis: redis.URL, SQL: postgres.DSN}, true)
	t.Run("the reply to a return is lost", func(t *testing.T) { lostReply(t, fleet) })
	for round := range rounds(t) {
		for _, row := range storeDrills(redis, postgres) {
			t.Run(row.name, func(t *testing.T) {
				d := newDrill(t, fleet)
				d.forgets = row.forgets
				d.run(t, func() { row.fault(t, d) })
				if row.returns {
					d.noneDecidedInVain(t)
				}
			})
		}
		for n, f := range networkFaults {
			for _, class := range pairs {
				pair := class[(round+n)%len(class)]
				t.Run(fmt.Sprintf("%s between %s and %s", f.name, pair[0], pair[1]), func(t *testing.T) {
					relays := fleet.Between(pair[0], pair[1])
					before := relays.Felt()
					d := newDrill(t, fleet)
					d.run(t, func() { f.disturb(relays) })
					d.noneDecidedInVain(t)
					if relays.Felt() == before {
						t.Error("nothing went through meanwhile: the drill shows nothing")
					}
				})
			}
		}
	}
}

type storeDrill struct {
	name    string
	forgets bool
	// returns tells that who decides or comes back from the bank meanwhile goes on
	// afterwards.
	returns bool
	fault   func(*testing.T, *drill)
}

func storeDrills(redis *rig.Redis, postgres *rig.Postgres) []storeDrill {
	return []storeDrill{
		{"kill -9 of Redis, restarted empty", true, false, func(t *testing.T, _ *drill) {
			redis.Kill(t)
			away()
			redis.Forget(t)
			redis.Start(t)
		}},
		{"kill -9 of Redis, restarted from a stale file", true, false, func(t *testing.T, d *drill) {
			restore := redis.Keep(t)
			d.awaitLoad(t, 4*workers, 16) // what the file does not know
			redis.Kill(t)
			away()
			restore()
			redis.Start(t)
		}},
		{"kill -9 of PostgreSQL", false, true, func(t *testing.T, d *drill) {
			postgres.Kill(t)
			published(t, d)
			postgres.Start(t)
		}},
	}
}

// noneDecidedInVain: neither a lost answer of the bank's app nor a lost return ends a
// flow, for both may come again.
func (d *drill) noneDecidedInVain(t *testing.T) {
	t.Helper()
	for _, step := range []string{"answer", "return"} {
		if ended := d.counts.lost[step]; ended > 0 {
			t.Errorf("%d flows ended at the %s", ended, step)
		}
	}
}

// published: metadata and keys are there without the database, also when everybody
// has noticed that it is away.
func published(t *testing.T, d *drill) {
	t.Helper()
	metadata := d.fleet.Metadata(rig.FAPI2)
	for begun := time.Now(); time.Since(begun) < 4*time.Second; time.Sleep(250 * time.Millisecond) {
		for _, address := range []string{metadata.JWKSURI, metadata.Issuer + "/.well-known/openid-configuration"} {
			d.fleet.Send(t, rig.Get(address)).Is(t, http.StatusOK)
		}
	}
}

// away is how long a store is not there.
func away() { time.Sleep(time.Second) }

// networkFaults are what a relay does to what goes through it.
var networkFaults = []struct {
	name    string
	disturb func(rig.Relays)
}{
	{"dropped replies", func(relays rig.Relays) {
		// Long enough for a callee to answer, which may do so to several at once.
		const linger, every, times = 50 * time.Millisecond, 150 * time.Millisecond, 10
		for range times {
			relays.Each(func(r *relay.Relay) { r.DropAnswers(2, linger) })
			time.Sleep(every)
		}
		relays.Each((*relay.Relay).Pass)
	}},
	{"delays", func(relays rig.Relays) {
		relays.Each(func(r *relay.Relay) { r.Delay(rig.GatewayTimeout + 500*time.Millisecond) })
		time.Sleep(rig.GatewayTimeout + time.Second)
		relays.Each((*relay.Relay).Pass)
	}},
	{"a partition", func(relays rig.Relays) {
		relays.Each((*relay.Relay).Partition)
		time.Sleep(rig.GatewayTimeout + time.Second)
		relays.Each((*relay.Relay).Pass)
	}},
}

// pairs are who calls whom, in four classes. Keys is not among those that call
// PostgreSQL: it has everything in memory. A round disturbs each class by each
// fault, and takes another pair than the round before.
var pairs = [][][2]string{
	{{"gateway", "token"}, {"gateway", "par"}, {"gateway", "authorize"}, {"gateway", "clientreg"}},
	{
		{"token", "authorize"}, {"par", "clientreg"}, {"authorize", "par"}, {"token", "clientreg"},
		{"token", "keys"}, {"authorize", "clientreg"}, {"authorize", "keys"},
	},
	{{"token", rig.TheRedis}, {"clientreg", rig.TheRedis}, {"authorize", rig.TheRedis}, {"par", rig.TheRedis}},
	{{"token", rig.ThePostgres}, {"authorize", rig.ThePostgres}, {"clientreg", rig.ThePostgres}},
}

// TestSentinelFailOver: the primary of Redis is killed, and its replica takes over,
// which has not seen the last writes.
func TestSentinelFailOver(t *testing.T) {
	address, primary, replica := storetest.NewSentinels(t)
	d := newDrill(t, newFleet(t, rig.Special{Redis: address}, false))
	d.forgets = true
	d.run(t, func() {
		replica.Do(t, "replicaof", "no", "one") // it sees no more
		d.awaitLoad(t, 4*workers, 16)
		host, port, _ := strings.Cut(primary.Address, ":")
		replica.Do(t, "replicaof", host, port)
		began := time.Now()
		primary.Kill()
		storetest.Eventually(t, "the replica takes over", func() bool {
			return strings.Contains(replica.Do(t, "info", "replication"), "role:master")
		})
		t.Logf("the replica took over after %s", time.Since(began).Round(10*time.Millisecond))
	})
}

// TestClusterFailOver: a primary of a cluster is killed, and its replica takes over,
// which has not seen the last writes. Later the dead one returns, as a replica. The
// other two thirds of what Redis keeps are there throughout.
func TestClusterFailOver(t *testing.T) {
	address, servers := storetest.NewCluster(t, true)
	primary, replica := servers[0], servers[3]
	d := newDrill(t, newFleet(t, rig.Special{Redis: address}, false))
	d.forgets = true
	d.run(t, func() {
		replica.Detach(t)
		d.awaitLoad(t, 4*workers, 16)
		began := time.Now()
		primary.Kill()
		storetest.Eventually(t, "the replica takes over", func() bool { return replica.Primary(t) })
		t.Logf("the replica took over after %s", time.Since(began).Round(10*time.Millisecond))
		d.heals()
		d.awaitRecovery()
		primary.Return(t)
		storetest.Eventually(t, "the dead one returns as a replica", func() bool { return primary.Follows(t) })
		d.awaitMore(t, 2*workers)
	})
}
