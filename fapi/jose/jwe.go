package jose

import (
	"crypto/aes"
	"crypto/ecdh"
	"crypto/ecdsa"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

const (
	// MaxEncrypted is the longest JWE that is read, in bytes: a JWS of MaxCompact, once
	// more in base64url, and its envelope.
	MaxEncrypted = 48 << 10
	// maxPartyInfo bounds apu and apv, in characters.
	maxPartyInfo = 512
	// maxEncryptedKey bounds the wrapped key, in bytes: RSA-8192.
	maxEncryptedKey = maxRSABits / 8
)

// EncryptedHeader is what we take from the header of a JWE.
type EncryptedHeader struct {
	Algorithm  Algorithm // one of KeyManagement
	Encryption string    // enc
	KeyID      string    // kid, "" if absent
	Type       string    // typ as written, "" if absent
	Content    string    // cty as written, "" if absent; JWT where a JWS is inside
}

// Encrypted is a compact JWE taken apart. Nothing of it has been decrypted.
type Encrypted struct {
	Header       EncryptedHeader
	content      *content
	ephemeral    *ecdh.PublicKey
	apu, apv     []byte
	protected    string // the header as sent: what is authenticated beside the content
	encryptedKey []byte
	nonce        []byte
	ciphertext   []byte
	tag          []byte
}

// jweHeader is RFC 7516 §4.1 as we read it. Members in Value form are here to be refused.
type jweHeader struct {
	Alg label          `json:"alg"`
	Enc label          `json:"enc"`
	Kid label          `json:"kid"`
	Typ label          `json:"typ"`
	Cty label          `json:"cty"`
	Epk jsontext.Value `json:"epk"`
	Apu string         `json:"apu"`
	Apv string         `json:"apv"`

	Zip  jsontext.Value `json:"zip"` // what a kilobyte inflates to has no bound
	P2c  jsontext.Value `json:"p2c"`
	P2s  jsontext.Value `json:"p2s"`
	Crit jsontext.Value `json:"crit"`
	Iv   jsontext.Value `json:"iv"` // of A128GCMKW and its kind
	Tag  jsontext.Value `json:"tag"`
	Jku  jsontext.Value `json:"jku"`
	X5u  jsontext.Value `json:"x5u"`
	X5c  jsontext.Value `json:"x5c"`
	Jwk  jsontext.Value `json:"jwk"`
}

// ParseEncrypted reads the compact form of RFC 7516 §7.1 and nothing else: five parts in
// canonical base64url whose lengths fit alg and enc. It looks at nothing secret and costs
// no more than its input is long, so its reasons may be told (BAD-60). The error wraps
// ErrMalformed, ErrAlgorithm or ErrKey.
func ParseEncrypted(compact string) (*Encrypted, error) {
	if len(compact) > MaxEncrypted {
		return nil, malformed("JWE is longer than 48 KiB")
	}
	parts := strings.Split(compact, ".")
	if len(parts) != 5 {
		return nil, malformed("JWE is not five parts")
	}
	var raw [5][]byte
	for i, part := range parts {
		decoded, ok := decodeBase64(base64url, part)
		if !ok {
			return nil, malformed("a part of the JWE is not canonical base64url")
		}
		raw[i] = decoded
	}
	e := &Encrypted{protected: parts[0], encryptedKey: raw[1], nonce: raw[2], ciphertext: raw[3], tag: raw[4]}
	if err := e.readHeader(raw[0]); err != nil {
		return nil, err
	}
	return e, e.checkLengths()
}

func (e *Encrypted) readHeader(raw []byte) error {
	var h jweHeader
	if err := decodeStrict(raw, &h); err != nil {
		return err
	}
	switch {
	case h.Zip != nil:
		return malformed("JWE header asks for zip")
	case h.Crit != nil || h.P2c != nil || h.P2s != nil || h.Iv != nil || h.Tag != nil:
		return malformed("JWE header asks for an extension")
	case h.Jku != nil || h.X5u != nil || h.X5c != nil || h.Jwk != nil:
		return malformed("JWE header brings or points to a key")
	}
	algorithm, err := ParseKeyManagement(string(h.Alg))
	if err != nil {
		return err
	}
	if e.content, err = parseContent(string(h.Enc)); err != nil {
		return err
	}
	e.Header = EncryptedHeader{algorithm, e.content.name, string(h.Kid), string(h.Typ), string(h.Cty)}
	return e.readAgreement(&h)
}

// readAgreement reads the sender's half of a key agreement. A point that is not on the
// curve would give away our key piece by piece (THR-5); ParseKey refuses it.
func (e *Encrypted) readAgreement(h *jweHeader) error {
	if !e.Header.Algorithm.agrees() {
		if h.Epk != nil || h.Apu != "" || h.Apv != "" {
			return malformed("JWE header has epk, apu or apv, and an alg without key agreement")
		}
		return nil
	}
	if h.Epk == nil {
		return malformed("JWE header has no epk")
	}
	key, err := ParseKey(h.Epk)
	if err != nil {
		return err
	}
	point, ok := key.public.(*ecdsa.PublicKey)
	if !ok {
		return badKey("epk is not on P-256")
	}
	if e.ephemeral, err = point.ECDH(); err != nil {
		return badKey("epk is not on P-256")
	}
	var okU, okV bool
	e.apu, okU = decodeBase64(base64url, h.Apu)
	e.apv, okV = decodeBase64(base64url, h.Apv)
	if !okU || !okV || len(h.Apu) > maxPartyInfo || len(h.Apv) > maxPartyInfo {
		return malformed("apu or apv is not up to 512 characters of base64url")
	}
	return nil
}

func (e *Encrypted) checkLengths() error {
	c, wrapped := e.content, len(e.encryptedKey)
	wantWrapped := wrapped
	switch {
	case e.Header.Algorithm.wrapLength() > 0:
		wantWrapped = c.key + 8 // RFC 3394 §2.2.1
	case e.Header.Algorithm == ECDHES:
		wantWrapped = 0
	case wrapped == 0 || wrapped > maxEncryptedKey:
		return malformed("the encrypted key of the JWE is empty or too long")
	}
	switch {
	case wrapped != wantWrapped:
		return malformed("the encrypted key of the JWE does not have the length that alg and enc ask for")
	case len(e.nonce) != c.nonce || len(e.tag) != c.tag:
		return malformed("the initialization vector or the tag of the JWE does not have the length that enc asks for")
	case len(e.ciphertext) == 0 || c.wholeBlocks && len(e.ciphertext)%aes.BlockSize != 0:
		return malformed("the ciphertext of the JWE does not have a length that enc gives")
	}
	return nil
}
