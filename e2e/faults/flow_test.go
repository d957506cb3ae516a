//go:build e2e

package faults

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// progress is one flow of the load.
type progress struct {
	*rig.Flow
	begun time.Time
	// subject is a user of this flow alone, whose one grant it brings.
	subject string
}

// flow runs one from the pushed request to the API. Where raced is set its code is
// redeemed by two requests at once.
func (d *drill) flow(client *rig.Client, raced bool) {
	d.count(func(c *counts) { c.begun++ })
	f := &progress{client.Flow(), time.Now(), "user-" + oauth.NewID()}
	f.Scope = "openid accounts"
	pushed, ok := d.try(f, "push", http.StatusCreated, func() *rig.Request { return f.PushRequest() })
	if !ok {
		return
	}
	f.RequestURI = pushed.Text(oauth.ParamRequestURI)
	if !d.authorize(f) {
		return
	}
	if raced {
		d.race(f)
		return
	}
	tokens, ok := d.try(f, "token", http.StatusOK, func() *rig.Request { return f.TokenRequest() })
	if !ok {
		return
	}
	d.mu.Lock()
	d.held = append(d.held, held{client, tokens.Text(oauth.GrantRefreshToken)})
	d.mu.Unlock()
	if _, ok := d.try(f, "api", http.StatusOK, func() *rig.Request { return client.Userinfo(tokens.Text("access_token")) }); ok {
		d.completes(f.begun)
	}
}

// authorize walks the browser's part, to the code.
func (d *drill) authorize(f *progress) (ok bool) {
	begun, ok := d.try(f, "authorize", http.StatusSeeOther, func() *rig.Request { return rig.Get(f.URL()) })
	if !ok {
		return false
	}
	at, err := url.Parse(begun.Header.Get("Location"))
	if err != nil || at.Query().Get("ticket") == "" {
		d.ends(f, "authorize", begun, false)
		return false
	}
	answered, resent := d.step("answer", func(ctx context.Context) (*rig.Response, error) {
		return d.fleet.Answer(ctx, at, f.subject, f.begun, strings.Fields(f.Scope))
	})
	if answered, ok = d.wanted(f, "answer", http.StatusOK, answered, resent); !ok {
		return false
	}
	back := rig.Get(answered.Text("redirectTo"))
	for _, cookie := range begun.Cookies() {
		back.Header.Add("Cookie", cookie.Name+"="+cookie.Value)
	}
	completed, resent := d.step("return", func(ctx context.Context) (*rig.Response, error) { return d.fleet.Try(ctx, back) })
	if completed, ok = d.wanted(f, "return", http.StatusSeeOther, completed, resent); !ok {
		return false
	}
	to, err := url.Parse(completed.Header.Get("Location"))
	if err != nil || to.Query().Get(oauth.ParamCode) == "" {
		d.ends(f, "return", completed, resent)
		return false
	}
	f.Code = to.Query().Get(oauth.ParamCode)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.granted = append(d.granted, granted{f.Client, f.subject})
	return true
}

// racedCode is a code that several requests redeem.
type racedCode struct {
	*progress
	// won are those that got tokens.
	won int
}

// race redeems a code by two requests at once: one at most may get tokens.
func (d *drill) race(f *progress) {
	var group sync.WaitGroup
	var got [2]*rig.Response
	for n := range got {
		group.Go(func() { got[n] = d.redeem(f) })
	}
	group.Wait()
	code := &racedCode{progress: f}
	answered := 0
	for _, answer := range got {
		if answer != nil && answer.StatusCode == http.StatusOK {
			code.won++
		}
		if answer != nil && answer.StatusCode != http.StatusServiceUnavailable {
			answered++
		}
	}
	d.mu.Lock()
	d.codes = append(d.codes, code)
	d.counts.raced++
	d.mu.Unlock()
	switch {
	case code.won > 0:
		d.completes(f.begun)
	default:
		d.ends(f, "race", got[0], answered < len(got))
	}
}

// redeem tries once; nil is no answer.
func (d *drill) redeem(f *progress) *rig.Response {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	answer, err := d.fleet.Try(ctx, f.TokenRequest())
	if err != nil {
		return nil
	}
	d.judge("token", answer)
	return answer
}
