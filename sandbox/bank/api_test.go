package bank

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// startAPI protects the API by a header that names the scopes of a subject.
func startAPI(t *testing.T) *httptest.Server {
	t.Helper()
	protect := func(scope string) func(http.Handler) http.Handler {
		return func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if !strings.Contains(r.Header.Get("Scopes"), scope) {
					w.WriteHeader(http.StatusUnauthorized)
					return
				}
				next.ServeHTTP(w, r)
			})
		}
	}
	server := httptest.NewTLSServer(API(protect, func(r *http.Request) string { return r.Header.Get("Subject") }))
	t.Cleanup(server.Close)
	return server
}

type reply struct {
	*http.Response
	body string
}

func call(t *testing.T, server *httptest.Server, method, path, body string, headers ...string) reply {
	t.Helper()
	request := must(http.NewRequestWithContext(t.Context(), method, server.URL+path, strings.NewReader(body)))
	for i := 0; i < len(headers); i += 2 {
		request.Header.Add(headers[i], headers[i+1])
	}
	response := must(server.Client().Do(request))
	defer response.Body.Close()
	return reply{response, string(must(io.ReadAll(response.Body)))}
}

func TestAccounts(t *testing.T) {
	server := startAPI(t)
	tests := []struct {
		name, subject, accept string
		want                  []string
	}{
		{"alice's own", "user-alice-5f0c9e", "application/json", []string{"acc-a1-current", "acc-a2-savings"}},
		{"bob's own", "user-bob-b27d41", "text/html;q=0.1", []string{"acc-b1-current"}},
		{"nobody's", "client-7Qm2", "*/*", []string{}},
		{"a login name is no subject", "alice", "application/xml", []string{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := call(t, server, "GET", "/accounts", "", "Scopes", "accounts", "Subject", test.subject, "Accept", test.accept)
			var accounts []account
			if err := json.Unmarshal([]byte(got.body), &accounts); err != nil || got.StatusCode != 200 || accounts == nil || len(accounts) != len(test.want) {
				t.Fatalf("status %d: %s", got.StatusCode, got.body)
			}
			for i, a := range accounts {
				if a.ID != test.want[i] || a.Currency == "" || a.Balance == "" || a.IBAN == "" {
					t.Errorf("account %+v", a)
				}
			}
			if _, err := time.Parse(http.TimeFormat, got.Header.Get("Date")); err != nil {
				t.Error(err)
			}
			if got.Header.Get("Content-Type") != "application/json" || got.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("headers %v", got.Header)
			}
		})
	}
}

func TestEachResourceHasItsScope(t *testing.T) {
	server := startAPI(t)
	const paid = `{"amount":"1.00","currency":"EUR","creditor":"Bob"}`
	for _, scopes := range []string{"accounts", "payments"} {
		accounts := call(t, server, "GET", "/accounts", "", "Scopes", scopes)
		payments := call(t, server, "POST", "/payments", paid, "Scopes", scopes, "Content-Type", "application/json")
		if (accounts.StatusCode == 200) != (scopes == "accounts") || (payments.StatusCode == 201) != (scopes == "payments") {
			t.Errorf("scope %s: accounts %d, payments %d", scopes, accounts.StatusCode, payments.StatusCode)
		}
	}
}

