package clientreg_test

import (
	"crypto"
	"encoding/json"
	"testing"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
)

func TestAuthenticateAccepts(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		service := w.replica()
		client := service.register(set("client_name", "Budget"), set("dpop_bound_access_tokens", true))
		claims := func(changes ...func(object)) object { return w.claims(client.ClientID, changes...) }
		tests := []struct{ name, assertion string }{
			{"ES256", w.assertion(client.ClientID)},
			{"PS256", forge(object{"alg": "PS256", "kid": "rsa"}, claims(), ps256)},
			{"EdDSA", forge(object{"alg": "EdDSA", "kid": "ed"}, claims(), ed25519Signature)},
			{"CRY-1 Ed25519, the later name of EdDSA", forge(object{"alg": "Ed25519", "kid": "ed"}, claims(), ed25519Signature)},
			{"CRY-6 no kid", forge(object{"alg": "ES256"}, claims(), es256(ecKey))},
			{"PKJ-2 typ JWT", forge(object{"alg": "ES256", "typ": "JWT"}, claims(), es256(ecKey))},
			{"PKJ-2 typ of its own", forge(object{"alg": "ES256", "typ": "client-authentication+jwt"}, claims(), es256(ecKey))},
			{"PKJ-2 no iat", w.assertion(client.ClientID, unset("iat"))},
			{"BAD-12 iat and nbf 8 s ahead", w.assertion(client.ClientID, set("iat", now.Unix()+8), set("nbf", now.Unix()+8))},
			{"BAD-11 exp past within the tolerance", w.assertion(client.ClientID, set("exp", now.Unix()-29))},
			{"PKJ-2 exp at the limit", w.assertion(client.ClientID, set("exp", now.Unix()+600))},
			{"PKJ-2 jti of 256 bytes", w.assertion(client.ClientID, set("jti", text(256)))},
		}
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				got, err := service.authenticate(test.assertion)
				if err != nil {
					t.Fatal(err)
				}
				if got.GetClientId() != client.ClientID || got.GetClientName() != "Budget" || !got.GetDpopBoundAccessTokens() || got.GetGeneration() != 1 {
					t.Errorf("client is %v", got)
				}
			})
		}
	})
}

// TestAuthenticateRefusesCredentials is about what came, not what is in it.
func TestAuthenticateRefusesCredentials(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		service := w.replica()
		client, other := service.register(), service.register()
		type change = func(*clientregv1.AuthenticateRequest)
		bare := func(r *clientregv1.AuthenticateRequest) {
			r.Credentials.ClientAssertion, r.Credentials.ClientAssertionType = "", ""
		}
		tests := []struct {
			name, rule string
			changes    []change
		}{
			{"BAD-1 no credentials at all", "CA-1", []change{bare}},
			{"BAD-1 not even an object for them", "CA-1", []change{func(r *clientregv1.AuthenticateRequest) { r.Credentials = nil }}},
			{"BAD-2 client_id only", "CA-1", []change{bare, func(r *clientregv1.AuthenticateRequest) { r.Credentials.ClientId = client.ClientID }}},
			{"BAD-25 client_assertion_type missing", "PKJ-1", []change{func(r *clientregv1.AuthenticateRequest) { r.Credentials.ClientAssertionType = "" }}},
			{"BAD-25 client_assertion_type of SAML", "PKJ-1", []change{func(r *clientregv1.AuthenticateRequest) {
				r.Credentials.ClientAssertionType = "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"
			}}},
			{"BAD-25 client_assertion_type alone", "CA-1", []change{func(r *clientregv1.AuthenticateRequest) { r.Credentials.ClientAssertion = "" }}},
			{"BAD-26 assertion and Authorization header", "WIRE-9", []change{func(r *clientregv1.AuthenticateRequest) { r.Credentials.AuthorizationPresent = true }}},
			{"BAD-26 assertion and client_secret", "WIRE-9", []change{func(r *clientregv1.AuthenticateRequest) { r.Credentials.ClientSecretPresent = true }}},
			{"SP2-6 Authorization header alone", "SP2-6", []change{bare, func(r *clientregv1.AuthenticateRequest) { r.Credentials.AuthorizationPresent = true }}},
			{"SP2-3 client_secret alone", "SP2-6", []change{bare, func(r *clientregv1.AuthenticateRequest) { r.Credentials.ClientSecretPresent = true }}},
			{"BAD-27 client_id of another client", "PKJ-1", []change{func(r *clientregv1.AuthenticateRequest) { r.Credentials.ClientId = other.ClientID }}},
			{"BAD-37 certificate of a private_key_jwt client", "CA-1", []change{bare, func(r *clientregv1.AuthenticateRequest) {
				r.Credentials.ClientId, r.Credentials.Certificates = client.ClientID, [][]byte{{0x30}}
			}}},
		}
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				request := &clientregv1.AuthenticateRequest{
					Call: w.call(w.here, oauth.NewID()), Credentials: bearing(w.assertion(client.ClientID)),
				}
				for _, change := range test.changes {
					change(request)
				}
				_, err := service.par.Authenticate(w.context(), request)
				wantRefusal(t, err, oauth.CodeInvalidClient, test.rule, 401)
			})
		}
		t.Run("WIRE-9 a certificate beside an assertion is no second method", func(t *testing.T) {
			credentials := bearing(w.assertion(client.ClientID))
			credentials.ClientId, credentials.Certificates = client.ClientID, [][]byte{{0x30}}
			_, err := service.token.Authenticate(w.context(), &clientregv1.AuthenticateRequest{Call: w.call(w.here, oauth.NewID()), Credentials: credentials})
			if err != nil {
				t.Fatal(err)
			}
		})
	})
}

