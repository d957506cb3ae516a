package resource

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
)

func TestTokenIsHandedOn(t *testing.T) {
	b := newBank(t, Offline, nil)
	details := []any{map[string]any{"type": "payment"}}
	got := b.present(b.token(map[string]any{"authorization_details": details, "acr": "loa3", "auth_time": 1772366000}))
	if got.status != 200 {
		t.Fatalf("answered %d %v", got.status, got.body)
	}
	want := map[string]any{"Issuer": b.issuer.identifier, "Subject": "alice", "ClientID": "client-1", "ID": "t-1",
		"Scopes": []any{"accounts", "openid"}, "Expires": "2026-03-01T12:05:00Z", "ACR": "loa3",
		"AuthTime": "2026-03-01T11:53:20Z", "AuthorizationDetails": details,
		"Confirmation": b.claims(nil)["cnf"]}
	if got, want := asJSON(t, got.body), asJSON(t, want); got != want {
		t.Errorf("token is\n%s, want\n%s", got, want)
	}
}

func asJSON(t *testing.T, value any) string {
	t.Helper()
	raw, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// TestAccessToken is AT-2, RS2-3, RS2-4 and BAD-145: which JWTs are access
// tokens for this API. The claims are changed; null removes one.
func TestAccessToken(t *testing.T) {
	b := newBank(t, Offline, nil)
	now := b.clock.Now().Unix()
	tests := []struct {
		name   string
		change map[string]any
		status int
		code   string
	}{
		{"as it should be", nil, 200, ""},
		{"aud is an array with this resource", map[string]any{"aud": []string{"https://other", accountsAPI}}, 200, ""},
		{"BAD-145 aud of another resource", map[string]any{"aud": "https://other.example"}, 401, "invalid_token"},
		{"aud differs by a slash", map[string]any{"aud": accountsAPI + "/"}, 401, "invalid_token"},
		{"no aud", map[string]any{"aud": nil}, 401, "invalid_token"},
		{"BAD-145 iss of another issuer", map[string]any{"iss": "https://cuckoo.example"}, 401, "invalid_token"},
		{"iss differs by a slash", map[string]any{"iss": b.issuer.identifier + "/"}, 401, "invalid_token"},
		{"no iss", map[string]any{"iss": nil}, 401, "invalid_token"},
		{"no exp", map[string]any{"exp": nil}, 401, "invalid_token"},
		{"exp 4 s past", map[string]any{"exp": now - 4}, 200, ""},
		{"exp 5 s past", map[string]any{"exp": now - 5}, 401, "invalid_token"},
		{"exp is text", map[string]any{"exp": "2099"}, 401, "invalid_token"},
		{"iat and nbf 30 s ahead", map[string]any{"iat": now + 30, "nbf": now + 30}, 200, ""},
		{"iat 31 s ahead", map[string]any{"iat": now + 31}, 401, "invalid_token"},
		{"nbf 31 s ahead", map[string]any{"nbf": now + 31}, 401, "invalid_token"},
		{"no iat", map[string]any{"iat": nil}, 401, "invalid_token"},
		{"no sub", map[string]any{"sub": nil}, 401, "invalid_token"},
		{"no jti", map[string]any{"jti": nil}, 401, "invalid_token"},
		{"no client_id", map[string]any{"client_id": nil}, 401, "invalid_token"},
		{"claim that differs by case", map[string]any{"Scope": "payments"}, 401, "invalid_token"},
		{"scope malformed", map[string]any{"scope": "accounts  openid"}, 401, "invalid_token"},
		{"scope without the one needed", map[string]any{"scope": "openid"}, 403, "insufficient_scope"},
		{"no scope", map[string]any{"scope": nil}, 403, "insufficient_scope"},
		{"scope that begins alike", map[string]any{"scope": "accounts:read"}, 403, "insufficient_scope"},
		{"no cnf", map[string]any{"cnf": nil}, 401, "invalid_token"},
		{"cnf without a member we know", map[string]any{"cnf": map[string]any{"kid": "x"}}, 401, "invalid_token"},
		{"BAD-141 bound to a DPoP key, sent as Bearer", map[string]any{"cnf": map[string]any{"jkt": "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"}}, 401, "invalid_token"},
		{"bound to a DPoP key besides the certificate", map[string]any{"cnf": map[string]any{
			"jkt": "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs", "x5t#S256": b.claims(nil)["cnf"].(map[string]any)["x5t#S256"]}}, 401, "invalid_token"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			wantReply(t, b.present(b.token(test.change)), test.status, test.code)
		})
	}
}

// wantReply also looks at what every refusal has in common (RSE-1, WIRE-5).
func wantReply(t *testing.T, got reply, status int, code string) {
	t.Helper()
	if got.status != status || got.body["error"] != any(code) && code != "" {
		t.Fatalf("answered %d %v, want %d %s", got.status, got.body, status, code)
	}
	if status == 200 {
		return
	}
	if got.header.Get("Cache-Control") != "no-store" {
		t.Errorf("a refusal may be cached: %q", got.header.Get("Cache-Control"))
	}
	challenge := got.header.Get("WWW-Authenticate")
	scheme, _, _ := strings.Cut(challenge, " ")
	want := scheme + ` error="` + code + `", error_description="`
	if code == "insufficient_scope" && !strings.Contains(challenge, `, scope="accounts"`) {
		t.Errorf("challenge %q does not name the scope", challenge)
	}
	if status < 500 && scheme != "Bearer" && scheme != "DPoP" {
		t.Errorf("challenge is %q", challenge)
	}
	if status < 500 && code != "" && !strings.HasPrefix(challenge, want) {
		t.Errorf("challenge is %q, want %q…", challenge, want)
	}
	if code != "" && (got.body["error_description"] == "" || got.header.Get("Content-Type") != "application/json") {
		t.Errorf("body is %v as %s", got.body, got.header.Get("Content-Type"))
	}
}

