package jose_test

import (
	"bytes"
	"crypto/ecdh"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/jose/josetest"
)

var (
	decryptRSA, _ = rsa.GenerateKey(rand.Reader, 2048)
	decryptEC, _  = ecdh.P256().GenerateKey(rand.Reader)
	inner         = []byte(`eyJhbGciOiJFUzI1NiJ9.e30.c2lnbmF0dXJl`)
)

// private is our key for an algorithm, and its public half.
func private(t testing.TB, algorithm jose.Algorithm) (jose.PrivateKey, *jose.Key) {
	t.Helper()
	var key jose.PrivateKey = decryptEC
	if strings.HasPrefix(string(algorithm), "RSA") {
		key = decryptRSA
	}
	public, err := jose.NewEncryptionKey(key.Public(), "enc-1", algorithm)
	if err != nil {
		t.Fatal(err)
	}
	return key, public
}

// TestDecrypt opens what another implementation encrypted, by every pair of algorithms.
func TestDecrypt(t *testing.T) {
	for _, algorithm := range jose.KeyManagement {
		for _, enc := range jose.ContentEncryption() {
			t.Run(string(algorithm)+" "+enc, func(t *testing.T) {
				key, public := private(t, algorithm)
				for _, payload := range [][]byte{inner, []byte("x"), bytes.Repeat([]byte("16 bytes aligned"), 512)} {
					e, err := jose.ParseEncrypted(josetest.Encrypt(t, public, enc, payload))
					if err != nil {
						t.Fatal(err)
					}
					if want := (jose.EncryptedHeader{Algorithm: algorithm, Encryption: enc, KeyID: "enc-1", Content: "JWT"}); e.Header != want {
						t.Errorf("header is %+v, want %+v", e.Header, want)
					}
					plain, err := e.Decrypt(key)
					if err != nil || !bytes.Equal(plain, payload) {
						t.Errorf("got %q, %v", plain, err)
					}
				}
			})
		}
	}
}

// TestDecryptRefusesAlike changes one bit of each part, and uses another key: the error is
// the same one, without a reason (THR-5).
func TestDecryptRefusesAlike(t *testing.T) {
	otherRSA, _ := rsa.GenerateKey(rand.Reader, 2048)
	otherEC, _ := ecdh.P256().GenerateKey(rand.Reader)
	for _, algorithm := range jose.KeyManagement {
		for _, enc := range jose.ContentEncryption() {
			key, public := private(t, algorithm)
			compact := josetest.Encrypt(t, public, enc, inner)
			for part, name := range []string{"header", "encrypted key", "nonce", "ciphertext", "tag"} {
				changed := flip(t, compact, part)
				if changed == "" {
					continue // ECDH-ES has no encrypted key
				}
				e, err := jose.ParseEncrypted(changed)
				if part == 0 && err != nil {
					continue // the bit made it no JSON
				}
				if err != nil {
					t.Fatalf("%s %s, %s changed: %v", algorithm, enc, name, err)
				}
				if _, err := e.Decrypt(key); err != jose.ErrDecryption { //nolint:errorlint // the very error: nothing may be wrapped around it
					t.Errorf("%s %s, %s changed: %v", algorithm, enc, name, err)
				}
			}
			e, err := jose.ParseEncrypted(compact)
			if err != nil {
				t.Fatal(err)
			}
			var other jose.PrivateKey = otherEC
			if strings.HasPrefix(string(algorithm), "RSA") {
				other = otherRSA
			}
			if _, err := e.Decrypt(other); err != jose.ErrDecryption { //nolint:errorlint // as above
				t.Errorf("%s %s, another key: %v", algorithm, enc, err)
			}
		}
	}
}

// flip changes the last bit of a part's middle byte; "" where the part is empty.
func flip(t *testing.T, compact string, part int) string {
	t.Helper()
	parts := strings.Split(compact, ".")
	raw, err := base64.RawURLEncoding.DecodeString(parts[part])
	if err != nil {
		t.Fatal(err)
	}
	if len(raw) == 0 {
		return ""
	}
	raw[len(raw)/2] ^= 1
	parts[part] = base64.RawURLEncoding.EncodeToString(raw)
	return strings.Join(parts, ".")
}

