package jose

import (
	"crypto"
	"strings"
	"testing"
)

func TestParseHeader(t *testing.T) {
	own := ecJWK(&ecPrivate.PublicKey, "")
	tests := []struct {
		name, header string
		want         error
	}{
		{"alg alone", `{"alg":"ES256"}`, nil},
		{"unknown members are ignored", `{"alg":"ES256","x5t":"abc","http://openbanking.org.uk/iat":1}`, nil},
		{"white space", " {\n \"alg\" : \"ES256\" } ", nil},

		{"BAD-16 none", `{"alg":"none"}`, ErrAlgorithm},
		{"BAD-16 None", `{"alg":"None"}`, ErrAlgorithm},
		{"BAD-16 NONE", `{"alg":"NONE"}`, ErrAlgorithm},
		{"BAD-16 empty alg", `{"alg":""}`, ErrMalformed},
		{"BAD-16 RS256", `{"alg":"RS256"}`, ErrAlgorithm},
		{"BAD-16 PS384", `{"alg":"PS384"}`, ErrAlgorithm},
		{"BAD-16 HS256", `{"alg":"HS256"}`, ErrAlgorithm},
		{"BAD-17 ES384", `{"alg":"ES384"}`, ErrAlgorithm},
		{"BAD-17 Ed448", `{"alg":"Ed448"}`, ErrAlgorithm},
		{"BAD-132 alg missing", `{"typ":"JWT"}`, ErrAlgorithm},
		{"alg in lower case", `{"alg":"es256"}`, ErrAlgorithm},
		{"alg with a space", `{"alg":"ES256 "}`, ErrAlgorithm},
		{"alg null", `{"alg":null}`, ErrMalformed},
		{"alg in an array", `{"alg":["ES256"]}`, ErrMalformed},

		{"BAD-20 kid as a path is only a name", `{"alg":"ES256","kid":"../../etc/passwd"}`, nil},
		{"BAD-20 kid as SQL is only a name", `{"alg":"ES256","kid":"' OR 1=1"}`, nil},
		{"kid of 256 bytes", `{"alg":"ES256","kid":"` + strings.Repeat("k", 256) + `"}`, nil},
		{"BAD-20 kid of 257 bytes", `{"alg":"ES256","kid":"` + strings.Repeat("k", 257) + `"}`, ErrMalformed},
		{"BAD-20 kid of 64 kB", `{"alg":"ES256","kid":"` + strings.Repeat("k", 64<<10) + `"}`, ErrMalformed},
		{"BAD-20 kid null", `{"alg":"ES256","kid":null}`, ErrMalformed},
		{"BAD-20 kid a number", `{"alg":"ES256","kid":7}`, ErrMalformed},
		{"kid empty", `{"alg":"ES256","kid":""}`, ErrMalformed},
		{"kid with a line break", `{"alg":"ES256","kid":"a\nb"}`, ErrMalformed},
		{"kid with a NUL", `{"alg":"ES256","kid":"a\u0000"}`, ErrMalformed},
		{"kid beyond ASCII", `{"alg":"ES256","kid":"é"}`, ErrMalformed},
		{"typ a number", `{"alg":"ES256","typ":1}`, ErrMalformed},

		{"BAD-21 jwk", `{"alg":"ES256","jwk":` + own + `}`, ErrMalformed},
		{"BAD-21 jwk null", `{"alg":"ES256","jwk":null}`, ErrMalformed},
		{"BAD-21 jku", `{"alg":"ES256","jku":"https://evil.example/jwks"}`, ErrMalformed},
		{"BAD-21 x5u", `{"alg":"ES256","x5u":"https://evil.example/x"}`, ErrMalformed},
		{"BAD-21 x5c", `{"alg":"ES256","x5c":["MIIB"]}`, ErrMalformed},
		{"BAD-22 crit of a claim name", `{"alg":"ES256","crit":["exp"],"exp":1}`, ErrMalformed},
		{"BAD-22 crit empty", `{"alg":"ES256","crit":[]}`, ErrMalformed},
		{"BAD-22 crit null", `{"alg":"ES256","crit":null}`, ErrMalformed},
		{"BAD-22 b64 false", `{"alg":"ES256","b64":false,"crit":["b64"]}`, ErrMalformed},
		{"BAD-22 b64 without crit", `{"alg":"ES256","b64":false}`, ErrMalformed},
		{"zip", `{"alg":"ES256","zip":"DEF"}`, ErrMalformed},

		{"THR-4 alg twice", `{"alg":"ES256","alg":"ES256"}`, ErrMalformed},
		{"THR-4 alg twice, once escaped", `{"alg":"ES256","\u0061lg":"none"}`, ErrMalformed},
		{"unknown member twice", `{"alg":"ES256","x":1,"x":2}`, ErrMalformed},
		{"member twice deep down", `{"alg":"ES256","x":{"y":[{"z":1,"z":2}]}}`, ErrMalformed},
		{"THR-19 ALG", `{"ALG":"ES256"}`, ErrMalformed},
		{"THR-19 ALG beside alg", `{"alg":"ES256","ALG":"none"}`, ErrMalformed},
		{"THR-19 Kid", `{"alg":"ES256","Kid":"a"}`, ErrMalformed},
		{"THR-19 kid with the Kelvin sign", "{\"alg\":\"ES256\",\"\u212Aid\":\"a\"}", ErrMalformed},
		{"THR-19 TYP", `{"alg":"ES256","TYP":"JWT"}`, ErrMalformed},
		{"THR-19 Crit", `{"alg":"ES256","Crit":["exp"]}`, ErrMalformed},
		{"THR-19 JKU", `{"alg":"ES256","JKU":"https://evil.example"}`, ErrMalformed},

		{"not an object", `["ES256"]`, ErrMalformed},
		{"null", `null`, ErrMalformed},
		{"not JSON", `alg=ES256`, ErrMalformed},
		{"cut off", `{"alg":"ES256"`, ErrMalformed},
		{"second object behind", `{"alg":"ES256"}{}`, ErrMalformed},
		{"byte order mark", "\ufeff" + `{"alg":"ES256"}`, ErrMalformed},
		{"invalid UTF-8", "{\"alg\":\"ES256\",\"x\":\"\xff\"}", ErrMalformed},
		{"lone surrogate", `{"alg":"ES256","x":"\ud800"}`, ErrMalformed},
		{"nested too deep", `{"alg":"ES256","x":` + strings.Repeat("[", 32) + strings.Repeat("]", 32) + `}`, ErrMalformed},
		{"brackets inside a string are text", `{"alg":"ES256","x":"\"` + strings.Repeat("[", 40) + `"}`, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := Parse(forge(test.header, samplePayload))
			wantError(t, err, test.want, "evil", "passwd", "OR 1=1")
		})
	}
}

func TestParseReadsHeader(t *testing.T) {
	parsed, err := Parse(forge(`{"typ":"at+jwt","kid":"k\u00311","alg":"ES256"}`, samplePayload))
	if err != nil {
		t.Fatal(err)
	}
	if want := (Header{Algorithm: ES256, KeyID: "k11", Type: "at+jwt"}); parsed.Header != want {
		t.Errorf("header is %+v, want %+v", parsed.Header, want)
	}
}

// TestEd25519Name: RFC 9864 renames EdDSA with Ed25519; both names arrive as one (CRY-1).
func TestEd25519Name(t *testing.T) {
	input := b64(`{"alg":"Ed25519"}`) + "." + b64(samplePayload)
	signature, err := edPrivate.Sign(nil, []byte(input), crypto.Hash(0))
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := Parse(input + "." + b64(string(signature)))
	if err != nil {
		t.Fatal(err)
	}
	if parsed.Header.Algorithm != EdDSA {
		t.Errorf("algorithm is %s", parsed.Header.Algorithm)
	}
	if err := parsed.Verify(allKeys, EdDSA); err != nil {
		t.Error(err)
	}
}
