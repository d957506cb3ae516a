//go:build e2e

package faults

import (
	"context"
	"net/http"
	"os"
	"strconv"
	"sync"
	"testing"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
)

const (
	// workers run flows at the same time.
	workers = 3
	// raceEvery is how many flows there are to each whose code is raced for.
	raceEvery = 5
)

// rounds is how often each replica is ended: once, or STRONGROOM_DRILL_ROUNDS.
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

// TestDrills: with two replicas of each service, under a load of full flows. In a
// rolling restart every process ends well; killed, it is as a machine that fails.
// In both, what was acknowledged stays, nothing is spent twice, and every flow is
// completed or was lost by an answer that did not come.
func TestDrills(t *testing.T) {
	fleet, err := rig.Replicated(context.Background())
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
	for _, row := range []struct {
		name string
		end  func(*rig.Replica) error
	}{
		{"rolling restart", (*rig.Replica).Stop},
		{"kill -9 of each service", (*rig.Replica).Kill},
	} {
		t.Run(row.name, func(t *testing.T) {
			client := fleet.Client(t)
			d := newDrill(fleet)
			finish := d.load(client)
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
			finish()
			d.nothingIsLost(t, client)
			d.report(t, row.name)
		})
	}
}

// load runs flows until finish is called, which waits for those in progress.
func (d *drill) load(client *rig.Client) (finish func()) {
	stop := make(chan struct{})
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for n := 1; ; n++ {
				select {
				case <-stop:
					return
				default:
					d.flow(client, n%raceEvery == 0)
				}
			}
		})
	}
	return func() { close(stop); group.Wait() }
}

// nothingIsLost: every registration and refresh token that was acknowledged works.
func (d *drill) nothingIsLost(t *testing.T, client *rig.Client) {
	t.Helper()
	if len(d.held) == 0 {
		t.Error("no flow was completed")
	}
	lost := 0
	for _, h := range d.held {
		if d.fleet.Send(t, h.client.Refresh(h.refresh)).StatusCode != http.StatusOK {
			lost++
		}
	}
	if lost > 0 {
		t.Errorf("%d of %d refresh tokens that were acknowledged are lost", lost, len(d.held))
	}
	d.fleet.Send(t, client.Credentials()).Is(t, http.StatusOK) // the registration is there
}
