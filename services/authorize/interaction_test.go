package authorize_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/audit"
	interactionv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/interaction/v1"
)

// TestGetInteraction: what the bank's app is told, as often as its page is
// loaded.
func TestGetInteraction(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		maxAge := int64(300)
		want := &interactionv1.Interaction{
			Client: &interactionv1.InteractionClient{ClientId: "client-1", ClientName: `Ann's <b>app</b>`},
			Scopes: []*interactionv1.RequestedScope{
				{Name: "openid", Description: "Know who you are"}, {Name: "accounts", Description: "See your accounts"},
			},
			Prompt: []string{"login", "consent"}, MaxAge: &maxAge, AcrValues: []string{"sca", "basic"}, LoginHint: "alice@bank.example", UiLocales: "de en",
			ExpectedSubject: "alice", ExpiresAt: start.Add(10 * time.Minute).Unix(), ReturnOrigins: []string{"https://as.example", "https://good.example"},
		}
		b := s.begin(t, s.push(map[string]string{
			"prompt": "login consent", "max_age": "300", "acr_values": "sca basic", "login_hint": "alice@bank.example", "ui_locales": "de en",
			"claims": `{"id_token":{"sub":{"value":"alice"}}}`,
		}))
		for range 2 {
			got, err := s.app.GetInteraction(bounded(t), &interactionv1.GetInteractionRequest{Issuer: s.bank, Ticket: b.ticket})
			if err != nil || !proto.Equal(got, want) {
				t.Errorf("%v, %v", got, err)
			}
		}
		plain := s.begin(t, s.push(nil))
		got, err := s.app.GetInteraction(bounded(t), &interactionv1.GetInteractionRequest{Issuer: s.bank, Ticket: plain.ticket})
		if err != nil || got.MaxAge != nil || len(got.GetPrompt()) != 0 || got.GetExpectedSubject() != "" {
			t.Errorf("a request without wishes: %v, %v", got, err)
		}
		zero := s.begin(t, s.push(map[string]string{"max_age": "0"}))
		got, err = s.app.GetInteraction(bounded(t), &interactionv1.GetInteractionRequest{Issuer: s.bank, Ticket: zero.ticket})
		if err != nil || got.MaxAge == nil || got.GetMaxAge() != 0 {
			t.Errorf("max_age=0 is a wish: %v, %v", got, err)
		}
	})
}

// TestTickets: what is no living ticket is not found, whatever is wrong with it.
func TestTickets(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		b, other := s.begin(t, s.push(nil)), s.begin(t, s.push(nil))
		id, secret, _ := strings.Cut(b.ticket, ".")
		_, otherSecret, _ := strings.Cut(other.ticket, ".")
		var cookie string
		for _, cookie = range b.cookies {
		}
		for _, row := range []struct {
			name, issuer, ticket string
			want                 codes.Code
		}{
			{"its own", s.bank, b.ticket, codes.OK},
			{"empty", s.bank, "", codes.NotFound},
			{"half of it", s.bank, id, codes.NotFound},
			{"the other half", s.bank, "." + secret, codes.NotFound},
			{"another's secret", s.bank, id + "." + otherSecret, codes.NotFound},
			{"the cookie for a secret", s.bank, id + "." + cookie, codes.NotFound},
			{"another issuer (BAD-38)", s.other, b.ticket, codes.PermissionDenied},
			{"an unknown issuer", "unknown", b.ticket, codes.PermissionDenied},
			{"no issuer", "", b.ticket, codes.PermissionDenied},
		} {
			t.Run(row.name, func(t *testing.T) {
				_, err := s.app.GetInteraction(bounded(t), &interactionv1.GetInteractionRequest{Issuer: row.issuer, Ticket: row.ticket})
				wantStatus(t, err, row.want)
				_, err = s.app.AnswerInteraction(bounded(t), &interactionv1.AnswerInteractionRequest{Issuer: row.issuer, Ticket: row.ticket})
				if row.want == codes.OK {
					wantStatus(t, err, codes.InvalidArgument) // it lacks an answer
				} else {
					wantStatus(t, err, row.want)
				}
			})
		}
		elsewhere := interactionv1.NewInteractionServiceClient(s.dial(t, s.ca.Identity(t, "app.other.example")))
		_, err := elsewhere.GetInteraction(bounded(t), &interactionv1.GetInteractionRequest{Issuer: s.other, Ticket: b.ticket})
		wantStatus(t, err, codes.NotFound) // BAD-38: an interaction of one issuer does not exist at another
		s.clock.Advance(10 * time.Minute)
		_, err = s.app.GetInteraction(bounded(t), &interactionv1.GetInteractionRequest{Issuer: s.bank, Ticket: b.ticket})
		wantStatus(t, err, codes.NotFound)
		_, err = b.answer(t, approval())
		wantStatus(t, err, codes.NotFound)
	})
}

