package walk

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// Flow walks one flow and tells each step. It fails at the first step that did
// not do what it says.
func Flow(ctx context.Context, cfg Config, report Report) error {
	c, err := newClient(cfg)
	if err != nil {
		return err
	}
	for _, walk := range []func(context.Context, *Step) error{
		c.discover, c.push, c.authorize, c.exchange, c.useAPI, c.useAPIWithout, c.refresh, c.replay, c.useAPIRevoked,
	} {
		var step Step
		err := walk(ctx, &step)
		report(step)
		if err := errors.Join(err, step.failed()); err != nil {
			return err
		}
	}
	return nil
}

func (c *client) discover(ctx context.Context, s *Step) error {
	s.Title, s.Why = "Discover", "Every address comes from the issuer's metadata."
	a, err := s.get(ctx, c.plain, c.Credential.Issuer+"/.well-known/openid-configuration")
	if err != nil {
		return err
	}
	c.metadata = a.json
	s.check(a.text("issuer") == c.Credential.Issuer, "issuer is the one we asked for, character by character")
	s.check(a.json["require_pushed_authorization_requests"] == true, "requests must be pushed")
	s.check(a.json["authorization_response_iss_parameter_supported"] == true, "responses will name their issuer")
	return nil
}

func (c *client) push(ctx context.Context, s *Step) error {
	s.Title, s.Why = "Push the authorization request", "It goes from server to server, by a client that proved itself: no browser can read or change it."
	a, err := c.send(ctx, s, "pushed_authorization_request_endpoint", url.Values{
		oauth.ParamResponseType:        {oauth.ResponseTypeCode},
		oauth.ParamScope:               {"openid accounts payments"},
		oauth.ParamRedirectURI:         {c.Credential.RedirectURI},
		oauth.ParamState:               {c.state},
		oauth.ParamNonce:               {c.nonce},
		oauth.ParamCodeChallenge:       {oauth.Hash(c.verifier)},
		oauth.ParamCodeChallengeMethod: {oauth.CodeChallengeMethodS256},
	})
	if err != nil {
		return err
	}
	c.requestURI = a.text(oauth.ParamRequestURI)
	s.check(a.status == http.StatusCreated, "201 Created")
	s.check(strings.HasPrefix(c.requestURI, oauth.RequestURIPrefix), "request_uri is one that nobody can guess")
	s.check(a.header.Get("Cache-Control") == "no-store", "nothing on the way may keep the answer")
	return nil
}

func (c *client) authorize(ctx context.Context, s *Step) error {
	s.Title, s.Why = "Send the user's browser", "It carries two parameters. The bank's own pages log "+c.User+" in and ask for consent."
	b, err := newBrowser(c.plain.Transport, c.Credential.RedirectURI)
	if err != nil {
		return err
	}
	query := url.Values{oauth.ParamClientID: {c.Credential.ClientID}, oauth.ParamRequestURI: {c.requestURI}}
	if err := b.open(ctx, s, c.endpoint("authorization_endpoint")+"?"+query.Encode()); err != nil {
		return err
	}
	if b.has("login") {
		if err := b.submit(ctx, s, "login", map[string]string{"username": c.User, "password": c.User}); err != nil {
			return err
		}
	}
	if err := b.submit(ctx, s, "approve", nil); err != nil {
		return err
	}
	back, err := url.Parse(b.at)
	if err != nil {
		return err
	}
	response := back.Query()
	c.code = response.Get(oauth.ParamCode)
	s.check(c.code != "", "the browser came back to our redirect_uri with a code")
	s.check(response.Get(oauth.ParamState) == c.state, "state is ours: the answer belongs to this browser's request")
	s.check(response.Get(oauth.ParamIss) == c.Credential.Issuer, "iss is our issuer: no mix-up with another server")
	return nil
}

