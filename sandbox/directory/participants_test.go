package directory

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/secret"
	"github.com/strongroom-fapi/strongroom/sandbox/pki"
)

const operator = "operator-token-of-the-directory"

// serve starts a directory that asks for certificates, as the sandbox's does.
func serve(t *testing.T, ca *pki.CA, folder string) *httptest.Server {
	t.Helper()
	handler := must(New(Config{Dir: folder, Issuer: "https://directory.example", OperatorToken: secret.New(operator)},
		Deps{CA: ca, Clock: clock.System, Log: slog.New(slog.DiscardHandler)}))
	server := httptest.NewUnstartedServer(handler)
	server.TLS = &tls.Config{ClientAuth: tls.RequestClientCert}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

// member is one that enrolled.
type member struct {
	OrgID       string `json:"org_id"`
	SoftwareID  string `json:"software_id"`
	Certificate string `json:"certificate"`
	key         *ecdsa.PrivateKey
}

func enrol(t *testing.T, server *httptest.Server) member {
	t.Helper()
	m := member{key: must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))}
	// Who asks for the names of another gets its own.
	csr := must(x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{OrganizationalUnit: []string{"org-of-another"}}}, m.key))
	body := string(must(json.Marshal(map[string]any{
		"org_name": "Org", "client_name": "App", "redirect_uris": []string{"https://app.example/cb"}, "roles": []string{"accounts"},
		"certificate_request": string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: csr})),
	})))
	got := call(t, server, http.MethodPost, "/participants", "application/json", body)
	if got.StatusCode != http.StatusCreated || json.Unmarshal([]byte(got.body), &m) != nil {
		t.Fatalf("%s: %s", got.Status, got.body)
	}
	return m
}

// as makes requests with a member's certificate.
func as(t *testing.T, server *httptest.Server, m member) *httptest.Server {
	t.Helper()
	block, _ := pem.Decode([]byte(m.Certificate))
	client := server.Client()
	transport := client.Transport.(*http.Transport).Clone()
	transport.TLSClientConfig.Certificates = []tls.Certificate{{Certificate: [][]byte{block.Bytes}, PrivateKey: m.key}}
	client.Transport = transport
	return server
}

func without(t *testing.T, server *httptest.Server) *httptest.Server {
	t.Helper()
	transport := server.Client().Transport.(*http.Transport).Clone()
	transport.TLSClientConfig.Certificates = nil
	server.Client().Transport = transport
	return server
}

func askToken(t *testing.T, server *httptest.Server, softwareID string) answer {
	t.Helper()
	return call(t, server, http.MethodPost, "/token", "application/x-www-form-urlencoded", "grant_type=client_credentials&client_id="+softwareID)
}

func askStatement(t *testing.T, server *httptest.Server, token string) answer {
	t.Helper()
	request := must(http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/statement", nil))
	request.Header.Set("Authorization", "Bearer "+token)
	return sent(t, server, request)
}

func setStatus(t *testing.T, server *httptest.Server, orgID, token, status string) answer {
	t.Helper()
	request := must(http.NewRequestWithContext(t.Context(), http.MethodPut, server.URL+"/participants/"+orgID+"/status", strings.NewReader(`{"status":"`+status+`"}`)))
	request.Header.Set("Authorization", "Bearer "+token)
	return sent(t, server, request)
}

// TestDirectoryVouchesForWhoItKnows, and for nobody who only has its words.
func TestDirectoryVouchesForWhoItKnows(t *testing.T) {
	ca, folder := must(pki.Open(t.TempDir())), t.TempDir()
	server := serve(t, ca, folder)
	one, other := enrol(t, server), enrol(t, server)
	block, _ := pem.Decode([]byte(one.Certificate))
	leaf := must(x509.ParseCertificate(block.Bytes))
	if leaf.Subject.OrganizationalUnit[0] != one.OrgID || len(leaf.Subject.OrganizationalUnit) != 1 {
		t.Errorf("the certificate has the names that were asked for: %s", leaf.Subject)
	}
	if _, err := leaf.Verify(x509.VerifyOptions{Roots: ca.Pool(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}); err == nil {
		t.Error("it is by the authority that signs for everybody")
	}
	wantError(t, askToken(t, without(t, server), one.SoftwareID), http.StatusUnauthorized)
	wantError(t, askToken(t, as(t, server, other), one.SoftwareID), http.StatusUnauthorized)
	wantError(t, askToken(t, as(t, server, one), "software-unknown"), http.StatusUnauthorized)
	var token struct {
		Text string `json:"access_token"`
	}
	if got := askToken(t, as(t, server, one), one.SoftwareID); got.StatusCode != http.StatusOK || json.Unmarshal([]byte(got.body), &token) != nil {
		t.Fatalf("%s: %s", got.Status, got.body)
	}
	wantError(t, askStatement(t, without(t, server), token.Text), http.StatusUnauthorized)
	wantError(t, askStatement(t, as(t, server, other), token.Text), http.StatusUnauthorized)
	got := askStatement(t, as(t, server, one), token.Text)
	keys := must(jose.ParseKeySet([]byte(call(t, server, http.MethodGet, "/jwks", "", "").body)))
	var claims struct {
		Issuer   string `json:"iss"`
		Org      string `json:"org_id"`
		Software string `json:"software_id"`
	}
	signed := must(jose.Parse(got.body))
	if err := signed.Verify(keys, jose.PS256); err != nil || signed.Claims(&claims) != nil ||
		claims.Issuer != "https://directory.example" || claims.Org != one.OrgID || claims.Software != one.SoftwareID {
		t.Errorf("%v: %s", err, got.body)
	}

	wantError(t, setStatus(t, server, one.OrgID, "wrong", "suspended"), http.StatusUnauthorized)
	wantError(t, setStatus(t, server, one.OrgID, operator, "gone"), http.StatusBadRequest)
	wantError(t, setStatus(t, server, "org-unknown", operator, "suspended"), http.StatusNotFound)
	if got := setStatus(t, server, one.OrgID, operator, "suspended"); got.StatusCode != http.StatusNoContent {
		t.Fatal(got.Status)
	}
	wantError(t, askStatement(t, as(t, server, one), token.Text), http.StatusForbidden)
	again := serve(t, ca, folder) // what one start left, the next one knows
	list := call(t, again, http.MethodGet, "/participants", "", "").body
	if !strings.Contains(list, `"org_id":"`+one.OrgID+`","org_name":"Org","status":"suspended"`) || !strings.Contains(list, `"org_id":"`+other.OrgID+`","org_name":"Org","status":"active"`) {
		t.Errorf("%s", list)
	}
	if call(t, again, http.MethodGet, "/jwks", "", "").body != call(t, server, http.MethodGet, "/jwks", "", "").body {
		t.Error("a restart changed the key of statements")
	}
}

// TestEnrolmentRefuses what names nobody or has no key.
func TestEnrolmentRefuses(t *testing.T) {
	server := serve(t, must(pki.Open(t.TempDir())), t.TempDir())
	for _, body := range []string{"", "x", "[]", "{}", `{"org_name":"Org","client_name":"App","redirect_uris":["https://a.example"],"roles":["accounts"],"certificate_request":"x"}`} {
		wantError(t, call(t, server, http.MethodPost, "/participants", "application/json", body), http.StatusBadRequest)
	}
}
