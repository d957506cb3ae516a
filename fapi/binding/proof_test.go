package binding

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

var proofKey = func() crypto.Signer {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return key
}()

var edKey = ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))

func terms() ProofTerms {
	return ProofTerms{
		Method:     "POST",
		URL:        "https://as.example/bank/token",
		Algorithms: []jose.Algorithm{jose.ES256},
		Now:        start,
		MaxAge:     time.Minute,
		Ahead:      30 * time.Second,
	}
}

// claims are of a sound proof, with some set otherwise; nil leaves one out.
func claims(change map[string]any) map[string]any {
	of := map[string]any{"jti": "proof-1", "htm": "POST", "htu": "https://as.example/bank/token", "iat": start.Unix()}
	maps.Copy(of, change)
	maps.DeleteFunc(of, func(_ string, value any) bool { return value == nil })
	return of
}

func proof(t *testing.T, typ string, change map[string]any) string {
	t.Helper()
	return proofBy(t, jose.ES256, typ, change, proofKey)
}

func proofBy(t *testing.T, algorithm jose.Algorithm, typ string, change map[string]any, key crypto.Signer) string {
	t.Helper()
	payload, err := json.Marshal(claims(change))
	if err != nil {
		t.Fatal(err)
	}
	compact, err := jose.SignProof(algorithm, typ, payload, key)
	if err != nil {
		t.Fatal(err)
	}
	return compact
}

// at is a time as a NumericDate.
func at(d time.Duration) int64 { return start.Add(d).Unix() }

// TestVerifyProof is RFC 9449 §4.3, as far as it needs no memory. Each row is a
// sound proof with one thing changed.
func TestVerifyProof(t *testing.T) {
	const token = "an access token"
	for _, row := range []struct {
		name   string
		claims map[string]any
		terms  func(*ProofTerms)
		want   string // in the description; empty where the proof is good
	}{
		{"sound", nil, nil, ""},
		{"unknown claims are ignored (DPOP-3)", map[string]any{"foo": "bar"}, nil, ""},
		{"as old as may be", map[string]any{"iat": at(-time.Minute)}, nil, ""},
		{"10 s ahead (SP2-13)", map[string]any{"iat": at(10 * time.Second)}, nil, ""},
		{"exp and nbf that hold", map[string]any{"exp": at(time.Minute), "nbf": at(-time.Minute)}, nil, ""},
		{"a nonce", map[string]any{"nonce": "n"}, nil, ""},
		{"htu in another spelling (BAD-137)", map[string]any{"htu": "HTTPS://AS.EXAMPLE:443/bank/token?q#f"}, nil, ""},
		{"the token's hash", map[string]any{"ath": oauth.Hash(token)}, func(p *ProofTerms) { p.AccessToken = token }, ""},
		{"a jti of 256 bytes", map[string]any{"jti": strings.Repeat("j", 256)}, nil, ""},

		{"no jti (BAD-134)", map[string]any{"jti": nil}, nil, "jti"},
		{"an empty jti", map[string]any{"jti": ""}, nil, "jti"},
		{"a jti of 257 bytes", map[string]any{"jti": strings.Repeat("j", 257)}, nil, "jti"},
		{"jti a number (BAD-134)", map[string]any{"jti": 1}, nil, "wrong kind"},
		{"no htm (BAD-134)", map[string]any{"htm": nil}, nil, "htm"},
		{"htm GET (BAD-135)", map[string]any{"htm": "GET"}, nil, "htm"},
		{"htm post (BAD-135)", map[string]any{"htm": "post"}, nil, "htm"},
		{"no htu (BAD-134)", map[string]any{"htu": nil}, nil, "htu"},
		{"htu a number (BAD-134)", map[string]any{"htu": 1}, nil, "wrong kind"},
		{"htu of the mTLS alias (BAD-136)", map[string]any{"htu": "https://mtls.as.example/bank/token"}, nil, "htu"},
		{"no iat (BAD-134)", map[string]any{"iat": nil}, nil, "iat"},
		{"iat a text (BAD-134)", map[string]any{"iat": "now"}, nil, "wrong kind"},
		{"too old", map[string]any{"iat": at(-61 * time.Second)}, nil, "iat"},
		{"an hour ahead", map[string]any{"iat": at(time.Hour)}, nil, "iat"},
		{"beyond the tolerance", map[string]any{"iat": at(31 * time.Second)}, nil, "iat"},
		{"exp in the past", map[string]any{"exp": at(-time.Minute)}, nil, "exp"},
		{"nbf in the future", map[string]any{"nbf": at(time.Minute)}, nil, "nbf"},
		{"no ath with a token (BAD-141)", nil, func(p *ProofTerms) { p.AccessToken = token }, "ath"},
		{"ath of another token (BAD-141)", map[string]any{"ath": oauth.Hash("x")}, func(p *ProofTerms) { p.AccessToken = token }, "ath"},
		{"an algorithm that is not allowed (BAD-132)", nil, func(p *ProofTerms) { p.Algorithms = []jose.Algorithm{jose.PS256} }, "alg"},
		{"no algorithm is allowed", nil, func(p *ProofTerms) { p.Algorithms = nil }, "alg"},
	} {
		t.Run(row.name, func(t *testing.T) {
			of := terms()
			if row.terms != nil {
				row.terms(&of)
			}
			got, err := VerifyProof(proof(t, "dpop+jwt", row.claims), of)
			verdict(t, got, err, row.want)
		})
	}
}