func (c *client) exchange(ctx context.Context, s *Step) error {
	s.Title, s.Why = "Exchange the code", "With the PKCE verifier, a fresh assertion, and what the token will be bound to."
	c.lastTokenForm = url.Values{
		oauth.ParamGrantType:    {oauth.GrantAuthorizationCode},
		oauth.ParamCode:         {c.code},
		oauth.ParamRedirectURI:  {c.Credential.RedirectURI},
		oauth.ParamCodeVerifier: {c.verifier},
	}
	a, err := c.send(ctx, s, "token_endpoint", c.lastTokenForm)
	if err != nil {
		return err
	}
	s.check(a.status == http.StatusOK, "200 OK")
	c.accessToken, c.refreshToken = a.text("access_token"), a.text("refresh_token")
	return c.checkTokens(ctx, s, a)
}

func (c *client) useAPI(ctx context.Context, s *Step) error {
	s.Title, s.Why = "Call the bank's API", "What the token is bound to shows that it is ours."
	a, err := c.accounts(ctx, s, true)
	s.check(a.status == http.StatusOK, "the accounts are there")
	return err
}

func (c *client) useAPIWithout(ctx context.Context, s *Step) error {
	s.Title, s.Why = "Try it as a thief would", "The same token, without what it is bound to."
	a, err := c.accounts(ctx, s, false)
	s.check(a.status == http.StatusUnauthorized, "401: a stolen token opens nothing")
	return err
}

func (c *client) refresh(ctx context.Context, s *Step) error {
	s.Title, s.Why = "Refresh", "A new access token, without asking the user again. The refresh token stays the same."
	a, err := c.send(ctx, s, "token_endpoint", url.Values{
		oauth.ParamGrantType: {oauth.GrantRefreshToken}, oauth.ParamRefreshToken: {c.refreshToken}, oauth.ParamScope: {"accounts"},
	})
	s.check(a.status == http.StatusOK && a.text("scope") == "accounts", "200 OK, for the part of the scope that was asked for")
	s.check(a.text("access_token") != c.accessToken, "the access token is a new one")
	return err
}

func (c *client) replay(ctx context.Context, s *Step) error {
	s.Title, s.Why = "Replay the code", "A code works once. A second use tells of a leak."
	a, err := c.send(ctx, s, "token_endpoint", c.lastTokenForm)
	s.check(a.status == http.StatusBadRequest && a.text(oauth.ParamError) == oauth.CodeInvalidGrant, "400 invalid_grant")
	return err
}

// useAPIRevoked waits out the second for which the API may believe what it heard
// of the token before.
func (c *client) useAPIRevoked(ctx context.Context, s *Step) error {
	s.Title, s.Why = "Call the API again", "What the replayed code had bought is dead, everywhere within a second."
	if err := sleep(ctx); err != nil {
		return err
	}
	a, err := c.accounts(ctx, s, true)
	s.check(a.status == http.StatusUnauthorized, "401: the token was revoked")
	return err
}

// accounts asks the bank's API, with what the token is bound to or without.
func (c *client) accounts(ctx context.Context, s *Step, bound bool) (answer, error) {
	credential := c.bound.scheme() + " " + c.accessToken
	fresh := func() (*http.Request, []string, error) {
		req, err := http.NewRequest(http.MethodGet, c.API+"/accounts", nil)
		if err != nil {
			return nil, nil, err
		}
		req.Header.Set("Authorization", credential)
		return req, []string{line("Authorization", credential)}, nil
	}
	if bound {
		return s.callBound(ctx, c.bound, c.accessToken, fresh)
	}
	req, sent, err := fresh()
	if err != nil {
		return answer{}, err
	}
	return s.call(ctx, c.plain, req, sent)
}

// send posts an authenticated form to an endpoint, with a fresh assertion each
// time, and proves possession.
func (c *client) send(ctx context.Context, s *Step, endpoint string, form url.Values) (answer, error) {
	return s.callBound(ctx, c.bound, "", func() (*http.Request, []string, error) {
		authenticated, err := c.authenticated(form)
		if err != nil {
			return nil, nil, err
		}
		return newPost(c.endpoint(endpoint), authenticated)
	})
}
