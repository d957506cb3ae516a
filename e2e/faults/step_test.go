//go:build e2e

package faults

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
)

// patience is how long one step is sent again before the drill gives up: longer
// than any process is away.
const patience = 40 * time.Second

// step sends a request until there is an answer other than 503, each time a fresh
// one. Resent tells that an answer did not come or was 503 before: then what the
// request spends may have been spent.
func (d *drill) step(name string, send func(context.Context) (*rig.Response, error)) (answer *rig.Response, resent bool) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for ctx.Err() == nil {
		answer, err := send(ctx)
		switch {
		case err != nil:
			d.count(func(c *counts) { c.cut++ })
		case answer.StatusCode == http.StatusServiceUnavailable:
			d.count(func(c *counts) { c.refused++ })
			d.judge(name, answer)
		default:
			d.judge(name, answer)
			return answer, resent
		}
		resent = true
		time.Sleep(100 * time.Millisecond)
	}
	d.fault("%s: no answer within %s", name, patience)
	return nil, true
}

// judge holds an answer to what is true of each: none is a fault of the program, a
// store or service that is away is 503 with Retry-After, and whatever else is
// refused says why, in the words of its specification.
func (d *drill) judge(name string, answer *rig.Response) {
	switch code := answer.StatusCode; {
	case code == http.StatusServiceUnavailable:
		if answer.Header.Get("Retry-After") == "" {
			d.fault("%s: 503 without Retry-After: %.200s", name, answer.Body)
		}
	case code >= http.StatusInternalServerError:
		d.fault("%s: %d: %.300s", name, code, answer.Body)
	case code >= http.StatusBadRequest && !explained(answer):
		d.fault("%s: %d without an error code: %.300s", name, code, answer.Body)
	}
}

// explained tells whether a refusal has an error code: in JSON, on a page, or as the
// challenge of a protected resource.
func explained(answer *rig.Response) bool {
	return answer.Text("error") != "" || answer.Text("message") != "" || strings.Contains(string(answer.Body), `id="error"`) ||
		strings.Contains(answer.Header.Get("WWW-Authenticate"), "error=")
}

// try is step for a request of a client or a browser.
func (d *drill) try(at *progress, name string, want int, request func() *rig.Request) (*rig.Response, bool) {
	answer, resent := d.step(name, func(ctx context.Context) (*rig.Response, error) { return d.fleet.Try(ctx, request()) })
	return d.wanted(at, name, want, answer, resent)
}

// wanted is false for a flow that is over.
func (d *drill) wanted(at *progress, name string, want int, answer *rig.Response, resent bool) (*rig.Response, bool) {
	switch {
	case answer == nil:
		d.count(func(c *counts) { c.lost[name]++ })
		return nil, false
	case answer.StatusCode == want:
		return answer, true
	}
	d.ends(at, name, answer, resent)
	return nil, false
}

// ends counts a flow that cannot go on.
func (d *drill) ends(at *progress, name string, answer *rig.Response, resent bool) {
	switch {
	case d.mayBeForgotten(at.begun):
		d.count(func(c *counts) { c.forgotten[name]++ })
	case resent:
		d.count(func(c *counts) { c.lost[name]++ })
	default:
		d.count(func(c *counts) { c.lost[name]++ })
		d.fault("%s: %d %.300s %s", name, answer.StatusCode, answer.Body, answer.Header.Get("Location"))
	}
}
