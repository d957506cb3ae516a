package storetest

import (
	"net"
	"testing"
)

// Deployment is a form of Redis in which another server can take over.
type Deployment struct {
	URL string
	// Detach keeps what is written from now on from whoever will take over.
	Detach func(testing.TB)
	// FailOver lets it do so. Until the store answers again takes a while.
	FailOver func(testing.TB)
}

// Sentinels are a primary, a replica and three Sentinels: the primary is killed.
func Sentinels(t testing.TB) Deployment {
	address, primary, replica := NewSentinels(t)
	return Deployment{
		URL:    address,
		Detach: func(t testing.TB) { replica.Do(t, "replicaof", "no", "one") },
		FailOver: func(t testing.TB) {
			host, port, _ := net.SplitHostPort(primary.Address)
			replica.Do(t, "replicaof", host, port)
			primary.Kill()
		},
	}
}

// Cluster is three primaries with a replica each: the replicas lose what they had
// and take all slots over.
func Cluster(t testing.TB) Deployment {
	address, servers := NewCluster(t, true)
	return Deployment{
		URL:    address,
		Detach: func(testing.TB) {},
		FailOver: func(t testing.TB) {
			for _, replica := range servers[3:] {
				replica.Do(t, "config", "set", "replica-read-only", "no")
				replica.Do(t, "flushall")
				replica.Do(t, "cluster", "failover", "takeover")
			}
		},
	}
}
