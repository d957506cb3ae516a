package authorize

import (
	"database/sql"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
	"github.com/strongroom-fapi/strongroom/services/authorize/internal/store"
)

// TestGrantsStayForASession: a grant that expired decides what its request bought until
// no session is left that could ask: the last one begins as its request ends.
func TestGrantsStayForASession(t *testing.T) {
	of := func(name string, session time.Duration) issuer.Issuer {
		return issuer.Issuer{
			Name: name, Identifier: "https://as.example/" + name, MTLSBase: "https://mtls.as.example/" + name, Profile: "fapi2-security",
			InteractionURL: "https://bank.example/login", Resource: "https://api.bank.example/", Scopes: []issuer.Scope{{Name: "openid", Description: "Know who you are"}},
			Lifetimes: issuer.Lifetimes{Session: session, RequestURI: 599 * time.Second},
		}
	}
	set, err := issuer.NewSet(of("short", time.Minute), of("long", 15*time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	storetest.EachSQL(t, Migrations, func(t *testing.T, db *sql.DB) {
		s := &Service{issuers: set, grants: store.NewGrants(db)}
		expires := time.Unix(1800000000, 0)
		if _, err := s.grants.Add(t.Context(), "short", store.Grant{ID: "1", RequestHash: "r", Session: "s", Created: expires.Add(-time.Minute), Expires: expires}); err != nil {
			t.Fatal(err)
		}
		last := 599*time.Second + 15*time.Minute
		for removes, after := range []time.Duration{last, last + time.Millisecond} {
			if removed, err := s.sweepGrants(t.Context(), expires.Add(after), 10); err != nil || removed != removes {
				t.Errorf("%s after: %d removed, %v", after, removed, err)
			}
		}
	})
}
