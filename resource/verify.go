package resource

import (
	"context"
	"net/http"
	"strings"

	"github.com/strongroom-fapi/strongroom/fapi/binding"
	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// Verify checks the access token of a request, and that it has every one of
// the scopes. The error is a *Refusal, which Refuse writes. It reads the method,
// the path and the query, the headers Authorization and DPoP, and the TLS
// connection, never the body. It burns the DPoP proof: call it once per request.
func (v *Verifier) Verify(r *http.Request, scopes ...string) (*Token, error) {
	presented, err := credentialsOf(r)
	if err == nil {
		var token *Token
		if token, err = v.verify(r, presented, scopes); err == nil {
			return token, nil
		}
	}
	refusal := v.refusal(err, presented.scheme, scopes)
	refusal.log(r.Context(), v.log)
	return nil, refusal
}

// verify asks what is free first and the issuer last; only then is the proof
// burnt, so that nobody without a good token fills the memory for proofs
// (BAD-146). The scope comes at the very end, for it is told only to whom the
// token belongs.
func (v *Verifier) verify(r *http.Request, presented credentials, scopes []string) (*Token, error) {
	proof, err := v.proof(r, presented)
	if err != nil {
		return nil, err
	}
	claims, err := v.claims(r.Context(), presented, evidenceOf(r, presented.scheme, proof))
	if err != nil {
		return nil, err
	}
	nonce := ""
	if proof != nil {
		if err := v.dpop.burn(r.Context(), proof); err != nil {
			return nil, err
		}
		nonce = v.dpop.nextNonce(proof)
	}
	token, err := claims.token(nonce)
	if err != nil {
		return nil, err
	}
	if !oauth.Subset(scopes, token.Scopes) {
		return nil, oauth.New(oauth.CodeInsufficientScope, "the access token does not have the scope needed").By("RS2-4")
	}
	return token, nil
}

// proof is the verified proof under the scheme DPoP; nil under Bearer, where a
// DPoP header means nothing.
func (v *Verifier) proof(r *http.Request, presented credentials) (*binding.Proof, error) {
	switch {
	case presented.scheme == oauth.TokenTypeBearer:
		return nil, nil
	case v.dpop == nil:
		return nil, oauth.InvalidToken("this resource takes certificate-bound access tokens only").By("RS2-5")
	}
	return v.dpop.proof(r, presented.token)
}

// claims are those of a token that stands and that the sender may use.
func (v *Verifier) claims(ctx context.Context, presented credentials, shown evidence) (*Claims, error) {
	if !presented.compactJWS() {
		claims, err := v.opaque(ctx, presented)
		if err != nil {
			return nil, err
		}
		return claims, checkBinding(shown, claims.Confirmation)
	}
	claims, err := v.signed(ctx, presented.token)
	if err != nil {
		return nil, err
	}
	if err := checkBinding(shown, claims.Confirmation); err != nil {
		return nil, err
	}
	if v.config.Mode == Current {
		return v.current(ctx, presented.token, claims)
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
