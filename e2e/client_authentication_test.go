package e2e

import (
	"crypto/ecdsa"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// bad is a hostile input: a good request with one thing wrong.
type bad struct {
	id     string
	why    string
	change rig.Change
}

func (b bad) name() string { return b.id + " " + b.why }

const invalidClient = oauth.CodeInvalidClient

// refuseAll sends a client's token request with each change, and wants each
// refused with 401 invalid_client. The unchanged request is good.
func refuseAll(t *testing.T, c *rig.Client, rows []bad) {
	t.Helper()
	for _, row := range rows {
		t.Run(row.name(), func(t *testing.T) {
			c.Send(t, c.Credentials(row.change)).Refused(t, http.StatusUnauthorized, invalidClient)
		})
	}
	c.Send(t, c.Credentials()).Is(t, http.StatusOK)
}

// TestClientAuthenticationMissing: what came is no proof, or more than one.
func TestClientAuthenticationMissing(t *testing.T) {
	t.Parallel()
	eachClient(t, kinds, func(t *testing.T, s *rig.Suite, k kind) {
		c := k.client(t, s)
		refuseAll(t, c, []bad{
			{"BAD-1", "no credentials at all", rig.All(c.Unproven, rig.Param("client_id"))},
			{"BAD-2", "a client_id proves nothing", rig.All(c.Unproven, rig.Param("client_id", c.ID), rig.With(nil))},
			{"BAD-26", "a Basic header is another method", rig.Header("Authorization", "Basic Y2xpZW50OnNlY3JldA==")},
			{"BAD-26", "a client_secret is another method", rig.Param("client_secret", "correct horse battery staple")},
			{"BAD-27", "client_id names another client than the proof", rig.Param("client_id", k.client(t, s).ID)},
			{"BAD-37", "an assertion or a certificate, whichever is not this client's method", otherMethod(t, s, c)},
		})
	})
}

// otherMethod proves the client, if it were registered for it: by certificate in
// place of an assertion, by an assertion in place of a certificate.
func otherMethod(t *testing.T, s *rig.Suite, c *rig.Client) rig.Change {
	t.Helper()
	if c.Method == oauth.AuthPrivateKeyJWT {
		alias := s.Metadata(c.Name).MTLSEndpointAliases["token_endpoint"]
		return rig.All(c.Unproven, rig.Param("client_id", c.ID), rig.With(s.Directory().Issue()), rig.To(alias), func(r *rig.Request) {
			if r.Proof != nil {
				r.Proof.Claims["htu"] = alias
			}
		})
	}
	return func(r *rig.Request) {
		r.Form.Set(oauth.ParamClientAssertionType, oauth.AssertionTypeJWTBearer)
		r.Assertion = c.Assertion()
	}
}

// TestAssertionType: an assertion says of what type it is (RFC 7521 §4.2).
func TestAssertionType(t *testing.T) {
	t.Parallel()
	eachClient(t, asserting, func(t *testing.T, s *rig.Suite, k kind) {
		c := k.client(t, s)
		refuseAll(t, c, []bad{
			{"BAD-25", "client_assertion_type is SAML's", rig.Param("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer")},
			{"BAD-25", "client_assertion_type is missing", rig.Param("client_assertion_type")},
		})
		t.Run("BAD-25 client_assertion_type comes twice", func(t *testing.T) {
			twice := rig.Param("client_assertion_type", oauth.AssertionTypeJWTBearer, oauth.AssertionTypeJWTBearer)
			c.Send(t, c.Credentials(twice)).Refused(t, http.StatusBadRequest, oauth.CodeInvalidRequest)
		})
	})
}

// TestAssertionClaims: the client itself signed the assertion, and it is still no
// good: not for us, not by whom it says, not now.
func TestAssertionClaims(t *testing.T) {
	t.Parallel()
	eachClient(t, asserting, func(t *testing.T, s *rig.Suite, k kind) {
		c, other := k.client(t, s), k.client(t, s)
		id, now := c.Issuer, s.Now().Unix()
		refuseAll(t, c, []bad{
			{"BAD-6", "aud holds another server beside the issuer", rig.Claim("aud", []string{id, "https://other.example"})},
			{"BAD-7", "aud is the issuer with a slash behind it", rig.Claim("aud", id+"/")},
			{"BAD-7", "aud is the issuer with an upper-case host", rig.Claim("aud", strings.Replace(id, "localhost", "LOCALHOST", 1))},
			{"BAD-7", "aud is the issuer with the scheme http", rig.Claim("aud", strings.Replace(id, "https:", "http:", 1))},
			{"BAD-8", "aud is missing", rig.NoClaim("aud")},
			{"BAD-8", "aud is a number", rig.Claim("aud", 1)},
			{"BAD-8", "aud is null", rig.Claim("aud", nil)},
			{"BAD-8", "aud is an empty array", rig.Claim("aud", []string{})},
			{"BAD-8", "aud is an array of numbers", rig.Claim("aud", []int{123})},
			{"BAD-9", "iss is another client", rig.Claim("iss", other.ID)},
			{"BAD-10", "sub is missing", rig.NoClaim("sub")},
			{"BAD-10", "sub is empty", rig.Claim("sub", "")},
			{"BAD-10", "sub is another client than iss", rig.Claim("sub", other.ID)},
			{"BAD-11", "exp is missing", rig.NoClaim("exp")},
			{"BAD-11", "exp is 5 minutes past", rig.Claim("exp", now-300)},
			{"BAD-11", "exp is a string", rig.Claim("exp", "1999999999")},
			{"BAD-11", "exp is beyond any date", rig.Claim("exp", json.Number("1e30"))},
			{"BAD-11", "exp is 10 years ahead", rig.Claim("exp", now+10*365*24*3600)},
			{"BAD-14", "jti is missing", rig.NoClaim("jti")},
			{"BAD-14", "jti is a number", rig.Claim("jti", 7)},
			{"BAD-14", "jti has 10 kB", rig.Claim("jti", strings.Repeat("j", 10<<10))},
		})
	})
}

// TestAssertionAtPAR: the same rules hold where requests are pushed. aud is the
// issuer identifier, as a string, wherever the assertion is sent (SP2-8: FAPI 2.0
// §5.3.2.1-8); a clock may be 10 s ahead and not more than 60 (SP2-13).
func TestAssertionAtPAR(t *testing.T) {
	t.Parallel()
	eachClient(t, asserting, func(t *testing.T, s *rig.Suite, k kind) {
		c := k.client(t, s)
		at := s.Metadata(rig.FAPI2)
		for _, row := range []bad{
			{"BAD-3", "aud is the token endpoint", rig.Claim("aud", at.TokenEndpoint)},
			{"BAD-4", "aud is the PAR endpoint", rig.Claim("aud", at.PushedAuthorizationRequestEndpoint)},
			{"BAD-4", "aud is the PAR endpoint's mTLS alias", rig.Claim("aud", at.MTLSEndpointAliases["pushed_authorization_request_endpoint"])},
			{"BAD-5", "aud is an array that holds the issuer alone", rig.Claim("aud", []string{c.Issuer})},
			{"BAD-13", "iat is 61 s ahead", rig.Claim("iat", s.Now().Unix()+62)},
			{"BAD-13", "nbf is 61 s ahead", rig.Claim("nbf", s.Now().Unix()+62)},
			{"BAD-13", "nbf is 120 s ahead", rig.Claim("nbf", s.Now().Unix()+120)},
		} {
			t.Run(row.name(), func(t *testing.T) {
				c.Send(t, c.Flow().PushRequest(row.change)).Refused(t, http.StatusUnauthorized, invalidClient)
			})
		}
		t.Run("BAD-12 a clock 8 s ahead of ours is no fault", func(t *testing.T) {
			ahead := rig.Claims(s.Now().Unix()+8, "iat", "nbf")
			c.Send(t, c.Flow().PushRequest(ahead)).Is(t, http.StatusCreated)
		})
	})
}

// TestAssertionSignature: the claims are good, and the signature proves nothing.
func TestAssertionSignature(t *testing.T) {
	t.Parallel()
	eachClient(t, asserting, func(t *testing.T, s *rig.Suite, k kind) {
		ec, rsa := k.client(t, s), k.client(t, s, rig.Keyed(rig.PS256Key()))
		stranger := rig.ES256Key()
		public, err := ec.Key.Signer.Public().(*ecdsa.PublicKey).Bytes()
		if err != nil {
			t.Fatal(err)
		}
		refuseAll(t, rsa, []bad{
			{"BAD-16", "RS256 is not allowed by FAPI 2.0", rig.Signed("RS256", rig.RS256())},
			{"BAD-16", "PS384 is not allowed by FAPI 2.0", rig.Signed("PS384", rsa.Key.Honest())},
		})
		refuseAll(t, ec, []bad{
			{"BAD-16", "HS256 with the public key for a secret", rig.Signed("HS256", rig.HS256(public))},
			{"BAD-16", "alg none and no signature", rig.Signed("none", rig.Constant(nil))},
			{"BAD-16", "alg none with another spelling", rig.Signed("None", rig.Constant(nil))},
			{"BAD-16", "alg is empty", rig.JOSE("alg", "")},
			{"BAD-17", "r = 0 and s = 0, which some libraries took for good", rig.Signed("ES256", rig.Constant(make([]byte, 64)))},
			{"BAD-17", "a P-384 key under ES256", rig.Signed("ES256", rig.P384())},
			{"BAD-17", "Ed448 under EdDSA", rig.Signed("EdDSA", rig.Constant(make([]byte, 114)))},
			{"BAD-17", "another key under the client's kid", rig.Signed("ES256", stranger.Honest())},
		})
	})
}

// TestAssertionIsOfAnotherKind: a JWT that was made for something else proves no
// client, even one that the server itself signed for this client (BAD-28).
func TestAssertionIsOfAnotherKind(t *testing.T) {
	t.Parallel()
	eachClient(t, asserting, func(t *testing.T, s *rig.Suite, k kind) {
		f := k.client(t, s).Authorized(t)
		f.Exchange(t)
		requestObject := rig.All(rig.NoClaim("sub"), rig.Claim("client_id", f.ID))
		refuseAll(t, f.Client, []bad{
			{"BAD-28", "an id_token", rig.Asserting(f.IDToken)},
			{"BAD-28", "an id_token, and the client_id beside it", rig.All(rig.Asserting(f.IDToken), rig.Param("client_id", f.ID))},
			{"BAD-28", "an access token", rig.Asserting(f.AccessToken)},
			{"BAD-28", "what would do, but for the type of a request object", rig.JOSE("typ", "oauth-authz-req+jwt")},
			{"BAD-28", "what would do, but for the type of an access token", rig.JOSE("typ", "at+jwt")},
			{"BAD-28", "what would do, but for the type of a DPoP proof", rig.JOSE("typ", "dpop+jwt")},
			{"BAD-28", "a request object by its claims", rig.All(rig.JOSE("typ", "JWT"), requestObject, rig.Param("client_id", f.ID))},
		})
	})
}
