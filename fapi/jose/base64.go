package jose

import (
	"encoding/base64"
	"strings"
)

var (
	base64url = base64.RawURLEncoding.Strict()
	base64std = base64.StdEncoding.Strict()
)

// decodeBase64 takes only the canonical spelling. Go's decoders skip CR and LF even when
// strict, which would give one token many spellings (THR-19, BAD-23).
func decodeBase64(encoding *base64.Encoding, text string) ([]byte, bool) {
	if strings.IndexByte(text, '\n') >= 0 || strings.IndexByte(text, '\r') >= 0 {
		return nil, false
	}
	decoded, err := encoding.DecodeString(text)
	return decoded, err == nil
}

func encodeBase64(raw []byte) string { return base64url.EncodeToString(raw) }
