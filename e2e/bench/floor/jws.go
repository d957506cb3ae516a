package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/big"
	"strings"
)

var b64 = base64.RawURLEncoding

var errJWS = errors.New("the JWS does not hold")

// jws is a compact JWS, decoded and not yet believed.
type jws struct {
	Header struct {
		Alg, Typ string
		JWK      struct{ Kty, Crv, X, Y string }
	}
	payload, signature []byte
	input              string
}

func parse(text string) (*jws, error) {
	head, rest, _ := strings.Cut(text, ".")
	payload, signature, _ := strings.Cut(rest, ".")
	header, err := b64.DecodeString(head)
	out := &jws{input: text[:max(0, len(text)-len(signature)-1)]}
	if err != nil || json.Unmarshal(header, &out.Header) != nil || out.Header.Alg != "ES256" {
		return nil, errJWS
	}
	if out.payload, err = b64.DecodeString(payload); err != nil {
		return nil, errJWS
	}
	if out.signature, err = b64.DecodeString(signature); err != nil || len(out.signature) != 64 {
		return nil, errJWS
	}
	return out, nil
}

// claims verifies the signature and decodes the payload into c.
func (s *jws) claims(key *ecdsa.PublicKey, c any) error {
	digest := sha256.Sum256([]byte(s.input))
	r, v := new(big.Int).SetBytes(s.signature[:32]), new(big.Int).SetBytes(s.signature[32:])
	if !ecdsa.Verify(key, digest[:], r, v) || json.Unmarshal(s.payload, c) != nil {
		return errJWS
	}
	return nil
}

// ownKey is the key in the header, and its RFC 7638 thumbprint.
func (s *jws) ownKey() (*ecdsa.PublicKey, string, error) {
	k := s.Header.JWK
	x, err := b64.DecodeString(k.X)
	y, err2 := b64.DecodeString(k.Y)
	if err != nil || err2 != nil {
		return nil, "", errJWS
	}
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append(append([]byte{4}, x...), y...))
	if err != nil {
		return nil, "", errJWS
	}
	digest := sha256.Sum256([]byte(`{"crv":"P-256","kty":"EC","x":"` + k.X + `","y":"` + k.Y + `"}`))
	return key, b64.EncodeToString(digest[:]), nil
}

// signer holds the key of access tokens.
type signer struct{ key *ecdsa.PrivateKey }

func newSigner() signer { return signer{must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))} }

// sign takes a JWS signing input and answers the base64url signature.
func (s signer) sign(_ context.Context, input string) (string, error) {
	digest := sha256.Sum256([]byte(input))
	r, v, err := ecdsa.Sign(rand.Reader, s.key, digest[:])
	if err != nil {
		return "", err
	}
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	v.FillBytes(signature[32:])
	return b64.EncodeToString(signature), nil
}
