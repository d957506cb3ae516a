package e2e

import (
	"bytes"
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
	"github.com/strongroom-fapi/strongroom/sandbox/layout"
)

// TestDiscovery: an issuer whose identifier has a path is found at each well-known
// form (BAD-190, RFC 8414 §3.1, OpenID Connect Discovery §4), with one document.
func TestDiscovery(t *testing.T) {
	t.Parallel()
	eachRendering(t, func(t *testing.T, s *rig.Suite) {
		public, mutual := s.Layout.URL(layout.Public), s.Layout.URL(layout.Mutual)
		want := s.Send(t, rig.Get(public+"/fapi2/.well-known/openid-configuration")).Is(t, http.StatusOK)
		for _, address := range []string{
			public + "/.well-known/openid-configuration/fapi2",
			public + "/.well-known/oauth-authorization-server/fapi2",
			mutual + "/fapi2/.well-known/openid-configuration",
			mutual + "/.well-known/oauth-authorization-server/fapi2",
		} {
			t.Run("BAD-190 "+address[strings.LastIndex(address, ":"):], func(t *testing.T) {
				got := s.Send(t, rig.Get(address)).Is(t, http.StatusOK)
				if !bytes.Equal(got.Body, want.Body) {
					t.Errorf("another document: %s", got.Body)
				}
				if kind := got.Header.Get("Content-Type"); kind != "application/json" {
					t.Errorf("Content-Type is %q", kind)
				}
			})
		}
		for _, path := range []string{
			"/nobody/.well-known/openid-configuration", "/.well-known/openid-configuration/nobody",
			"/.well-known/oauth-authorization-server/nobody", "/.well-known/openid-configuration", "/FAPI2/.well-known/openid-configuration",
		} {
			t.Run("BAD-190 no issuer has "+path, func(t *testing.T) {
				s.Send(t, rig.Get(public+path)).Is(t, http.StatusNotFound)
			})
		}
	})
}

// TestDiscoveryTells: what FAPI 2.0 asks a server to publish of itself.
func TestDiscoveryTells(t *testing.T) {
	t.Parallel()
	s := oneProcess.suite(t)
	m := s.Metadata(rig.FAPI2)
	if !m.RequirePushedAuthorizationRequests || !m.AuthorizationResponseIssParameterSupported || !m.TLSClientCertificateBoundAccessTokens {
		t.Errorf("the metadata leaves out what always holds: %+v", m)
	}
	if slices.Contains(m.GrantTypesSupported, "implicit") || slices.Contains(m.GrantTypesSupported, "password") || !slices.Equal(m.CodeChallengeMethodsSupported, []string{"S256"}) {
		t.Errorf("the metadata promises what FAPI 2.0 forbids: %+v", m)
	}
	for _, alg := range append(m.TokenEndpointAuthSigningAlgValuesSupported, m.IDTokenSigningAlgValuesSupported...) {
		if !slices.Contains([]string{"ES256", "PS256", "EdDSA"}, alg) {
			t.Errorf("the metadata offers %s (FAPI 2.0 §5.4.1)", alg)
		}
	}
}

// TestMetadataIsHonest: what is published is what is served, and what is served by
// another default than the specification's is published (DISC-1: RFC 8414 §2).
func TestMetadataIsHonest(t *testing.T) {
	t.Parallel()
	eachRendering(t, func(t *testing.T, s *rig.Suite) {
		document := s.Send(t, rig.Get(s.Issuer(rig.FAPI2)+"/.well-known/openid-configuration")).Is(t, http.StatusOK).JSON
		t.Run("DISC-1 no member is empty", func(t *testing.T) {
			for member, value := range document {
				if list, ok := value.([]any); ok && len(list) == 0 || value == nil || value == "" {
					t.Errorf("%s is %v", member, value)
				}
			}
		})
		t.Run("MTLS-2 an alias is of an endpoint that clients call and the top level names", func(t *testing.T) {
			aliases := document["mtls_endpoint_aliases"].(map[string]any)
			for name, address := range aliases {
				top, _ := document[name].(string)
				_, path, _ := strings.Cut(strings.TrimPrefix(top, "https://"), "/")
				if top == "" || address != s.Layout.URL(layout.Mutual)+"/"+path {
					t.Errorf("%s is %v, and %q at the top level", name, address, top)
				}
			}
			for _, of := range []string{"authorization_endpoint", "jwks_uri", "issuer"} {
				if aliases[of] != nil {
					t.Errorf("%s has an alias", of)
				}
			}
			if len(aliases) < 6 {
				t.Errorf("only %d aliases", len(aliases))
			}
		})
		t.Run("OIDC-3 claims can be asked for, request objects cannot", func(t *testing.T) {
			for member, want := range map[string]bool{
				"claims_parameter_supported": true, "request_parameter_supported": false, "request_uri_parameter_supported": false,
			} {
				if document[member] != want {
					t.Errorf("%s is %v", member, document[member])
				}
			}
		})
		t.Run("DISC-1 clients prove themselves alike everywhere: the default would be a secret", func(t *testing.T) {
			for _, endpoint := range []string{"introspection", "revocation"} {
				for _, member := range []string{"_endpoint_auth_methods_supported", "_endpoint_auth_signing_alg_values_supported"} {
					got, want := document[endpoint+member], document["token"+member]
					if got == nil || !reflect.DeepEqual(got, want) {
						t.Errorf("%s is %v, at the token endpoint %v", endpoint+member, got, want)
					}
				}
			}
		})
		t.Run("OIDC-4 userinfo is not signed, and a client that wants it so is refused", func(t *testing.T) {
			if document["userinfo_signing_alg_values_supported"] != nil {
				t.Error("signed userinfo is promised")
			}
			asked := registrable(rig.ES256Key()).with("userinfo_signed_response_alg", "ES256")
			s.Send(t, s.RegistrationRequest(t, rig.FAPI2, asked)).Refused(t, http.StatusBadRequest, invalidMetadata)
		})
	})
}

// TestJWKS: what is published is public, and each key has a name of its own
// (BAD-191).
func TestJWKS(t *testing.T) {
	t.Parallel()
	eachRendering(t, func(t *testing.T, s *rig.Suite) {
		var set struct {
			Keys []map[string]any `json:"keys"`
		}
		answer := s.Send(t, rig.Get(s.Metadata(rig.FAPI2).JWKSURI)).Is(t, http.StatusOK)
		if err := json.Unmarshal(answer.Body, &set); err != nil {
			t.Fatal(err)
		}
		seen := map[any]bool{}
		for _, key := range set.Keys {
			for _, private := range []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k"} {
				if _, ok := key[private]; ok {
					t.Errorf("BAD-191 key %v has the private member %s", key["kid"], private)
				}
			}
			if key["use"] != "sig" || key["alg"] == nil {
				t.Errorf("DISC-3 key %v is for %v by %v", key["kid"], key["use"], key["alg"])
			}
			if kid := key["kid"]; kid == nil || seen[kid] {
				t.Errorf("BAD-191 kid %v is missing or not unique", kid)
			}
			seen[key["kid"]] = true
		}
		if len(set.Keys) < 2 {
			t.Errorf("%d keys, want one for each algorithm: %s", len(set.Keys), answer.Body)
		}
	})
}
