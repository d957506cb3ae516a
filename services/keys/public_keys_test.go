package keys

import (
	"database/sql"
	"encoding/json"
	"slices"
	"testing"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
)

// TestPublicKeys is BAD-191: a JWK set has no d, p, q or other private member,
// and no kid twice.
func TestPublicKeys(t *testing.T) {
	members := map[string][]string{
		"EC":  {"alg", "crv", "kid", "kty", "use", "x", "y"},
		"RSA": {"alg", "e", "kid", "kty", "n", "use"},
		"OKP": {"alg", "crv", "kid", "kty", "use", "x"},
	}
	storetest.EachSQL(t, Migrations, func(t *testing.T, db *sql.DB) {
		set := setOf(t, issuerOf("bank", jose.ES256, jose.ES256, jose.PS256, jose.EdDSA), issuerOf("other", jose.ES256, jose.ES256))
		suite := suiteOf(newService(t, db, set), set)
		kids := map[string]bool{}
		for issuer, count := range map[string]int{"bank": 4, "other": 2} {
			var published struct{ Keys []map[string]string }
			if err := json.Unmarshal([]byte(suite.jwks(t, issuer)), &published); err != nil {
				t.Fatal(err)
			}
			if len(published.Keys) != count {
				t.Errorf("%s publishes %d keys, want %d", issuer, len(published.Keys), count)
			}
			for _, jwk := range published.Keys {
				var names []string
				for name := range jwk {
					names = append(names, name)
				}
				slices.Sort(names)
				if want := members[jwk["kty"]]; want == nil || !slices.Equal(names, want) {
					t.Errorf("%s: members are %v, want %v", jwk["kty"], names, want)
				}
				if jwk["use"] != "sig" || len(jwk["kid"]) < 16 || kids[jwk["kid"]] {
					t.Errorf("use %q, kid %q: not a fresh signature key", jwk["use"], jwk["kid"])
				}
				kids[jwk["kid"]] = true
			}
		}
	})
}

// exec changes exactly one row behind the service's back.
func exec(t *testing.T, db *sql.DB, statement string, args ...any) {
	t.Helper()
	result, err := db.ExecContext(t.Context(), statement, args...)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := result.RowsAffected(); err != nil || n != 1 {
		t.Fatalf("%d rows changed (%v), want 1", n, err)
	}
}
