package rig

import (
	"crypto/tls"
	"encoding/json"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/platform/rpc"
	"github.com/strongroom-fapi/strongroom/sandbox/layout"
)

// Withdraw ends what a user granted a client, as the bank's app does: over the
// interaction API, in the bank's name. Only a suite in one process lends it.
func (s *Suite) Withdraw(t testing.TB, c *Client, subject string) {
	t.Helper()
	config, err := s.bank.ClientTLS(rpc.Authorize)
	if err != nil {
		t.Fatal(err)
	}
	app := bankApp(config)
	defer app.CloseIdleConnections()
	grants := s.Layout.URL(layout.Interaction) + "/" + c.Name + "/users/" + url.PathEscape(subject) + "/grants"
	var list struct {
		Grants []struct {
			GrantID  string `json:"grantId"`
			ClientID string `json:"clientId"`
		} `json:"grants"`
	}
	if err := json.Unmarshal(s.ask(t, app, http.MethodGet, grants).Body, &list); err != nil {
		t.Fatal(err)
	}
	for _, grant := range list.Grants {
		if grant.ClientID == c.ID {
			s.ask(t, app, http.MethodDelete, grants+"/"+grant.GrantID)
			return
		}
	}
	t.Fatalf("%s granted nothing to %s, of %d grants", subject, c.ID, len(list.Grants))
}

func bankApp(config *tls.Config) *http.Client {
	return &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true}}
}

func (s *Suite) ask(t testing.TB, app *http.Client, method, address string) *Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s.read(t, app, request).Is(t, http.StatusOK)
}
