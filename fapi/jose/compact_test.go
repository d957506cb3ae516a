package jose

import (
	"strings"
	"testing"
)

// TestParseForm is BAD-23: a token has one spelling, the compact form of RFC 7515 §7.1.
func TestParseForm(t *testing.T) {
	good := forge(`{"alg":"ES256"}`, samplePayload)
	part := strings.Split(good, ".")
	// 64 signature bytes leave 4 unused bits in the last character; set one of them.
	loose := good[:len(good)-1] + string(rune(good[len(good)-1])+1)
	tests := []struct {
		name, compact string
		want          error
	}{
		{"three parts in canonical form", good, nil},
		{"BAD-23 two parts", part[0] + "." + part[1], ErrMalformed},
		{"BAD-23 four parts", good + ".e30", ErrMalformed},
		{"BAD-23 five parts, as a JWE has", good + ".e30.e30", ErrMalformed},
		{"nothing", "", ErrMalformed},
		{"only dots", "..", ErrMalformed},
		{"empty header", "." + part[1] + "." + part[2], ErrMalformed},
		{"empty payload, as a detached one has", part[0] + ".." + part[2], ErrMalformed},
		{"empty signature, as alg none has", part[0] + "." + part[1] + ".", ErrMalformed},
		{"BAD-23 padding", good + "==", ErrMalformed},
		{"BAD-23 plus of plain base64", part[0] + "." + part[1] + ".+" + part[2][1:], ErrMalformed},
		{"BAD-23 slash of plain base64", part[0] + "." + part[1] + "./" + part[2][1:], ErrMalformed},
		{"BAD-23 LF inside the payload", part[0] + "." + part[1][:4] + "\n" + part[1][4:] + "." + part[2], ErrMalformed},
		{"BAD-23 CRLF at the end", good + "\r\n", ErrMalformed},
		{"BAD-23 CR inside the signature", good[:len(good)-4] + "\r" + good[len(good)-4:], ErrMalformed},
		{"BAD-23 unused trailing bits set", loose, ErrMalformed},
		{"space around", " " + good, ErrMalformed},
		{"BAD-23 flattened JSON serialisation", `{"payload":"` + part[1] + `","protected":"` + part[0] + `","signature":"` + part[2] + `"}`, ErrMalformed},
		{"BAD-23 general JSON serialisation", `{"payload":"` + part[1] + `","signatures":[{"protected":"` + part[0] + `","signature":"` + part[2] + `"}]}`, ErrMalformed},
		{"longer than MaxCompact", forge(`{"alg":"ES256"}`, `{"pad":"`+strings.Repeat("a", MaxCompact)+`"}`), ErrMalformed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := Parse(test.compact)
			wantError(t, err, test.want, part[1], part[2])
		})
	}
}

func TestParseKeepsPayload(t *testing.T) {
	parsed, err := Parse(forge(`{"alg":"ES256"}`, samplePayload))
	if err != nil {
		t.Fatal(err)
	}
	parsed.Payload()[0] = 'x'
	if string(parsed.Payload()) != samplePayload {
		t.Error("payload was changed through what Payload returned")
	}
}
