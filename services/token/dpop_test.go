package token_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/binding"
	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
	rpcv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/rpc/v1"
	tokenv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/token/v1"
)

func newKey(t *testing.T) (crypto.Signer, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	public, err := jose.NewKey(key.Public(), "")
	if err != nil {
		t.Fatal(err)
	}
	return key, public.Thumbprint()
}

// proof is a DPoP proof; token and nonce may be empty.
func (s *suite) proof(t *testing.T, key crypto.Signer, method, url, token, nonce string) string {
	t.Helper()
	claims := map[string]any{"jti": oauth.NewID(), "htm": method, "htu": url, "iat": s.clock.Now().Unix()}
	if token != "" {
		claims["ath"] = oauth.Hash(token)
	}
	if nonce != "" {
		claims["nonce"] = nonce
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	compact, err := jose.SignProof(jose.ES256, "dpop+jwt", payload, key)
	if err != nil {
		t.Fatal(err)
	}
	return compact
}

func (s *suite) endpoint(name, of string) string { return "https://as.example/" + name + "/" + of }

// dpopForm is a token request with a proof and without a certificate.
func (s *suite) dpopForm(t *testing.T, name, client string, params map[string]string, key crypto.Signer, nonce string) *rpcv1.Form {
	t.Helper()
	form := s.form(client, s.endpoint(name, "token"), params)
	form.Credentials.Certificates = nil
	form.DpopProof = s.proof(t, key, "POST", form.GetUrl(), "", nonce)
	return form
}

// TestBinding: what a token is bound to, by what came with the request (DPOP-7,
// MTLS-5).
func TestBinding(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		s.registry.clients["bound-by-both"] = clientOf("bound-by-both", func(c *clientregv1.Client) {
			c.DpopBoundAccessTokens, c.TlsClientCertificateBoundAccessTokens = true, true
		})
		key, thumbprint := newKey(t)
		for _, row := range []struct {
			name, client       string
			certificate, proof bool
			want               binding.Confirmation
			kind               string
		}{
			{"a certificate", "client-1", true, false, binding.Confirmation{CertificateThumbprint: binding.Thumbprint(certificate)}, "Bearer"},
			{"a proof", "client-1", false, true, binding.Confirmation{KeyThumbprint: thumbprint}, "DPoP"},
			{"a proof, and a certificate for the connection alone", "client-1", true, true, binding.Confirmation{KeyThumbprint: thumbprint}, "DPoP"},
			{"both, where the client is registered for both", "bound-by-both", true, true, binding.Confirmation{KeyThumbprint: thumbprint, CertificateThumbprint: binding.Thumbprint(certificate)}, "DPoP"},
		} {
			t.Run(row.name, func(t *testing.T) {
				form := s.dpopForm(t, s.bank, row.client, codeParams(s.code(row.client, "accounts")), key, "")
				if row.certificate {
					form.Credentials.Certificates = [][]byte{certificate}
				}
				if !row.proof {
					form.DpopProof = ""
				}
				response, err := s.exchangeForm(t, s.bank, oauth.NewID(), form)
				if err != nil {
					t.Fatal(err)
				}
				var got struct {
					Confirmation binding.Confirmation `json:"cnf"`
				}
				signed, err := jose.Parse(response.GetAccessToken())
				if err != nil {
					t.Fatal(err)
				}
				if err := json.Unmarshal(signed.Payload(), &got); err != nil || got.Confirmation != row.want || response.GetTokenType() != row.kind {
					t.Errorf("%s %+v, %v, want %s %+v", response.GetTokenType(), got.Confirmation, err, row.kind, row.want)
				}
				if row.proof && s.grants.asked().GetDpopJkt() != thumbprint {
					t.Errorf("the code was asked for with key %q", s.grants.asked().GetDpopJkt())
				}
				answer, err := s.introspect(t, s.bank, "rs-1", response.GetAccessToken())
				if err != nil || !strings.Contains(answer, `"token_type":"`+row.kind+`"`) || strings.Contains(answer, thumbprint) != row.proof {
					t.Errorf("the resource server is told %s, %v", answer, err)
				}
			})
		}
	})
}

// TestProofIsUsedOnce: by one attempt, and by that one again (DPOP-4). A proof
// that is refused spends no code.
func TestProofIsUsedOnce(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		key, _ := newKey(t)
		form := s.dpopForm(t, s.bank, "client-1", codeParams(s.code("client-1", "accounts")), key, "")
		for range 2 {
			if _, err := s.exchangeForm(t, s.bank, "attempt-1", form); err != nil {
				t.Fatal(err)
			}
		}
		fresh := s.code("client-1", "accounts")
		form.Params = codeParams(fresh)
		_, err := s.exchangeForm(t, s.bank, "attempt-2", form)
		wantRefused(t, err, oauth.CodeInvalidDPoPProof, "DPOP-4")
		if _, err := s.exchange(t, "client-1", codeParams(fresh)); err != nil {
			t.Errorf("the code was spent: %v", err)
		}
	})
}

// TestNonce is BAD-140 and DPOP-11: asking for a nonce spends nothing.
func TestNonce(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		key, _ := newKey(t)
		code := s.code("client-1", "accounts")
		_, err := s.exchangeForm(t, s.other, "attempt-1", s.dpopForm(t, s.other, "client-1", codeParams(code), key, ""))
		refusal := wantRefused(t, err, oauth.CodeUseDPoPNonce, "DPOP-6")
		response, err := s.exchangeForm(t, s.other, "attempt-2", s.dpopForm(t, s.other, "client-1", codeParams(code), key, refusal.Nonce))
		if err != nil || response.GetDpopNonce() != refusal.Nonce {
			t.Fatalf("with the nonce: %v, %v", response, err)
		}
		s.clock.Advance(2 * binding.NoncePeriod)
		_, err = s.exchangeForm(t, s.other, "attempt-3", s.dpopForm(t, s.other, "client-1", codeParams(code), key, refusal.Nonce))
		if stale := wantRefused(t, err, oauth.CodeUseDPoPNonce, "DPOP-6"); stale.Nonce == refusal.Nonce {
			t.Error("the stale nonce came back")
		}
	})
}

