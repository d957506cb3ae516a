package token

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"

	"github.com/strongroom-fapi/strongroom/fapi/binding"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
	keysv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/keys/v1"
	tokenv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/token/v1"
	"github.com/strongroom-fapi/strongroom/services/token/grants"
)

// accessToken is the claims of an RFC 9068 §2.2 access token.
type accessToken struct {
	Issuer       string               `json:"iss"`
	Subject      string               `json:"sub"`
	Audience     string               `json:"aud"`
	ClientID     string               `json:"client_id"`
	Scope        string               `json:"scope,omitempty"`
	IssuedAt     int64                `json:"iat"`
	Expires      int64                `json:"exp"`
	ID           string               `json:"jti"`
	Confirmation binding.Confirmation `json:"cnf"`
	AuthTime     int64                `json:"auth_time,omitempty"`
	ACR          string               `json:"acr,omitempty"`
}

// idToken is the claims of an OpenID Connect Core §2 id_token.
type idToken struct {
	Issuer          string   `json:"iss"`
	Subject         string   `json:"sub"`
	Audience        string   `json:"aud"`
	IssuedAt        int64    `json:"iat"`
	Expires         int64    `json:"exp"`
	AuthTime        int64    `json:"auth_time,omitempty"`
	Nonce           string   `json:"nonce,omitempty"`
	ACR             string   `json:"acr,omitempty"`
	AMR             []string `json:"amr,omitempty"`
	AccessTokenHash string   `json:"at_hash"`
}

// mint makes the tokens of one issuance.
func (s *Service) mint(ctx context.Context, client *clientregv1.Client, confirmation binding.Confirmation, issuance grants.Issuance) (*tokenv1.ExchangeResponse, error) {
	scope := rpc.From(ctx)
	lifetimes := scope.Issuer.Lifetimes
	now := s.clock.Now()
	response := &tokenv1.ExchangeResponse{
		TokenType: oauth.TokenTypeBearer,
		ExpiresIn: int32(lifetimes.AccessToken.Seconds()),
		Scope:     strings.Join(issuance.Scopes, " "),
	}
	var err error
	response.AccessToken, err = s.sign(ctx, keysv1.Purpose_PURPOSE_ACCESS_TOKEN, string(scope.Issuer.AccessTokenAlgorithm), accessToken{
		Issuer:       scope.Issuer.Identifier,
		Subject:      issuance.Subject,
		Audience:     scope.Issuer.Resource,
		ClientID:     client.GetClientId(),
		Scope:        response.GetScope(),
		IssuedAt:     now.Unix(),
		Expires:      now.Add(lifetimes.AccessToken).Unix(),
		ID:           newTokenID(issuance.AuthorizationID),
		Confirmation: confirmation,
		AuthTime:     issuance.AuthTime,
		ACR:          issuance.ACR,
	})
	if err != nil || !slices.Contains(issuance.Scopes, oauth.ScopeOpenID) {
		return response, err
	}
	response.IdToken, err = s.sign(ctx, keysv1.Purpose_PURPOSE_ID_TOKEN, client.GetIdTokenSignedResponseAlg(), idToken{
		Issuer:          scope.Issuer.Identifier,
		Subject:         issuance.Subject,
		Audience:        client.GetClientId(),
		IssuedAt:        now.Unix(),
		Expires:         now.Add(lifetimes.IDToken).Unix(),
		AuthTime:        issuance.AuthTime,
		Nonce:           issuance.Nonce,
		ACR:             issuance.ACR,
		AMR:             issuance.AMR,
		AccessTokenHash: halfHash(response.GetAccessToken()),
	})
	return response, err
}

func (s *Service) sign(ctx context.Context, purpose keysv1.Purpose, algorithm string, claims any) (string, error) {
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	signed, err := s.keys.Sign(ctx, &keysv1.SignRequest{Call: rpc.From(ctx).Call(), Purpose: purpose, Algorithm: algorithm, Payload: payload})
	return signed.GetJws(), err
}

// halfHash is at_hash of OpenID Connect Core §3.1.3.6: the left half of the
// SHA-256 of the token.
func halfHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// newTokenID is a jti. It begins with the authorization that the token was
// issued under, where there is one, so that what an authorization bought can be
// ended without a row for each token: AUTHORIZATION.RANDOM.
func newTokenID(authorizationID string) string {
	if authorizationID == "" {
		return oauth.NewID()
	}
	return authorizationID + "." + oauth.NewID()
}

// authorizationOf is the authorization that a jti names, or empty.
func authorizationOf(tokenID string) string {
	authorizationID, _, ok := strings.Cut(tokenID, ".")
	if !ok {
		return ""
	}
	return authorizationID
}
