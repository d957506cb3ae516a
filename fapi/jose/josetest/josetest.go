// Package josetest makes for tests what only a client makes: encrypted objects. It is
// another implementation than the one under test.
package josetest

import (
	"testing"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jwe"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
)

// Encrypt makes a compact JWE for the key, by the algorithm that the key names. The
// header has the key's kid, and cty JWT.
func Encrypt(t testing.TB, key *jose.Key, enc string, payload []byte) string {
	t.Helper()
	return EncryptAs(t, key.KeyManagement(), key, enc, payload)
}

// EncryptAs is Encrypt by any algorithm that the kind of key can do.
func EncryptAs(t testing.TB, algorithm jose.Algorithm, key *jose.Key, enc string, payload []byte) string {
	t.Helper()
	header := jwe.NewHeaders()
	if err := header.Set(jwe.ContentTypeKey, "JWT"); err != nil {
		t.Fatal(err)
	}
	if id := key.ID(); id != "" {
		if err := header.Set(jwe.KeyIDKey, id); err != nil {
			t.Fatal(err)
		}
	}
	compact, err := jwe.Encrypt(payload,
		jwe.WithKey(jwa.KeyEncryptionAlgorithm(algorithm), key.Public()),
		jwe.WithContentEncryption(jwa.ContentEncryptionAlgorithm(enc)),
		jwe.WithProtectedHeaders(header))
	if err != nil {
		t.Fatal(err)
	}
	return string(compact)
}
