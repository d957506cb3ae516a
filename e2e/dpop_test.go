package e2e

import (
	"net/http"
	"strings"
	"testing"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/sandbox/layout"
)

const invalidProof = oauth.CodeInvalidDPoPProof

// TestProof: what a token is bound to is proven by a fresh proof, made for this
// request by whom has the key (RFC 9449 §4.3).
func TestProof(t *testing.T) {
	t.Parallel()
	eachClient(t, proving, func(t *testing.T, s *rig.Suite, k kind) { proofAll(t, s, k.client(t, s)) })
}

func proofAll(t *testing.T, s *rig.Suite, c *rig.Client) {
	t.Helper()
	other, endpoint, now := rig.ES256Key(), c.Credentials().URL, s.Now().Unix()
	elsewhere := strings.NewReplacer(
		s.Layout.URL(layout.Mutual), s.Layout.URL(layout.Public), s.Layout.URL(layout.Public), s.Layout.URL(layout.Mutual),
	).Replace(endpoint)
	private := c.DPoPKey.JWK()
	private["d"] = c.DPoPKey.PrivateD()
	offCurve := c.DPoPKey.JWK()
	offCurve["y"] = offCurve["x"]
	for _, row := range []bad{
		{"BAD-109", "no proof, from a client whose tokens are bound to a key", rig.NoProof},
		{"BAD-130", "two headers", another(c)},
		{"BAD-130", "two proofs in one header", rig.ProofText(func(text string) string { return text + ", " + text })},
		{"BAD-131", "typ is missing", rig.NoProofJOSE("typ")},
		{"BAD-131", "typ is that of any JWT", rig.ProofJOSE("typ", "JWT")},
		{"BAD-131", "typ only begins as it should", rig.ProofJOSE("typ", "dpop+jwt+x")},
		{"BAD-132", "alg none, and no signature", rig.ProofSigned("none", rig.Constant(nil))},
		{"BAD-132", "alg RS256", rig.All(rig.ProofBy(rig.PS256Key()), rig.ProofSigned("RS256", rig.RS256()))},
		{"BAD-132", "alg HS256, by a secret that everybody knows", rig.ProofSigned("HS256", rig.HS256([]byte("secret")))},
		{"BAD-132", "alg is missing", rig.NoProofJOSE("alg")},
		{"BAD-133", "jwk is missing", rig.NoProofJOSE("jwk")},
		{"BAD-133", "jwk is the private key", rig.ProofJOSE("jwk", private)},
		{"BAD-133", "jwk is a symmetric key", rig.ProofJOSE("jwk", map[string]any{"kty": "oct", "k": "c2VjcmV0"})},
		{"BAD-133", "jwk is an RSA key of 1024 bits", rig.ProofBy(rig.WeakRSAKey())},
		{"BAD-133", "jwk is not the signer's", rig.ProofJOSE("jwk", other.JWK())},
		{"BAD-133", "jwk is a point that is not on the curve", rig.ProofJOSE("jwk", offCurve)},
		{"BAD-134", "no jti", rig.NoProofClaim("jti")},
		{"BAD-134", "jti is a number", rig.ProofClaim("jti", 7)},
		{"BAD-134", "no htm", rig.NoProofClaim("htm")},
		{"BAD-134", "htm is a number", rig.ProofClaim("htm", 7)},
		{"BAD-134", "no htu", rig.NoProofClaim("htu")},
		{"BAD-134", "htu is a number", rig.ProofClaim("htu", 7)},
		{"BAD-134", "no iat", rig.NoProofClaim("iat")},
		{"BAD-134", "iat is a string", rig.ProofClaim("iat", "now")},
		{"BAD-135", "made for another method", rig.ProofClaim("htm", http.MethodGet)},
		{"BAD-135", "the method in small letters", rig.ProofClaim("htm", "post")},
		{"BAD-136", "made for another host", rig.ProofClaim("htu", "https://other.example/fapi2/token")},
		{"BAD-136", "made for another path", rig.ProofClaim("htu", endpoint+"/other")},
		{"BAD-136", "made for http", rig.ProofClaim("htu", strings.Replace(endpoint, "https:", "http:", 1))},
		{"BAD-136", "made for the other listener: the mTLS alias, or what it is the alias of", rig.ProofClaim("htu", elsewhere)},
		{"BAD-138", "made an hour ago", rig.ProofClaim("iat", now-3600)},
		{"BAD-138", "made an hour ahead", rig.ProofClaim("iat", now+3600)},
		{"BAD-138", "made 62 s ahead", rig.ProofClaim("iat", now+62)},
	} {
		t.Run(row.name(), func(t *testing.T) {
			c.Send(t, c.Credentials(row.change)).Refused(t, http.StatusBadRequest, invalidProof)
		})
	}
	for _, row := range []bad{
		{"BAD-137", "htu with a query and a fragment, which do not count", rig.ProofClaim("htu", endpoint+"?q#f")},
		{"BAD-137", "htu with scheme and host in capitals", rig.ProofClaim("htu", strings.Replace(endpoint, "https://localhost", "HTTPS://LOCALHOST", 1))},
		{"BAD-138", "made 10 s ago", rig.ProofClaim("iat", now-10)},
		{"BAD-138", "made 10 s ahead", rig.ProofClaim("iat", now+10)},
		{"DPOP-3", "a claim that nobody knows", rig.ProofClaim("unknown", "claim")},
	} {
		t.Run(row.name()+": good", func(t *testing.T) {
			if answer := c.Send(t, c.Credentials(row.change)).Is(t, http.StatusOK); answer.Text("token_type") != "DPoP" {
				t.Errorf("token_type is %q", answer.Text("token_type"))
			}
		})
	}
}

