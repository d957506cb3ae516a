package token

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	authorizev1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/authorize/v1"
	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
)

// inspect reads an access token of this issuer and tells whether it stands. A
// text that is no such token does not stand; only a store or service that cannot
// answer is an error.
func (s *Service) inspect(ctx context.Context, text string) (accessToken, bool, error) {
	claims, ok, err := s.read(ctx, text)
	if err != nil || !ok {
		return accessToken{}, false, err
	}
	revoked, err := s.revocations.Has(ctx, rpc.From(ctx).Issuer.Name, claims.ID)
	if err != nil || revoked {
		return claims, false, err
	}
	if id := authorizationOf(claims.ID); id != "" {
		lives, err := s.authorizationLives(ctx, id)
		if err != nil || !lives {
			return claims, false, err
		}
	}
	lives, err := s.clientLives(ctx, claims.ClientID)
	return claims, lives, err
}

// read checks that a text is an access token of this issuer, and its expiry.
func (s *Service) read(ctx context.Context, text string) (accessToken, bool, error) {
	of := rpc.From(ctx).Issuer
	reads := s.readJWT
	if of.AccessTokenFormat == issuer.FormatOpaque {
		reads = s.readOpaque
	}
	claims, ok, err := reads(ctx, text)
	if err != nil || !ok {
		return accessToken{}, false, err
	}
	return claims, claims.Issuer == of.Identifier && s.clock.Now().Unix() < claims.Expires, nil
}

func (s *Service) readJWT(ctx context.Context, text string) (accessToken, bool, error) {
	signed, err := jose.Parse(text)
	if err != nil || !strings.EqualFold(signed.Header.Type, "at+jwt") {
		return accessToken{}, false, nil
	}
	keys, err := s.published.Find(ctx, signed.Header.KeyID)
	if err != nil {
		return accessToken{}, false, err
	}
	var claims accessToken
	ok := signed.Verify(keys, rpc.From(ctx).Issuer.AccessTokenAlgorithm) == nil && signed.Claims(&claims) == nil
	return claims, ok, nil
}

func (s *Service) readOpaque(ctx context.Context, text string) (accessToken, bool, error) {
	record, found, err := s.opaque.Get(ctx, rpc.From(ctx).Issuer.Name, text)
	if err != nil || !found {
		return accessToken{}, false, err
	}
	var claims accessToken
	if err := json.Unmarshal(record, &claims); err != nil {
		return accessToken{}, false, redisconn.Failed("decode token", errors.New("the record is not ours"))
	}
	return claims, true, nil
}

// authorizationLives asks our own row, then the grant's owner.
func (s *Service) authorizationLives(ctx context.Context, id string) (bool, error) {
	scope := rpc.From(ctx)
	authorization, found, err := s.authorizations.Get(ctx, scope.Issuer.Name, id)
	if err != nil || !found || authorization.Revoked {
		return false, err
	}
	_, err = s.authorize.GetGrant(ctx, &authorizev1.GetGrantRequest{Call: scope.Call(), GrantId: authorization.GrantID})
	return lives(err, oauth.CodeInvalidGrant)
}

// clientLives asks the client's owner.
func (s *Service) clientLives(ctx context.Context, clientID string) (bool, error) {
	_, err := s.clients.GetClient(ctx, &clientregv1.GetClientRequest{Call: rpc.From(ctx).Call(), ClientId: clientID})
	return lives(err, oauth.CodeInvalidClient)
}

// lives turns an owner's refusal with the code that says "it has ended" into an
// answer; other errors stay errors.
func lives(err error, ended string) (bool, error) {
	if refusal, ok := oauth.AsError(err); ok && refusal.Code == ended {
		return false, nil
	}
	return err == nil, err
}