// TestAnswers: each row spoils a sound approval in one place.
func TestAnswers(t *testing.T) {
	seconds := func(d time.Duration) func(*interactionv1.Approval) {
		return func(a *interactionv1.Approval) { a.AuthTime = start.Add(d).Unix() }
	}
	subject := func(text string) func(*interactionv1.Approval) {
		return func(a *interactionv1.Approval) { a.Subject = text }
	}
	scopes := func(values ...string) func(*interactionv1.Approval) {
		return func(a *interactionv1.Approval) { a.Scopes = values }
	}
	rows := []struct {
		name   string
		params map[string]string
		spoil  func(*interactionv1.Approval)
		want   codes.Code
	}{
		{"sound", nil, func(*interactionv1.Approval) {}, codes.OK},
		{"a part of the scopes", nil, scopes("accounts"), codes.OK},
		{"no scopes", nil, scopes(), codes.InvalidArgument},
		{"more scopes than were asked for", map[string]string{"scope": "openid"}, scopes("openid", "accounts"), codes.InvalidArgument},
		{"a scope in another case", nil, scopes("OpenID"), codes.InvalidArgument},

		{"a subject of 255 characters", nil, subject(strings.Repeat("a", 255)), codes.OK},
		{"a subject of 256 characters", nil, subject(strings.Repeat("a", 256)), codes.InvalidArgument},
		{"no subject", nil, subject(""), codes.InvalidArgument},
		{"a subject like a client's (CRY-9)", nil, subject("client-1"), codes.InvalidArgument},
		{"a client's prefix alone (CRY-9)", nil, subject("client-"), codes.InvalidArgument},
		{"a subject that only holds the prefix", nil, subject("my-client-1"), codes.OK},
		{"a subject with a blank", nil, subject("alice smith"), codes.InvalidArgument},
		{"a subject with a line break", nil, subject("alice\n"), codes.InvalidArgument},
		{"a subject that is not ASCII", nil, subject("\u00e4nne"), codes.InvalidArgument},

		{"no auth_time", nil, func(a *interactionv1.Approval) { a.AuthTime = 0 }, codes.InvalidArgument},
		{"a negative auth_time", nil, func(a *interactionv1.Approval) { a.AuthTime = -1 }, codes.InvalidArgument},
		{"auth_time in milliseconds", nil, func(a *interactionv1.Approval) { a.AuthTime = start.UnixMilli() }, codes.InvalidArgument},
		{"a clock 10 s ahead", nil, seconds(10 * time.Second), codes.OK},
		{"a clock 11 s ahead", nil, seconds(11 * time.Second), codes.InvalidArgument},
		{"an old login that nobody minds", nil, seconds(-1000 * time.Hour), codes.OK},

		// max_age counts to the login; the user may then look at the page for
		// ten minutes.
		{"max_age met", map[string]string{"max_age": "300"}, seconds(-300 * time.Second), codes.OK},
		{"max_age met when the interaction began", map[string]string{"max_age": "300"}, seconds(-900 * time.Second), codes.OK},
		{"max_age not met", map[string]string{"max_age": "300"}, seconds(-901 * time.Second), codes.InvalidArgument},
		{"max_age 0, a login just now", map[string]string{"max_age": "0"}, seconds(-time.Second), codes.OK},
		{"max_age 0, yesterday's login", map[string]string{"max_age": "0"}, seconds(-24 * time.Hour), codes.InvalidArgument},
		{"the longest max_age", map[string]string{"max_age": "3153600000"}, seconds(-1000 * time.Hour), codes.OK},
	}
	each(t, func(t *testing.T, s *suite) {
		for _, row := range rows {
			t.Run(row.name, func(t *testing.T) {
				b := s.begin(t, s.push(row.params))
				given := approval()
				row.spoil(given)
				_, err := b.answer(t, given)
				wantStatus(t, err, row.want)
				if row.want != codes.OK {
					b.stillOpen(t, row.params)
				}
			})
		}
		_, err := s.begin(t, s.push(nil)).answer(t, interactionv1.Refusal_REASON_UNSPECIFIED)
		wantStatus(t, err, codes.InvalidArgument)
		_, err = s.begin(t, s.push(nil)).answer(t, interactionv1.Refusal_Reason(99))
		wantStatus(t, err, codes.InvalidArgument)
		_, err = s.begin(t, s.push(nil)).answer(t, nil)
		wantStatus(t, err, codes.InvalidArgument)
	})
}

