package network_test

import (
	"testing"

	"google.golang.org/grpc"

	"github.com/strongroom-fapi/strongroom/platform/network"
	"github.com/strongroom-fapi/strongroom/platform/networktest"
	"github.com/strongroom-fapi/strongroom/platform/networktest/relay"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
)

// TestReplicasShareTheCalls: calls go to each replica in turn; when one ends, the
// others take what it would have got, and no call is lost.
func TestReplicasShareTheCalls(t *testing.T) {
	ca := networktest.NewCA(t)
	first, second := &service{}, &service{}
	firstAddress, stopFirst := serve(t, ca.Identity(t, "par"), first)
	secondAddress, _ := serve(t, ca.Identity(t, "par"), second)
	conn, err := network.Dial(ca.Identity(t, "gateway"), network.Addresses{rpc.PAR: firstAddress + ", " + secondAddress}, rpc.PAR, quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	calls(t, conn, 20)
	// Until both are connected, one takes all.
	for tries := 0; first.calls.Load() < 5 || second.calls.Load() < 5; tries++ {
		if tries == 100 {
			t.Fatalf("%d and %d calls", first.calls.Load(), second.calls.Load())
		}
		calls(t, conn, 20)
	}
	if err := stopFirst(); err != nil {
		t.Fatal(err)
	}
	before := second.calls.Load()
	calls(t, conn, 20)
	if got := second.calls.Load() - before; got != 20 {
		t.Errorf("the replica that is left took %d of 20 calls", got)
	}
}

func calls(t *testing.T, conn grpc.ClientConnInterface, n int) {
	t.Helper()
	for range n {
		if err := push(t, conn); err != nil {
			t.Fatal(err)
		}
	}
}

// TestHungReplicaIsLeft: a replica that does not answer any more, while its connection
// stands, gets no calls after seconds.
func TestHungReplicaIsLeft(t *testing.T) {
	t.Parallel()
	ca := networktest.NewCA(t)
	hung, well := &service{}, &service{}
	behind, _ := serve(t, ca.Identity(t, "par"), hung)
	line, err := relay.New(behind)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(line.Close)
	address, _ := serve(t, ca.Identity(t, "par"), well)
	conn, err := network.Dial(ca.Identity(t, "gateway"), network.Addresses{rpc.PAR: line.Address() + "," + address}, rpc.PAR, quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	soon(t, "both replicas", func() bool { return push(t, conn) == nil && hung.calls.Load() > 0 && well.calls.Load() > 0 })
	line.Partition()
	soon(t, "the replica that is well, by every call", func() bool {
		for range 10 {
			if push(t, conn) != nil {
				return false
			}
		}
		return true
	})
}
