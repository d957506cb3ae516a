package e2e

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

const invalidMetadata = "invalid_client_metadata"

// document is client metadata as a client writes it.
type document map[string]any

// registrable is a good one.
func registrable(key rig.Key) document {
	return document{
		"redirect_uris":              []string{"https://client.example/cb"},
		"token_endpoint_auth_method": oauth.AuthPrivateKeyJWT,
		"jwks":                       rig.JWKS(key),
	}
}

// with sets members: pairs of name and value; nil leaves one out.
func (d document) with(pairs ...any) document {
	for n := 0; n < len(pairs); n += 2 {
		name := pairs[n].(string)
		if d[name] = pairs[n+1]; d[name] == nil {
			delete(d, name)
		}
	}
	return d
}

// TestRegistrationMetadata: what a client says of itself must be safe to act on
// (DCR-2: RFC 7591 §2).
func TestRegistrationMetadata(t *testing.T) {
	t.Parallel()
	s := oneProcess.suite(t)
	key := rig.ES256Key()
	private := key.JWK()
	private["d"] = key.PrivateD()
	set := func(keys ...any) any { return map[string]any{"keys": keys} }
	good := func(pairs ...any) document { return registrable(key).with(pairs...) }
	byCertificate := func(pairs ...any) document {
		return good("jwks", nil, "token_endpoint_auth_method", oauth.AuthTLSClient).with(pairs...)
	}
	for _, row := range []struct {
		id, why string
		asked   document
	}{
		{"BAD-156", "jwks and jwks_uri", good("jwks_uri", "https://client.example/jwks")},
		{"BAD-156", "a private key in jwks", good("jwks", set(private))},
		{"BAD-156", "a symmetric key in jwks", good("jwks", set(map[string]any{"kty": "oct", "k": "c2VjcmV0"}))},
		{"BAD-159", "method none: a public client (SP2-3)", good("token_endpoint_auth_method", "none")},
		{"BAD-159", "method client_secret_basic: a shared secret (SP2-6)", good("token_endpoint_auth_method", "client_secret_basic")},
		{"BAD-159", "assertions by RS256", good("token_endpoint_auth_signing_alg", "RS256")},
		{"BAD-159", "id_tokens by RS256", good("id_token_signed_response_alg", "RS256")},
		{"BAD-159", "id_tokens without a signature", good("id_token_signed_response_alg", "none")},
		{"BAD-160", "two names of a certificate", byCertificate("tls_client_auth_subject_dn", "CN=client", "tls_client_auth_san_dns", "client.example")},
		{"BAD-160", "no name of a certificate", byCertificate()},
	} {
		t.Run(row.id+" "+row.why, func(t *testing.T) {
			s.Send(t, s.RegistrationRequest(t, rig.FAPI2, row.asked)).Refused(t, http.StatusBadRequest, invalidMetadata)
		})
	}
	s.Send(t, s.RegistrationRequest(t, rig.FAPI2, good())).Is(t, http.StatusCreated)
	s.Send(t, s.RegistrationRequest(t, rig.FAPI2, byCertificate("tls_client_auth_san_dns", "client.example"))).Is(t, http.StatusCreated)
}

// TestRegistrationBody: what comes is no metadata at all (DCR-2).
func TestRegistrationBody(t *testing.T) {
	t.Parallel()
	eachRendering(t, func(t *testing.T, s *rig.Suite) {
		body, err := json.Marshal(registrable(rig.ES256Key()))
		if err != nil {
			t.Fatal(err)
		}
		good := string(body)
		nested := func(uris string) string {
			return strings.Replace(good, `["https://client.example/cb"]`, uris, 1)
		}
		for _, row := range []struct{ id, why, body string }{
			{"BAD-163", "an array", "[" + good + "]"},
			{"BAD-163", "null", "null"},
			{"BAD-163", "a member twice", `{"redirect_uris":["https://other.example/cb"],` + good[1:]},
			{"BAD-163", "redirect_uris nested", nested(`[["https://client.example/cb"]]`)},
			{"BAD-163", "redirect_uris with a hole", nested(`["https://client.example/cb",null]`)},
			{"BAD-163", "redirect_uris a string", nested(`"https://client.example/cb"`)},
			{"BAD-163", "arrays in arrays in arrays", strings.Repeat("[", 100_000)},
		} {
			t.Run(row.id+" "+row.why, func(t *testing.T) {
				answer := s.Send(t, s.RegistrationRequest(t, rig.FAPI2, nil, rig.Raw("application/json", row.body)))
				if answer.Text("error") != "invalid_redirect_uri" || !strings.Contains(row.why, "redirect_uris") {
					answer.Refused(t, http.StatusBadRequest, invalidMetadata)
				}
			})
		}
		t.Run("BAD-163 5 MB", func(t *testing.T) {
			large := strings.Replace(good, "{", `{"client_name":"`+strings.Repeat("n", 5<<20)+`",`, 1)
			answer := s.Send(t, s.RegistrationRequest(t, rig.FAPI2, nil, rig.Raw("application/json", large)))
			if answer.StatusCode != http.StatusRequestEntityTooLarge {
				answer.Refused(t, http.StatusBadRequest, invalidMetadata)
			}
		})
		s.Send(t, s.RegistrationRequest(t, rig.FAPI2, nil, rig.Raw("application/json", good))).Is(t, http.StatusCreated)
	})
}

