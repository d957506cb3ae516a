package keys

import (
	"database/sql"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
	keysv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/keys/v1"
)

func TestSign(t *testing.T) {
	full := issuerOf("full", jose.EdDSA, jose.PS256)
	full.JARMAlgorithms, full.UserinfoAlgorithms, full.IntrospectionAlgorithms = []jose.Algorithm{jose.PS256}, []jose.Algorithm{"Ed25519"}, []jose.Algorithm{jose.ES256}
	tests := []struct {
		name      string
		issuer    string
		purpose   keysv1.Purpose
		algorithm jose.Algorithm
		typ       string
	}{
		{"an authorization response is JWT", "full", jarm, jose.PS256, "JWT"},
		{"a userinfo response is JWT, by EdDSA under its other name in the configuration", "full", userinfo, jose.EdDSA, "JWT"},
		{"an introspection response is token-introspection+jwt", "full", introspection, jose.ES256, "token-introspection+jwt"},
		{"an access token is at+jwt, by ES256", "bank", accessToken, jose.ES256, "at+jwt"},
		{"an id_token is JWT, by ES256", "bank", idToken, jose.ES256, "JWT"},
		{"an id_token is JWT, by PS256", "bank", idToken, jose.PS256, "JWT"},
		{"an access token is at+jwt, by PS256", "other", accessToken, jose.PS256, "at+jwt"},
		{"an id_token is JWT, by EdDSA", "other", idToken, jose.EdDSA, "JWT"},
	}
	storetest.EachSQL(t, Migrations, func(t *testing.T, db *sql.DB) {
		set := setOf(t, issuerOf("bank", jose.ES256, jose.ES256, jose.PS256), issuerOf("other", jose.PS256, jose.EdDSA), full)
		suite := suiteOf(newService(t, db, set), set)
		signedBy := map[string]string{}
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				signed := suite.signed(t, test.issuer, test.purpose, test.algorithm)
				if signed.Header.Type != test.typ || signed.Header.Algorithm != test.algorithm {
					t.Errorf("header is %+v", signed.Header)
				}
				if string(signed.Payload()) != `{"sub":"alice"}` {
					t.Errorf("payload is %s", signed.Payload())
				}
				if err := signed.Verify(suite.keySet(t, test.issuer), test.algorithm); err != nil {
					t.Errorf("against the issuer's own JWK set: %v", err)
				}
				// BAD-38: nothing of one issuer exists at another.
				for _, other := range []string{"bank", "other", "full"} {
					if other != test.issuer && signed.Verify(suite.keySet(t, other), test.algorithm) == nil {
						t.Errorf("verifies at issuer %s too", other)
					}
				}
				if before, taken := signedBy[signed.Header.KeyID]; taken {
					t.Errorf("signed by the key of %q", before)
				}
				signedBy[signed.Header.KeyID] = test.name
			})
		}
	})
}

func TestSignRefuses(t *testing.T) {
	const es256 = "ES256"
	tests := []struct {
		name      string
		purpose   keysv1.Purpose
		algorithm string
		payload   string
	}{
		{"an algorithm of the other purpose", accessToken, "EdDSA", `{}`},
		{"an algorithm that only another issuer has", idToken, "ES256", `{}`},
		{"an algorithm of the profile that nobody configured", accessToken, "PS256", `{}`},
		{"none", accessToken, "none", `{}`},
		{"RS256", accessToken, "RS256", `{}`},
		{"HS256", accessToken, "HS256", `{}`},
		{"another case", accessToken, "es256", `{}`},
		{"a purpose that the issuer has no keys for", userinfo, "ES256", `{}`},
		{"an algorithm of encryption", accessToken, "RSA-OAEP", `{}`},
		{"no algorithm", accessToken, "", `{}`},
		{"no payload", accessToken, es256, ""},
		{"null", accessToken, es256, `null`},
		{"an array", accessToken, es256, `[{}]`},
		{"a string", accessToken, es256, `"sub"`},
		{"two objects", accessToken, es256, `{}{}`},
		{"half an object", accessToken, es256, `{"sub":`},
		{"a member twice", accessToken, es256, `{"sub":"alice","sub":"bob"}`},
		{"a member twice, deep", accessToken, es256, `{"cnf":{"jkt":"a","jkt":"b"}}`},
		{"bytes that are not UTF-8", accessToken, es256, "{\"sub\":\"\xff\"}"},
		{"longer than any token", accessToken, es256, `{"sub":"` + strings.Repeat("a", 40<<10) + `"}`},
	}
	storetest.EachSQL(t, Migrations, func(t *testing.T, db *sql.DB) {
		set := setOf(t, issuerOf("bank", jose.ES256, jose.EdDSA), issuerOf("other", jose.EdDSA, jose.ES256))
		suite := suiteOf(newService(t, db, set), set)
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				jws, err := suite.sign(t, rpc.Token, "bank", test.purpose, test.algorithm, test.payload)
				wantStatus(t, err, codes.InvalidArgument)
				if jws != "" {
					t.Error("and yet it was signed")
				}
				if err != nil && len(test.payload) > 100 && strings.Contains(fmt.Sprint(err), "aaaa") {
					t.Error("the error repeats the claims")
				}
			})
		}
	})
}

// TestEd25519IsEdDSA: the newer name (RFC 9864) is accepted, and the header has the one
// that we advertise.
func TestEd25519IsEdDSA(t *testing.T) {
	storetest.EachSQL(t, Migrations, func(t *testing.T, db *sql.DB) {
		set := quick(t)
		suite := suiteOf(newService(t, db, set), set)
		compact, err := suite.sign(t, rpc.Token, "other", idToken, "Ed25519", `{}`)
		if err != nil {
			t.Fatal(err)
		}
		header, err := base64.RawURLEncoding.DecodeString(strings.Split(compact, ".")[0])
		if err != nil || !strings.Contains(string(header), `"alg":"EdDSA"`) {
			t.Errorf("header is %s (%v)", header, err)
		}
	})
}

// TestLongPayloadIsNotRead tells by the reason that the length is judged before
// the JSON, of which this is none.
func TestLongPayloadIsNotRead(t *testing.T) {
	storetest.EachSQL(t, Migrations, func(t *testing.T, db *sql.DB) {
		set := quick(t)
		suite := suiteOf(newService(t, db, set), set)
		for length, want := range map[int]string{64 << 10: "not one JSON object", 64<<10 + 1: "longer than 65536 bytes"} {
			_, err := suite.sign(t, rpc.Token, "bank", accessToken, "ES256", strings.Repeat("a", length))
			wantStatus(t, err, codes.InvalidArgument)
			if err != nil && !strings.Contains(err.Error(), want) {
				t.Errorf("%d bytes: got %v, want %q", length, err, want)
			}
		}
	})
}

// TestSignReadsNoStore closes the store first: once started, tokens are signed
// and keys published without it.
func TestSignReadsNoStore(t *testing.T) {
	storetest.EachSQL(t, Migrations, func(t *testing.T, db *sql.DB) {
		set := quick(t)
		service := newService(t, db, set)
		suite := suiteOf(service, set)
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		signed := suite.signed(t, "bank", accessToken, jose.ES256)
		if err := signed.Verify(suite.keySet(t, "bank"), jose.ES256); err != nil {
			t.Error(err)
		}
		if err := service.refresh(t.Context()); err == nil {
			t.Error("the store was not closed")
		}
	})
}
