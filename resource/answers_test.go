package resource

import (
	"context"
	"errors"
	"strconv"
	"sync/atomic"
	"testing"
	"time"
)

// TestAnswerIsKeptOneSecond: a revocation is felt a second later.
func TestAnswerIsKeptOneSecond(t *testing.T) {
	b := newBank(t, Current, asResourceServer)
	token := b.token(nil)
	b.issuer.answers[token] = map[string]any{"active": true}
	wantCode(t, b.verify(token), "")
	b.issuer.change(func() { delete(b.issuer.answers, token) }) // revoked
	b.clock.advance(999 * time.Millisecond)
	wantCode(t, b.verify(token), "")
	wantFetched(t, b.issuer, "/introspect", 1)
	b.clock.advance(time.Millisecond)
	wantCode(t, b.verify(token), "invalid_token")
	wantFetched(t, b.issuer, "/introspect", 2)
}

// TestKeptAnswerExpires: exp is looked at each time, also within the second.
func TestKeptAnswerExpires(t *testing.T) {
	b := newBank(t, Current, asResourceServer)
	b.issuer.answers["opaque-1"] = b.claims(map[string]any{
		"active": true, "token_type": "Bearer", "exp": float64(b.clock.Now().Unix()) - 4.5})
	wantCode(t, b.verify("opaque-1"), "")
	b.clock.advance(500 * time.Millisecond)
	wantCode(t, b.verify("opaque-1"), "invalid_token")
	wantFetched(t, b.issuer, "/introspect", 1)
}

func TestRacersShareOneAnswer(t *testing.T) {
	b := newBank(t, Current, asResourceServer)
	token := b.token(nil)
	b.issuer.answers[token] = map[string]any{"active": true}
	for _, err := range b.race(token) {
		wantCode(t, err, "")
	}
	wantFetched(t, b.issuer, "/introspect", 1)
}

// introspect is an Introspector of a single function.
type introspect func(context.Context, string) (*Introspection, error)

func (f introspect) Introspect(ctx context.Context, token string) (*Introspection, error) {
	return f(ctx, token)
}

func TestAnswersAreBounded(t *testing.T) {
	var asked atomic.Int64
	clock := &manualClock{now: time.Unix(1772366400, 0)}
	a := newAnswers(introspect(func(context.Context, string) (*Introspection, error) {
		asked.Add(1)
		return &Introspection{}, nil
	}), clock)
	for second := range 3 {
		for i := range 12000 {
			a.get(t.Context(), strconv.Itoa(second)+"-"+strconv.Itoa(i))
		}
		clock.advance(answerLife / 2)
	}
	if kept := len(a.young) + len(a.old); kept > 10000 {
		t.Errorf("%d answers are kept", kept)
	}
	if asked.Load() != 36000 {
		t.Errorf("asked %d times, want once per token", asked.Load())
	}
}

// TestLeavingDoesNotHarmOthers: the one who asks goes away, those who wait for
// the same answer get it.
func TestLeavingDoesNotHarmOthers(t *testing.T) {
	asked, release := make(chan struct{}), make(chan struct{})
	a := newAnswers(introspect(func(ctx context.Context, _ string) (*Introspection, error) {
		close(asked)
		<-release
		return &Introspection{Active: true}, ctx.Err()
	}), &manualClock{})
	leaving, leave := context.WithCancel(t.Context())
	go a.get(leaving, "t")
	<-asked
	leave()
	go func() { close(release) }()
	if got, err := a.get(t.Context(), "t"); err != nil || !got.Active {
		t.Errorf("answer is %v, %v", got, err)
	}
}

func TestIntrospectorThatFails(t *testing.T) {
	tests := []struct {
		name string
		asks introspect
	}{
		{"an error", func(context.Context, string) (*Introspection, error) { return nil, errors.New("no way") }},
		{"neither answer nor error", func(context.Context, string) (*Introspection, error) { return nil, nil }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newBank(t, Current, func(*bank) Introspector { return test.asks })
			wantReply(t, b.present(b.token(nil)), 503, "temporarily_unavailable")
		})
	}
}

// TestIntrospectorThatPanics: those who wait are let go, and the next asks anew.
func TestIntrospectorThatPanics(t *testing.T) {
	calls := 0
	a := newAnswers(introspect(func(context.Context, string) (*Introspection, error) {
		if calls++; calls == 1 {
			panic("broken")
		}
		return &Introspection{Active: true}, nil
	}), &manualClock{})
	func() {
		defer func() { recover() }()
		a.get(t.Context(), "t")
	}()
	if got, err := a.get(t.Context(), "t"); err != nil || !got.Active {
		t.Errorf("answer is %v, %v", got, err)
	}
}
