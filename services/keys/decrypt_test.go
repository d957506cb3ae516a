package keys

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/jose/josetest"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
	keysv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/keys/v1"
)

func (s suite) decrypt(t *testing.T, issuer, jwe string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	response, err := keysv1.NewKeysServiceClient(s.conn(rpc.PAR)).Decrypt(ctx, &keysv1.DecryptRequest{
		Call: scope(t, s.set, issuer).Call(), Purpose: requestObject, Jwe: jwe,
	})
	return string(response.GetPayload()), err
}

// encryptionKey is the one key that an issuer publishes for an algorithm.
func (s suite) encryptionKey(t *testing.T, issuer string, algorithm jose.Algorithm) *jose.Key {
	t.Helper()
	var found []*jose.Key
	for _, key := range s.keySet(t, issuer).Keys() {
		if key.KeyManagement() == algorithm {
			found = append(found, key)
		}
	}
	if len(found) != 1 {
		t.Fatalf("issuer %s publishes %d keys for %s", issuer, len(found), algorithm)
	}
	return found[0]
}

// decrypting configures an issuer that decrypts.
func decrypting(name string, algorithms ...jose.Algorithm) issuer.Issuer {
	of := issuerOf(name, jose.ES256, jose.ES256)
	of.RequestObjectEncryptionAlgorithms = algorithms
	return of
}

// withoutKeyID is the same key, published without a kid.
func withoutKeyID(t *testing.T, key *jose.Key) *jose.Key {
	t.Helper()
	bare, err := jose.NewEncryptionKey(key.Public(), "", key.KeyManagement())
	if err != nil {
		t.Fatal(err)
	}
	return bare
}

func TestDecrypt(t *testing.T) {
	storetest.EachSQL(t, Migrations, func(t *testing.T, db *sql.DB) {
		set := setOf(t, decrypting("bank", jose.KeyManagement...), decrypting("other", jose.ECDHES))
		suite := suiteOf(newService(t, db, set), set)
		for _, algorithm := range jose.KeyManagement {
			key := suite.encryptionKey(t, "bank", algorithm)
			for name, recipient := range map[string]*jose.Key{"with kid": key, "without kid": withoutKeyID(t, key)} {
				got, err := suite.decrypt(t, "bank", josetest.Encrypt(t, recipient, "A256GCM", []byte("a.b.c")))
				if err != nil || got != "a.b.c" {
					t.Errorf("%s %s: %q, %v", algorithm, name, got, err)
				}
			}
		}
	})
}

// TestDecryptRefuses: whatever is wrong, the refusal is one and the same (BAD-60,
// THR-5).
func TestDecryptRefuses(t *testing.T) {
	storetest.EachSQL(t, Migrations, func(t *testing.T, db *sql.DB) {
		set := setOf(t, decrypting("bank", jose.ECDHES, jose.RSAOAEP256), decrypting("other", jose.ECDHES))
		suite := suiteOf(newService(t, db, set), set)
		mine, rsaKey := suite.encryptionKey(t, "bank", jose.ECDHES), suite.encryptionKey(t, "bank", jose.RSAOAEP256)
		good := josetest.Encrypt(t, rsaKey, "A128CBC-HS256", []byte("a.b.c"))
		parts := strings.Split(good, ".")
		damaged := func(n int) string {
			changed := append([]string(nil), parts...)
			changed[n] = strings.Repeat("A", len(changed[n]))
			return strings.Join(changed, ".")
		}
		renamed, err := jose.NewEncryptionKey(mine.Public(), "nobody", jose.ECDHES)
		if err != nil {
			t.Fatal(err)
		}
		for name, jwe := range map[string]string{
			"empty":             "",
			"a JWS":             "a.b.c",
			"BAD-60 alg RSA1_5": josetest.EncryptAs(t, "RSA1_5", rsaKey, "A128GCM", []byte("x")),
			"an alg of the key's kind that is not its own": josetest.EncryptAs(t, jose.RSAOAEP, rsaKey, "A128GCM", []byte("x")),
			"another issuer's key (BAD-38)":                josetest.Encrypt(t, suite.encryptionKey(t, "other", jose.ECDHES), "A128GCM", []byte("x")),
			"an unknown kid":                               josetest.Encrypt(t, renamed, "A128GCM", []byte("x")),
			"encrypted key damaged":                        damaged(1),
			"initialization vector damaged":                damaged(2),
			"ciphertext damaged":                           damaged(3),
			"tag damaged":                                  damaged(4),
			"a signature key of the same issuer":           josetest.EncryptAs(t, jose.ECDHES, signatureKey(t, suite), "A128GCM", []byte("x")),
		} {
			t.Run(name, func(t *testing.T) {
				got, err := suite.decrypt(t, "bank", jwe)
				refusal, ok := oauth.AsError(err)
				if !ok || refusal.Code != "invalid_request_object" || refusal.HTTPStatus() != 400 || refusal.Description != errNotDecrypted.Description {
					t.Errorf("got %q, %v", got, err)
				}
				if cause := fmt.Sprint(errors.Unwrap(err)); strings.Contains(cause, "jose") || strings.Contains(cause, "kid") {
					t.Errorf("the caller is told %s", cause)
				}
			})
		}
	})
}

func signatureKey(t *testing.T, s suite) *jose.Key {
	t.Helper()
	kid := s.signed(t, "bank", accessToken, jose.ES256).Header.KeyID
	for _, key := range s.keySet(t, "bank").Keys() {
		if key.ID() == kid {
			return key
		}
	}
	t.Fatal("no such key")
	return nil
}

// TestDecryptAcrossRotation: a sender who has an older JWK set is understood as long
// as the key is retained, and one who has the newest at once.
func TestDecryptAcrossRotation(t *testing.T) {
	storetest.EachSQL(t, Migrations, func(t *testing.T, db *sql.DB) {
		set := setOf(t, decrypting("bank", jose.ECDHES))
		clk, service := serviceAt(t, db, set)
		suite := suiteOf(service, set)
		older := suite.encryptionKey(t, "bank", jose.ECDHES)
		if err := service.Rotate(t.Context(), Selection{Purpose: "request_object"}, false); err != nil {
			t.Fatal(err)
		}
		newer := suite.encryptionKey(t, "bank", jose.ECDHES)
		if newer.ID() == older.ID() {
			t.Fatal("the older key is still the one that is published")
		}
		understood := func(want string, keys ...*jose.Key) {
			t.Helper()
			for n, key := range keys {
				_, err := suite.decrypt(t, "bank", josetest.Encrypt(t, withoutKeyID(t, key), "A128GCM", []byte("x")))
				if got := fmt.Sprint(err == nil); got != strings.Fields(want)[n] {
					t.Errorf("key %d understood: %s, want %s (%v)", n, got, want, err)
				}
			}
		}
		understood("true true", older, newer)
		clk.Advance(time.Hour + 24*time.Hour - time.Minute)
		again(t, service)
		understood("true true", older, newer)
		clk.Advance(2 * time.Minute)
		again(t, service)
		understood("false true", older, newer)
	})
}
