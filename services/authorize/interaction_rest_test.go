package authorize_test

import (
	"crypto/tls"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/network"
	"github.com/strongroom-fapi/strongroom/platform/networktest"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	interactionv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/interaction/v1"
)

// rest is the interaction API as an app without gRPC uses it.
type rest struct {
	client  *http.Client
	address string
}

func (s *suite) rest(t *testing.T, identity network.Identity) rest {
	t.Helper()
	config, err := identity.ClientTLS(rpc.Authorize)
	if err != nil {
		t.Fatal(err)
	}
	return s.restWith(t, config)
}

func (s *suite) restWith(t *testing.T, config *tls.Config) rest {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true}}
	t.Cleanup(client.CloseIdleConnections)
	return rest{client, s.address}
}

// ask sends one request and answers the status and the JSON body.
func (r rest) ask(t *testing.T, method, path, body string) (int, map[string]any) {
	t.Helper()
	response, object := r.send(t, method, path, body)
	return response.StatusCode, object
}

// send is ask, with the headers of the answer.
func (r rest) send(t *testing.T, method, path, body string) (*http.Response, map[string]any) {
	t.Helper()
	request, err := http.NewRequestWithContext(bounded(t), method, "https://"+r.address+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	response, err := r.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	var object map[string]any
	if err := json.Unmarshal(text, &object); err != nil {
		t.Errorf("%s %s: %s is no JSON: %s", method, path, response.Status, text)
	}
	if response.StatusCode == http.StatusOK && response.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%s %s may be cached", method, path)
	}
	return response, object
}

// TestREST walks an interaction without gRPC.
func TestREST(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		app := s.rest(t, s.ca.Identity(t, "app.bank.example"))
		b := s.begin(t, s.push(map[string]string{"max_age": "300"}))
		path := "/" + s.bank + "/interactions/" + b.ticket

		status, got := app.ask(t, http.MethodGet, path, "")
		client, _ := got["client"].(map[string]any)
		scopes, _ := got["scopes"].([]any)
		if status != http.StatusOK || client["clientName"] != `Ann's <b>app</b>` || len(scopes) != 2 || got["maxAge"] != "300" {
			t.Errorf("%d: %v", status, got)
		}
		const answer = `{"approval":{"subject":"alice","authTime":"1772366400","scopes":["openid"]}}`
		for name, row := range map[string]struct {
			method, path, body string
			want               int
		}{
			"no answer":                     {http.MethodPost, path + "/answer", `{}`, http.StatusBadRequest},
			"a bad answer":                  {http.MethodPost, path + "/answer", `{"approval":{"subject":"client-1"}}`, http.StatusBadRequest},
			"no JSON":                       {http.MethodPost, path + "/answer", `subject=alice`, http.StatusBadRequest},
			"more than 64 KiB":              {http.MethodPost, path + "/answer", `{"approval":{"acr":"` + strings.Repeat("a", 70<<10) + `"}}`, http.StatusBadRequest},
			"GET for POST":                  {http.MethodGet, path + "/answer", "", http.StatusNotImplemented},
			"another path":                  {http.MethodGet, "/" + s.bank + "/sessions", "", http.StatusNotFound},
			"another issuer's (BAD-38)":     {http.MethodGet, "/" + s.other + "/interactions/" + b.ticket, "", http.StatusForbidden},
			"another issuer's, in the body": {http.MethodPost, "/" + s.other + "/interactions/" + b.ticket + "/answer", strings.Replace(answer, "{", `{"issuer":"`+s.bank+`",`, 1), http.StatusForbidden},
			"an unknown ticket":             {http.MethodGet, path + "x", "", http.StatusNotFound},
		} {
			if status, got := app.ask(t, row.method, row.path, row.body); status != row.want {
				t.Errorf("%s: %d, want %d: %v", name, status, row.want, got)
			}
		}
		status, got = app.ask(t, http.MethodPost, path+"/answer", answer)
		redirect, _ := got["redirectTo"].(string)
		if status != http.StatusOK || !strings.HasPrefix(redirect, "https://as.example/"+s.bank+"/authorize/return?handle=") {
			t.Fatalf("%d: %v", status, got)
		}
		if status, got := app.ask(t, http.MethodPost, path+"/answer", answer); status != http.StatusOK || got["redirectTo"] != redirect {
			t.Errorf("answered again: %d: %v", status, got)
		}
		if status, got := app.ask(t, http.MethodPost, path+"/answer", strings.Replace(answer, "alice", "bob", 1)); status != http.StatusBadRequest {
			t.Errorf("answered otherwise: %d: %v", status, got)
		}
		reply, err := b.complete(t, oauth.NewID(), query(t, redirect).Get("handle"))
		if err != nil || !query(t, reply.GetLocation()).Has("code") {
			t.Errorf("%v, %v", reply, err)
		}
	})
}

// TestInteractionCallers: by the table, on both renderings.
func TestInteractionCallers(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		b := s.begin(t, s.push(nil))
		path := "/" + s.bank + "/interactions/" + b.ticket
		for _, row := range []struct {
			name   string
			names  []string
			status int
			code   codes.Code
		}{
			{"the bank's app", []string{"app.bank.example"}, http.StatusOK, codes.OK},
			{"another issuer's app", []string{"app.other.example"}, http.StatusForbidden, codes.PermissionDenied},
			{"a service of the suite", []string{"gateway"}, http.StatusForbidden, codes.PermissionDenied},
			{"two names", []string{"app.bank.example", "app.other.example"}, http.StatusForbidden, codes.PermissionDenied},
			{"no name", nil, http.StatusForbidden, codes.PermissionDenied},
		} {
			t.Run(row.name, func(t *testing.T) {
				identity := s.ca.Identity(t, row.names...)
				if status, got := s.rest(t, identity).ask(t, http.MethodGet, path, ""); status != row.status {
					t.Errorf("REST: %d: %v", status, got)
				}
				_, err := interactionv1.NewInteractionServiceClient(s.dial(t, identity)).GetInteraction(bounded(t), &interactionv1.GetInteractionRequest{Issuer: s.bank, Ticket: b.ticket})
				wantStatus(t, err, row.code)
			})
		}
		foreign := networktest.NewCA(t).Identity(t, "app.bank.example")
		foreign.CA = s.ca.File()
		refused := map[string]*tls.Config{}
		for name, identity := range map[string]network.Identity{"a foreign CA": foreign, "no certificate": s.ca.Identity(t, "app.bank.example")} {
			config, err := identity.ClientTLS(rpc.Authorize)
			if err != nil {
				t.Fatal(err)
			}
			refused[name] = config
		}
		refused["no certificate"].Certificates = nil
		for name, config := range refused {
			request, err := http.NewRequestWithContext(bounded(t), http.MethodGet, "https://"+s.address+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			if response, err := s.restWith(t, config).client.Do(request); err == nil {
				_ = response.Body.Close()
				t.Errorf("%s: answered %s", name, response.Status)
			}
		}
	})
}
