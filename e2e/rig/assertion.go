package rig

import (
	"encoding/json"
	"strings"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// object is a JSON object under construction.
type object = map[string]any

// Assertion is a client assertion (private_key_jwt, RFC 7523) that is written and
// signed when its request is sent.
type Assertion struct {
	Header object
	Claims object
	Sign   Sign
	// Before, where not nil, rewrites the two JSON texts before they are signed.
	Before func(header, claims string) (string, string)
	// After, where not nil, rewrites what was signed.
	After func(string) string
}

// assertionLifetime is how long an assertion can be used, in seconds.
const assertionLifetime = 60

// Assertion is a fresh and good one.
func (c *Client) Assertion() *Assertion {
	now := c.suite.Now().Unix()
	return &Assertion{
		Header: object{"alg": c.Key.Algorithm, "kid": c.Key.ID, "typ": "client-authentication+jwt"},
		Claims: object{"iss": c.ID, "sub": c.ID, "aud": c.Issuer, "jti": oauth.NewID(), "iat": now, "exp": now + assertionLifetime},
		Sign:   c.Key.Honest(),
	}
}

// Text writes and signs.
func (a *Assertion) Text() string {
	header, claims := string(must(json.Marshal(a.Header))), string(must(json.Marshal(a.Claims)))
	if a.Before != nil {
		header, claims = a.Before(header, claims)
	}
	input := encode([]byte(header)) + "." + encode([]byte(claims))
	text := input + "." + encode(a.Sign(input))
	if a.After != nil {
		text = a.After(text)
	}
	return text
}

// Claim sets a claim of the assertion.
func Claim(name string, value any) Change {
	return func(r *Request) { r.Assertion.Claims[name] = value }
}

// Claims sets several claims to one value.
func Claims(value any, names ...string) Change {
	return func(r *Request) {
		for _, name := range names {
			r.Assertion.Claims[name] = value
		}
	}
}

// NoClaim leaves a claim out.
func NoClaim(name string) Change {
	return func(r *Request) { delete(r.Assertion.Claims, name) }
}

// JOSE sets a member of the assertion's header.
func JOSE(name string, value any) Change {
	return func(r *Request) { r.Assertion.Header[name] = value }
}

// Signed signs in another way, and says so in alg.
func Signed(algorithm string, by Sign) Change {
	return func(r *Request) { r.Assertion.Header["alg"], r.Assertion.Sign = algorithm, by }
}

// ClaimsText rewrites the text of the claims before it is signed.
func ClaimsText(rewrite func(string) string) Change {
	return func(r *Request) {
		r.Assertion.Before = func(header, claims string) (string, string) { return header, rewrite(claims) }
	}
}

// Parts rewrites the three parts of the signed text.
func Parts(rewrite func(header, claims, signature string) string) Change {
	return func(r *Request) {
		r.Assertion.After = func(text string) string {
			parts := strings.Split(text, ".")
			return rewrite(parts[0], parts[1], parts[2])
		}
	}
}

// Asserting sends a given text for the assertion.
func Asserting(text string) Change {
	return func(r *Request) { r.Assertion.After = func(string) string { return text } }
}

// NoAssertion leaves out the assertion.
func NoAssertion(r *Request) {
	r.Assertion = nil
	r.Form.Del(oauth.ParamClientAssertionType)
}

// Unproven leaves out what proves the client, and leaves its name: an assertion
// is both.
func (c *Client) Unproven(r *Request) {
	NoAssertion(r)
	if c.Method != oauth.AuthPrivateKeyJWT {
		r.Certificate = nil
	}
}
