package ecosystem

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/secret"
	"github.com/strongroom-fapi/strongroom/sandbox/credential"
)

// publicAPI is where clients call the API: another host than the test's server.
const publicAPI = "https://localhost:9446"

// startAPI is the bank's API with an issuer like each of the sandbox's.
func startAPI(t *testing.T) (*httptest.Server, client) {
	t.Helper()
	at := newIssuers(t, "fapi2", "fapi2-nonce", "fapi2-opaque", "another")
	at.refusals = 2 // the issuers are not up yet
	cfg := configOf(t, at)
	handler, err := bankAPI(t.Context(), cfg, clock.System, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	for _, issuer := range cfg.Issuers {
		own, err := credential.Load(issuer.Credential)
		if err != nil || own.Issuer != issuer.Issuer || own.ClientID != "bank-at-"+filepath.Base(issuer.Issuer) {
			t.Errorf("credential at %s: %+v, %v", issuer.Issuer, own, err)
		}
	}
	server := httptest.NewTLSServer(handler)
	t.Cleanup(server.Close)
	return server, client{t: t, issuers: at, key: newKey(t)}
}

func configOf(t *testing.T, at *issuers) BankConfig {
	dir := t.TempDir()
	return BankConfig{
		Pages: []string{"localhost:0"}, API: []string{"localhost:0"}, InteractionAddress: "localhost:1",
		TrustedCA: at.trusted(), Resource: publicAPI, InitialAccessToken: secret.New("let-me-in"),
		Issuers: []BankIssuer{
			{Issuer: at.identifier("fapi2"), Credential: filepath.Join(dir, "bank.json")},
			{Issuer: at.identifier("fapi2-nonce"), DPoPNonces: true, Credential: filepath.Join(dir, "bank-fapi2-nonce.json")},
			{Issuer: at.identifier("fapi2-opaque"), Opaque: true, Credential: filepath.Join(dir, "bank-fapi2-opaque.json")},
		},
	}
}

type answer struct {
	*http.Response
	body string
}

func call(t *testing.T, server *httptest.Server, method, path, body string, headers ...string) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Add(headers[i], headers[i+1])
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response, string(text)}
}

// want is a status and, for a refusal, a code in the challenge; and what every
// answer has (WIRE-11).
func (a answer) want(t *testing.T, status int, code string) {
	t.Helper()
	if a.StatusCode != status || !strings.Contains(a.Header.Get("WWW-Authenticate"), code) {
		t.Errorf("answered %d %q %s, want %d %s", a.StatusCode, a.Header.Values("WWW-Authenticate"), a.body, status, code)
	}
	if ids := a.Header.Values("X-Fapi-Interaction-Id"); len(ids) != 1 || !regexp.MustCompile(`^[0-9a-f-]{36}$`).MatchString(ids[0]) {
		t.Errorf("x-fapi-interaction-id is %q", ids)
	}
	if _, err := time.Parse(http.TimeFormat, a.Header.Get("Date")); err != nil {
		t.Error(err)
	}
	if control := a.Header.Values("Cache-Control"); len(control) != 1 || control[0] != "no-store" {
		t.Errorf("Cache-Control is %q", control)
	}
}

// TestEachIssuer: every issuer's tokens are judged by its own verifier, and a
// token that only says it is an issuer's is refused (RS2-6, BAD-145).
func TestEachIssuer(t *testing.T) {
	server, c := startAPI(t)
	fapi2, another := c.issuers.identifier("fapi2"), c.issuers.identifier("another")
	tests := []struct {
		name, token, askedAt string
		status               int
		code                 string
	}{
		{"a JWT of the first", c.jwt(fapi2, "fapi2"), "fapi2", 200, ""},
		{"a JWT of the opaque one", c.jwt(c.issuers.identifier("fapi2-opaque"), "fapi2-opaque"), "fapi2-opaque", 200, ""},
		{"BAD-145 says the first, signed by another", c.jwt(fapi2, "fapi2-opaque"), "", 401, "invalid_token"},
		{"BAD-145 of an issuer that is not ours", c.jwt(another, "another"), "", 401, "invalid_token"},
		{"of nobody", c.jwt("", "fapi2"), "", 401, "invalid_token"},
		{"in three parts that are no JWT", "a.b.c", "", 401, "invalid_token"},
		{"opaque and unknown", "opaque-0", "fapi2-opaque", 401, "invalid_token"},
		{"opaque", "opaque-1", "fapi2-opaque", 200, ""},
	}
	known := c.claims(c.issuers.identifier("fapi2-opaque"))
	known["token_type"] = "DPoP"
	c.issuers.stands("opaque-1", known)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := call(t, server, "GET", "/accounts", "", "Authorization", "DPoP "+test.token, "DPoP", c.proof("GET", "/accounts", test.token, ""))
			got.want(t, test.status, test.code)
			if test.status == 200 && !strings.Contains(got.body, "acc-a1-current") {
				t.Errorf("accounts are %s", got.body)
			}
			for _, name := range []string{"fapi2", "fapi2-nonce", "fapi2-opaque", "another"} {
				if asked := c.issuers.askedOf(name, test.token); asked != (name == test.askedAt) {
					t.Errorf("%s was asked: %t", name, asked)
				}
			}
		})
	}
}

