//go:build e2e

package faults

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
)

const (
	// workers run flows at the same time, each with a pause behind every flow: what
	// was acknowledged is asked for in the end, one by one.
	workers = 3
	rest    = 250 * time.Millisecond
	// raceEvery is how many flows there are to each whose code is raced for.
	raceEvery = 5
	// registerEvery is how often a client is registered.
	registerEvery = 700 * time.Millisecond
)

// load runs flows, registrations and replays until finish is called, which waits
// for those in progress.
func (d *drill) load(t *testing.T) (finish func()) {
	stop := make(chan struct{})
	var group sync.WaitGroup
	for worker := range workers {
		group.Go(func() {
			for n := 1; ; n++ {
				select {
				case <-stop:
					return
				case <-time.After(rest):
					d.flow(d.clients[(worker+n)%len(d.clients)], n%raceEvery == 1)
				}
			}
		})
	}
	group.Go(func() { d.useAndReplay(stop) })
	group.Go(func() { d.register(t, stop) })
	return func() { close(stop); group.Wait() }
}

// register registers clients until stop.
func (d *drill) register(t *testing.T, stop <-chan struct{}) {
	for {
		client, request := d.fleet.NewClient(t)
		answer, _ := d.step("register", func(ctx context.Context) (*rig.Response, error) { return d.fleet.Try(ctx, request) })
		if answer != nil {
			if err := client.Accept(answer); answer.StatusCode != http.StatusCreated || err != nil {
				d.fault("register: %d, %v: %.300s", answer.StatusCode, err, answer.Body)
			} else {
				d.mu.Lock()
				d.registered = append(d.registered, client)
				d.mu.Unlock()
			}
		}
		select {
		case <-stop:
			return
		case <-time.After(registerEvery):
		}
	}
}

// nothingIsLost: every registration, grant and refresh token that was acknowledged
// is there.
func (d *drill) nothingIsLost(t *testing.T) {
	t.Helper()
	lost := map[string]int{}
	works := func(what string, request func() *rig.Request) {
		answer, _ := d.step(what, func(ctx context.Context) (*rig.Response, error) { return d.fleet.Try(ctx, request()) })
		if answer == nil || answer.StatusCode != http.StatusOK {
			lost[what]++
		}
	}
	for _, h := range d.held {
		works("refresh tokens", func() *rig.Request { return h.client.Refresh(h.refresh) })
	}
	for _, client := range append(d.registered, d.clients...) {
		works("registrations", func() *rig.Request { return client.Credentials() })
	}
	for _, g := range d.granted {
		answer, _ := d.step("grants", func(ctx context.Context) (*rig.Response, error) { return d.fleet.Grants(ctx, rig.FAPI2, g.subject) })
		if answer == nil || !lists(answer, g.client.ID) {
			lost["grants"]++
		}
	}
	if len(lost) > 0 {
		t.Errorf("acknowledged and lost: %v of %d refresh tokens, %d registrations, %d grants", lost, len(d.held), len(d.registered), len(d.granted))
	}
}

// lists tells whether a list of grants has the client's.
func lists(answer *rig.Response, client string) bool {
	grants, _ := answer.JSON["grants"].([]any)
	for _, grant := range grants {
		if fields, ok := grant.(map[string]any); ok && fields["clientId"] == client {
			return true
		}
	}
	return false
}

// run is one drill: a load, a fault in its midst, and what is left when it is over.
func (d *drill) run(t *testing.T, fault func()) {
	t.Helper()
	finish := d.load(t)
	func() {
		defer finish() // also where the fault fails
		d.awaitLoad(t, 2*workers, 8)
		fault()
		d.heals()
		d.awaitRecovery()
	}()
	d.nothingIsLost(t)
	d.replayAll()
	d.report(t)
}
