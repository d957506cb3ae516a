//go:build e2e

package faults

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"testing"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
)

// binaries is the folder of those that every fleet here is made of.
var binaries string

func TestMain(m *testing.M) { os.Exit(withBinaries(m.Run)) }

func withBinaries(run func() int) int {
	var err error
	if binaries, err = os.MkdirTemp("", "strongroom-drills-"); err == nil {
		defer func() { _ = os.RemoveAll(binaries) }()
		err = rig.Build(context.Background(), binaries)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return run()
}

// rounds is how often each fault comes: once, or STRONGROOM_DRILL_ROUNDS.
func rounds(t *testing.T) int {
	t.Helper()
	text := os.Getenv("STRONGROOM_DRILL_ROUNDS")
	if text == "" {
		return 1
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("STRONGROOM_DRILL_ROUNDS must be a number from 1, not %q", text)
	}
	return n
}

// newFleet starts one that ends with the test.
func newFleet(t *testing.T, special rig.Special, relayed bool) *rig.Fleet {
	t.Helper()
	special.Binaries, special.Unlimited = binaries, true
	fleet, err := rig.Replicated(context.Background(), special, relayed)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := fleet.Stop(); err != nil {
			t.Error(err)
		}
		for _, crash := range rig.Crashes(fleet.Log.Bytes()) {
			t.Error(crash)
		}
	})
	return fleet
}

// TestProcesses: with two replicas of each service, under a load of full flows. In a
// rolling restart every process ends well; killed, it is as a machine that fails.
func TestProcesses(t *testing.T) {
	fleet := newFleet(t, rig.Special{}, false)
	for _, row := range []struct {
		name string
		end  func(*rig.Replica) error
	}{
		{"rolling restart", (*rig.Replica).Stop},
		{"kill -9 of each service", (*rig.Replica).Kill},
	} {
		t.Run(row.name, func(t *testing.T) {
			newDrill(t, fleet).run(t, func() {
				for range rounds(t) {
					for _, replica := range fleet.Replicas {
						if err := row.end(replica); err != nil {
							t.Errorf("%s ended: %v", replica.Name, err)
						}
						if err := replica.Start(t.Context()); err != nil {
							t.Fatal(err)
						}
					}
				}
			})
		})
	}
}
