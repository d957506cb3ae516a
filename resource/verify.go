package resource

import (
	"context"
	"net/http"
	"strings"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// Verify checks the access token of a request, and that it has every one of
// the scopes. The error is a *Refusal, which Refuse writes. It reads the query,
// the Authorization header and the TLS connection, never the body.
func (v *Verifier) Verify(r *http.Request, scopes ...string) (*Token, error) {
	token, err := v.verify(r, scopes)
	if err != nil {
		refusal := v.refusal(err, scopes)
		refusal.log(r.Context(), v.log)
		return nil, refusal
	}
	return token, nil
}

// verify asks what is free first and the issuer last; the scope comes at the
// very end, for it is told only to whom the token belongs.
func (v *Verifier) verify(r *http.Request, scopes []string) (*Token, error) {
	presented, err := credentialsOf(r)
	if err != nil {
		return nil, err
	}
	claims, err := v.claims(r, presented)
	if err != nil {
		return nil, err
	}
	token, err := claims.token()
	if err != nil {
		return nil, err
	}
	if !oauth.Subset(scopes, token.Scopes) {
		return nil, oauth.New(oauth.CodeInsufficientScope, "the access token does not have the scope needed").By("RS2-4")
	}
	return token, nil
}

// claims are those of a token that stands and that the sender may use.
func (v *Verifier) claims(r *http.Request, presented credentials) (*Claims, error) {
	if !presented.compactJWS() {
		claims, err := v.opaque(r.Context(), presented)
		if err != nil {
			return nil, err
		}
		return claims, checkBinding(r, presented.scheme, claims.Confirmation)
	}
	claims, err := v.signed(r.Context(), presented.token)
	if err != nil {
		return nil, err
	}
	if err := checkBinding(r, presented.scheme, claims.Confirmation); err != nil {
		return nil, err
	}
	if v.config.Mode == Current {
		return v.current(r.Context(), presented.token, claims)
	}
	return claims, nil
}

// signed reads a JWT access token as RFC 9068 §4 says (AT-2). The claims are
// looked at before the signature only to refuse: a token that is expired or not
// ours costs neither a signature check nor a question for new keys.
func (v *Verifier) signed(ctx context.Context, token string) (*Claims, error) {
	parsed, err := jose.Parse(token)
	if err != nil {
		return nil, oauth.InvalidToken("the access token is malformed").By("AT-2").Because(err)
	}
	if !accessTokenType(parsed.Header.Type) {
		return nil, oauth.InvalidToken("the token is not an access token").By("AT-2")
	}
	claims := &Claims{}
	if err := parsed.Claims(claims); err != nil {
		return nil, oauth.InvalidToken("the claims of the access token are malformed").By("AT-2").Because(err)
	}
	if err := claims.standing(v.config, v.clock.Now()); err != nil {
		return nil, err
	}
	if err := claims.complete(); err != nil {
		return nil, err
	}
	return claims, v.issuer.verify(ctx, parsed)
}

// accessTokenType keeps ID tokens, introspection answers and other JWTs of the
// same issuer out (BAD-145). Case does not count: the RFC's own example writes
// at+JWT.
func accessTokenType(typ string) bool {
	return strings.EqualFold(typ, "at+jwt") || strings.EqualFold(typ, "application/at+jwt")
}
