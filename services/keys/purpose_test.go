package keys

import (
	"database/sql"
	"fmt"
	"testing"

	"google.golang.org/grpc/codes"

	"github.com/strongroom-fapi/strongroom/platform/rpc"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
	keysv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/keys/v1"
)

// TestRights is B8: every purpose and every caller, at the handler itself, so
// that the table holds also where the table of methods is wider.
func TestRights(t *testing.T) {
	may := map[keysv1.Purpose]map[rpc.Name]bool{
		accessToken: {rpc.Token: true},
		idToken:     {rpc.Token: true},
	}
	storetest.EachSQL(t, Migrations, func(t *testing.T, db *sql.DB) {
		set := quick(t)
		service := newService(t, db, set)
		for _, p := range []keysv1.Purpose{keysv1.Purpose_PURPOSE_UNSPECIFIED, accessToken, idToken, 99} {
			for _, caller := range append([]rpc.Name{"", "TOKEN", "stranger"}, rpc.Names...) {
				t.Run(fmt.Sprintf("%s by %q", p, caller), func(t *testing.T) {
					ctx := rpc.WithCaller(rpc.WithScope(t.Context(), scope(t, set, "bank")), caller)
					_, err := service.Sign(ctx, &keysv1.SignRequest{Purpose: p, Algorithm: "ES256", Payload: []byte(`{}`)})
					want := codes.PermissionDenied
					if may[p][caller] {
						want = codes.OK
					}
					wantStatus(t, err, want)
				})
			}
		}
		t.Run("a caller that nobody proved", func(t *testing.T) {
			ctx := rpc.WithScope(t.Context(), scope(t, set, "bank"))
			_, err := service.Sign(ctx, &keysv1.SignRequest{Purpose: accessToken, Algorithm: "ES256", Payload: []byte(`{}`)})
			wantStatus(t, err, codes.PermissionDenied)
		})
	})
}

// TestCallers is who reaches which method through the interceptor.
func TestCallers(t *testing.T) {
	storetest.EachSQL(t, Migrations, func(t *testing.T, db *sql.DB) {
		set := quick(t)
		suite := suiteOf(newService(t, db, set), set)
		for caller, want := range map[rpc.Name]codes.Code{
			rpc.Token: codes.OK, rpc.Gateway: codes.PermissionDenied, rpc.PAR: codes.PermissionDenied,
		} {
			t.Run(string(caller), func(t *testing.T) {
				_, err := suite.sign(t, caller, "bank", accessToken, "ES256", `{}`)
				wantStatus(t, err, want)
			})
		}
	})
}

// TestPurposeTable guards the rows themselves: one per purpose, each marked
// with a typ of its own.
func TestPurposeTable(t *testing.T) {
	ids, names, types := map[keysv1.Purpose]bool{}, map[string]bool{}, map[string]bool{}
	for _, p := range purposes {
		if p.id == keysv1.Purpose_PURPOSE_UNSPECIFIED || p.typ == "" || p.name == "" || len(p.callers) == 0 {
			t.Errorf("%s: the row is incomplete", p.id)
		}
		if ids[p.id] || names[p.name] || types[p.typ] {
			t.Errorf("%s: id, name or typ stands in two rows", p.id)
		}
		ids[p.id], names[p.name], types[p.typ] = true, true, true
	}
	for number := range keysv1.Purpose_name {
		if p := keysv1.Purpose(number); p != keysv1.Purpose_PURPOSE_UNSPECIFIED && !ids[p] {
			t.Errorf("%s has no row", p)
		}
	}
}
