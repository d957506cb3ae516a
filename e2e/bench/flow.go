package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// walker walks full flows: a request is pushed, a person logs in and consents, the
// code becomes a token, and the token opens the bank's API.
type walker struct {
	client *client
	server *server
	id     string // of the client
	api    string // base URL of the bank's API
	// mutual brings the client's certificate; plain is what browsers share.
	mutual *http.Client
	plain  http.RoundTripper
}

// newWalker keeps as many connections to each server as flows are under way.
func newWalker(c *client, s *server, id, api string) *walker {
	mutual, plain := s.sender(c.certificate), s.sender(nil)
	for _, sender := range []*http.Client{mutual, plain} {
		sender.Transport.(*http.Transport).MaxIdleConnsPerHost = connections
	}
	return &walker{client: c, server: s, id: id, api: api, mutual: mutual, plain: plain.Transport}
}

func (w *walker) close() {
	w.mutual.CloseIdleConnections()
	w.plain.(*http.Transport).CloseIdleConnections()
}

// user of the demo bank; the password is the name.
const user = "alice"

// walk walks one flow. An error names the step that was refused.
func (w *walker) walk(ctx context.Context) error {
	verifier, state := oauth.NewSecret(), oauth.NewID()
	requestURI, err := w.push(ctx, verifier, state)
	if err != nil {
		return err
	}
	code, err := w.consent(ctx, requestURI, state)
	if err != nil {
		return err
	}
	token, err := w.exchange(ctx, code, verifier)
	if err != nil {
		return err
	}
	return w.call(ctx, token)
}

func (w *walker) push(ctx context.Context, verifier, state string) (requestURI string, err error) {
	return w.post(ctx, push, "request_uri", url.Values{
		"response_type": {"code"}, "redirect_uri": {redirectURI}, "scope": {"openid accounts"}, "state": {state}, "nonce": {oauth.NewID()},
		"code_challenge": {oauth.Hash(verifier)}, "code_challenge_method": {"S256"},
	})
}

func (w *walker) exchange(ctx context.Context, code, verifier string) (string, error) {
	return w.post(ctx, token, "access_token", url.Values{
		"grant_type": {oauth.GrantAuthorizationCode}, "code": {code}, "redirect_uri": {redirectURI}, "code_verifier": {verifier},
	})
}

// post sends an authenticated form and takes one member of the answer.
func (w *walker) post(ctx context.Context, op operation, member string, form url.Values) (string, error) {
	signer := &signing{client: w.client, op: op, issuer: w.server.issuer}
	if err := signer.authenticate(form, w.id); err != nil {
		return "", err
	}
	answer, body, err := post(ctx, w.mutual, w.server.endpoint(op), request{body: []byte(form.Encode())})
	if err != nil {
		return "", fmt.Errorf("%s: %w", op, err)
	}
	members := map[string]any{}
	_ = json.Unmarshal(body, &members) // what is no object has no member
	value, _ := members[member].(string)
	if answer.StatusCode/100 != 2 || value == "" {
		return "", fmt.Errorf("%s answers %s: %v", op, answer.Status, members["error"])
	}
	return value, nil
}

// consent is what a new browser does: log in at the bank's pages, and approve.
func (w *walker) consent(ctx context.Context, requestURI, state string) (code string, err error) {
	b, err := newBrowser(w.plain)
	if err != nil {
		return "", err
	}
	query := url.Values{"client_id": {w.id}, "request_uri": {requestURI}}
	if _, err := b.open(ctx, http.MethodGet, w.server.metadata.AuthorizationEndpoint+"?"+query.Encode(), nil); err != nil {
		return "", fmt.Errorf("authorize: %w", err)
	}
	if _, err := b.press(ctx, "login", map[string]string{"username": user, "password": user}); err != nil {
		return "", fmt.Errorf("login: %w", err)
	}
	left, err := b.press(ctx, "approve", nil)
	if err != nil {
		return "", fmt.Errorf("consent: %w", err)
	}
	back, err := url.Parse(left)
	if err != nil {
		return "", err
	}
	answer := back.Query()
	if answer.Get("code") == "" || answer.Get("state") != state || answer.Get("iss") != w.server.issuer {
		return "", fmt.Errorf("consent: the browser brings error %q, and no code", answer.Get("error"))
	}
	return answer.Get("code"), nil
}

// call asks the bank's API with the token, on the connection that it is bound to.
func (w *walker) call(ctx context.Context, token string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, w.api+"/accounts", nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	answer, err := w.mutual.Do(request)
	if err != nil {
		return fmt.Errorf("API: %w", err)
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 1<<20)) // so that the connection is used again
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("API answers %s", answer.Status)
	}
	return nil
}