// TestClientIDIsTheServers: nobody chooses a client_id that looks like a user
// (DCR-6, CRY-9: FAPI 2.0 §6.7).
func TestClientIDIsTheServers(t *testing.T) {
	t.Parallel()
	eachRendering(t, func(t *testing.T, s *rig.Suite) {
		t.Run("BAD-164 client_id is a user's sub", func(t *testing.T) {
			asked := registrable(rig.ES256Key()).with("client_id", "alice")
			answer := s.Send(t, s.RegistrationRequest(t, rig.FAPI2, asked)).Is(t, http.StatusCreated)
			if id := answer.Text("client_id"); !strings.HasPrefix(id, oauth.ClientIDPrefix) {
				t.Errorf("client_id is %s", id)
			}
		})
	})
}

// managing is a request with a client's registration access token.
func managing(c *rig.Client, method string, body any) *rig.Request {
	r := reading(c.Registration.RegistrationClientURI, c.Registration.RegistrationAccessToken)
	r.Method = method
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			panic(err)
		}
		rig.Raw("application/json", string(text))(r)
	}
	return r
}

// TestManagement: only the client itself reads, replaces and deletes what it
// registered (DCR-5: RFC 7592 §2).
func TestManagement(t *testing.T) {
	t.Parallel()
	eachRendering(t, func(t *testing.T, s *rig.Suite) {
		c, other := s.Client(t), s.Client(t)
		own := registrable(c.Key).with("client_id", c.ID)
		for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete} {
			for _, row := range []bad{
				{"BAD-165", "no token", func(r *rig.Request) { r.Header.Del("Authorization") }},
				{"BAD-165", "a wrong token", rig.Header("Authorization", "Bearer "+oauth.NewSecret())},
				{"BAD-165", "another client's token", rig.Header("Authorization", "Bearer "+other.Registration.RegistrationAccessToken)},
				{"BAD-165", "the token in the query", func(r *rig.Request) {
					r.Header.Del("Authorization")
					r.URL += "?access_token=" + c.Registration.RegistrationAccessToken
				}},
			} {
				t.Run(row.name()+" "+method, func(t *testing.T) {
					request := managing(c, method, own)
					row.change(request)
					s.Send(t, request).Refused(t, http.StatusUnauthorized, "invalid_token")
				})
			}
		}
		for _, row := range []struct {
			id, why string
			asked   document
		}{
			{"BAD-166", "no client_id", registrable(c.Key)},
			{"BAD-166", "another client's client_id", registrable(c.Key).with("client_id", other.ID)},
			{"BAD-166", "with the registration_access_token", registrable(c.Key).with("client_id", c.ID, "registration_access_token", c.Registration.RegistrationAccessToken)},
		} {
			t.Run(row.id+" "+row.why, func(t *testing.T) {
				s.Send(t, managing(c, http.MethodPut, row.asked)).Refused(t, http.StatusBadRequest, oauth.CodeInvalidRequest)
			})
		}
		s.Send(t, managing(c, http.MethodPut, own)).Is(t, http.StatusOK)
	})
}

// TestDeletedClient: who is gone proves nothing, and what it held is dead (DCR-5:
// RFC 7592 §2.3).
func TestDeletedClient(t *testing.T) {
	t.Parallel()
	eachRendering(t, func(t *testing.T, s *rig.Suite) {
		f := s.Client(t).Authorized(t)
		f.Exchange(t)
		f.Send(t, f.Userinfo(f.AccessToken)).Is(t, http.StatusOK)
		s.Send(t, managing(f.Client, http.MethodDelete, nil)).Is(t, http.StatusNoContent)
		for _, method := range []string{http.MethodGet, http.MethodDelete} {
			t.Run("BAD-168 after its deletion, "+method, func(t *testing.T) {
				s.Send(t, managing(f.Client, method, nil)).Refused(t, http.StatusUnauthorized, "invalid_token")
			})
		}
		t.Run("BAD-36 it cannot authenticate", func(t *testing.T) {
			f.Send(t, f.Credentials()).Refused(t, http.StatusUnauthorized, invalidClient)
			f.Send(t, f.Refresh(f.RefreshToken)).Refused(t, http.StatusUnauthorized, invalidClient)
			f.Send(t, f.Flow().PushRequest()).Refused(t, http.StatusUnauthorized, invalidClient)
		})
		t.Run("BAD-36 its tokens are dead: the bank asks introspection", func(t *testing.T) {
			f.Send(t, f.Accounts(f.AccessToken)).Is(t, http.StatusUnauthorized)
			f.Send(t, f.Userinfo(f.AccessToken)).Is(t, http.StatusUnauthorized)
		})
	})
}