// TestDecryptTakesAlike compares the time of a broken encrypted key with that of a broken
// tag. The least of many leaves room for a busy machine and none for a skipped RSA
// operation or an early return.
func TestDecryptTakesAlike(t *testing.T) {
	for _, algorithm := range []jose.Algorithm{jose.RSAOAEP, jose.RSAOAEP256} {
		key, public := private(t, algorithm)
		compact := josetest.Encrypt(t, public, "A256GCM", bytes.Repeat([]byte("x"), 16<<10))
		var took [2][]time.Duration
		for range 31 {
			for n, part := range []int{1, 4} {
				e, err := jose.ParseEncrypted(flip(t, compact, part))
				if err != nil {
					t.Fatal(err)
				}
				begun := time.Now()
				_, err = e.Decrypt(key)
				took[n] = append(took[n], time.Since(begun))
				if !errors.Is(err, jose.ErrDecryption) {
					t.Fatal(err)
				}
			}
		}
		wrongKey, wrongTag := slices.Min(took[0]), slices.Min(took[1])
		if ratio := float64(wrongKey) / float64(wrongTag); ratio < 0.5 || ratio > 2 {
			t.Errorf("%s: a broken key takes %v, a broken tag %v", algorithm, wrongKey, wrongTag)
		}
	}
}

