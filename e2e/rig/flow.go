package rig

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// Flow is one authorization in progress, from the pushed request to the tokens.
type Flow struct {
	*Client
	Scope, State, Nonce, Verifier string
	// Redirect is the redirect_uri of the request.
	Redirect   string
	RequestURI string
	Code       string
	// These are what the code bought.
	AccessToken, RefreshToken, IDToken string
}

// Flow begins one with values of its own.
func (c *Client) Flow() *Flow {
	return &Flow{
		Client: c, Scope: "openid accounts", State: oauth.NewID(), Nonce: oauth.NewID(), Verifier: oauth.NewSecret(),
		Redirect: c.RedirectURI,
	}
}

// PushRequest is RFC 9126 §2.1.
func (f *Flow) PushRequest(changes ...Change) *Request {
	return f.authenticated(f.mutual("pushed_authorization_request_endpoint"), url.Values{
		oauth.ParamResponseType:        {oauth.ResponseTypeCode},
		oauth.ParamScope:               {f.Scope},
		oauth.ParamRedirectURI:         {f.Redirect},
		oauth.ParamState:               {f.State},
		oauth.ParamNonce:               {f.Nonce},
		oauth.ParamCodeChallenge:       {oauth.Hash(f.Verifier)},
		oauth.ParamCodeChallengeMethod: {oauth.CodeChallengeMethodS256},
	}).changed(changes)
}

// Push pushes the request.
func (f *Flow) Push(t testing.TB, changes ...Change) *Flow {
	t.Helper()
	f.RequestURI = f.Send(t, f.PushRequest(changes...)).Is(t, http.StatusCreated).Text(oauth.ParamRequestURI)
	return f
}

// Parameters are what a browser carries to the authorization endpoint.
func (f *Flow) Parameters() url.Values {
	return url.Values{oauth.ParamClientID: {f.ID}, oauth.ParamRequestURI: {f.RequestURI}}
}

// Endpoint is the authorization endpoint.
func (f *Flow) Endpoint() string { return f.suite.Metadata(f.Name).AuthorizationEndpoint }

// URL is where the client sends the browser.
func (f *Flow) URL() string { return f.Endpoint() + "?" + f.Parameters().Encode() }

// Consent brings a browser as far as the consent page.
func (f *Flow) Consent(t testing.TB, b *Browser) *Page {
	t.Helper()
	page := b.Follow(t, b.Get(t, f.URL()))
	if page.Has("login") {
		page = b.Follow(t, b.Press(t, page, "login", "username", "alice", "password", "alice"))
	}
	if !page.Has("approve") {
		t.Fatalf("%s is no consent page: %d %.300s", page.URL, page.StatusCode, page.Body)
	}
	return page
}

// Approve lets the user log in and approve, and takes the code.
func (f *Flow) Approve(t testing.TB, b *Browser) url.Values {
	t.Helper()
	return f.Answer(t, b.Follow(t, b.Press(t, f.Consent(t, b), "approve")))
}

// Answer reads what a browser brought back to the client: for this client, from
// this issuer, about this request.
func (f *Flow) Answer(t testing.TB, page *Page) url.Values {
	t.Helper()
	answer := page.Answer(t, f.Redirect)
	if got := answer.Get(oauth.ParamState); got != f.State {
		t.Errorf("state is %q, want %q", got, f.State)
	}
	if got := answer.Get(oauth.ParamIss); got != f.Issuer {
		t.Errorf("iss is %q, want %q", got, f.Issuer)
	}
	f.Code = answer.Get(oauth.ParamCode)
	return answer
}

// Authorized is a flow whose user has approved: it has a code.
func (c *Client) Authorized(t testing.TB) *Flow {
	t.Helper()
	f := c.Flow().Push(t)
	if f.Approve(t, c.suite.Browser(t)); f.Code == "" {
		t.Fatal("the browser brought no code")
	}
	return f
}

// TokenRequest is RFC 6749 §4.1.3.
func (f *Flow) TokenRequest(changes ...Change) *Request {
	return f.authenticated(f.mutual("token_endpoint"), url.Values{
		oauth.ParamGrantType:    {oauth.GrantAuthorizationCode},
		oauth.ParamCode:         {f.Code},
		oauth.ParamRedirectURI:  {f.Redirect},
		oauth.ParamCodeVerifier: {f.Verifier},
	}).changed(changes)
}

// Exchange redeems the code.
func (f *Flow) Exchange(t testing.TB, changes ...Change) *Response {
	t.Helper()
	answer := f.Send(t, f.TokenRequest(changes...)).Is(t, http.StatusOK)
	f.AccessToken, f.RefreshToken, f.IDToken = answer.Text("access_token"), answer.Text("refresh_token"), answer.Text("id_token")
	return answer
}
