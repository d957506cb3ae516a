package jose

import (
	"crypto"
	"fmt"

	"github.com/go-json-experiment/json"
)

// outHeader fixes the order of the members we write.
type outHeader struct {
	Alg Algorithm      `json:"alg"`
	Kid string         `json:"kid,omitempty"`
	Typ string         `json:"typ,omitempty"`
	Jwk *publicMembers `json:"jwk,omitempty"`
}

// Sign makes a compact JWS of payload, one JSON object; keyID and typ may be "". The key
// may be any crypto.Signer, such as one in an HSM. What [Parse] and [Signed.Claims]
// would refuse is not made: the error wraps ErrAlgorithm, ErrKey or ErrMalformed, or it
// is the signer's own.
func Sign(alg Algorithm, keyID, typ string, payload []byte, key crypto.Signer) (string, error) {
	if keyID != "" && !label(keyID).valid() {
		return "", malformed("kid is not 1 to 256 printable ASCII characters")
	}
	return sign(outHeader{Alg: alg, Kid: keyID, Typ: typ}, payload, key)
}

// SignProof makes a JWS whose header brings the public key, as a DPoP proof does
// (RFC 9449 §4.2). Errors are as for [Sign].
func SignProof(alg Algorithm, typ string, payload []byte, key crypto.Signer) (string, error) {
	if key == nil {
		return "", badKey("no key to sign with")
	}
	public, err := newKey(key.Public())
	if err != nil {
		return "", err
	}
	return sign(outHeader{Alg: alg, Typ: typ, Jwk: &public.members}, payload, key)
}

func sign(header outHeader, payload []byte, key crypto.Signer) (string, error) {
	if _, known := signers[header.Alg]; !known {
		return "", badAlgorithm("not one of ES256, PS256, EdDSA")
	}
	if header.Typ != "" && !label(header.Typ).valid() {
		return "", malformed("typ is not 1 to 256 printable ASCII characters")
	}
	if key == nil {
		return "", badKey("no key to sign with")
	}
	// jwx would sign ES256 with a P-384 key.
	if serves, err := algorithmOf(key.Public()); err != nil {
		return "", err
	} else if serves != header.Alg {
		return "", badKey("key does not serve the algorithm")
	}
	if err := decodeStrict(payload, &struct{}{}); err != nil {
		return "", err
	}
	rawHeader, err := json.Marshal(header)
	if err != nil {
		return "", fmt.Errorf("jose: header: %w", err)
	}
	input := encodeBase64(rawHeader) + "." + encodeBase64(payload)
	signature, err := makeSignature(header.Alg, []byte(input), key)
	if err != nil {
		return "", fmt.Errorf("jose: sign: %w", err)
	}
	compact := input + "." + encodeBase64(signature)
	if len(compact) > MaxCompact {
		return "", malformed("longer than 32 KiB")
	}
	return compact, nil
}
