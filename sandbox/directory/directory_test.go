package directory

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/sandbox/pki"
)

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func start(t *testing.T, ca *pki.CA, cfg Config) *httptest.Server {
	t.Helper()
	directory := must(New(cfg, Deps{CA: ca, Clock: clock.System, Log: slog.New(slog.DiscardHandler)}))
	server := httptest.NewTLSServer(directory)
	t.Cleanup(server.Close)
	return server
}

type answer struct {
	*http.Response
	body string
}

func call(t *testing.T, server *httptest.Server, method, path, contentType, body string) answer {
	t.Helper()
	request := must(http.NewRequestWithContext(t.Context(), method, server.URL+path, strings.NewReader(body)))
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	return sent(t, server, request)
}

func sent(t *testing.T, server *httptest.Server, request *http.Request) answer {
	t.Helper()
	response := must(server.Client().Do(request))
	defer response.Body.Close()
	return answer{response, string(must(io.ReadAll(response.Body)))}
}

// wantError checks a refusal: status, JSON, and nothing to cache or sniff.
func wantError(t *testing.T, got answer, httpStatus int) {
	t.Helper()
	var body map[string]string
	if err := json.Unmarshal([]byte(got.body), &body); err != nil || body["error"] == "" || body["error_description"] == "" {
		t.Errorf("body %q (%v)", got.body, err)
	}
	if got.StatusCode != httpStatus || got.Header.Get("Content-Type") != "application/json" ||
		got.Header.Get("Cache-Control") != "no-store" || got.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("status %d, want %d; headers %v", got.StatusCode, httpStatus, got.Header)
	}
}

func pemRequest(key any, subject pkix.Name) string {
	der := must(x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: subject}, key))
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}))
}

func TestIssue(t *testing.T) {
	ca := must(pki.Open(t.TempDir()))
	server := start(t, ca, Config{Dir: t.TempDir()})
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	request := pemRequest(key, pkix.Name{CommonName: "tpp", Organization: []string{"Example"}})
	tests := []struct{ name, contentType, body string }{
		{"application/pkcs10", "application/pkcs10", request},
		{"a form, as curl -d sends", "application/x-www-form-urlencoded", request},
		{"no content type", "", request},
		{"text before it, as openssl writes", "text/plain", "Certificate Request:\n    Data:\n" + request},
		{"the older label", "text/plain", strings.ReplaceAll(request, "CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST")},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := call(t, server, "POST", "/certificates", test.contentType, test.body)
			if got.StatusCode != http.StatusCreated || got.Header.Get("Content-Type") != "application/x-pem-file" || got.Header.Get("Cache-Control") != "no-store" {
				t.Fatalf("status %d, headers %v: %s", got.StatusCode, got.Header, got.body)
			}
			leaf, rest := pem.Decode([]byte(got.body))
			parent, rest := pem.Decode(rest)
			if parent == nil || len(rest) != 0 {
				t.Fatalf("not a chain of two: %s", got.body)
			}
			certificate := must(x509.ParseCertificate(leaf.Bytes))
			if !key.PublicKey.Equal(certificate.PublicKey) || certificate.Subject.String() != "CN=tpp,O=Example" {
				t.Errorf("issued to %s", certificate.Subject)
			}
			if _, err := certificate.Verify(x509.VerifyOptions{Roots: ca.Pool(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestIssueRefuses(t *testing.T) {
	server := start(t, must(pki.Open(t.TempDir())), Config{Dir: t.TempDir()})
	subject := pkix.Name{CommonName: "tpp"}
	good := pemRequest(must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)), subject)
	block, _ := pem.Decode([]byte(good))
	block.Bytes[len(block.Bytes)-1] ^= 1
	tests := []struct {
		name, body string
		want       int
	}{
		{"nothing", "", 400},
		{"no PEM", "hello", 400},
		{"DER", string(block.Bytes), 400},
		{"PEM of something else", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: block.Bytes})), 400},
		{"PEM around nothing", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: []byte("x")})), 400},
		{"two requests", good + good, 400},
		{"a broken signature", string(pem.EncodeToMemory(block)), 400},
		{"a weak key", pemRequest(must(rsa.GenerateKey(rand.Reader, 1024)), subject), 400},
		{"nobody named", pemRequest(must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)), pkix.Name{}), 400},
		{"WIRE-6 a body beyond 32 KiB", strings.Repeat(" ", maxRequest) + good, 413},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			wantError(t, call(t, server, "POST", "/certificates", "application/pkcs10", test.body), test.want)
		})
	}
}

