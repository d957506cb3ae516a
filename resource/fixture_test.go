package resource

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/binding"
	"github.com/strongroom-fapi/strongroom/fapi/jose"
)

const accountsAPI = "https://api.bank.example"

// manualClock moves only when told to.
type manualClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *manualClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *manualClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// journal is a log that many goroutines write.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(line []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(line)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// bank is an API behind the verifier under test, with its issuer.
type bank struct {
	t        testing.TB
	clock    *manualClock
	issuer   *fakeIssuer
	verifier *Verifier
	api      *httptest.Server
	log      *journal
	holder   tls.Certificate // of the client that tokens are bound to
}

// newBank serves every path under Require("accounts"), over TLS that asks for a
// client certificate.
func newBank(t testing.TB, mode Mode, introspect func(*bank) Introspector, changes ...func(*Config, *Deps)) *bank {
	t.Helper()
	b := &bank{t: t, clock: &manualClock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}, log: &journal{}}
	b.issuer = newFakeIssuer(t)
	b.holder = newCertificate(t)
	deps := Deps{HTTP: b.issuer.server.Client(), Clock: b.clock, Log: slog.New(slog.NewTextHandler(b.log, nil))}
	if introspect != nil {
		deps.Introspect = introspect(b)
	}
	config := Config{Issuer: b.issuer.identifier, Resource: accountsAPI, Mode: mode}
	for _, change := range changes {
		change(&config, &deps)
	}
	var err error
	b.verifier, err = New(config, deps)
	if err != nil {
		t.Fatal(err)
	}
	b.api = httptest.NewUnstartedServer(b.verifier.Require("accounts")(http.HandlerFunc(showToken)))
	b.api.TLS = &tls.Config{ClientAuth: tls.RequestClientCert}
	b.api.StartTLS()
	t.Cleanup(b.api.Close)
	return b
}

func showToken(w http.ResponseWriter, r *http.Request) {
	token, ok := TokenFrom(r.Context())
	if !ok {
		http.Error(w, "no token in the context", http.StatusInternalServerError)
		return
	}
	json.NewEncoder(w).Encode(token)
}

// newCertificate is self-signed, as self_signed_tls_client_auth has it.
func newCertificate(t testing.TB) tls.Certificate {
	t.Helper()
	key := newECKey(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "client"},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func newECKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// claims are those of a good access token; a change with a nil value removes.
func (b *bank) claims(changes map[string]any) map[string]any {
	now := b.clock.Now().Unix()
	claims := map[string]any{
		"iss": b.issuer.identifier, "aud": accountsAPI, "sub": "alice", "client_id": "client-1", "jti": "t-1",
		"iat": now, "exp": now + 300, "scope": "accounts openid",
		"cnf": map[string]any{"x5t#S256": binding.Thumbprint(b.holder.Certificate[0])},
	}
	for name, value := range changes {
		if claims[name] = value; value == nil {
			delete(claims, name)
		}
	}
	return claims
}

// token is a good JWT access token but for the changes.
func (b *bank) token(changes map[string]any) string {
	b.t.Helper()
	return signJWT(b.t, "at+jwt", b.issuer.keyID, b.claims(changes), b.issuer.key)
}

func signJWT(t testing.TB, typ, kid string, claims map[string]any, key crypto.Signer) string {
	t.Helper()
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	public, err := jose.NewKey(key.Public(), kid)
	if err != nil {
		t.Fatal(err)
	}
	token, err := jose.Sign(public.Algorithm(), kid, typ, payload, key)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// reply is what the API said.
type reply struct {
	status int
	header http.Header
	body   map[string]any
}

// get calls the API over a fresh connection, with a certificate or without.
func (b *bank) get(path string, header http.Header, certificates ...tls.Certificate) reply {
	b.t.Helper()
	return b.call(http.MethodGet, path, header, certificates...)
}

func (b *bank) call(method, path string, header http.Header, certificates ...tls.Certificate) reply {
	b.t.Helper()
	roots := x509.NewCertPool()
	roots.AddCert(b.api.Certificate())
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, Certificates: certificates}}
	defer transport.CloseIdleConnections()
	request, err := http.NewRequest(method, b.api.URL+path, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	request.Header = header.Clone()
	response, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	raw, _ := io.ReadAll(response.Body)
	got := reply{status: response.StatusCode, header: response.Header}
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &got.body); err != nil {
			b.t.Fatalf("body %q is not JSON", raw)
		}
	}
	return got
}

// present shows a token as its holder does.
func (b *bank) present(token string) reply {
	b.t.Helper()
	return b.get("/", bearer(token), b.holder)
}

func bearer(token string) http.Header {
	return http.Header{"Authorization": {"Bearer " + token}}
}

// verify is present without the network of the API, for races and many calls.
func (b *bank) verify(token string) error {
	leaf, err := x509.ParseCertificate(b.holder.Certificate[0])
	if err != nil {
		return err
	}
	request := httptest.NewRequest(http.MethodGet, "/", nil)
	request.Header = bearer(token)
	request.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{leaf}}
	_, err = b.verifier.Verify(request, "accounts")
	return err
}