// another adds a second good proof in a header of its own.
func another(c *rig.Client) rig.Change {
	return func(r *rig.Request) { r.Header["Dpop"] = []string{c.Credentials().Proof.Text()} }
}

// TestProofIsUsedOnce: who saw a proof can do nothing with it (BAD-139, DPOP-4).
func TestProofIsUsedOnce(t *testing.T) {
	t.Parallel()
	eachClient(t, proving, func(t *testing.T, s *rig.Suite, k kind) { proofOnce(t, s, k.client(t, s)) })
}

func proofOnce(t *testing.T, s *rig.Suite, c *rig.Client) {
	t.Helper()
	t.Run("BAD-139 the same jti twice", func(t *testing.T) {
		same := rig.ProofClaim("jti", oauth.NewID())
		c.Send(t, c.Credentials(same)).Is(t, http.StatusOK)
		c.Send(t, c.Credentials(same)).Refused(t, http.StatusBadRequest, invalidProof)
	})
	t.Run("BAD-139 the same proof fifty times at once", func(t *testing.T) {
		text, requests := c.Credentials().Proof.Text(), []*rig.Request{}
		for range racers {
			requests = append(requests, c.Credentials(rig.ProofText(func(string) string { return text })))
		}
		wantOneWinner(t, race(t, s, requests), http.StatusBadRequest, invalidProof)
	})
	t.Run("BAD-139 at the API", func(t *testing.T) {
		f := c.Authorized(t)
		f.Exchange(t)
		same := rig.ProofClaim("jti", oauth.NewID())
		f.Send(t, f.Accounts(f.AccessToken, same)).Is(t, http.StatusOK)
		f.Send(t, f.Accounts(f.AccessToken, same)).Is(t, http.StatusUnauthorized)
	})
}

// TestProofNonce: a server that wants its own nonce in a proof asks for it
// (SP2-10), and asking costs the client nothing: the code is not spent (DPOP-11).
func TestProofNonce(t *testing.T) {
	t.Parallel()
	eachClient(t, proving, func(t *testing.T, s *rig.Suite, k kind) { nonces(t, k.client(t, s, rig.At(rig.Nonces))) })
}

func nonces(t *testing.T, c *rig.Client) {
	t.Helper()
	asked := c.Send(t, c.Flow().PushRequest())
	t.Run("BAD-140 a push without a nonce", func(t *testing.T) { wantNonce(t, asked) })
	c.DPoPNonce = asked.Header.Get("DPoP-Nonce")
	f := c.Authorized(t)
	t.Run("BAD-140 a token request without a nonce", func(t *testing.T) {
		wantNonce(t, f.Send(t, f.TokenRequest(rig.NoProofClaim("nonce"))))
	})
	t.Run("BAD-140 a nonce that the server never gave", func(t *testing.T) {
		wantNonce(t, f.Send(t, f.TokenRequest(rig.ProofClaim("nonce", oauth.NewSecret()))))
	})
	t.Run("BAD-140 the code is still good", func(t *testing.T) { f.Exchange(t) })
	t.Run("BAD-140 the API's nonces are its own", func(t *testing.T) {
		asked := f.Send(t, f.Accounts(f.AccessToken, rig.ProofClaim("nonce", f.DPoPNonce))).Is(t, http.StatusUnauthorized)
		f.Send(t, f.Accounts(f.AccessToken, rig.ProofClaim("nonce", asked.Header.Get("DPoP-Nonce")))).Is(t, http.StatusOK)
	})
}

func wantNonce(t *testing.T, answer *rig.Response) {
	t.Helper()
	answer.Refused(t, http.StatusBadRequest, oauth.CodeUseDPoPNonce)
	if nonces := answer.Header.Values("DPoP-Nonce"); len(nonces) != 1 || nonces[0] == "" {
		t.Errorf("DPoP-Nonce is %q", nonces)
	}
}

// TestCodeIsBoundToKey: a code that was asked for with a key is worth nothing
// without it (SP2-12, DPOP-8: RFC 9449 §10).
func TestCodeIsBoundToKey(t *testing.T) {
	t.Parallel()
	eachClient(t, proving, func(t *testing.T, s *rig.Suite, k kind) { codeOfKey(t, s, k.client(t, s)) })
}

func codeOfKey(t *testing.T, s *rig.Suite, c *rig.Client) {
	t.Helper()
	other := rig.ES256Key()
	t.Run("BAD-64 dpop_jkt is not the key of the proof beside it", func(t *testing.T) {
		answer := c.Send(t, c.Flow().PushRequest(rig.Param("dpop_jkt", other.Thumbprint())))
		if code := answer.Text("error"); code != invalidProof {
			answer.Refused(t, http.StatusBadRequest, oauth.CodeInvalidRequest)
		}
		answer.Is(t, http.StatusBadRequest)
	})
	for _, row := range []bad{
		{"BAD-142", "bound by dpop_jkt alone", rig.All(rig.NoProof, rig.Param("dpop_jkt", c.DPoPKey.Thumbprint()))},
		{"BAD-142", "bound by the proof at PAR", rig.All()},
	} {
		t.Run(row.name(), func(t *testing.T) {
			f := c.Flow().Push(t, row.change)
			f.Approve(t, s.Browser(t))
			answer := f.Send(t, f.TokenRequest(rig.ProofBy(other))).Is(t, http.StatusBadRequest)
			if code := answer.Text("error"); code != oauth.CodeInvalidGrant && code != invalidProof {
				t.Errorf("error is %s", code)
			}
			f.Exchange(t)
		})
	}
}
