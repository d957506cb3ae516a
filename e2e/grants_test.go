package e2e

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
	"github.com/strongroom-fapi/strongroom/fapi/metadata"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// sendAll sends what build makes with each change, and wants each refused with
// 400 and the row's code.
func sendAll(t *testing.T, c *rig.Client, build func(...rig.Change) *rig.Request, rows []refused) {
	t.Helper()
	for _, row := range rows {
		t.Run(row.name(), func(t *testing.T) {
			c.Send(t, build(row.change)).Refused(t, http.StatusBadRequest, row.code)
		})
	}
	c.Send(t, build()).Is(t, http.StatusOK)
}

// TestGrantType: what the token endpoint grants is named, and is one of three
// (SP2-2: FAPI 2.0 §5.3.2.1-2).
func TestGrantType(t *testing.T) {
	t.Parallel()
	eachClient(t, kinds, func(t *testing.T, s *rig.Suite, k kind) { grantAll(t, k.client(t, s)) })
}

func grantAll(t *testing.T, c *rig.Client) {
	t.Helper()
	password := rig.All(rig.Param("grant_type", "password"), rig.Param("username", "alice"), rig.Param("password", "alice"))
	exchange := rig.All(rig.Param("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"), rig.Param("subject_token", "any"))
	sendAll(t, c, c.Credentials, []refused{
		{"BAD-110", "the user's password", password, oauth.CodeUnsupportedGrantType},
		{"BAD-110", "implicit", rig.Param("grant_type", "implicit"), oauth.CodeUnsupportedGrantType},
		{"BAD-110", "nobody knows it", rig.Param("grant_type", "unknown"), oauth.CodeUnsupportedGrantType},
		{"BAD-110", "missing", rig.Param("grant_type"), oauth.CodeInvalidRequest},
		{"BAD-110", "twice", rig.Param("grant_type", "client_credentials", "client_credentials"), oauth.CodeInvalidRequest},
		{"BAD-120", "token exchange", exchange, oauth.CodeUnsupportedGrantType},
		{"BAD-120", "device code", rig.Param("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), oauth.CodeUnsupportedGrantType},
		{"BAD-119", "all parameters in the query", inQuery, oauth.CodeInvalidRequest},
	})
}

// inQuery moves the form, but for what proves the client, to the query, where it
// would be logged on its way.
func inQuery(r *rig.Request) {
	query := url.Values{}
	for name, values := range r.Form {
		if name != oauth.ParamClientAssertionType && name != oauth.ParamClientID {
			query[name] = values
			delete(r.Form, name)
		}
	}
	r.URL += "?" + query.Encode()
}

// TestClientSpeaksForItself: a client speaks for itself, not for a user.
func TestClientSpeaksForItself(t *testing.T) {
	t.Parallel()
	eachClient(t, kinds, func(t *testing.T, s *rig.Suite, k kind) {
		speakForItself(t, k.client(t, s, rig.Registered(func(m *metadata.Client) { m.Scope = "openid accounts" })))
	})
}

func speakForItself(t *testing.T, c *rig.Client) {
	t.Helper()
	sendAll(t, c, c.Credentials, []refused{
		{"BAD-116", "openid, though there is no user", rig.Param("scope", "openid"), oauth.CodeInvalidScope},
		{"BAD-116", "a scope that is not the client's", rig.Param("scope", "payments"), oauth.CodeInvalidScope},
		{"BAD-116", "a scope that nobody serves", rig.Param("scope", "admin"), oauth.CodeInvalidScope},
	})
	t.Run("BAD-116 never with a refresh_token or an id_token", func(t *testing.T) {
		answer := c.Send(t, c.Credentials()).Is(t, http.StatusOK)
		if answer.Text("refresh_token") != "" || answer.Text("id_token") != "" {
			t.Errorf("answered %v", answer.JSON)
		}
	})
}

// TestRefresh: a refresh token is the client's own, and grants no more than the
// user did (TOK-3: RFC 6749 §6).
func TestRefresh(t *testing.T) {
	t.Parallel()
	eachClient(t, kinds, func(t *testing.T, s *rig.Suite, k kind) {
		c, thief := k.client(t, s), k.client(t, s)
		f := c.Authorized(t)
		f.Exchange(t)
		refresh := func(changes ...rig.Change) *rig.Request { return c.Refresh(f.RefreshToken, changes...) }
		t.Run("BAD-111 another client's", func(t *testing.T) {
			thief.Send(t, thief.Refresh(f.RefreshToken)).Refused(t, http.StatusBadRequest, oauth.CodeInvalidGrant)
		})
		t.Run("BAD-112 without client authentication", func(t *testing.T) {
			c.Send(t, refresh(c.Unproven)).Refused(t, http.StatusUnauthorized, invalidClient)
		})
		t.Run("BAD-112 without anything to bind the token to", func(t *testing.T) {
			c.Send(t, refresh(k.unbound)).Refused(t, k.status, k.code)
		})
		sendAll(t, c, refresh, []refused{
			{"BAD-113", "a scope that the user did not grant", rig.Param("scope", f.Scope+" payments"), oauth.CodeInvalidScope},
		})
	})
}

// TestHostileCodes: bytes that no code has find nothing, and break nothing.
func TestHostileCodes(t *testing.T) {
	t.Parallel()
	eachClient(t, kinds, func(t *testing.T, s *rig.Suite, k kind) {
		f := k.client(t, s).Authorized(t)
		sendAll(t, f.Client, f.TokenRequest, []refused{
			{"BAD-121", "a zero byte behind the code", rig.Param("code", f.Code+"\x00"), oauth.CodeInvalidGrant},
			{"BAD-121", "a zero byte alone", rig.Param("code", "\x00"), oauth.CodeInvalidGrant},
			{"BAD-121", "overlong UTF-8", rig.Param("code", "\xc0\xaf"+f.Code), oauth.CodeInvalidGrant},
			{"BAD-121", "half of a surrogate pair", rig.Param("code", "\xed\xa0\x80"), oauth.CodeInvalidGrant},
			{"BAD-121", "no UTF-8 at all", rig.Param("code", "\xff\xfe"), oauth.CodeInvalidGrant},
			{"BAD-121", "a Redis key's braces", rig.Param("code", "{fapi2}*"), oauth.CodeInvalidGrant},
			{"BAD-121", "60 kB", rig.Param("code", string(make([]byte, 15<<10))), oauth.CodeInvalidGrant},
		})
	})
}

// TestWithdrawnGrant: what the user took back buys nothing more (TOK-3: the
// grant must be active), and ends for this client alone.
func TestWithdrawnGrant(t *testing.T) {
	t.Parallel()
	s := oneProcess.suite(t)
	eachKind(t, kinds, func(t *testing.T, k kind) { withdraw(t, s, k) })
}

func withdraw(t *testing.T, s *rig.Suite, k kind) {
	t.Helper()
	f, stays := k.client(t, s).Authorized(t), k.client(t, s).Authorized(t)
	f.Exchange(t)
	stays.Exchange(t)
	s.Withdraw(t, f.Client, f.Send(t, f.Userinfo(f.AccessToken)).Is(t, http.StatusOK).Text("sub"))
	t.Run("BAD-114 a refresh after the user withdrew the grant", func(t *testing.T) {
		f.Send(t, f.Refresh(f.RefreshToken)).Refused(t, http.StatusBadRequest, oauth.CodeInvalidGrant)
	})
	t.Run("BAD-114 the access token", func(t *testing.T) {
		inactive(t, f.Send(t, f.Introspect(f.AccessToken)))
		f.Send(t, f.Accounts(f.AccessToken)).Is(t, http.StatusUnauthorized)
	})
	t.Run("BAD-114 the user's other grants stay", func(t *testing.T) {
		stays.Send(t, stays.Refresh(stays.RefreshToken)).Is(t, http.StatusOK)
	})
}
