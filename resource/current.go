package resource

import (
	"context"
	"slices"
	"strings"

	"github.com/strongroom-fapi/strongroom/fapi/binding"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// retryAfter is what a client is told to wait when the issuer cannot be asked,
// in seconds.
const retryAfter = 5

func unavailable(cause error) error { return oauth.Unavailable(retryAfter).By("RS2-3").Because(cause) }

// ask is whether the issuer calls the token active. No answer is a refusal.
func (v *Verifier) ask(ctx context.Context, token string) (*Introspection, error) {
	answer, err := v.answers.get(ctx, token)
	if err != nil {
		return nil, unavailable(err)
	}
	if !answer.Active {
		return nil, oauth.InvalidToken("the access token is not active").By("INTR-2")
	}
	return answer, nil
}

// opaque takes everything from the introspection answer (INTR-3). Without
// token_type it could be a refresh token, which introspection knows too.
func (v *Verifier) opaque(ctx context.Context, presented credentials) (*Claims, error) {
	if v.config.Mode != Current {
		return nil, oauth.InvalidToken("the access token is not a JWT").By("AT-2")
	}
	answer, err := v.ask(ctx, presented.token)
	if err != nil {
		return nil, err
	}
	if !strings.EqualFold(answer.TokenType, presented.scheme) {
		refusal := oauth.InvalidToken("the token is not an access token for the scheme " + presented.scheme).By("INTR-3")
		if _, access := schemeOf(answer.TokenType); access {
			refusal = refusal.Because(errScheme)
		}
		return nil, refusal
	}
	claims := answer.Claims
	if claims.Issuer == "" {
		claims.Issuer = v.config.Issuer // who answered; RFC 7662 §2.2 makes iss optional
	}
	return &claims, claims.standing(v.config, v.clock.Now())
}

// current asks about a JWT that is good by itself, and takes over what the
// answer narrows for this API.
func (v *Verifier) current(ctx context.Context, token string, claims *Claims) (*Claims, error) {
	answer, err := v.ask(ctx, token)
	if err != nil {
		return nil, err
	}
	if contradicts(&answer.Claims, claims) {
		return nil, oauth.InvalidToken("the introspection answer is about another token").By("INTR-3")
	}
	if !answer.Audience.IsZero() && !answer.Audience.Contains(v.config.Resource) {
		return nil, oauth.InvalidToken("the access token is not for this resource").By("INTR-3")
	}
	if err := answer.timely(v.clock.Now()); err != nil {
		return nil, err
	}
	if answer.Scope != "" {
		claims.Scope = intersection(claims.Scope, answer.Scope)
	}
	if answer.AuthorizationDetails != nil {
		claims.AuthorizationDetails = answer.AuthorizationDetails
	}
	return claims, nil
}

// contradicts compares what the answer says at all. The sub may differ, for
// introspection may answer each API with a pairwise one.
func contradicts(answer, claims *Claims) bool {
	for _, pair := range [][2]string{
		{answer.Issuer, claims.Issuer}, {answer.ClientID, claims.ClientID}, {answer.ID, claims.ID},
	} {
		if pair[0] != "" && pair[0] != pair[1] {
			return true
		}
	}
	return answer.Confirmation != (binding.Confirmation{}) && answer.Confirmation != claims.Confirmation
}

// intersection of two scopes, in the order of the first.
func intersection(scope, narrowed string) string {
	allowed := strings.Fields(narrowed)
	return strings.Join(slices.DeleteFunc(strings.Fields(scope), func(value string) bool {
		return !slices.Contains(allowed, value)
	}), " ")
}