// stillOpen checks that a bad answer left the interaction open.
func (b browser) stillOpen(t *testing.T, params map[string]string) {
	t.Helper()
	given := approval()
	if scope := params["scope"]; scope != "" {
		given.Scopes = []string{scope}
	}
	if _, err := b.answer(t, given); err != nil {
		t.Errorf("a good answer after a bad one: %v", err)
	}
}

// TestApprovalThatWasNotAskedFor: another user than the client named, or a
// weaker login than it needs, is an error at the client in place of a code.
func TestApprovalThatWasNotAskedFor(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		for _, row := range []struct {
			name   string
			params map[string]string
			want   string // error at the client; empty for a code
		}{
			{"the user named by sub", map[string]string{"claims": `{"id_token":{"sub":{"value":"alice"}}}`}, ""},
			{"another user than sub names (OIDC-3)", map[string]string{"claims": `{"id_token":{"sub":{"value":"bob"}}}`}, oauth.CodeLoginRequired},
			{"one of the acr_values", map[string]string{"acr_values": "best sca"}, ""},
			{"none of the acr_values (STEP-1)", map[string]string{"acr_values": "best better"}, oauth.CodeUnmetAuthentication},
			{"an essential acr that is met", map[string]string{"claims": `{"id_token":{"acr":{"essential":true,"values":["sca"]}}}`}, ""},
			{"an essential acr that is not met (OIDC-3)", map[string]string{"claims": `{"id_token":{"acr":{"essential":true,"value":"best"}}}`}, oauth.CodeUnmetAuthentication},
			{"a voluntary acr that is not met", map[string]string{"claims": `{"id_token":{"acr":{"value":"best"}}}`}, ""},
			{"an essential acr that is not met, beside acr_values that are (OIDC-3)", map[string]string{
				"acr_values": "sca", "claims": `{"id_token":{"acr":{"essential":true,"value":"best"}}}`}, oauth.CodeUnmetAuthentication},
		} {
			t.Run(row.name, func(t *testing.T) {
				b := s.begin(t, s.push(row.params))
				reply, err := b.complete(t, oauth.NewID(), b.approve(t))
				if err != nil {
					t.Fatal(err)
				}
				params := query(t, reply.GetLocation())
				if params.Get("error") != row.want || params.Has("code") != (row.want == "") {
					t.Errorf("it is sent to %s", reply.GetLocation())
				}
			})
		}
	})
}

