package token

import (
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"

	"github.com/strongroom-fapi/strongroom/fapi/binding"
	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/audit"
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
	lifetimes := rpc.From(ctx).Issuer.Lifetimes
	response := &tokenv1.ExchangeResponse{
		TokenType:    confirmation.Scheme(),
		ExpiresIn:    int32(lifetimes.AccessToken.Seconds()),
		Scope:        strings.Join(issuance.Scopes, " "),
		RefreshToken: issuance.RefreshToken,
	}
	var err error
	tokenID := newTokenID(issuance.AuthorizationID)
	if response.AccessToken, err = s.mintAccessToken(ctx, client, confirmation, issuance, tokenID); err != nil {
		return nil, err
	}
	if issuance.AuthorizationID != "" && slices.Contains(issuance.Scopes, oauth.ScopeOpenID) {
		if response.IdToken, err = s.mintIDToken(ctx, client, response.GetAccessToken(), issuance); err != nil {
			return nil, err
		}
	}
	return response, s.audit.Record(ctx, issued(client.GetClientId(), tokenID, issuance))
}

// issued is what the audit trail tells of a token.
func issued(clientID, tokenID string, issuance grants.Issuance) audit.Event {
	event := audit.Event{
		Kind: audit.TokenIssued, ClientID: clientID, TokenID: tokenID, Scopes: issuance.Scopes,
		AuthorizationID: issuance.AuthorizationID, GrantID: issuance.GrantID,
	}
	if issuance.AuthorizationID != "" { // else the client is its own subject
		event.Subject = issuance.Subject
	}
	return event
}

func (s *Service) mintAccessToken(ctx context.Context, client *clientregv1.Client, confirmation binding.Confirmation, issuance grants.Issuance, tokenID string) (string, error) {
	of, now := rpc.From(ctx).Issuer, s.clock.Now()
	claims := accessToken{
		Issuer:       of.Identifier,
		Subject:      issuance.Subject,
		Audience:     of.Resource,
		ClientID:     client.GetClientId(),
		Scope:        strings.Join(issuance.Scopes, " "),
		IssuedAt:     now.Unix(),
		Expires:      now.Add(of.Lifetimes.AccessToken).Unix(),
		ID:           tokenID,
		Confirmation: confirmation,
		AuthTime:     issuance.AuthTime,
		ACR:          issuance.ACR,
	}
	if of.AccessTokenFormat == issuer.FormatOpaque {
		return s.keepOpaque(ctx, claims)
	}
	return s.sign(ctx, keysv1.Purpose_PURPOSE_ACCESS_TOKEN, string(of.AccessTokenAlgorithm), claims)
}

// keepOpaque keeps the claims under a token that says nothing by itself.
func (s *Service) keepOpaque(ctx context.Context, claims accessToken) (string, error) {
	record, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	token := oauth.NewSecret()
	of := rpc.From(ctx).Issuer
	return token, s.opaque.Put(ctx, of.Name, token, record, of.Lifetimes.AccessToken)
}

func (s *Service) mintIDToken(ctx context.Context, client *clientregv1.Client, accessToken string, issuance grants.Issuance) (string, error) {
	of, now := rpc.From(ctx).Issuer, s.clock.Now()
	return s.sign(ctx, keysv1.Purpose_PURPOSE_ID_TOKEN, client.GetIdTokenSignedResponseAlg(), idToken{
		Issuer:          of.Identifier,
		Subject:         issuance.Subject,
		Audience:        client.GetClientId(),
		IssuedAt:        now.Unix(),
		Expires:         now.Add(of.Lifetimes.IDToken).Unix(),
		AuthTime:        issuance.AuthTime,
		Nonce:           issuance.Nonce,
		ACR:             issuance.ACR,
		AMR:             issuance.AMR,
		AccessTokenHash: halfHash(client.GetIdTokenSignedResponseAlg(), accessToken),
	})
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
// token's hash, by the hash of the id_token's own signature. For Ed25519 that is
// SHA-512 (RFC 8032 §5.1), for the others SHA-256.
func halfHash(algorithm, token string) string {
	if algorithm == string(jose.EdDSA) {
		sum := sha512.Sum512([]byte(token))
		return base64.RawURLEncoding.EncodeToString(sum[:32])
	}
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
