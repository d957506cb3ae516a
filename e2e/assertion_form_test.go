package e2e

import (
	"net/http"
	"strings"
	"testing"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
)

// TestAssertionHeader: a header may name a key; it may bring none, send for none
// and demand nothing.
func TestAssertionHeader(t *testing.T) {
	t.Parallel()
	eachClient(t, asserting, func(t *testing.T, s *rig.Suite, k kind) {
		c, attacker := k.client(t, s), rig.ES256Key()
		theirs := s.Client(t).Certificate.Certificate[0]
		lure := newLure(t)
		refuseAll(t, c, []bad{
			{"BAD-20", "kid is a path", rig.JOSE("kid", "../../etc/passwd")},
			{"BAD-20", "kid is SQL", rig.JOSE("kid", "' OR 1=1")},
			{"BAD-20", "kid has 32 kB", rig.JOSE("kid", strings.Repeat("k", 32<<10))},
			{"BAD-20", "kid is null", rig.JOSE("kid", nil)},
			{"BAD-20", "kid is a number", rig.JOSE("kid", 1)},
			{"BAD-21", "jwk is the attacker's key", rig.All(rig.Signed("ES256", attacker.Honest()), rig.JOSE("jwk", firstKey(t, rig.JWKS(attacker))))},
			{"BAD-21", "jku is the attacker's address", rig.All(rig.Signed("ES256", attacker.Honest()), rig.JOSE("jku", lure.URL+"/jwks"))},
			{"BAD-21", "x5u is the attacker's address", rig.All(rig.Signed("ES256", attacker.Honest()), rig.JOSE("x5u", lure.URL+"/certificate"))},
			{"BAD-21", "x5c is the attacker's certificate", rig.All(rig.Signed("ES256", attacker.Honest()), rig.JOSE("x5c", [][]byte{theirs}))},
			{"BAD-22", "crit demands what nobody understands", rig.JOSE("crit", []string{"exp"})},
			{"BAD-22", "crit is empty, which RFC 7515 forbids", rig.JOSE("crit", []string{})},
			{"BAD-22", "b64 false changes what is signed", rig.JOSE("b64", false)},
		})
		lure.untouched(t)
		t.Run("BAD-20 kid has 64 kB: the form is too large before anything is read", func(t *testing.T) {
			c.Send(t, c.Credentials(rig.JOSE("kid", strings.Repeat("k", 64<<10)))).
				Refused(t, http.StatusRequestEntityTooLarge, "invalid_request")
		})
	})
}

// TestAssertionText: the text is not what RFC 7515 §7.1 says a compact JWS is, so
// that two parsers could read two things.
func TestAssertionText(t *testing.T) {
	t.Parallel()
	eachClient(t, asserting, func(t *testing.T, s *rig.Suite, k kind) {
		c := k.client(t, s)
		refuseAll(t, c, []bad{
			{"BAD-23", "two parts", rig.Parts(func(h, p, _ string) string { return h + "." + p })},
			{"BAD-23", "four parts", rig.Parts(func(h, p, sig string) string { return h + "." + p + "." + sig + "." + sig })},
			{"BAD-23", "five parts, as an encrypted token has", rig.Parts(func(h, p, sig string) string { return strings.Join([]string{h, p, sig, p, sig}, ".") })},
			{"BAD-23", "padding", rig.Parts(func(h, p, sig string) string { return h + "." + p + "." + sig + "==" })},
			{"BAD-23", "the alphabet of plain base64", rig.Parts(func(h, p, sig string) string { return h + "." + p + ".+/" + sig[2:] })},
			{"BAD-23", "a line break inside", rig.Parts(func(h, p, sig string) string { return h + "." + p + ".\r\n" + sig })},
			{"BAD-23", "bits behind the last octet", rig.Parts(func(h, p, sig string) string { return h + "." + p + "." + sig[:85] + strays(sig[85]) })},
			{"BAD-23", "JSON serialisation", rig.Parts(func(h, p, sig string) string {
				return `{"protected":"` + h + `","payload":"` + p + `","signature":"` + sig + `"}`
			})},
			{"BAD-24", "aud stands twice: the last would win", rig.ClaimsText(func(text string) string { return `{"aud":"https://other.example",` + text[1:] })},
			{"BAD-24", "aud stands twice: the first would win", rig.ClaimsText(func(text string) string { return text[:len(text)-1] + `,"aud":"https://other.example"}` })},
			{"BAD-24", "AUD where aud is absent", rig.All(rig.NoClaim("aud"), rig.Claim("AUD", c.Issuer))},
		})
	})
}

// strays is the same base64url character but for the bits that no octet holds: 64
// octets leave four of them in the last one.
func strays(last byte) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return string(alphabet[strings.IndexByte(alphabet, last)|1])
}