// TestOpaqueToken says nothing by itself, and is told by introspection alone.
func TestOpaqueToken(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		response, err := s.exchangeForm(t, s.other, oauth.NewID(), s.form("client-1", s.endpoint(s.other, "token"), codeParams(s.code("client-1", "openid"))))
		if err != nil {
			t.Fatal(err)
		}
		text := response.GetAccessToken()
		if len(text) != 43 || strings.Contains(text, ".") || response.GetIdToken() == "" {
			t.Errorf("%v", response)
		}
		answer, err := s.introspect(t, s.other, "rs-1", text)
		if err != nil || !strings.Contains(answer, `"active":true`) || !strings.Contains(answer, `"sub":"alice"`) || !strings.Contains(answer, `"x5t#S256":"`+binding.Thumbprint(certificate)) {
			t.Errorf("%s, %v", answer, err)
		}
		for _, row := range []struct{ name, issuer, caller string }{
			{"another issuer (BAD-38)", s.bank, "rs-1"}, {"another client", s.other, "client-2"}, {"another resource's server", s.other, "rs-2"},
		} {
			if got, err := s.introspect(t, row.issuer, row.caller, text); err != nil || got != inactive {
				t.Errorf("%s: %s, %v", row.name, got, err)
			}
		}
		s.clock.Advance(5 * time.Minute)
		if got, err := s.introspect(t, s.other, "rs-1", text); err != nil || got != inactive {
			t.Errorf("after its time: %s, %v", got, err)
		}
	})
}

// TestUserInfo is a protected resource like any other: the token, its binding,
// its scheme, its scope (BAD-141, DPOP-7, OIDC-4).
func TestUserInfo(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		key, _ := newKey(t)
		stranger, _ := newKey(t)
		url := s.endpoint(s.bank, "userinfo")
		byCertificate := s.tokens(t, "client-1", "openid").GetAccessToken()
		withoutOpenID := s.tokens(t, "client-1", "accounts").GetAccessToken()
		response, err := s.exchangeForm(t, s.bank, oauth.NewID(), s.dpopForm(t, s.bank, "client-1", codeParams(s.code("client-1", "openid")), key, ""))
		if err != nil {
			t.Fatal(err)
		}
		byKey := response.GetAccessToken()
		for _, row := range []struct {
			name, scheme, token string
			certificates        [][]byte
			proof               string
			status              int // 0 for an answer
		}{
			{"by its certificate", "Bearer", byCertificate, [][]byte{certificate}, "", 0},
			{"the scheme in another case (WIRE-7)", "bearer", byCertificate, [][]byte{certificate}, "", 0},
			{"by its key", "DPoP", byKey, nil, s.proof(t, key, "GET", url, byKey, ""), 0},
			{"no token", "Bearer", "", [][]byte{certificate}, "", 401},
			{"no certificate", "Bearer", byCertificate, nil, "", 401},
			{"another certificate", "Bearer", byCertificate, [][]byte{[]byte("another")}, "", 401},
			{"another certificate in front", "Bearer", byCertificate, [][]byte{[]byte("another"), certificate}, "", 401},
			{"a certificate's token under DPoP", "DPoP", byCertificate, [][]byte{certificate}, s.proof(t, key, "GET", url, byCertificate, ""), 401},
			{"a key's token under Bearer (BAD-141)", "Bearer", byKey, nil, s.proof(t, key, "GET", url, byKey, ""), 401},
			{"no proof", "DPoP", byKey, nil, "", 401},
			{"another key (BAD-141)", "DPoP", byKey, nil, s.proof(t, stranger, "GET", url, byKey, ""), 401},
			{"no ath (BAD-141)", "DPoP", byKey, nil, s.proof(t, key, "GET", url, "", ""), 401},
			{"ath of another token (BAD-141)", "DPoP", byKey, nil, s.proof(t, key, "GET", url, byCertificate, ""), 401},
			{"a proof for another method", "DPoP", byKey, nil, s.proof(t, key, "POST", url, byKey, ""), 401},
			{"no openid (OIDC-4)", "Bearer", withoutOpenID, [][]byte{certificate}, "", 403},
			{"nonsense", "Bearer", "nonsense", [][]byte{certificate}, "", 401},
		} {
			t.Run(row.name, func(t *testing.T) {
				request := &tokenv1.UserInfoRequest{
					Call: s.call(t, s.bank, oauth.NewID()), Scheme: row.scheme, AccessToken: row.token, DpopProof: row.proof,
					Certificates: row.certificates, Method: "GET", Url: url,
				}
				response, err := s.client.UserInfo(bounded(t), request)
				if row.status == 0 {
					if err != nil || !strings.Contains(string(response.GetClaims()), `"sub":"alice"`) {
						t.Errorf("%s, %v", response.GetClaims(), err)
					}
					return
				}
				refusal, ok := oauth.AsError(err)
				if !ok || refusal.HTTPStatus() != row.status || len(response.GetClaims()) != 0 {
					t.Errorf("%s, %v, want %d", response.GetClaims(), err, row.status)
				}
			})
		}
	})
}