func TestPayments(t *testing.T) {
	tests := []struct {
		name, body string
		want       int
	}{
		{"an amount as text", `{"amount":"12.50","currency":"EUR","creditor":"Bob"}`, 201},
		{"an amount as number", `{"amount":12.5,"currency":"EUR","creditor":"Bob"}`, 201},
		{"a whole amount, and a name in another script", `{"creditor":"東京銀行","currency":"JPY","amount":"100"}`, 201},
		{"nothing", ``, 400},
		{"no object", `[]`, 400},
		{"null", `null`, 400},
		{"no amount", `{"currency":"EUR","creditor":"Bob"}`, 400},
		{"zero", `{"amount":"0.00","currency":"EUR","creditor":"Bob"}`, 400},
		{"less than zero", `{"amount":"-1.00","currency":"EUR","creditor":"Bob"}`, 400},
		{"three places", `{"amount":"1.001","currency":"EUR","creditor":"Bob"}`, 400},
		{"an exponent", `{"amount":1e3,"currency":"EUR","creditor":"Bob"}`, 400},
		{"an amount in an object", `{"amount":{"value":"1.00"},"currency":"EUR","creditor":"Bob"}`, 400},
		{"an amount twice", `{"amount":"1.00","amount":"9.00","currency":"EUR","creditor":"Bob"}`, 400},
		{"an amount in capitals", `{"Amount":"1.00","currency":"EUR","creditor":"Bob"}`, 400},
		{"no such currency", `{"amount":"1.00","currency":"euro","creditor":"Bob"}`, 400},
		{"no creditor", `{"amount":"1.00","currency":"EUR","creditor":""}`, 400},
		{"a creditor with a line break", `{"amount":"1.00","currency":"EUR","creditor":"Bob\nEve"}`, 400},
		{"a creditor of 141 characters", `{"amount":"1.00","currency":"EUR","creditor":"` + strings.Repeat("a", 141) + `"}`, 400},
		{"another member", `{"amount":"1.00","currency":"EUR","creditor":"Bob","fee":"1.00"}`, 400},
		{"more after it", `{"amount":"1.00","currency":"EUR","creditor":"Bob"}{}`, 400},
		{"WIRE-6 beyond 16 KiB", strings.Repeat(" ", maxPayment) + `{}`, 413},
	}
	server := startAPI(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := call(t, server, "POST", "/payments", test.body, "Scopes", "payments", "Content-Type", "application/json; charset=utf-8")
			var body map[string]string
			if err := json.Unmarshal([]byte(got.body), &body); err != nil || got.StatusCode != test.want {
				t.Fatalf("status %d, want %d: %s", got.StatusCode, test.want, got.body)
			}
			if test.want == 201 && (body["status"] != "accepted" || !uuidSyntax.MatchString(body["payment_id"])) || test.want != 201 && (body["error"] != "invalid_request" || body["error_description"] == "") {
				t.Error(got.body)
			}
			if got.Header.Get("Content-Type") != "application/json" || got.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("headers %v", got.Header)
			}
		})
	}
	if got := call(t, server, "POST", "/payments", `{}`, "Scopes", "payments", "Content-Type", "text/plain"); got.StatusCode != 415 {
		t.Errorf("text/plain answers %d", got.StatusCode)
	}
}

// TestInteractionID is WIRE-11, on refusals too.
func TestInteractionID(t *testing.T) {
	server := startAPI(t)
	const id = "C1B2A3d4-0000-4000-8000-0123456789ab"
	tests := []struct {
		name   string
		sent   []string
		echoed bool
	}{
		{"a UUID is echoed as it is", []string{"X-FAPI-Interaction-ID", id}, true},
		{"none", nil, false},
		{"no UUID", []string{interactionID, "42"}, false},
		{"more than a UUID", []string{interactionID, id + "0"}, false},
		{"two", []string{interactionID, id, interactionID, id}, false},
	}
	for _, test := range tests {
		for name, path := range map[string]string{"answered": "/accounts?ok", "refused": "/payments", "unknown": "/x"} {
			t.Run(test.name+", "+name, func(t *testing.T) {
				got := call(t, server, "GET", path, "", append(test.sent, "Scopes", "accounts")...).Header.Values(interactionID)
				if len(got) != 1 || !uuidSyntax.MatchString(got[0]) || (got[0] == id) != test.echoed {
					t.Errorf("%q", got)
				}
			})
		}
	}
}

func TestAPIUnknownPathsAndMethods(t *testing.T) {
	server := startAPI(t)
	tests := []struct {
		method, path string
		want         int
		allow        string
	}{
		{"GET", "/", 404, ""},
		{"GET", "/accounts/", 404, ""},
		{"DELETE", "/accounts", 405, "GET, HEAD"},
		{"GET", "/payments", 405, "POST"},
		{"OPTIONS", "/payments", 405, "POST"},
	}
	for _, test := range tests {
		t.Run(test.method+" "+test.path, func(t *testing.T) {
			got := call(t, server, test.method, test.path, "", "Scopes", "accounts payments")
			var body map[string]string
			if err := json.Unmarshal([]byte(got.body), &body); err != nil || got.StatusCode != test.want || got.Header.Get("Allow") != test.allow || body["error"] != "invalid_request" {
				t.Errorf("status %d, Allow %q: %s", got.StatusCode, got.Header.Get("Allow"), got.body)
			}
		})
	}
}