func b64(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

// jweOf is a compact form around any header, with parts of these lengths.
func jweOf(header string, key, nonce, ciphertext, tag int) string {
	zeros := func(n int) string { return b64(strings.Repeat("\x00", n)) }
	return strings.Join([]string{b64(header), zeros(key), zeros(nonce), zeros(ciphertext), zeros(tag)}, ".")
}

// TestParseEncryptedRefuses is BAD-60: hostile headers and forms, each refused by name
// before anything secret is touched, in bounded time and memory.
func TestParseEncryptedRefuses(t *testing.T) {
	point := decryptEC.PublicKey().Bytes()
	epk := func(x, y []byte) string {
		return `"epk":{"kty":"EC","crv":"P-256","x":"` + b64(string(x)) + `","y":"` + b64(string(y)) + `"}`
	}
	good := epk(point[1:33], point[33:])
	off := bytes.Clone(point)
	off[64] ^= 1
	p384 := elliptic.P384().Params()
	tests := []struct {
		name, compact string
		want          error
		reason        string
	}{
		{"alg RSA1_5", jweOf(`{"alg":"RSA1_5","enc":"A256GCM"}`, 256, 12, 16, 16), jose.ErrAlgorithm, "RSA-OAEP"},
		{"alg dir", jweOf(`{"alg":"dir","enc":"A256GCM"}`, 0, 12, 16, 16), jose.ErrAlgorithm, "RSA-OAEP"},
		{"PBES2 with p2c 2^31", jweOf(`{"alg":"PBES2-HS256+A128KW","p2c":2147483648,"p2s":"AAAAAAAAAAAAAAAAAAAAAA","enc":"A128GCM"}`, 24, 12, 16, 16), jose.ErrMalformed, "extension"},
		{"PBES2 without p2c", jweOf(`{"alg":"PBES2-HS256+A128KW","enc":"A128GCM"}`, 24, 12, 16, 16), jose.ErrAlgorithm, "RSA-OAEP"},
		{"zip DEF", jweOf(`{"alg":"RSA-OAEP","enc":"A256GCM","zip":"DEF"}`, 256, 12, 16, 16), jose.ErrMalformed, "zip"},
		{"zip null", jweOf(`{"alg":"RSA-OAEP","enc":"A256GCM","zip":null}`, 256, 12, 16, 16), jose.ErrMalformed, "zip"},
		{"epk off the curve", jweOf(`{"alg":"ECDH-ES","enc":"A256GCM",`+epk(off[1:33], off[33:])+`}`, 0, 12, 16, 16), jose.ErrKey, "P-256"},
		{"epk zero", jweOf(`{"alg":"ECDH-ES","enc":"A256GCM",`+epk(make([]byte, 32), make([]byte, 32))+`}`, 0, 12, 16, 16), jose.ErrKey, "P-256"},
		{"epk on P-384", jweOf(`{"alg":"ECDH-ES","enc":"A256GCM","epk":{"kty":"EC","crv":"P-384","x":"`+b64(string(p384.Gx.Bytes()))+`","y":"`+b64(string(p384.Gy.Bytes()))+`"}}`, 0, 12, 16, 16), jose.ErrKey, ""},
		{"epk private", jweOf(`{"alg":"ECDH-ES","enc":"A256GCM","epk":{"kty":"EC","crv":"P-256","x":"`+b64(string(point[1:33]))+`","y":"`+b64(string(point[33:]))+`","d":"AAAA"}}`, 0, 12, 16, 16), jose.ErrKey, "private"},
		{"epk RSA", jweOf(`{"alg":"ECDH-ES","enc":"A256GCM","epk":{"kty":"RSA","n":"`+b64(string(decryptRSA.N.Bytes()))+`","e":"AQAB"}}`, 0, 12, 16, 16), jose.ErrKey, "P-256"},
		{"epk missing", jweOf(`{"alg":"ECDH-ES","enc":"A256GCM"}`, 0, 12, 16, 16), jose.ErrMalformed, "epk"},
		{"epk beside RSA", jweOf(`{"alg":"RSA-OAEP","enc":"A256GCM",`+good+`}`, 256, 12, 16, 16), jose.ErrMalformed, "epk"},
		{"ECDH-ES with an encrypted key", jweOf(`{"alg":"ECDH-ES","enc":"A256GCM",`+good+`}`, 40, 12, 16, 16), jose.ErrMalformed, "encrypted key"},
		{"apu of 4 KiB", jweOf(`{"alg":"ECDH-ES","enc":"A256GCM","apu":"`+strings.Repeat("A", 4096)+`",`+good+`}`, 0, 12, 16, 16), jose.ErrMalformed, "512"},
		{"enc that is not ours", jweOf(`{"alg":"RSA-OAEP","enc":"A192GCM"}`, 256, 12, 16, 16), jose.ErrAlgorithm, "A128GCM"},
		{"alg of another case", jweOf(`{"alg":"rsa-oaep","enc":"A256GCM"}`, 256, 12, 16, 16), jose.ErrAlgorithm, "RSA-OAEP"},
		{"alg RSA-OAEP-512", jweOf(`{"alg":"RSA-OAEP-512","enc":"A256GCM"}`, 256, 12, 16, 16), jose.ErrAlgorithm, "RSA-OAEP"},
		{"alg of a signature", jweOf(`{"alg":"ES256","enc":"A256GCM"}`, 256, 12, 16, 16), jose.ErrAlgorithm, "RSA-OAEP"},
		{"no alg", jweOf(`{"enc":"A256GCM"}`, 256, 12, 16, 16), jose.ErrAlgorithm, ""},
		{"no enc", jweOf(`{"alg":"RSA-OAEP"}`, 256, 12, 16, 16), jose.ErrAlgorithm, ""},
		{"alg twice", jweOf(`{"alg":"RSA-OAEP","alg":"RSA1_5","enc":"A256GCM"}`, 256, 12, 16, 16), jose.ErrMalformed, "repeated"},
		{"ALG beside alg", jweOf(`{"alg":"RSA-OAEP","ALG":"RSA1_5","enc":"A256GCM"}`, 256, 12, 16, 16), jose.ErrMalformed, "case"},
		{"crit", jweOf(`{"alg":"RSA-OAEP","enc":"A256GCM","crit":["exp"]}`, 256, 12, 16, 16), jose.ErrMalformed, "extension"},
		{"jku", jweOf(`{"alg":"RSA-OAEP","enc":"A256GCM","jku":"https://evil.example"}`, 256, 12, 16, 16), jose.ErrMalformed, "key"},
		{"jwk", jweOf(`{"alg":"RSA-OAEP","enc":"A256GCM","jwk":{}}`, 256, 12, 16, 16), jose.ErrMalformed, "key"},
		{"encrypted key empty", jweOf(`{"alg":"RSA-OAEP","enc":"A256GCM"}`, 0, 12, 16, 16), jose.ErrMalformed, "encrypted key"},
		{"encrypted key of 8 KiB", jweOf(`{"alg":"RSA-OAEP","enc":"A256GCM"}`, 8192, 12, 16, 16), jose.ErrMalformed, "encrypted key"},
		{"nonce of 16 bytes for GCM", jweOf(`{"alg":"RSA-OAEP","enc":"A256GCM"}`, 256, 16, 16, 16), jose.ErrMalformed, "initialization"},
		{"tag of 4 bytes", jweOf(`{"alg":"RSA-OAEP","enc":"A256GCM"}`, 256, 12, 16, 4), jose.ErrMalformed, "tag"},
		{"tag empty", jweOf(`{"alg":"RSA-OAEP","enc":"A256GCM"}`, 256, 12, 16, 0), jose.ErrMalformed, "tag"},
		{"tag cut of HS512", jweOf(`{"alg":"RSA-OAEP","enc":"A256CBC-HS512"}`, 256, 16, 16, 16), jose.ErrMalformed, "tag"},
		{"no ciphertext", jweOf(`{"alg":"RSA-OAEP","enc":"A256GCM"}`, 256, 12, 0, 16), jose.ErrMalformed, "ciphertext"},
		{"half a block of CBC", jweOf(`{"alg":"RSA-OAEP","enc":"A128CBC-HS256"}`, 256, 16, 24, 16), jose.ErrMalformed, "ciphertext"},
		{"longer than 48 KiB", jweOf(`{"alg":"RSA-OAEP","enc":"A256GCM"}`, 256, 12, 64<<10, 16), jose.ErrMalformed, "48 KiB"},
		{"a thousand parts", strings.Repeat(".", 1000), jose.ErrMalformed, "five"},
		{"three parts", "e30.e30.e30", jose.ErrMalformed, "five"},
		{"padding", jweOf(`{"alg":"RSA-OAEP","enc":"A256GCM"}`, 256, 12, 16, 16) + "==", jose.ErrMalformed, "base64url"},
		{"the JSON serialisation", `{"ciphertext":"AAAA"}`, jose.ErrMalformed, "five"},
		{"empty", "", jose.ErrMalformed, "five"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			begun, memory := cpu(t), allocated()
			_, err := jose.ParseEncrypted(test.compact)
			if !errors.Is(err, test.want) || !strings.Contains(fmt.Sprint(err), test.reason) {
				t.Errorf("got %v, want %v with %q", err, test.want, test.reason)
			}
			if took := cpu(t) - begun; took > 50*time.Millisecond {
				t.Errorf("took %v of CPU", took)
			}
			if took := allocated() - memory; took > 1<<20 {
				t.Errorf("took %d bytes", took)
			}
		})
	}
}

