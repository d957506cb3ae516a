package rig

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"strings"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/metadata"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/sandbox/layout"
)

// Proof is a DPoP proof (RFC 9449 §4.2) that is written and signed when its
// request is sent. It is altered as an assertion is.
type Proof struct{ Assertion }

// DPoP registers a client whose tokens are bound to a DPoP key (RFC 9449 §5.2)
// instead of a certificate.
func DPoP(c *Client, m *metadata.Client) {
	key := ES256Key()
	c.DPoPKey, c.Certificate = &key, nil
	m.DPoPBoundTokens, m.CertificateBoundTokens = true, false
}

// JWK is the public half, as a proof's header has it. It takes any key, for the
// server is to refuse those that are too weak.
func (k Key) JWK() map[string]any {
	switch key := k.Public().(type) {
	case *ecdsa.PublicKey:
		point := must(key.Bytes()) // 4, x, y
		size := len(point) / 2
		return object{"kty": "EC", "crv": key.Params().Name, "x": encode(point[1 : size+1]), "y": encode(point[size+1:])}
	case *rsa.PublicKey:
		return object{"kty": "RSA", "n": encode(key.N.Bytes()), "e": "AQAB"}
	}
	panic("no such key")
}

// Thumbprint is RFC 7638's, as in dpop_jkt and in cnf.
func (k Key) Thumbprint() string { return must(jose.NewKey(k.Public(), "")).Thumbprint() }

// PrivateD is the member of a JWK that must never leave its owner.
func (k Key) PrivateD() string {
	return encode(must(k.Signer.(*ecdsa.PrivateKey).Bytes()))
}

// WeakRSAKey has 1024 bits.
func WeakRSAKey() Key {
	return Key{oauth.NewID(), "PS256", must(rsa.GenerateKey(rand.Reader, 1024))} //nolint:gosec // G403: weak on purpose, to be refused
}

// prove adds a good proof to a request of a client that has a DPoP key.
func (c *Client) prove(r *Request, token string) {
	if c.DPoPKey == nil {
		return
	}
	claims := object{"jti": oauth.NewID(), "htm": r.Method, "htu": r.URL, "iat": c.suite.Now().Unix()}
	if token != "" {
		claims["ath"] = oauth.Hash(token)
		r.Header.Set("Authorization", "DPoP "+token)
	} else if c.DPoPNonce != "" {
		claims["nonce"] = c.DPoPNonce
	}
	r.Proof = &Proof{Assertion{
		Header: object{"alg": c.DPoPKey.Algorithm, "typ": "dpop+jwt", "jwk": c.DPoPKey.JWK()},
		Claims: claims,
		Sign:   c.DPoPKey.Honest(),
	}}
}

// unbound is the address without mTLS, for clients that need none.
func (c *Client) unbound(address string) string {
	return strings.Replace(address, c.suite.Layout.URL(layout.Mutual), c.suite.Layout.URL(layout.Public), 1)
}

// ProofClaim sets a claim of the proof.
func ProofClaim(name string, value any) Change {
	return func(r *Request) { r.Proof.Claims[name] = value }
}

// NoProofClaim leaves a claim of the proof out.
func NoProofClaim(name string) Change {
	return func(r *Request) { delete(r.Proof.Claims, name) }
}

// ProofJOSE sets a member of the proof's header.
func ProofJOSE(name string, value any) Change {
	return func(r *Request) { r.Proof.Header[name] = value }
}

// NoProofJOSE leaves a member of the proof's header out.
func NoProofJOSE(name string) Change {
	return func(r *Request) { delete(r.Proof.Header, name) }
}

// ProofBy signs the proof with another key, whose public half it names.
func ProofBy(key Key) Change {
	return func(r *Request) {
		r.Proof.Header["alg"], r.Proof.Header["jwk"], r.Proof.Sign = key.Algorithm, key.JWK(), key.Honest()
	}
}

// ProofSigned signs the proof in another way, and says so in alg.
func ProofSigned(algorithm string, by Sign) Change {
	return func(r *Request) { r.Proof.Header["alg"], r.Proof.Sign = algorithm, by }
}

// ProofText rewrites the signed proof.
func ProofText(rewrite func(string) string) Change {
	return func(r *Request) { r.Proof.After = rewrite }
}

// NoProof leaves the proof out.
func NoProof(r *Request) { r.Proof = nil }
