package keys

import (
	"database/sql"
	"fmt"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
	keysv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/keys/v1"
)

// TestRights is B8: every purpose and every caller, at the handlers themselves, so
// that the table holds also where the table of methods is wider.
func TestRights(t *testing.T) {
	may := map[keysv1.Purpose]rpc.Name{
		accessToken: rpc.Token, idToken: rpc.Token, jarm: rpc.Authorize, userinfo: rpc.Token, introspection: rpc.Token,
	}
	storetest.EachSQL(t, Migrations, func(t *testing.T, db *sql.DB) {
		of := issuerOf("bank", jose.ES256, jose.ES256)
		es256 := []jose.Algorithm{jose.ES256}
		of.JARMAlgorithms, of.UserinfoAlgorithms, of.IntrospectionAlgorithms = es256, es256, es256
		of.RequestObjectEncryptionAlgorithms = []jose.Algorithm{jose.ECDHES}
		set := setOf(t, of)
		service := newService(t, db, set)
		for number := range keysv1.Purpose_name {
			for _, caller := range append([]rpc.Name{"", "TOKEN", "stranger"}, rpc.Names...) {
				p := keysv1.Purpose(number)
				t.Run(fmt.Sprintf("%s by %q", p, caller), func(t *testing.T) {
					ctx := rpc.WithCaller(rpc.WithScope(t.Context(), scope(t, set, "bank")), caller)
					_, err := service.Sign(ctx, &keysv1.SignRequest{Purpose: p, Algorithm: "ES256", Payload: []byte(`{}`)})
					want := codes.PermissionDenied
					if caller != "" && may[p] == caller {
						want = codes.OK
					}
					wantStatus(t, err, want)
					_, err = service.Decrypt(ctx, &keysv1.DecryptRequest{Purpose: p, Jwe: "...."})
					if mayDecrypt := p == requestObject && caller == rpc.PAR; mayDecrypt != (status.Code(err) != codes.PermissionDenied) {
						t.Errorf("decrypt: got %v", err)
					}
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
			rpc.Token: codes.OK, rpc.Authorize: codes.PermissionDenied, rpc.Gateway: codes.PermissionDenied, rpc.PAR: codes.PermissionDenied,
		} {
			t.Run(string(caller), func(t *testing.T) {
				_, err := suite.sign(t, caller, "bank", accessToken, "ES256", `{}`)
				wantStatus(t, err, want)
			})
		}
	})
}

// TestPurposeTable guards the rows themselves: one per purpose, each marked with a
// typ of its own where a specification names one.
func TestPurposeTable(t *testing.T) {
	ids, names, types := map[keysv1.Purpose]bool{}, map[string]bool{}, map[string]bool{"JWT": true}
	unnamed := map[keysv1.Purpose]bool{idToken: true, jarm: true, userinfo: true} // OpenID Connect and JARM name no typ
	for _, p := range purposes {
		if p.id == keysv1.Purpose_PURPOSE_UNSPECIFIED || p.name == "" || p.setting == "" || p.lives == nil || len(p.callers) == 0 {
			t.Errorf("%s: the row is incomplete", p.id)
		}
		if ids[p.id] || names[p.name] || types[p.typ] && !unnamed[p.id] {
			t.Errorf("%s: id, name or typ stands in two rows", p.id)
		}
		if p.decrypts() != (p.id == requestObject) {
			t.Errorf("%s: decrypts %t", p.id, p.decrypts())
		}
		ids[p.id], names[p.name], types[p.typ] = true, true, true
	}
	for number := range keysv1.Purpose_name {
		if p := keysv1.Purpose(number); p != keysv1.Purpose_PURPOSE_UNSPECIFIED && !ids[p] {
			t.Errorf("%s has no row", p)
		}
	}
}
