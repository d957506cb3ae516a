package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdh"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"os"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/platform/secret"
	"github.com/strongroom-fapi/strongroom/services/keys/backend"
	"github.com/strongroom-fapi/strongroom/services/keys/backend/software"
	"github.com/strongroom-fapi/strongroom/services/keys/native/internal/softhsm"
	"github.com/strongroom-fapi/strongroom/services/keys/native/openssl"
	"github.com/strongroom-fapi/strongroom/services/keys/native/pkcs11"
)

// named is a backend under the name that the table has.
type named struct {
	name string
	backend.Backend
}

const rsaBits = 2048

// openAll opens every backend.
func openAll() ([]named, func(), error) {
	kek := bytes.Repeat([]byte{1}, software.KeyLength)
	inGo, err := software.New(kek, software.Options{RSABits: rsaBits})
	if err != nil {
		return nil, nil, err
	}
	withOpenSSL, err := software.New(kek, software.Options{RSABits: rsaBits, RSA: openssl.RSA})
	if err != nil {
		return nil, nil, err
	}
	token, end, err := softHSM()
	if err != nil {
		return nil, nil, err
	}
	return []named{{"software", inGo}, {"software, openssl", withOpenSSL}, {"pkcs11, SoftHSM", token}}, end, nil
}

// softHSM makes a token in a folder of its own.
func softHSM() (backend.Backend, func(), error) {
	folder, err := os.MkdirTemp("", "strongroom-bench")
	if err != nil {
		return nil, nil, err
	}
	remove := func() { _ = os.RemoveAll(folder) }
	const label, pin = "bench", "1234"
	module, err := softhsm.Module()
	if err == nil {
		err = softhsm.In(folder)
	}
	if err == nil {
		err = softhsm.Make(label, pin)
	}
	if err != nil {
		return nil, remove, err
	}
	token, err := pkcs11.New(pkcs11.Config{Module: module, Token: label, PIN: secret.New(pin)}, rsaBits)
	if err != nil {
		return nil, remove, err
	}
	return token, func() { token.Close(); remove() }, nil
}

// subject is one operation of one backend.
type subject struct {
	backend string
	operate func() error
}

// subjectsOf makes a key of an algorithm in each backend that has it.
func subjectsOf(ctx context.Context, backends []named, algorithm jose.Algorithm) ([]subject, error) {
	var subjects []subject
	label := backend.Label{Issuer: "bank", KeyID: "kid", Purpose: "access_token", Algorithm: algorithm}
	for _, b := range backends {
		handle, _, err := b.Make(ctx, label)
		if errors.Is(err, backend.ErrAlgorithm) {
			continue
		}
		if err != nil {
			return nil, err
		}
		key, err := b.Open(ctx, label, handle)
		if err != nil {
			return nil, err
		}
		operate, err := operation(algorithm, key)
		if err != nil {
			return nil, err
		}
		subjects = append(subjects, subject{b.name, operate})
	}
	return subjects, nil
}

// claims are those of an access token, about 500 bytes.
var claims = []byte(`{"iss":"https://as.example/bank","sub":"alice","aud":"https://api.bank.example","client_id":"client-1","iat":1893455940,"exp":1893456240,"jti":"b7c1","scope":"openid accounts payments","cnf":{"x5t#S256":"bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2"},"padding":"` + string(bytes.Repeat([]byte{'x'}, 250)) + `"}`)

// operation is a whole token signed, or a content key unwrapped.
func operation(algorithm jose.Algorithm, key backend.Key) (func() error, error) {
	// A software key for RSA-OAEP could sign too: the algorithm decides.
	if signer, ok := key.(crypto.Signer); ok && !(backend.Label{Algorithm: algorithm}).Decrypts() {
		return func() error {
			_, err := jose.Sign(algorithm, "kid", "at+jwt", claims, signer)
			return err
		}, nil
	}
	switch key := key.(type) {
	case crypto.Decrypter:
		hashes := map[jose.Algorithm]struct {
			name crypto.Hash
			make func() hash.Hash
		}{jose.RSAOAEP: {crypto.SHA1, sha1.New}, jose.RSAOAEP256: {crypto.SHA256, sha256.New}}
		of := hashes[algorithm]
		ciphertext, err := rsa.EncryptOAEP(of.make(), rand.Reader, key.Public().(*rsa.PublicKey), make([]byte, 32), nil)
		if err != nil {
			return nil, err
		}
		return func() error {
			_, err := key.Decrypt(nil, ciphertext, &rsa.OAEPOptions{Hash: of.name, MGFHash: of.name})
			return err
		}, nil
	case jose.Agreer:
		remote, err := ecdh.P256().GenerateKey(rand.Reader)
		if err != nil {
			return nil, err
		}
		return func() error {
			_, err := key.ECDH(remote.PublicKey())
			return err
		}, nil
	}
	return nil, fmt.Errorf("a key for %s is a %T", algorithm, key)
}
