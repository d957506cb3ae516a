package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"time"
	"unicode/utf8"
)

// appendLine appends the line's text, without a line break, and answers its hash
// too. The text is that of encoding/json, byte by byte: a trail has a line for
// each signature and each token, of which reflection was the dearest part.
func appendLine(text []byte, seq uint64, prev string, e *Event) (_ []byte, hash string) {
	begin := len(text)
	text = append(text, `{"seq":`...)
	text = strconv.AppendUint(text, seq, 10)
	text = appendMember(text, "prev", prev)
	text = append(text, `,"time":"`...)
	text = e.Time.AppendFormat(text, time.RFC3339Nano)
	text = append(text, '"')
	text = appendMember(text, "service", e.Service)
	text = appendMember(text, "instance", e.Instance)
	text = appendMember(text, "kind", string(e.Kind))
	for _, m := range [...]struct{ name, text string }{
		{"issuer", e.Issuer}, {"actor", e.Actor}, {"interaction_id", e.InteractionID}, {"trace_id", e.TraceID},
		{"client_id", e.ClientID}, {"framework", e.Framework}, {"participant", e.Participant},
		{"grant_id", e.GrantID}, {"authorization_id", e.AuthorizationID}, {"subject", e.Subject},
	} {
		text = appendFilled(text, m.name, m.text)
	}
	text = appendList(text, "scopes", e.Scopes)
	for _, m := range [...]struct{ name, text string }{
		{"token_id", e.TokenID}, {"purpose", e.Purpose}, {"alg", e.Algorithm}, {"kid", e.KeyID},
		{"method", e.Method}, {"error", e.Error}, {"rule", e.Rule},
	} {
		text = appendFilled(text, m.name, m.text)
	}
	text = appendTorn(text, e.Torn)
	hash = digest(text[begin:])
	text = append(text, hashBegins...)
	text = append(text, hash...)
	return append(text, hashEnds...), hash
}

func appendMember(text []byte, name, value string) []byte {
	text = append(text, ',', '"')
	text = append(text, name...)
	text = append(text, '"', ':')
	return appendString(text, value)
}

// appendFilled leaves an empty member out.
func appendFilled(text []byte, name, value string) []byte {
	if value == "" {
		return text
	}
	return appendMember(text, name, value)
}

func appendList(text []byte, name string, values []string) []byte {
	for n, value := range values {
		if n == 0 {
			text = append(text, ',', '"')
			text = append(text, name...)
			text = append(text, `":[`...)
		} else {
			text = append(text, ',')
		}
		text = appendString(text, value)
	}
	if len(values) > 0 {
		text = append(text, ']')
	}
	return text
}

func appendTorn(text []byte, torn *Torn) []byte {
	if torn == nil {
		return text
	}
	text = append(text, `,"torn":{"bytes":`...)
	text = strconv.AppendInt(text, int64(torn.Bytes), 10)
	text = appendMember(text, "hash", torn.Hash)
	return append(text, '}')
}

// appendString leaves what must be escaped to the library.
func appendString(text []byte, value string) []byte {
	for i := range len(value) {
		if c := value[i]; c < ' ' || c >= utf8.RuneSelf || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			quoted, _ := json.Marshal(value) // a string always has a text
			return append(text, quoted...)
		}
	}
	text = append(text, '"')
	text = append(text, value...)
	return append(text, '"')
}

func digest(text []byte) string {
	sum := sha256.Sum256(text)
	var digits [2 * sha256.Size]byte
	hex.Encode(digits[:], sum[:])
	return string(digits[:])
}
