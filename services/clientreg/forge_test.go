package clientreg_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// object is a JSON object under construction.
type object = map[string]any

// claims of a good assertion, but for the changes.
func (w *world) claims(clientID string, changes ...func(object)) object {
	claims := object{
		"iss": clientID, "sub": clientID, "aud": w.here.Identifier, "jti": oauth.NewID(),
		"iat": w.clock.Now().Unix(), "exp": w.clock.Now().Unix() + 60,
	}
	for _, change := range changes {
		change(claims)
	}
	return claims
}

// assertion is a good one by ecKey, but for the changes to its claims.
func (w *world) assertion(clientID string, changes ...func(object)) string {
	return forge(object{"alg": "ES256", "kid": "ec"}, w.claims(clientID, changes...), es256(ecKey))
}

func set(member string, value any) func(object) {
	return func(o object) {
		o[member] = value
	}
}

func unset(member string) func(object) {
	return func(o object) { delete(o, member) }
}

// signer signs as an attacker would: without asking whether it may.
type signer func(input string) []byte

// forge makes a compact JWS of any header and claims.
func forge(header, claims object, sign signer) string {
	return forgeText(string(must(json.Marshal(header))), string(must(json.Marshal(claims))), sign)
}

func forgeText(header, claims string, sign signer) string {
	input := b64([]byte(header)) + "." + b64([]byte(claims))
	return input + "." + b64(sign(input))
}

func b64(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

func digest(input string) []byte {
	sum := sha256.Sum256([]byte(input))
	return sum[:]
}

func es256(key *ecdsa.PrivateKey) signer {
	return func(input string) []byte {
		r, s, err := ecdsa.Sign(rand.Reader, key, digest(input))
		if err != nil {
			panic(err)
		}
		size := (key.Params().BitSize + 7) / 8
		raw := make([]byte, 2*size)
		r.FillBytes(raw[:size])
		s.FillBytes(raw[size:])
		return raw
	}
}

func ps256(input string) []byte {
	return must(rsa.SignPSS(rand.Reader, rsaKey, crypto.SHA256, digest(input), &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}))
}

func rs256(input string) []byte {
	return must(rsa.SignPKCS1v15(rand.Reader, rsaKey, crypto.SHA256, digest(input)))
}

func ed25519Signature(input string) []byte {
	return must(edKey.Sign(nil, []byte(input), crypto.Hash(0)))
}

func hs256(secret []byte) signer {
	return func(input string) []byte {
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(input))
		return mac.Sum(nil)
	}
}

func constant(signature []byte) signer { return func(string) []byte { return signature } }
