package clientreg_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"strings"
	"testing"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

func text(n int) string { return strings.Repeat("a", n) }

// TestAuthenticateRefusesClaims: the client signed it, and it is still no good.
func TestAuthenticateRefusesClaims(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		service := w.replica()
		client, other := service.register(), service.register()
		id := w.here.Identifier
		tests := []struct {
			name, rule string
			change     func(object)
		}{
			{"BAD-3 aud is the token endpoint", "SP2-8", set("aud", id+"/token")},
			{"BAD-4 aud is the PAR endpoint", "SP2-8", set("aud", id+"/par")},
			{"BAD-5 aud is an array of the issuer", "SP2-8", set("aud", []string{id})},
			{"BAD-6 aud is an array with another server", "SP2-8", set("aud", []string{id, "https://other.example"})},
			{"BAD-7 aud with a trailing slash", "SP2-8", set("aud", id+"/")},
			{"BAD-7 aud with an upper-case host", "SP2-8", set("aud", strings.Replace(id, "as.example", "AS.example", 1))},
			{"BAD-7 aud with http", "SP2-8", set("aud", strings.Replace(id, "https", "http", 1))},
			{"BAD-8 aud missing", "SP2-8", unset("aud")},
			{"BAD-8 aud a number", "PKJ-2", set("aud", 1)},
			{"BAD-8 aud null", "PKJ-2", set("aud", nil)},
			{"BAD-8 aud an empty array", "PKJ-2", set("aud", []string{})},
			{"BAD-8 aud an array of numbers", "PKJ-2", set("aud", []int{123})},
			{"BAD-38 aud is another issuer of ours", "SP2-8", set("aud", w.elsewhere.Identifier)},
			{"BAD-9 iss is another client", "PKJ-2", set("iss", other.ClientID)},
			{"BAD-9 iss missing", "PKJ-2", unset("iss")},
			{"BAD-10 sub missing", "PKJ-2", unset("sub")},
			{"BAD-10 sub empty", "PKJ-2", set("sub", "")},
			{"BAD-10 sub is another client than iss", "CA-1", set("sub", oauth.ClientIDPrefix+"x")},
			{"BAD-11 exp missing", "PKJ-2", unset("exp")},
			{"BAD-11 exp 5 min past", "PKJ-2", set("exp", now.Unix()-300)},
			{"BAD-11 exp past by the tolerance", "PKJ-2", set("exp", now.Unix()-30)},
			{"BAD-11 exp a string", "PKJ-2", set("exp", "1772366460")},
			{"BAD-11 exp 1e30", "PKJ-2", set("exp", json.Number("1e30"))},
			{"BAD-11 exp 10 years ahead", "PKJ-2", set("exp", now.Unix()+10*365*24*3600)},
			{"PKJ-2 exp beyond limit and tolerance", "PKJ-2", set("exp", now.Unix()+631)},
			{"BAD-13 iat 61 s ahead", "SP2-13", set("iat", now.Unix()+61)},
			{"BAD-13 nbf 120 s ahead", "SP2-13", set("nbf", now.Unix()+120)},
			{"BAD-14 jti missing", "PKJ-2", unset("jti")},
			{"BAD-14 jti empty", "PKJ-2", set("jti", "")},
			{"BAD-14 jti a number", "PKJ-2", set("jti", 7)},
			{"BAD-14 jti of 257 bytes", "PKJ-2", set("jti", text(257))},
			{"BAD-14 jti of 10 kB", "PKJ-2", set("jti", text(10<<10))},
		}
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				_, err := service.authenticate(w.assertion(client.ClientID, test.change))
				wantRefusal(t, err, oauth.CodeInvalidClient, test.rule, 401)
			})
		}
	})
}

