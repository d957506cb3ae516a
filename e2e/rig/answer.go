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
// the address that the authorization server sent the browser to.
func (f *Fleet) Answer(ctx context.Context, at *url.URL, subject string, scopes []string) (*Response, error) {
	config, err := f.bank.ClientTLS(rpc.Authorize)
	if err != nil {
		return nil, err
	}
	app := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DialContext: f.dial, TLSClientConfig: config}}
	defer app.CloseIdleConnections()
	query := at.Query()
	body, err := json.Marshal(map[string]any{"approval": map[string]any{
		"subject": subject, "authTime": time.Now().Unix(), "acr": "urn:strongroom:acr:pwd", "amr": []string{"pwd"}, "scopes": scopes,
	}})
	if err != nil {
		return nil, err
	}
	address := f.Layout.URL(layout.Interaction) + "/" + query.Get("issuer") + "/interactions/" + url.PathEscape(query.Get("ticket")) + "/answer"
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	return answerOf(app.Do(request))
}