func TestUnknownPathsAndMethods(t *testing.T) {
	server := start(t, must(pki.Open(t.TempDir())), Config{Dir: t.TempDir()})
	tests := []struct {
		method, path string
		want         int
		allow        string
	}{
		{"GET", "/certificates", 405, "POST"},
		{"DELETE", "/keys/a", 405, "GET, HEAD, PUT"},
		{"POST", "/healthz", 405, "GET, HEAD"},
		{"GET", "/", 404, ""},
		{"GET", "/keys/", 404, ""},
		{"GET", "/keys/nobody", 404, ""},
		{"GET", "/keys/..%2f..%2fca-key.pem", 404, ""},
	}
	for _, test := range tests {
		t.Run(test.method+" "+test.path, func(t *testing.T) {
			got := call(t, server, test.method, test.path, "", "")
			wantError(t, got, test.want)
			if got.Header.Get("Allow") != test.allow {
				t.Errorf("Allow %q", got.Header.Get("Allow"))
			}
		})
	}
	if got := call(t, server, "GET", "/healthz", "", ""); got.StatusCode != http.StatusNoContent {
		t.Errorf("healthz answers %d", got.StatusCode)
	}
}

// keySet is a JWK set of one key.
func keySet(members string) string {
	key := must(must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)).PublicKey.Bytes())
	b64 := base64.RawURLEncoding.EncodeToString
	return fmt.Sprintf(`{"keys":[{"kty":"EC","crv":"P-256","x":%q,"y":%q%s}]}`, b64(key[1:33]), b64(key[33:]), members)
}

func TestKeys(t *testing.T) {
	ca, dir := must(pki.Open(t.TempDir())), t.TempDir()
	first, second := keySet(`,"kid":"1","x5t":"kept as it is"`), keySet(`,"kid":"2"`)
	server := start(t, ca, Config{Dir: dir})
	want := func(server *httptest.Server, set string) {
		t.Helper()
		got := call(t, server, "GET", "/keys/Tpp-1.a_b", "", "")
		if got.StatusCode != 200 || got.body != set || got.Header.Get("Content-Type") != "application/jwk-set+json" || got.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("status %d, headers %v, set %s, want %s", got.StatusCode, got.Header, got.body, set)
		}
	}
	if got := call(t, server, "PUT", "/keys/Tpp-1.a_b", "application/json", first); got.StatusCode != http.StatusCreated {
		t.Fatalf("status %d: %s", got.StatusCode, got.body)
	}
	want(server, first)
	if got := call(t, server, "PUT", "/keys/Tpp-1.a_b", "text/plain", second); got.StatusCode != http.StatusNoContent {
		t.Fatalf("status %d: %s", got.StatusCode, got.body)
	}
	want(server, second)
	want(start(t, ca, Config{Dir: dir}), second)
}

func TestKeysRefuses(t *testing.T) {
	server := start(t, must(pki.Open(t.TempDir())), Config{Dir: t.TempDir(), MaxKeySets: 1})
	kept := keySet("")
	if got := call(t, server, "PUT", "/keys/kept", "", kept); got.StatusCode != http.StatusCreated {
		t.Fatal(got.StatusCode, got.body)
	}
	tests := []struct {
		name, path, set string
		want            int
	}{
		{"no JSON", "kept", "x", 400},
		{"a private key", "kept", keySet(`,"d":"AAAA"`), 400},
		{"a symmetric key", "kept", `{"keys":[{"kty":"oct","k":"AAAA"}]}`, 400},
		{"a bare key", "kept", `{"kty":"EC"}`, 400},
		{"a name that leads elsewhere", "..%2fkept", keySet(""), 400},
		{"a name with a space", "a%20b", keySet(""), 400},
		{"a name of 65 characters", strings.Repeat("a", 65), keySet(""), 400},
		{"WIRE-6 beyond 256 KiB", "kept", strings.Repeat(" ", jose.MaxKeySet) + keySet(""), 413},
		{"one name too many", "other", keySet(""), 507},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			wantError(t, call(t, server, "PUT", "/keys/"+test.path, "application/json", test.set), test.want)
			if got := call(t, server, "GET", "/keys/kept", "", ""); got.body != kept {
				t.Errorf("a refused set replaced the kept one: %s", got.body)
			}
		})
	}
}