// TestAuthenticateRefusesForm: what is not a plain assertion, however signed.
func TestAuthenticateRefusesForm(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		service := w.replica()
		client := service.register()
		claims := w.claims(client.ClientID)
		signed := func(header object) string { return forge(header, claims, es256(ecKey)) }
		with := func(member string, value any) string {
			return signed(object{"alg": "ES256", "kid": "ec", member: value})
		}
		good := w.assertion(client.ClientID)
		parts := strings.Split(good, ".")
		payload := string(must(json.Marshal(claims)))
		p384 := must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader))
		publicKey := must(ecKey.PublicKey.Bytes())
		tests := []struct{ name, rule, assertion string }{
			{"BAD-16 RS256", "PKJ-2", forge(object{"alg": "RS256", "kid": "rsa"}, claims, rs256)},
			{"BAD-16 PS384", "PKJ-2", forge(object{"alg": "PS384", "kid": "rsa"}, claims, ps256)},
			{"BAD-16 HS256 with the public key", "PKJ-2", forge(object{"alg": "HS256", "kid": "ec"}, claims, hs256(publicKey))},
			{"BAD-16 none", "PKJ-2", forge(object{"alg": "none"}, claims, constant(nil))},
			{"BAD-16 none with a signature", "PKJ-2", forge(object{"alg": "none"}, claims, es256(ecKey))},
			{"BAD-16 None", "PKJ-2", forge(object{"alg": "None"}, claims, es256(ecKey))},
			{"BAD-16 alg empty", "PKJ-2", forge(object{"alg": ""}, claims, es256(ecKey))},
			{"BAD-17 r=0, s=0", "CA-1", forge(object{"alg": "ES256", "kid": "ec"}, claims, constant(make([]byte, 64)))},
			{"BAD-17 P-384 key under ES256", "CA-1", forge(object{"alg": "ES256"}, claims, es256(p384))},
			{"BAD-17 Ed448 under EdDSA", "CA-1", forge(object{"alg": "EdDSA", "kid": "ed"}, claims, constant(make([]byte, 114)))},
			{"BAD-16 ES256 with the kid of an RSA key", "CA-1", forge(object{"alg": "ES256", "kid": "rsa"}, claims, es256(ecKey))},
			{"BAD-20 kid a path", "CA-1", with("kid", "../../etc/passwd")},
			{"BAD-20 kid SQL", "CA-1", with("kid", "' OR 1=1")},
			{"BAD-20 kid of 64 kB", "PKJ-2", with("kid", text(64<<10))},
			{"BAD-20 kid null", "PKJ-2", with("kid", nil)},
			{"BAD-20 kid a number", "PKJ-2", with("kid", 1)},
			{"BAD-21 jwk", "PKJ-2", with("jwk", object{"kty": "EC"})},
			{"BAD-21 jku", "PKJ-2", with("jku", "https://attacker.example/jwks")},
			{"BAD-21 x5u", "PKJ-2", with("x5u", "https://attacker.example/cert")},
			{"BAD-21 x5c", "PKJ-2", with("x5c", []string{"MA=="})},
			{"BAD-22 crit of exp", "PKJ-2", with("crit", []string{"exp"})},
			{"BAD-22 crit empty", "PKJ-2", with("crit", []string{})},
			{"BAD-22 b64 false", "PKJ-2", with("b64", false)},
			{"BAD-23 two parts", "PKJ-2", parts[0] + "." + parts[1]},
			{"BAD-23 four parts", "PKJ-2", good + "." + parts[2]},
			{"BAD-23 five parts", "PKJ-2", good + "." + parts[1] + "." + parts[2]},
			{"BAD-23 padding", "PKJ-2", good + "=="},
			{"BAD-23 base64 of the other alphabet", "PKJ-2", parts[0] + "." + parts[1] + ".+/" + parts[2][2:]},
			{"BAD-23 line break inside", "PKJ-2", parts[0] + "." + parts[1] + ".\r\n" + parts[2]},
			{"BAD-23 trailing bits", "PKJ-2", parts[0] + "." + parts[1] + "." + parts[2][:85] + "_"},
			{"BAD-23 JSON serialisation", "PKJ-2", `{"protected":"` + parts[0] + `","payload":"` + parts[1] + `","signature":"` + parts[2] + `"}`},
			{"BAD-24 aud twice", "PKJ-2", forgeText(`{"alg":"ES256"}`, `{"aud":"https://other.example",`+payload[1:], es256(ecKey))},
			{"BAD-24 AUD beside no aud", "PKJ-2", w.assertion(client.ClientID, unset("aud"), set("AUD", w.here.Identifier))},
			{"BAD-28 access token by the client's key", "PKJ-2", with("typ", "at+jwt")},
			{"BAD-28 request object of its own type", "PKJ-2", with("typ", "oauth-authz-req+jwt")},
			{"BAD-28 request object without sub", "PKJ-2", w.assertion(client.ClientID, unset("sub"), set("client_id", client.ClientID))},
			{"BAD-28 id_token for the client, by the server's key", "PKJ-2", forge(object{"alg": "ES256", "kid": "as"},
				w.claims("alice", set("iss", w.here.Identifier), set("aud", client.ClientID), unset("sub")), es256(ecOther))},
			{"BAD-28 DPoP proof", "PKJ-2", signed(object{"alg": "ES256", "typ": "dpop+jwt", "jwk": object{"kty": "EC"}})},
		}
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				_, err := service.authenticate(test.assertion)
				wantRefusal(t, err, oauth.CodeInvalidClient, test.rule, 401)
			})
		}
	})
}
