//go:build e2e

// Package faults holds drills: replicas of every service under a bounded load of
// full flows, while they are ended and start again. What became of each flow is
// counted, and what was acknowledged must be there at the end.
package faults

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// counts is what became of the flows of a drill.
type counts struct {
	begun, completed int
	// refused are answers 503, each of which was sent again.
	refused int
	// cut are requests to which no answer came, each of which was sent again.
	cut int
	// lost are flows that could not go on, because what they spent was spent by a
	// request whose answer was lost; by the step.
	lost map[string]int
	// raced are codes that were redeemed by two requests at once; twice are those
	// that both got tokens.
	raced, twice int
}

// held is what a client was given and must still have.
type held struct {
	client  *rig.Client
	refresh string
}

type drill struct {
	fleet *rig.Fleet

	mu     sync.Mutex
	counts counts
	held   []held
	faults []string
}

func newDrill(fleet *rig.Fleet) *drill {
	return &drill{fleet: fleet, counts: counts{lost: map[string]int{}}}
}

func (d *drill) count(change func(*counts)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change(&d.counts)
}

func (d *drill) fault(format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.faults = append(d.faults, fmt.Sprintf(format, args...))
}

// report prints what became of the flows, and fails the test for what must not be.
func (d *drill) report(t *testing.T, name string) {
	c := d.counts
	lost := 0
	for _, n := range c.lost {
		lost += n
	}
	t.Logf("%s: flows begun %d, completed %d, lost after the burn %d %v; requests refused with 503 %d, cut off %d; codes raced %d, spent twice %d; refresh tokens held %d",
		name, c.begun, c.completed, lost, c.lost, c.refused, c.cut, c.raced, c.twice, len(d.held))
	for _, fault := range d.faults {
		t.Error(fault)
	}
	if c.twice > 0 {
		t.Errorf("%d codes were spent twice", c.twice)
	}
	if c.begun == 0 || c.completed+lost != c.begun {
		t.Errorf("of %d flows %d were completed and %d lost", c.begun, c.completed, lost)
	}
}

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
			if name != "answer" && answer.Header.Get("Retry-After") == "" {
				d.fault("%s: 503 without Retry-After: %.200s", name, answer.Body)
			}
		default:
			return answer, resent
		}
		resent = true
		time.Sleep(100 * time.Millisecond)
	}
	d.fault("%s: no answer within %s", name, patience)
	return nil, true
}

// try is step for a request of a client or a browser.
func (d *drill) try(name string, want int, request func() *rig.Request) (*rig.Response, bool) {
	answer, resent := d.step(name, func(ctx context.Context) (*rig.Response, error) { return d.fleet.Try(ctx, request()) })
	return d.wanted(name, want, answer, resent)
}

// wanted is false for a flow that is over.
func (d *drill) wanted(name string, want int, answer *rig.Response, resent bool) (*rig.Response, bool) {
	switch {
	case answer == nil:
		return nil, false
	case answer.StatusCode == want:
		return answer, true
	case resent && answer.StatusCode < http.StatusInternalServerError:
		d.count(func(c *counts) { c.lost[name]++ })
	default:
		d.fault("%s: %d, want %d: %.300s", name, answer.StatusCode, want, answer.Body)
	}
	return nil, false
}

// flow runs one from the pushed request to the API. Where raced is set its code is
// redeemed by two requests at once.
func (d *drill) flow(client *rig.Client, raced bool) {
	d.count(func(c *counts) { c.begun++ })
	f := client.Flow()
	f.Scope = "openid accounts"
	pushed, ok := d.try("push", http.StatusCreated, func() *rig.Request { return f.PushRequest() })
	if !ok {
		return
	}
	f.RequestURI = pushed.Text(oauth.ParamRequestURI)
	if f.Code, ok = d.authorize(f); !ok {
		return
	}
	if raced {
		d.race(f)
		return
	}
	tokens, ok := d.try("token", http.StatusOK, func() *rig.Request { return f.TokenRequest() })
	if !ok {
		return
	}
	if _, ok := d.try("api", http.StatusOK, func() *rig.Request { return client.Userinfo(tokens.Text("access_token")) }); !ok {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.counts.completed++
	d.held = append(d.held, held{client, tokens.Text(oauth.GrantRefreshToken)})
}

// authorize walks the browser's part.
func (d *drill) authorize(f *rig.Flow) (code string, ok bool) {
	begun, ok := d.try("authorize", http.StatusSeeOther, func() *rig.Request { return rig.Get(f.URL()) })
	if !ok {
		return "", false
	}
	at, err := url.Parse(begun.Header.Get("Location"))
	if err != nil {
		d.fault("authorize: %v", err)
		return "", false
	}
	answered, resent := d.step("answer", func(ctx context.Context) (*rig.Response, error) {
		return d.fleet.Answer(ctx, at, "alice", strings.Fields(f.Scope))
	})
	if answered, ok = d.wanted("answer", http.StatusOK, answered, resent); !ok {
		return "", false
	}
	back := rig.Get(answered.Text("redirectTo"))
	for _, cookie := range begun.Cookies() {
		back.Header.Add("Cookie", cookie.Name+"="+cookie.Value)
	}
	completed, ok := d.try("return", http.StatusSeeOther, func() *rig.Request { return back })
	if !ok {
		return "", false
	}
	to, err := url.Parse(completed.Header.Get("Location"))
	if err != nil || to.Query().Get(oauth.ParamCode) == "" {
		d.fault("return: no code in %q", completed.Header.Get("Location"))
		return "", false
	}
	return to.Query().Get(oauth.ParamCode), true
}

// race redeems a code by two requests at once: one at most may get tokens.
func (d *drill) race(f *rig.Flow) {
	var group sync.WaitGroup
	var got [2]int
	for n := range got {
		group.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			if answer, err := d.fleet.Try(ctx, f.TokenRequest()); err == nil {
				got[n] = answer.StatusCode
			}
		})
	}
	group.Wait()
	d.count(func(c *counts) {
		c.raced++
		c.completed++
		if got[0] == http.StatusOK && got[1] == http.StatusOK {
			c.twice++
		}
	})
}
