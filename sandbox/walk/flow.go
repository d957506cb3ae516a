package walk

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/strongroom-fapi/strongroom/fapi/binding"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// Flow walks one flow and tells each step. It fails at the first step that did
// not do what it says.
func Flow(ctx context.Context, cfg Config, report Report) error {
	c := newClient(cfg)
	for _, walk := range []func(context.Context, *Step) error{
		c.discover, c.push, c.authorize, c.exchange, c.useAPI, c.useAPIWithout, c.replay, c.useAPIRevoked,
	} {
		var step Step
		err := walk(ctx, &step)
		report(step)
		if err = errors.Join(err, step.failed()); err != nil {
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
	form, err := c.authenticated(url.Values{
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
	a, err := s.post(ctx, c.mutual, c.endpoint("pushed_authorization_request_endpoint", true), form)
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
	if err := b.open(ctx, s, c.endpoint("authorization_endpoint", false)+"?"+query.Encode()); err != nil {
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
	s.Title, s.Why = "Exchange the code", "With the PKCE verifier, a fresh assertion, and the certificate that the token will be bound to."
	c.lastTokenForm = url.Values{
		oauth.ParamGrantType:    {oauth.GrantAuthorizationCode},
		oauth.ParamCode:         {c.code},
		oauth.ParamRedirectURI:  {c.Credential.RedirectURI},
		oauth.ParamCodeVerifier: {c.verifier},
	}
	form, err := c.authenticated(c.lastTokenForm)
	if err != nil {
		return err
	}
	a, err := s.post(ctx, c.mutual, c.endpoint("token_endpoint", true), form)
	if err != nil {
		return err
	}
	s.check(a.status == http.StatusOK, "200 OK")
	c.accessToken = a.text("access_token")
	return c.checkTokens(ctx, s, a)
}

func (c *client) useAPI(ctx context.Context, s *Step) error {
	s.Title, s.Why = "Call the bank's API", "The same certificate shows that the token is ours."
	a, err := c.accounts(ctx, s, c.mutual)
	s.check(a.status == http.StatusOK, "the accounts are there")
	return err
}

func (c *client) useAPIWithout(ctx context.Context, s *Step) error {
	s.Title, s.Why = "Try it as a thief would", "The same token, without the certificate."
	a, err := c.accounts(ctx, s, c.plain)
	s.check(a.status == http.StatusUnauthorized, "401: a stolen token opens nothing")
	return err
}

func (c *client) replay(ctx context.Context, s *Step) error {
	s.Title, s.Why = "Replay the code", "A code works once. A second use tells of a leak."
	form, err := c.authenticated(c.lastTokenForm)
	if err != nil {
		return err
	}
	a, err := s.post(ctx, c.mutual, c.endpoint("token_endpoint", true), form)
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
	a, err := c.accounts(ctx, s, c.mutual)
	s.check(a.status == http.StatusUnauthorized, "401: the token was revoked")
	return err
}

func (c *client) accounts(ctx context.Context, s *Step, by *http.Client) (answer, error) {
	req, err := http.NewRequest(http.MethodGet, c.API+"/accounts", nil)
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Authorization", "Bearer "+c.accessToken)
	sent := []string{line("Authorization", "Bearer "+c.accessToken)}
	if by == c.mutual {
		sent = append(sent, line("(client certificate)", binding.Thumbprint(c.Certificate.Certificate[0])))
	}
	a, err := s.call(ctx, by, req, sent)
	if err != nil {
		return answer{}, fmt.Errorf("the bank's API: %w", err)
	}
	return a, nil
}