// TestAnswerOnce: the first answer stands; once the browser has come back, the ticket
// is spent.
func TestAnswerOnce(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		b := s.begin(t, s.push(nil))
		handle := b.approve(t)
		_, err := b.answer(t, interactionv1.Refusal_REASON_ACCESS_DENIED)
		wantStatus(t, err, codes.FailedPrecondition)
		if _, err := b.complete(t, oauth.NewID(), handle); err != nil {
			t.Errorf("the first answer's handle: %v", err)
		}
		_, err = s.app.GetInteraction(bounded(t), &interactionv1.GetInteractionRequest{Issuer: s.bank, Ticket: b.ticket})
		wantStatus(t, err, codes.FailedPrecondition)
		_, err = b.answer(t, approval())
		wantStatus(t, err, codes.FailedPrecondition)

		raced := s.begin(t, s.push(nil))
		var won atomic.Int32
		var group sync.WaitGroup
		for n := range 20 {
			group.Go(func() {
				given := approval()
				given.Subject = fmt.Sprint("user-", n)
				if _, err := raced.answer(t, given); err == nil {
					won.Add(1)
				}
			})
		}
		group.Wait()
		if won.Load() != 1 {
			t.Errorf("%d answers were kept", won.Load())
		}
	})
}

// TestGrantsOfAUser: the bank's app shows a user what they gave, and ends it.
func TestGrantsOfAUser(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		s.code(t, nil)
		list := func(app interactionv1.InteractionServiceClient, name, subject string) ([]*interactionv1.Grant, error) {
			response, err := app.ListGrants(bounded(t), &interactionv1.ListGrantsRequest{Issuer: name, Subject: subject})
			return response.GetGrants(), err
		}
		grants, err := list(s.app, s.bank, "alice")
		if err != nil || len(grants) != 1 {
			t.Fatalf("%v, %v", grants, err)
		}
		got := grants[0]
		if got.GetClientId() != "client-1" || got.GetClientName() != `Ann's <b>app</b>` || got.GetCreatedAt() != start.Unix() ||
			got.GetExpiresAt() != start.Add(6*time.Minute).Unix() || len(got.GetScopes()) != 2 || got.GetScopes()[1].GetDescription() != "See your accounts" {
			t.Errorf("%v", got)
		}
		if bobs, err := list(s.app, s.bank, "bob"); err != nil || len(bobs) != 0 {
			t.Errorf("bob has %v, %v", bobs, err)
		}
		_, err = list(s.app, s.other, "alice")
		wantStatus(t, err, codes.PermissionDenied)
		elsewhere := interactionv1.NewInteractionServiceClient(s.dial(t, s.ca.Identity(t, "app.other.example")))
		_, err = list(elsewhere, s.bank, "alice")
		wantStatus(t, err, codes.PermissionDenied)

		withdraw := func(app interactionv1.InteractionServiceClient, name, subject string) error {
			_, err := app.WithdrawGrant(bounded(t), &interactionv1.WithdrawGrantRequest{Issuer: name, Subject: subject, GrantId: got.GetGrantId()})
			return err
		}
		wantStatus(t, withdraw(elsewhere, s.bank, "alice"), codes.PermissionDenied)
		wantStatus(t, withdraw(elsewhere, s.other, "alice"), codes.NotFound)
		wantStatus(t, withdraw(s.app, s.bank, "bob"), codes.NotFound)
		for range 2 { // whoever did not hear the first reply comes again
			wantStatus(t, withdraw(s.app, s.bank, "alice"), codes.OK)
		}
		s.clock.Advance(6 * time.Minute)
		wantStatus(t, withdraw(s.app, s.bank, "alice"), codes.NotFound)
		told := 0
		for _, line := range s.told(t) {
			if line.Kind == audit.GrantWithdrawn && line.GrantID == got.GetGrantId() {
				told++
			}
		}
		if told != 2 {
			t.Errorf("the trail was told %d times", told)
		}
		if left, err := list(s.app, s.bank, "alice"); err != nil || len(left) != 0 {
			t.Errorf("left are %v, %v", left, err)
		}
	})
}
