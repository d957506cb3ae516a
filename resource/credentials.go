package resource

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// credentials are an access token as it was presented.
type credentials struct {
	scheme string // oauth.TokenTypeBearer or oauth.TokenTypeDPoP
	token  string
}

// tokenSyntax is token68 of RFC 9110 §11.2, b64token of RFC 6750 §2.1.
var tokenSyntax = regexp.MustCompile(`^[A-Za-z0-9._~+/-]+=*$`)

// errNoToken tells nothing but that a token is needed: RFC 6750 §3.1 wants no
// error code for a request that did not try to authenticate (RSE-1).
var errNoToken = &oauth.Error{Status: http.StatusUnauthorized, Rule: "RSE-1"}

// credentialsOf takes the token from the Authorization header, the only place
// where it may be (RS2-1). One in the query has already been logged on its way
// here and is refused aloud, also beside a header (RS2-2, BAD-143). Bodies are
// not read. With an error, the scheme is the one that was tried, if it is clear.
func credentialsOf(r *http.Request) (credentials, error) {
	if tokenInQuery(r.URL.RawQuery) {
		return credentials{}, oauth.InvalidRequest("an access token must not be in the query").By("RS2-2")
	}
	values := r.Header.Values("Authorization")
	if len(values) > 1 {
		return credentials{}, oauth.InvalidRequest("more than one Authorization header").By("RS2-1")
	}
	if len(values) == 0 {
		return credentials{}, errNoToken
	}
	name, token, _ := strings.Cut(values[0], " ")
	scheme, ok := schemeOf(name)
	if !ok {
		return credentials{}, errNoToken
	}
	token = strings.TrimLeft(token, " ") // 1*SP, RFC 9110 §11.4
	if !tokenSyntax.MatchString(token) {
		return credentials{scheme: scheme}, oauth.InvalidRequest("the Authorization header holds no single access token").By("RS2-1")
	}
	if len(token) > jose.MaxCompact {
		return credentials{scheme: scheme}, oauth.InvalidToken("the access token is too long").By("RS2-3")
	}
	return credentials{scheme: scheme, token: token}, nil
}

// tokenInQuery also finds it where the query is malformed and others may read
// it differently, as with semicolons.
func tokenInQuery(query string) bool {
	values, err := url.ParseQuery(query)
	return values.Has("access_token") || err != nil && strings.Contains(query, "access_token=")
}

// schemeOf compares without case (WIRE-7: RFC 9110 §11.1).
func schemeOf(name string) (string, bool) {
	for _, scheme := range []string{oauth.TokenTypeBearer, oauth.TokenTypeDPoP} {
		if strings.EqualFold(name, scheme) {
			return scheme, true
		}
	}
	return "", false
}

// compactJWS tells a JWT by its three parts; anything else is opaque.
func (c credentials) compactJWS() bool { return strings.Count(c.token, ".") == 2 }
