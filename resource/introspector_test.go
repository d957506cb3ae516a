package resource

import (
	"crypto"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
)

// asResourceServer introspects at the bank's issuer.
func asResourceServer(b *bank) Introspector {
	asks, err := NewIntrospector(
		IntrospectorConfig{Issuer: b.issuer.identifier, ClientID: "rs-1", KeyID: "rs"},
		IntrospectorDeps{Key: newECKey(b.t), HTTP: b.issuer.server.Client(), Clock: b.clock, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.t.Fatal(err)
	}
	return asks
}

// TestIntrospectionRequest is PKJ-1, PKJ-2 and SP2-8: how the API proves itself.
func TestIntrospectionRequest(t *testing.T) {
	for _, aliases := range []bool{false, true} {
		t.Run("use_mtls_endpoint_aliases "+strconv.FormatBool(aliases), func(t *testing.T) {
			issuer, key := newFakeIssuer(t), newECKey(t)
			clock := &manualClock{now: time.Unix(1772366400, 0)}
			asks, err := NewIntrospector(
				IntrospectorConfig{Issuer: issuer.identifier, ClientID: "rs-1", KeyID: "rs", UseMTLSAliases: aliases},
				IntrospectorDeps{Key: key, HTTP: issuer.server.Client(), Clock: clock})
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if _, err := asks.Introspect(t.Context(), "opaque-1"); err != nil {
					t.Fatal(err)
				}
			}
			path := map[bool]string{false: "/introspect", true: "/mtls-introspect"}[aliases]
			wantFetched(t, issuer, path, 2)
			form := issuer.forms[0]
			if form.Get("token") != "opaque-1" || form.Get("token_type_hint") != "access_token" ||
				form.Get("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" {
				t.Errorf("form is %v", form)
			}
			first, second := readAssertion(t, form.Get("client_assertion"), key), readAssertion(t, issuer.forms[1].Get("client_assertion"), key)
			if aud, single := first.Audience.Single(); !single || aud != issuer.identifier {
				t.Errorf("SP2-8: aud is %v, want the issuer alone, as a string", first.Audience.Values())
			}
			if first.Issuer != "rs-1" || first.Subject != "rs-1" {
				t.Errorf("iss and sub are %q and %q", first.Issuer, first.Subject)
			}
			if !first.IssuedAt.Time().Equal(clock.Now()) || !first.Expires.Time().Equal(clock.Now().Add(time.Minute)) {
				t.Errorf("iat and exp are %v and %v", first.IssuedAt.Time(), first.Expires.Time())
			}
			if len(first.ID) < 22 || first.ID == second.ID {
				t.Errorf("jti are %q and %q, want fresh ones", first.ID, second.ID)
			}
		})
	}
}

func readAssertion(t *testing.T, assertion string, key crypto.Signer) Claims {
	t.Helper()
	parsed, err := jose.Parse(assertion)
	if err != nil {
		t.Fatal(err)
	}
	public, err := jose.NewKey(key.Public(), "rs")
	if err != nil {
		t.Fatal(err)
	}
	if err := parsed.Verify(jose.NewKeySet(public), jose.ES256); err != nil {
		t.Fatal(err)
	}
	var claims Claims
	if err := parsed.Claims(&claims); err != nil {
		t.Fatal(err)
	}
	if strings.ToUpper(parsed.Header.Type) != "JWT" {
		t.Errorf("typ is %q", parsed.Header.Type)
	}
	return claims
}