// cpu is what the process has used.
func cpu(t *testing.T) time.Duration {
	t.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func allocated() uint64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.TotalAlloc
}

// TestEncryptionKey: a published encryption key has use enc and its one algorithm, and can
// verify nothing.
func TestEncryptionKey(t *testing.T) {
	for _, algorithm := range jose.KeyManagement {
		_, key := private(t, algorithm)
		raw, err := key.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		read, err := jose.ParseKey(raw)
		if err != nil {
			t.Fatal(err)
		}
		if read.Use() != "enc" || read.KeyManagement() != algorithm || read.Algorithm() != "" || read.Thumbprint() != key.Thumbprint() {
			t.Errorf("%s reads back as %s", algorithm, raw)
		}
	}
	for _, row := range []struct {
		public    any
		algorithm jose.Algorithm
		want      error
	}{
		{decryptRSA.Public(), jose.ECDHES, jose.ErrKey},
		{decryptEC.Public(), jose.RSAOAEP, jose.ErrKey},
		{decryptEC.Public(), jose.ES256, jose.ErrAlgorithm},
		{decryptRSA.Public(), "RSA1_5", jose.ErrAlgorithm},
		{nil, jose.RSAOAEP, jose.ErrKey},
	} {
		if _, err := jose.NewEncryptionKey(row.public, "k", row.algorithm); !errors.Is(err, row.want) {
			t.Errorf("%T for %s: %v, want %v", row.public, row.algorithm, err, row.want)
		}
	}
}

// TestDecryptByAnotherKind: a signature key opens nothing, and says so.
func TestDecryptByAnotherKind(t *testing.T) {
	_, public := private(t, jose.ECDHES)
	e, err := jose.ParseEncrypted(josetest.Encrypt(t, public, "A128GCM", inner))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Decrypt(decryptRSA); !errors.Is(err, jose.ErrKey) {
		t.Errorf("got %v", err)
	}
}

func FuzzParseEncrypted(f *testing.F) {
	for _, algorithm := range jose.KeyManagement {
		_, public := private(f, algorithm)
		f.Add(josetest.Encrypt(f, public, "A128CBC-HS256", inner))
	}
	f.Add(jweOf(`{"alg":"RSA-OAEP","enc":"A256GCM","zip":"DEF"}`, 256, 12, 16, 16))
	f.Add("....")
	f.Fuzz(func(t *testing.T, compact string) {
		e, err := jose.ParseEncrypted(compact)
		if err != nil {
			return
		}
		key, _ := private(t, e.Header.Algorithm)
		if plain, err := e.Decrypt(key); err == nil && len(plain) > len(compact) {
			t.Errorf("%d bytes grew to %d", len(compact), len(plain))
		}
	})
}
