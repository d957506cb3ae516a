package jose

import "testing"

// assertion is what a service decodes a client assertion into.
type assertion struct {
	Issuer   string      `json:"iss"`
	Subject  string      `json:"sub"`
	Audience Audience    `json:"aud"`
	ID       string      `json:"jti"`
	Expires  NumericDate `json:"exp"`
	Issued   NumericDate `json:"iat"`
	Before   NumericDate `json:"nbf"`
}

// BenchmarkAssertion is the hot path of private_key_jwt: all of it, and its two parts. Of
// "everything" about 80 µs is ES256 itself; what is ours should stay below 8 µs.
func BenchmarkAssertion(b *testing.B) {
	compact := sign256(b, ES256, "ec", samplePayload, ecPrivate)
	parsed := must(Parse(compact))
	b.Run("everything", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			parsed := must(Parse(compact))
			if err := parsed.Verify(allKeys, everyAlg...); err != nil {
				b.Fatal(err)
			}
			var claims assertion
			if err := parsed.Claims(&claims); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("parse", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			must(Parse(compact))
		}
	})
	b.Run("claims", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var claims assertion
			if err := parsed.Claims(&claims); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("verify", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := parsed.Verify(allKeys, everyAlg...); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkProof(b *testing.B) {
	compact := must(SignProof(ES256, "dpop+jwt", []byte(samplePayload), ecPrivate))
	b.ReportAllocs()
	for b.Loop() {
		must(ParseProof(compact))
	}
}
