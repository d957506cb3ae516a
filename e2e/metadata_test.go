package e2e

import (
	"bytes"
	"encoding/json"
	"net/http"
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