func verdict(t *testing.T, got *Proof, err error, want string) {
	t.Helper()
	if want == "" {
		if err != nil {
			t.Errorf("refused: %v", err)
		}
		return
	}
	refusal, ok := oauth.AsError(err)
	if !ok || got != nil {
		t.Fatalf("not refused: %v, %v", got, err)
	}
	if refusal.Code != oauth.CodeInvalidDPoPProof || refusal.Rule != "DPOP-4" || !strings.Contains(refusal.Description, want) {
		t.Errorf("refused for something else: %v, want %q", refusal, want)
	}
}

// TestProofForm is BAD-130 and BAD-131: the header is one proof, and says so.
func TestProofForm(t *testing.T) {
	good := proof(t, "dpop+jwt", nil)
	for _, row := range []struct{ name, compact, want string }{
		{"typ by another case", proof(t, "DPoP+JWT", nil), ""},
		{"no typ (BAD-131)", proof(t, "", nil), "typ"},
		{"typ JWT (BAD-131)", proof(t, "JWT", nil), "typ"},
		{"typ dpop+jwt+x (BAD-131)", proof(t, "dpop+jwt+x", nil), "typ"},
		{"typ of an access token", proof(t, "at+jwt", nil), "typ"},
		{"empty", "", "well-formed"},
		{"two values in one header (BAD-130)", good + ", " + good, "well-formed"},
		{"a blank behind", good + " ", "well-formed"},
		{"another's signature", good[:strings.LastIndexByte(good, '.')] + proof(t, "dpop+jwt", map[string]any{"jti": "proof-2"})[strings.LastIndexByte(good, '.'):], "signature"},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := VerifyProof(row.compact, terms())
			verdict(t, got, err, row.want)
		})
	}
}

// TestProofAnswers: what is kept of a good proof.
func TestProofAnswers(t *testing.T) {
	got, err := VerifyProof(proof(t, "dpop+jwt", map[string]any{"nonce": "n-1", "iat": at(-10 * time.Second)}), terms())
	if err != nil {
		t.Fatal(err)
	}
	public, err := jose.NewKey(proofKey.Public(), "")
	if err != nil {
		t.Fatal(err)
	}
	if got.KeyThumbprint != public.Thumbprint() || got.Nonce != "n-1" {
		t.Errorf("%+v", got)
	}
	if want := start.Add(50 * time.Second); !got.Expires.After(want) || got.Expires.After(want.Add(2*time.Second)) {
		t.Errorf("it is remembered until %s, want just after %s", got.Expires, want)
	}
}

// TestReplayID: a proof is told from others by key, endpoint and jti (DPOP-4).
func TestReplayID(t *testing.T) {
	id := func(compact string) string {
		t.Helper()
		of := terms()
		of.Algorithms = []jose.Algorithm{jose.ES256, jose.EdDSA}
		if strings.Contains(compact, "!") {
			of.URL = "https://as.example/bank/par"
			compact = strings.TrimSuffix(compact, "!")
		}
		got, err := VerifyProof(compact, of)
		if err != nil {
			t.Fatal(err)
		}
		return got.ReplayID
	}
	first := id(proof(t, "dpop+jwt", nil))
	if again := id(proof(t, "dpop+jwt", map[string]any{"iat": at(-time.Second), "nonce": "x"})); again != first {
		t.Error("the same jti of the same key is another proof")
	}
	for name, other := range map[string]string{
		"another jti":      proof(t, "dpop+jwt", map[string]any{"jti": "proof-2"}),
		"another key":      proofBy(t, jose.EdDSA, "dpop+jwt", nil, edKey),
		"another endpoint": proof(t, "dpop+jwt", map[string]any{"htu": "https://as.example/bank/par"}) + "!",
	} {
		if id(other) == first {
			t.Errorf("%s: the same proof", name)
		}
	}
}