// TestNonceOfItsIssuer is BAD-140: only proofs with one issuer's tokens need a
// nonce, which the API hands out.
func TestNonceOfItsIssuer(t *testing.T) {
	server, c := startAPI(t)
	token := c.jwt(c.issuers.identifier("fapi2-nonce"), "fapi2-nonce")
	got := call(t, server, "GET", "/accounts", "", "Authorization", "DPoP "+token, "DPoP", c.proof("GET", "/accounts", token, ""))
	got.want(t, 401, "use_dpop_nonce")
	nonces := got.Header.Values("DPoP-Nonce")
	if len(nonces) != 1 {
		t.Fatalf("DPoP-Nonce is %q", nonces)
	}
	got = call(t, server, "GET", "/accounts", "", "Authorization", "DPoP "+token, "DPoP", c.proof("GET", "/accounts", token, nonces[0]))
	got.want(t, 200, "")
}

// TestPaymentByDPoP: htm is POST (BAD-135), and a proof works once (BAD-139).
func TestPaymentByDPoP(t *testing.T) {
	server, c := startAPI(t)
	const payment = `{"amount":"1.00","currency":"EUR","creditor":"Bob"}`
	token := c.jwt(c.issuers.identifier("fapi2"), "fapi2")
	pay := func(proof string) answer {
		return call(t, server, "POST", "/payments", payment, "Authorization", "DPoP "+token, "DPoP", proof)
	}
	good := c.proof("POST", "/payments", token, "")
	pay(c.proof("GET", "/payments", token, "")).want(t, 401, "invalid_dpop_proof")
	pay(c.proof("POST", "/accounts", token, "")).want(t, 401, "invalid_dpop_proof")
	pay(good).want(t, 201, "")
	pay(good).want(t, 401, "invalid_dpop_proof")
}

// TestRefusalsOfAPI is BAD-141 and BAD-143, and where there is no token at all.
func TestRefusalsOfAPI(t *testing.T) {
	server, c := startAPI(t)
	token := c.jwt(c.issuers.identifier("fapi2"), "fapi2")
	tests := []struct {
		name, path string
		headers    []string
		status     int
		code       string
	}{
		{"no token", "/accounts", nil, 401, "Bearer realm="},
		{"BAD-143 in the query", "/accounts?access_token=" + token, nil, 400, "invalid_request"},
		{"BAD-143 in the query beside the header", "/accounts?access_token=" + token,
			[]string{"Authorization", "DPoP " + token, "DPoP", c.proof("GET", "/accounts", token, "")}, 400, "invalid_request"},
		{"BAD-143 Bearer and DPoP", "/accounts", []string{"Authorization", "Bearer " + token, "Authorization", "DPoP " + token}, 400, "invalid_request"},
		{"BAD-141 under Bearer", "/accounts", []string{"Authorization", "Bearer " + token}, 401, "invalid_token"},
		{"BAD-141 scheme in lower case", "/accounts", []string{"Authorization", "dpop " + token, "DPoP", c.proof("GET", "/accounts", token, "")}, 200, ""},
		{"a path spelled otherwise is no redirect", "//accounts", nil, 404, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			call(t, server, "GET", test.path, "", test.headers...).want(t, test.status, test.code)
		})
	}
	if got := call(t, server, "GET", "/healthz", ""); got.StatusCode != 204 {
		t.Errorf("/healthz answers %d", got.StatusCode)
	}
}

// TestSecondStart uses the credentials that are there.
func TestSecondStart(t *testing.T) {
	at := newIssuers(t, "fapi2", "fapi2-nonce", "fapi2-opaque")
	cfg, log := configOf(t, at), slog.New(slog.DiscardHandler)
	if _, err := bankAPI(t.Context(), cfg, clock.System, log); err != nil {
		t.Fatal(err)
	}
	cfg.InitialAccessToken = secret.New("spent")
	if _, err := bankAPI(t.Context(), cfg, clock.System, log); err != nil {
		t.Error(err)
	}
}

func TestBankConfig(t *testing.T) {
	at := newIssuers(t)
	for name, change := range map[string]func(*BankConfig){
		"no issuers":                  func(c *BankConfig) { c.Issuers = nil },
		"an issuer without a name":    func(c *BankConfig) { c.Issuers[1].Issuer = "" },
		"an issuer without a file":    func(c *BankConfig) { c.Issuers[1].Credential = "" },
		"an issuer twice":             func(c *BankConfig) { c.Issuers[1].Issuer = c.Issuers[0].Issuer },
		"two issuers, one credential": func(c *BankConfig) { c.Issuers[1].Credential = c.Issuers[0].Credential },
		"two opaque issuers":          func(c *BankConfig) { c.Issuers[0].Opaque = true },
	} {
		t.Run(name, func(t *testing.T) {
			cfg := configOf(t, at)
			if err := cfg.Validate(); err != nil {
				t.Fatal(err)
			}
			change(&cfg)
			if cfg.Validate() == nil {
				t.Error("accepted")
			}
		})
	}
}
