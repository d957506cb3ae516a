package network_test

import (
	"os"
	"testing"

	"github.com/strongroom-fapi/strongroom/platform/network"
	"github.com/strongroom-fapi/strongroom/platform/networktest"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
)

// replace puts other files in the place of an identity's, as a rotation does.
func replace(t *testing.T, at, by network.Identity) {
	t.Helper()
	for to, from := range map[string]string{at.Certificate: by.Certificate, at.Key: by.Key, at.CA: by.CA} {
		text, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestRotation: caller and callee both go over to another authority while they
// run: the next connection goes by the new files, in both directions, and one side
// alone is not trusted.
func TestRotation(t *testing.T) {
	old, fresh := networktest.NewCA(t), networktest.NewCA(t)
	callee, caller := old.Identity(t, "par"), old.Identity(t, "gateway")
	caller.CA = copyOf(t, caller.CA) // or both would share the file of the authority
	address, _ := serve(t, callee, &service{})
	call := func() error {
		conn, err := network.Dial(caller, network.Addresses{rpc.PAR: address}, rpc.PAR, quiet)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		return push(t, conn)
	}
	running, err := network.Dial(caller, network.Addresses{rpc.PAR: address}, rpc.PAR, quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = running.Close() })
	if err := call(); err != nil {
		t.Fatalf("before: %v", err)
	}
	replace(t, callee, fresh.Identity(t, "par"))
	if err := call(); err == nil {
		t.Error("the callee alone has another authority, and the call passed")
	}
	replace(t, caller, fresh.Identity(t, "gateway"))
	if err := call(); err != nil {
		t.Errorf("both have the other authority: %v", err)
	}
	// A connection object that was made by the old files, and connects only now.
	if err := push(t, running); err != nil {
		t.Errorf("made before, connected after: %v", err)
	}
}

func copyOf(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	to := t.TempDir() + "/ca.pem"
	if err := os.WriteFile(to, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return to
}
