package statement

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/framework"
	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// everybody is a directory in which all take part.
type everybody struct{}

func (everybody) Active(context.Context, *framework.Framework, string) (bool, error) {
	return true, nil
}

// FuzzStatement: whatever a framework signs, or somebody else sends, it is refused
// with a code of RFC 7591 §3.2.2, or it names its software, its participant and an end
// that has not passed.
func FuzzStatement(f *testing.F) {
	for _, seed := range []string{
		`{"iss":"https://directory.example","iat":1893456000,"exp":1893456300,"jti":"1","software_id":"s","org_id":"o","org_status":"Active"}`,
		`{"iss":"https://directory.example","iat":1893456000,"exp":1e400,"software_id":"s","org_id":"o"}`,
		`{"iss":"https://directory.example","iat":"1893456000","exp":1893456300}`, `{"iss":"https://directory.example","iss":"x"}`,
		`{"iss":"https://directory.example","iat":1893456000,"exp":1893456300,"jti":"2","software_id":"\ud800","org_id":{"a":[]}}`,
		`{"iss":"https://other.example"}`, `{}`, `[]`, `null`, "", "\xff",
	} {
		f.Add([]byte(seed), false)
		f.Add([]byte(seed), true)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	public, err := jose.NewKey(key.Public(), "fuzz")
	if err != nil {
		f.Fatal(err)
	}
	set, err := issuer.NewSet(issuer.Issuer{
		Name: "bank", Identifier: "https://as.example/bank", MTLSBase: "https://mtls.as.example/bank", Profile: "fapi2-security",
		InteractionURL: "https://bank.example/login", Resource: "https://api.example", Scopes: []issuer.Scope{{Name: "accounts"}},
		TrustFrameworks: []framework.Framework{{
			Name: "directory", Issuer: "https://directory.example", JWKSFile: "/keys.json", Algorithms: []jose.Algorithm{jose.ES256},
			MaxLifetime: time.Hour, StatementOnce: true, AcceptedValues: map[string][]string{"org_status": {"Active"}},
		}},
	})
	if err != nil {
		f.Fatal(err)
	}
	of, now := set.All()[0], time.Unix(1893456000, 0)
	v := Verifier{Files: map[string]*jose.KeySet{"/keys.json": jose.NewKeySet(public)}, Standing: everybody{}}
	f.Fuzz(func(t *testing.T, text []byte, raw bool) {
		compact := string(text)
		if !raw {
			compact = signed(t, key, text)
		}
		s, err := v.Verify(t.Context(), of, compact, now)
		if err == nil {
			if s.SoftwareID == "" || s.Participant == "" || s.ID == "" || s.Until.Before(now) || s.Text != compact {
				t.Fatalf("believed: %+v", s)
			}
			return
		}
		refusal, ok := oauth.AsError(err)
		if !ok || refusal.Code != oauth.CodeInvalidStatement && refusal.Code != oauth.CodeUnapprovedStatement {
			t.Fatalf("refused with %v", err)
		}
	})
}

// signed is a JWS over any bytes, which jose.Sign would not make of them.
func signed(t *testing.T, key *ecdsa.PrivateKey, payload []byte) string {
	t.Helper()
	encode := base64.RawURLEncoding.EncodeToString
	input := encode([]byte(`{"alg":"ES256","kid":"fuzz"}`)) + "." + encode(payload)
	digest := sha256.Sum256([]byte(input))
	r, s, err := ecdsa.Sign(rand.Reader, key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	signature := append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	return input + "." + encode(signature)
}