// TestSignature is AT-2 and BAD-145: who signed, how, and as what.
func TestSignature(t *testing.T) {
	b := newBank(t, Offline, nil)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	b.issuer.change(func() {
		b.issuer.keys = keySet(t, map[string]crypto.Signer{"k1": b.issuer.key, "rsa": rsaKey, "ed": edKey})
	})
	sign := func(typ, kid string, key crypto.Signer) string { return signJWT(t, typ, kid, b.claims(nil), key) }
	good := b.token(nil)
	part := func(i int) string { return strings.Split(good, ".")[i] }
	tests := []struct {
		name  string
		token string
		want  int
	}{
		{"ES256", sign("at+jwt", "k1", b.issuer.key), 200},
		{"PS256", sign("at+jwt", "rsa", rsaKey), 200},
		{"EdDSA", sign("at+jwt", "ed", edKey), 200},
		{"without kid", sign("at+jwt", "", b.issuer.key), 200},
		{"typ as a media type", sign("application/at+jwt", "k1", b.issuer.key), 200},
		{"AT-2 typ in another case", sign("at+JWT", "k1", b.issuer.key), 200},
		{"BAD-145 typ JWT, as of an id_token", sign("JWT", "k1", b.issuer.key), 401},
		{"BAD-145 no typ", sign("", "k1", b.issuer.key), 401},
		{"INTR-4 an introspection answer", sign("token-introspection+jwt", "k1", b.issuer.key), 401},
		{"typ with a parameter", sign("at+jwt;x=1", "k1", b.issuer.key), 401},
		{"BAD-145 alg none", b64(`{"alg":"none","typ":"at+jwt"}`) + "." + part(1) + ".", 401},
		{"alg none with a signature", b64(`{"alg":"none","typ":"at+jwt"}`) + "." + part(1) + "." + part(2), 401},
		{"alg RS256", b64(`{"alg":"RS256","typ":"at+jwt","kid":"rsa"}`) + "." + part(1) + "." + part(2), 401},
		{"BAD-145 another issuer's key under our kid", sign("at+jwt", "k1", newECKey(t)), 401},
		{"a key we do not know", sign("at+jwt", "k9", newECKey(t)), 401},
		{"kid of another key", sign("at+jwt", "ed", b.issuer.key), 401},
		{"claims exchanged", part(0) + "." + b64(asJSON(t, b.claims(map[string]any{"sub": "bob"}))) + "." + part(2), 401},
		{"no signature", part(0) + "." + part(1) + ".", 401},
		{"opaque, in the mode offline", "2YotnFZFEjr1zCsicMWpAA", 401},
		{"longer than 32 KiB", strings.Repeat("a", jose.MaxCompact+1), 401},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			code := ""
			if test.want == 401 {
				code = "invalid_token"
			}
			wantReply(t, b.present(test.token), test.want, code)
		})
	}
	for _, secret := range []string{good, part(2)} {
		if strings.Contains(b.log.String(), secret) {
			t.Error("a token is in the log")
		}
	}
	if !strings.Contains(b.log.String(), "rule=AT-2") {
		t.Error("refusals are not in the log by their rule")
	}
}

func b64(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

func keySet(t *testing.T, byID map[string]crypto.Signer) *jose.KeySet {
	t.Helper()
	var keys []*jose.Key
	for id, key := range byID {
		public, err := jose.NewKey(key.Public(), id)
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, public)
	}
	return jose.NewKeySet(keys...)
}

// TestCertificate is RS2-5, MTLS-5 and BAD-144, over real handshakes.
func TestCertificate(t *testing.T) {
	b := newBank(t, Offline, nil)
	good := bearer(b.token(nil))
	spoofed := good.Clone()
	for _, name := range []string{"X-SSL-Client-Cert", "Ssl-Client-Cert", "X-Client-Cert", "Client-Cert", "X-Forwarded-Client-Cert"} {
		spoofed.Set(name, ":"+base64.StdEncoding.EncodeToString(b.holder.Certificate[0])+":")
	}
	thumbprint := b.claims(nil)["cnf"].(map[string]any)["x5t#S256"].(string)
	other := newCertificate(t)
	chained := tls.Certificate{Certificate: [][]byte{other.Certificate[0], b.holder.Certificate[0]}, PrivateKey: other.PrivateKey}

	t.Run("the certificate of the token", func(t *testing.T) { wantReply(t, b.get("/", good, b.holder), 200, "") })
	t.Run("BAD-144 another certificate", func(t *testing.T) { wantReply(t, b.get("/", good, other), 401, "invalid_token") })
	t.Run("the certificate behind another in the chain", func(t *testing.T) { wantReply(t, b.get("/", good, chained), 401, "invalid_token") })
	t.Run("BAD-144 no certificate", func(t *testing.T) { wantReply(t, b.get("/", good), 401, "invalid_token") })
	t.Run("BAD-144 certificate in a header", func(t *testing.T) { wantReply(t, b.get("/", spoofed), 401, "invalid_token") })
	t.Run("BAD-144 certificate in a header beside another", func(t *testing.T) { wantReply(t, b.get("/", spoofed, other), 401, "invalid_token") })
	t.Run("thumbprint with padding", func(t *testing.T) {
		padded := b.token(map[string]any{"cnf": map[string]any{"x5t#S256": thumbprint + "="}})
		wantReply(t, b.present(padded), 401, "invalid_token")
	})
}
