package jose

import (
	"slices"
	"strings"
)

// MaxCompact is the longest compact form that is read or written, in bytes.
const MaxCompact = 32 << 10

// Signed is a compact JWS taken apart. Nothing in it is to be believed before
// [Signed.Verify] or [Signed.VerifyWithOwnKey] returned nil.
type Signed struct {
	Header    Header
	input     string // header and payload as sent, joined by a dot: what is signed
	payload   []byte
	signature []byte
}

// Parse reads the compact form of RFC 7515 §7.1 and nothing else: three non-empty parts
// of base64url in canonical spelling. Padding, line breaks, stray trailing bits and the
// JSON serialisation are refused (BAD-23), and so are headers that bring or point to a
// key or ask for an extension (BAD-21, BAD-22). The error wraps ErrMalformed or
// ErrAlgorithm.
func Parse(compact string) (*Signed, error) {
	return parse(compact, parseHeader)
}

// ParseProof is Parse for a DPoP proof (RFC 9449 §4.2): the header must hold its public
// key as jwk, read as strictly as by [ParseKey] into Header.Key. The error may also wrap
// ErrKey.
func ParseProof(compact string) (*Signed, error) {
	return parse(compact, parseProofHeader)
}

func parse(compact string, header func([]byte) (Header, error)) (*Signed, error) {
	if len(compact) > MaxCompact {
		return nil, malformed("longer than 32 KiB")
	}
	first, rest, _ := strings.Cut(compact, ".")
	second, third, _ := strings.Cut(rest, ".")
	if first == "" || second == "" || third == "" || strings.Contains(third, ".") {
		return nil, malformed("not three parts")
	}
	rawHeader, okHeader := decodeBase64(base64url, first)
	payload, okPayload := decodeBase64(base64url, second)
	signature, okSignature := decodeBase64(base64url, third)
	if !okHeader || !okPayload || !okSignature {
		return nil, malformed("a part is not canonical base64url")
	}
	parsed, err := header(rawHeader)
	if err != nil {
		return nil, err
	}
	input := compact[:len(first)+1+len(second)]
	return &Signed{Header: parsed, input: input, payload: payload, signature: signature}, nil
}

// Payload is the payload as sent. To read claims use [Signed.Claims], which is strict.
func (s *Signed) Payload() []byte { return slices.Clone(s.payload) }

// Claims decodes the payload, one JSON object, into the struct that into points to,
// overwriting it. Members match by their exact json names, at every depth; unknown ones
// are ignored; repeated ones, case variants of wanted ones (BAD-24) and null where the
// Go type has none are refused. Every field needs a json name; claims that take several
// types have [NumericDate] and [Audience], or jsontext.Value. The error wraps
// ErrMalformed, and into is then zero.
func (s *Signed) Claims(into any) error { return decodeStrict(s.payload, into) }
