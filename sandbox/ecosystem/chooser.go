package ecosystem

import (
	"net/http"
	"strings"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/resource"
)

// chooser picks the verifier of the issuer whose token a request seems to bring.
// It believes the token that much and no more: the verifier checks that the
// issuer is its own (RS2-6), and who signed.
type chooser struct {
	first, opaque *resource.Verifier
	byIssuer      map[string]*resource.Verifier
}

func (c *chooser) add(issuer BankIssuer, verifier *resource.Verifier) {
	if c.first == nil {
		c.first, c.opaque, c.byIssuer = verifier, verifier, map[string]*resource.Verifier{}
	}
	if issuer.Opaque {
		c.opaque = verifier
	}
	c.byIssuer[issuer.Issuer] = verifier
}

// require is resource.Verifier.Require of whichever verifier a request is for.
func (c *chooser) require(scope string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			c.of(r).Require(scope)(next).ServeHTTP(w, r)
		})
	}
}

// of is the verifier for a request: by the unverified iss of a JWT, or the one
// for opaque tokens. What is nobody's, the first one refuses.
func (c *chooser) of(r *http.Request) *resource.Verifier {
	_, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if token = strings.TrimLeft(token, " "); token == "" {
		return c.first
	}
	if strings.Count(token, ".") != 2 {
		return c.opaque
	}
	if verifier, ok := c.byIssuer[issuerIn(token)]; ok {
		return verifier
	}
	return c.first
}

// issuerIn is the iss that a JWT claims; empty if there is none.
func issuerIn(token string) string {
	var claims struct {
		Issuer string `json:"iss"`
	}
	signed, err := jose.Parse(token)
	if err != nil || signed.Claims(&claims) != nil {
		return ""
	}
	return claims.Issuer
}