// TestAuthenticateTellsNothingOfClients: CA-1, THR-18 and BAD-38 ask that one
// who has no proof learns nothing.
func TestAuthenticateTellsNothingOfClients(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		service := w.replica()
		client, suspended, ps256Only := service.register(), service.register(), service.register(set("token_endpoint_auth_signing_alg", "PS256"))
		certified := service.register()
		w.change(suspended.ClientID, `active = $4`, false)
		w.change(certified.ClientID, `document = $4`, `{"token_endpoint_auth_method":"tls_client_auth","jwks":`+string(keys())+`}`)
		other := *w
		other.here = w.elsewhere
		foreign := (&replica{&other, service.par, service.token, service.authorize, service.gateway}).register()
		_, reference := service.authenticate(forge(object{"alg": "ES256", "kid": "ec"}, w.claims(client.ClientID), es256(ecOther)))
		wantRefusal(t, reference, oauth.CodeInvalidClient, "CA-1", 401)
		tests := []struct{ name, assertion string }{
			{"unknown client", w.assertion(oauth.ClientIDPrefix + oauth.NewID())},
			{"unknown client, PS256", forge(object{"alg": "PS256"}, w.claims("client-x"), ps256)},
			{"client_id that no store should see", w.assertion("a\x00b")},
			{"suspended client", w.assertion(suspended.ClientID)},
			{"BAD-38 client of another issuer", w.assertion(foreign.ClientID)},
			{"BAD-37 assertion of a client registered for certificates", w.assertion(certified.ClientID)},
			{"PKJ-2 other algorithm than registered", w.assertion(ps256Only.ClientID)},
			{"unknown kid", forge(object{"alg": "ES256", "kid": "unknown"}, w.claims(client.ClientID), es256(ecKey))},
			{"wrong signature and wrong claims", forge(object{"alg": "ES256", "kid": "ec", "typ": "at+jwt"}, object{"sub": client.ClientID}, es256(ecOther))},
		}
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				_, err := service.authenticate(test.assertion)
				wantRefusal(t, err, oauth.CodeInvalidClient, "CA-1", 401)
				got, _ := oauth.AsError(err)
				want, _ := oauth.AsError(reference)
				if *got != *want {
					t.Errorf("refused with %+v, a bad signature with %+v", got, want)
				}
			})
		}
	})
}

// TestEachAlgorithmAlone: a client with one key authenticates by its algorithm,
// named or not, and by no other.
func TestEachAlgorithmAlone(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		service := w.replica()
		for algorithm, one := range map[string]struct {
			key  crypto.PublicKey
			sign signer
		}{
			"ES256": {ecKey.Public(), es256(ecKey)}, "PS256": {rsaKey.Public(), ps256}, "EdDSA": {edKey.Public(), ed25519Signature},
		} {
			own := set("jwks", json.RawMessage(must(jose.NewKeySet(must(jose.NewKey(one.key, "own"))).MarshalJSON())))
			for name, client := range map[string]registered{
				"named": service.register(own, set("token_endpoint_auth_signing_alg", algorithm)), "not named": service.register(own),
			} {
				t.Run(algorithm+" "+name, func(t *testing.T) {
					_, err := service.authenticate(forge(object{"alg": algorithm, "kid": "own"}, w.claims(client.ClientID), one.sign))
					wantAuthenticated(t, err, true)
					if algorithm != "ES256" {
						_, err = service.authenticate(w.assertion(client.ClientID))
						wantAuthenticated(t, err, false)
					}
				})
			}
		}
	})
}
