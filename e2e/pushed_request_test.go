package e2e

import (
	"net/http"
	"strings"
	"testing"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// refused is a hostile input with the answer it must get.
type refused struct {
	id, why string
	change  rig.Change
	code    string
}

func (r refused) name() string { return r.id + " " + r.why }

// TestPushedRequestForm: what is sent is no form at all.
func TestPushedRequestForm(t *testing.T) {
	t.Parallel()
	eachClient(t, kinds, func(t *testing.T, s *rig.Suite, k kind) {
		c := k.client(t, s)
		for _, method := range []string{http.MethodGet, http.MethodPut} {
			t.Run("BAD-40 method "+method, func(t *testing.T) {
				answer := c.Send(t, c.Flow().PushRequest(rig.Method(method)))
				answer.Refused(t, http.StatusMethodNotAllowed, oauth.CodeInvalidRequest)
				if allow := answer.Header.Get("Allow"); allow != http.MethodPost {
					t.Errorf("Allow is %q", allow)
				}
			})
		}
		t.Run("BAD-41 a JSON body", func(t *testing.T) {
			c.Send(t, c.Flow().PushRequest(rig.Raw("application/json", `{"response_type":"code"}`))).
				Refused(t, http.StatusBadRequest, oauth.CodeInvalidRequest)
		})
		t.Run("BAD-42 a body of 10 MB", func(t *testing.T) {
			c.Send(t, c.Flow().PushRequest(rig.Param("state", strings.Repeat("s", 10<<20)))).
				Refused(t, http.StatusRequestEntityTooLarge, oauth.CodeInvalidRequest)
		})
		t.Run("BAD-43 a request_uri cannot be pushed", func(t *testing.T) {
			pushed := c.Flow().Push(t).RequestURI
			c.Send(t, c.Flow().PushRequest(rig.Param("request_uri", pushed))).
				Refused(t, http.StatusBadRequest, oauth.CodeInvalidRequest)
		})
	})
}

// TestPushedRequest: the client is whom it says, and asks for what it may not:
// another response type than code (SP2-21), no redirect_uri (SP2-26), no PKCE by
// S256 (SP2-25), scopes beyond its own, a nonce too long to keep (SP2-34).
func TestPushedRequest(t *testing.T) {
	t.Parallel()
	eachClient(t, kinds, func(t *testing.T, s *rig.Suite, k kind) {
		pushAll(t, k.client(t, s))
	})
}

func pushAll(t *testing.T, c *rig.Client) {
	t.Helper()
	deep := strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000)
	challenge := oauth.Hash(oauth.NewSecret())
	for _, row := range []refused{
		{"BAD-45", "scope comes twice", rig.Param("scope", "openid", "openid accounts"), oauth.CodeInvalidRequest},
		{"BAD-46", "response_type asks for an id_token in the front channel", rig.Param("response_type", "code id_token"), oauth.CodeUnsupportedResponseType},
		{"BAD-46", "response_type asks for a token in the front channel", rig.Param("response_type", "token"), oauth.CodeUnsupportedResponseType},
		{"BAD-46", "response_type repeats code", rig.Param("response_type", "code code"), oauth.CodeUnsupportedResponseType},
		{"BAD-46", "response_type is missing", rig.Param("response_type"), oauth.CodeInvalidRequest},
		{"BAD-47", "redirect_uri is missing, though one is registered", rig.Param("redirect_uri"), oauth.CodeInvalidRequest},
		{"BAD-48", "no code_challenge", rig.Param("code_challenge"), oauth.CodeInvalidRequest},
		{"BAD-48", "a challenge without its method would be plain", rig.Param("code_challenge_method"), oauth.CodeInvalidRequest},
		{"BAD-48", "method plain", rig.Param("code_challenge_method", "plain"), oauth.CodeInvalidRequest},
		{"BAD-48", "a challenge of 42 characters is no SHA-256", rig.Param("code_challenge", challenge[:42]), oauth.CodeInvalidRequest},
		{"BAD-48", "a challenge with padding", rig.Param("code_challenge", challenge+"="), oauth.CodeInvalidRequest},
		{"BAD-48", "a challenge that is no base64url", rig.Param("code_challenge", "+/"+challenge[2:]), oauth.CodeInvalidRequest},
		{"BAD-61", "a scope that nobody serves", rig.Param("scope", "openid admin"), oauth.CodeInvalidScope},
		{"BAD-61", "an empty scope", rig.Param("scope", ""), oauth.CodeInvalidScope},
		{"BAD-61", "a scope with quotes", rig.Param("scope", `openid "accounts"`), oauth.CodeInvalidScope},
		{"BAD-61", "a scope with a carriage return", rig.Param("scope", "openid\raccounts"), oauth.CodeInvalidScope},
		{"BAD-61", "a scope with a backslash", rig.Param("scope", `openid\accounts`), oauth.CodeInvalidScope},
		{"BAD-61", "a scope of 10 kB", rig.Param("scope", strings.Repeat("openid ", 1500)+"openid"), oauth.CodeInvalidScope},
		{"BAD-59", "claims is no JSON", rig.Param("claims", "not json"), oauth.CodeInvalidRequest},
		{"BAD-59", "claims is an array", rig.Param("claims", "[]"), oauth.CodeInvalidRequest},
		{"BAD-59", "claims asks in an array", rig.Param("claims", `{"id_token":[]}`), oauth.CodeInvalidRequest},
		{"BAD-59", "claims asks for a claim by a number", rig.Param("claims", `{"userinfo":{"name":7}}`), oauth.CodeInvalidRequest},
		{"BAD-59", "claims has a member twice", rig.Param("claims", `{"id_token":{"acr":null,"acr":null}}`), oauth.CodeInvalidRequest},
		{"BAD-59", "essential is a string", rig.Param("claims", `{"id_token":{"acr":{"essential":"true","value":"urn:a"}}}`), oauth.CodeInvalidRequest},
		{"BAD-59", "values is no list", rig.Param("claims", `{"id_token":{"acr":{"values":"urn:a"}}}`), oauth.CodeInvalidRequest},
		{"BAD-59", "max_age is negative", rig.Param("max_age", "-1"), oauth.CodeInvalidRequest},
		{"BAD-59", "max_age is no number", rig.Param("max_age", "abc"), oauth.CodeInvalidRequest},
		{"BAD-59", "max_age is a fraction", rig.Param("max_age", "1.5"), oauth.CodeInvalidRequest},
		{"BAD-59", "authorization_details is an object", rig.Param("authorization_details", `{"type":"payment"}`), oauth.CodeInvalidAuthorizationDetails},
		{"BAD-65", "prompt none with login", rig.Param("prompt", "none login"), oauth.CodeInvalidRequest},
		{"BAD-65", "a prompt that nobody knows", rig.Param("prompt", "hypnosis"), oauth.CodeInvalidRequest},
		{"BAD-66", "claims is 10,000 lists deep", rig.Param("claims", `{"a":`+deep+"}"), oauth.CodeInvalidRequest},
		{"BAD-66", "authorization_details are 10,000 lists deep", rig.Param("authorization_details", deep), oauth.CodeInvalidAuthorizationDetails},
		{"BAD-62", "a nonce that is too long to be kept whole", rig.Param("nonce", strings.Repeat("n", 4000)), oauth.CodeInvalidRequest},
	} {
		t.Run(row.name(), func(t *testing.T) {
			c.Send(t, c.Flow().PushRequest(row.change)).Refused(t, http.StatusBadRequest, row.code)
		})
	}
	c.Flow().Push(t) // the unchanged request passes
}

