package network_test

import (
	"context"
	"net"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/strongroom-fapi/strongroom/platform/network"
	"github.com/strongroom-fapi/strongroom/platform/networktest"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
)

// zone is a DNS server that knows one name.
type zone struct {
	mu        sync.Mutex
	addresses []string
}

// leadTo changes the addresses of the name; without any there is no such name.
func (z *zone) leadTo(addresses ...string) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.addresses = addresses
}

const replicated = "par.replicas.example."

// newZone serves one until the test ends, to who asks by the resolver.
func newZone(t *testing.T) (*zone, *net.Resolver) {
	t.Helper()
	z := &zone{}
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	go z.serve(conn)
	return z, &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

func (z *zone) serve(conn net.PacketConn) {
	packet := make([]byte, 1500)
	for {
		n, from, err := conn.ReadFrom(packet)
		if err != nil {
			return
		}
		var question dnsmessage.Message
		if question.Unpack(packet[:n]) != nil || len(question.Questions) != 1 {
			continue
		}
		if answer, err := z.answer(question); err == nil {
			_, _ = conn.WriteTo(answer, from)
		}
	}
}

func (z *zone) answer(m dnsmessage.Message) ([]byte, error) {
	z.mu.Lock()
	defer z.mu.Unlock()
	asked := m.Questions[0]
	answer := dnsmessage.Message{Header: dnsmessage.Header{ID: m.ID, Response: true, Authoritative: true}, Questions: m.Questions}
	if asked.Name.String() != replicated || len(z.addresses) == 0 {
		answer.RCode = dnsmessage.RCodeNameError
	} else if asked.Type == dnsmessage.TypeA {
		for _, address := range z.addresses {
			answer.Answers = append(answer.Answers, dnsmessage.Resource{
				Header: dnsmessage.ResourceHeader{Name: asked.Name, Class: asked.Class},
				Body:   &dnsmessage.AResource{A: [4]byte(net.ParseIP(address).To4())},
			})
		}
	}
	return answer.Pack()
}

// TestReplicasByName: callers find the replicas that a name leads to as that changes:
// where there was no name at first, where one was added and nothing was lost, and where
// all come back with other addresses.
func TestReplicasByName(t *testing.T) {
	t.Parallel()
	z, by := newZone(t)
	ca := networktest.NewCA(t)
	first, second := &service{}, &service{}
	address, stopFirst := serve(t, ca.Identity(t, "par"), first)
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := network.Dial(ca.Identity(t, "gateway"), network.Addresses{rpc.PAR: replicated + ":" + port}, rpc.PAR, quiet, network.NamesBy(by))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := push(t, conn); err == nil {
		t.Fatal("a name that leads nowhere was called")
	}
	z.leadTo("127.0.0.1")
	soon(t, "a name that there was not at first", func() bool { return push(t, conn) == nil })

	_, stopSecond := serveAt(t, net.JoinHostPort("127.0.0.2", port), ca.Identity(t, "par"), second)
	z.leadTo("127.0.0.1", "127.0.0.2")
	soon(t, "a replica that was added", func() bool { return push(t, conn) == nil && second.calls.Load() > 0 })

	third := &service{}
	serveAt(t, net.JoinHostPort("127.0.0.3", port), ca.Identity(t, "par"), third)
	z.leadTo("127.0.0.3")
	for _, stop := range []func() error{stopFirst, stopSecond} {
		if err := stop(); err != nil {
			t.Fatal(err)
		}
	}
	soon(t, "replicas of which each has another address", func() bool { return push(t, conn) == nil && third.calls.Load() > 0 })
}

// soon bounds what takes seconds by less than the library's own thirty.
func soon(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if is() {
			return
		}
	}
	t.Fatalf("%s: not found", what)
}
