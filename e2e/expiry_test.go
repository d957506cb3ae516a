package e2e

import (
	"net/http"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// The tests here set the clock forward for everybody, so they run alone, before
// those that run side by side. None waits: the suite's own clock decides.

func TestRequestURIExpires(t *testing.T) {
	s := oneProcess.suite(t)
	for _, row := range []struct {
		rule  string
		after time.Duration
		good  bool
	}{
		{"BAD-72 a request_uri can begin a flow for 60 seconds", 55 * time.Second, true},
		{"BAD-72 and not after 61", 61 * time.Second, false},
	} {
		t.Run(row.rule, func(t *testing.T) {
			f, b := s.Client(t).Flow().Push(t), s.Browser(t)
			s.Clock.Advance(row.after)
			if row.good {
				f.Approve(t, b)
				return
			}
			b.Get(t, f.URL()).Refused(t, oauth.CodeInvalidRequestURI)
		})
	}
}

// TestUserMayTakeLonger: expires_in limits when a flow may begin, not how long a
// person thinks.
func TestUserMayTakeLonger(t *testing.T) {
	s := oneProcess.suite(t)
	f, b := s.Client(t).Flow().Push(t), s.Browser(t)
	page := f.Consent(t, b)
	s.Clock.Advance(9 * time.Minute)
	f.Answer(t, b.Follow(t, b.Press(t, page, "approve")))
	f.Exchange(t)
}

func TestSessionExpires(t *testing.T) {
	s := oneProcess.suite(t)
	f, b := s.Client(t).Flow().Push(t), s.Browser(t)
	page := f.Consent(t, b)
	s.Clock.Advance(11 * time.Minute)
	b.Follow(t, b.Press(t, page, "approve")).Refused(t, oauth.CodeInvalidRequest)

	f, b = s.Client(t).Flow().Push(t), s.Browser(t)
	back := b.Press(t, f.Consent(t, b), "approve").Header.Get("Location")
	s.Clock.Advance(11 * time.Minute)
	b.Get(t, back).Refused(t, oauth.CodeInvalidRequest)
}

func TestCodeExpires(t *testing.T) {
	s := oneProcess.suite(t)
	t.Run("BAD-101 a code can be redeemed for 60 seconds", func(t *testing.T) {
		f := s.Client(t).Authorized(t)
		s.Clock.Advance(55 * time.Second)
		f.Exchange(t)
	})
	t.Run("BAD-101 and not after 61", func(t *testing.T) {
		f := s.Client(t).Authorized(t)
		s.Clock.Advance(61 * time.Second)
		f.Send(t, f.TokenRequest()).Refused(t, http.StatusBadRequest, oauth.CodeInvalidGrant)
	})
	t.Run("BAD-100 a second use long after the first still revokes", func(t *testing.T) {
		f := s.Client(t).Authorized(t)
		f.Exchange(t)
		f.Send(t, f.Accounts(f.AccessToken)).Is(t, http.StatusOK)
		s.Clock.Advance(2 * time.Minute)
		f.Send(t, f.TokenRequest()).Refused(t, http.StatusBadRequest, oauth.CodeInvalidGrant)
		f.Send(t, f.Accounts(f.AccessToken)).Is(t, http.StatusUnauthorized)
	})
}

func TestAccessTokenExpires(t *testing.T) {
	s := oneProcess.suite(t)
	f := s.Client(t).Authorized(t)
	f.Exchange(t)
	f.Send(t, f.Accounts(f.AccessToken)).Is(t, http.StatusOK)
	s.Clock.Advance(5*time.Minute + time.Second)
	f.Send(t, f.Accounts(f.AccessToken)).Is(t, http.StatusUnauthorized)
	if answer := f.Send(t, f.Introspect(f.AccessToken)).Is(t, http.StatusOK); string(answer.Body) != `{"active":false}` {
		t.Errorf("introspection says %s", answer.Body)
	}
}

// TestAssertionExpires: one that was good a while ago proves nothing now.
func TestAssertionExpires(t *testing.T) {
	s := oneProcess.suite(t)
	c := s.Client(t)
	request := c.Credentials()
	s.Clock.Advance(2 * time.Minute)
	c.Send(t, request).Refused(t, http.StatusUnauthorized, invalidClient)
}