// TestErrorsReflectNothing: what a client sends may come back in a description,
// and never as anything but plain text (BAD-196).
func TestErrorsReflectNothing(t *testing.T) {
	t.Parallel()
	eachRendering(t, func(t *testing.T, s *rig.Suite) {
		c := s.Client(t)
		for _, hostile := range []string{"a\r\nSet-Cookie: x=y", `"><script>alert(1)</script>`, `\u0022 quoted \"`, "é\x00\x7f", strings.Repeat("long", 500)} {
			twice := rig.Param(hostile, "1", "2")
			for _, request := range []*rig.Request{c.Flow().PushRequest(twice), c.Credentials(twice), c.Introspect("any", twice)} {
				answer := c.Send(t, request)
				answer.Refused(t, http.StatusBadRequest, oauth.CodeInvalidRequest) // checks the characters
				if answer.Header.Get("Set-Cookie") != "" {
					t.Errorf("%q became a header", hostile)
				}
			}
			f, b := c.Flow().Push(t), s.Browser(t)
			parameters := f.Parameters()
			parameters[hostile] = []string{"1", "2"}
			page := b.Get(t, f.Endpoint()+"?"+parameters.Encode())
			page.Refused(t, oauth.CodeInvalidRequest)
			if page.Elements()["script"] != 0 {
				t.Errorf("%q became an element of the page", hostile)
			}
		}
	})
}
