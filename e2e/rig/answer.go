package rig

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"github.com/strongroom-fapi/strongroom/platform/rpc"
	"github.com/strongroom-fapi/strongroom/sandbox/layout"
)

// Answer approves an interaction for a user, as the bank's pages do after login and
// consent: the JSON of the answer has redirectTo, where the browser goes next. At is
// the address that the authorization server sent the browser to. Who sends it again
// names the same login.
func (f *Fleet) Answer(ctx context.Context, at *url.URL, subject string, login time.Time, scopes []string) (*Response, error) {
	query := at.Query()
	body, err := json.Marshal(map[string]any{"approval": map[string]any{
		"subject": subject, "authTime": login.Unix(), "acr": "urn:strongroom:acr:pwd", "amr": []string{"pwd"}, "scopes": scopes,
	}})
	if err != nil {
		return nil, err
	}
	return f.interact(ctx, http.MethodPost, "/"+query.Get("issuer")+"/interactions/"+url.PathEscape(query.Get("ticket"))+"/answer", body)
}

// Grants asks for what a user granted, as the bank's app does: the JSON has grants,
// each with its clientId.
func (f *Fleet) Grants(ctx context.Context, issuer, subject string) (*Response, error) {
	return f.interact(ctx, http.MethodGet, "/"+issuer+"/users/"+url.PathEscape(subject)+"/grants", nil)
}

// WithdrawGrants ends all that a user granted, as the bank's app does.
func (f *Fleet) WithdrawGrants(ctx context.Context, issuer, subject string) (*Response, error) {
	answer, err := f.Grants(ctx, issuer, subject)
	if err != nil {
		return nil, err
	}
	grants, _ := answer.JSON["grants"].([]any)
	for _, grant := range grants {
		id, _ := grant.(map[string]any)["grantId"].(string)
		if answer, err = f.interact(ctx, http.MethodDelete, "/"+issuer+"/users/"+url.PathEscape(subject)+"/grants/"+url.PathEscape(id), nil); err != nil {
			return nil, err
		}
	}
	return answer, nil
}

// interact calls the interaction API in the bank's name.
func (f *Fleet) interact(ctx context.Context, method, path string, body []byte) (*Response, error) {
	config, err := f.bank.ClientTLS(rpc.Authorize)
	if err != nil {
		return nil, err
	}
	app := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DialContext: f.dial, TLSClientConfig: config}}
	defer app.CloseIdleConnections()
	request, err := http.NewRequestWithContext(ctx, method, f.Layout.URL(layout.Interaction)+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	return answerOf(app.Do(request))
}
