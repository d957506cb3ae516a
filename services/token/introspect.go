package token

import (
	"context"
	"encoding/json"

	"google.golang.org/protobuf/proto"

	"github.com/strongroom-fapi/strongroom/fapi/binding"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
	rpcv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/rpc/v1"
	tokenv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/token/v1"
)

// introspection is RFC 7662 §2.2 with the cnf of RFC 8705 §3.2. An inactive
// token has no other member than active (INTR-2).
type introspection struct {
	Active       bool                  `json:"active"`
	Issuer       string                `json:"iss,omitempty"`
	Subject      string                `json:"sub,omitempty"`
	Audience     string                `json:"aud,omitempty"`
	ClientID     string                `json:"client_id,omitempty"`
	Scope        string                `json:"scope,omitempty"`
	TokenType    string                `json:"token_type,omitempty"`
	IssuedAt     int64                 `json:"iat,omitempty"`
	Expires      int64                 `json:"exp,omitempty"`
	ID           string                `json:"jti,omitempty"`
	Confirmation *binding.Confirmation `json:"cnf,omitempty"`
	AuthTime     int64                 `json:"auth_time,omitempty"`
	ACR          string                `json:"acr,omitempty"`
}

// Introspect tells a resource server whether a token stands now: it asks the
// owners of the grant and of the client, for ends are asked for, never told.
func (s *Service) Introspect(ctx context.Context, req *tokenv1.IntrospectRequest) (*tokenv1.IntrospectResponse, error) {
	caller, err := s.introspectionCaller(ctx, req.GetForm())
	if err != nil {
		return nil, err
	}
	text := req.GetForm().GetParams()[oauth.ParamToken]
	if text == "" {
		return nil, oauth.InvalidRequest("token is required").By("INTR-1")
	}
	claims, stands, err := s.inspect(ctx, text)
	if err != nil {
		return nil, err
	}
	answer := introspection{}
	if stands && mayKnow(caller, claims) {
		answer = describe(claims)
	}
	body, err := json.Marshal(answer)
	return &tokenv1.IntrospectResponse{Introspection: body}, err
}

// introspectionCaller authenticates the caller. One that brings no credentials
// at all is answered 400 (INTR-1: RFC 9701 §5), one with wrong ones 401.
func (s *Service) introspectionCaller(ctx context.Context, form *rpcv1.Form) (*clientregv1.Client, error) {
	if bringsNone(form.GetCredentials()) {
		refusal := oauth.InvalidClient("the caller must authenticate").By("INTR-1")
		refusal.Status = 400
		return nil, refusal
	}
	authenticated, err := s.clients.Authenticate(ctx, &clientregv1.AuthenticateRequest{
		Call:        rpc.From(ctx).Call(),
		Credentials: form.GetCredentials(),
	})
	return authenticated.GetClient(), err
}

// bringsNone tells that nothing proves the caller. A client_id and a certificate
// do so only together (MTLS-3: RFC 8705 §2).
func bringsNone(presented *rpcv1.Credentials) bool {
	if presented.GetClientId() != "" && len(presented.GetCertificates()) > 0 {
		return false
	}
	if presented == nil {
		return true
	}
	others := proto.CloneOf(presented)
	others.ClientId, others.Certificates = "", nil
	return proto.Size(others) == 0
}

// mayKnow tells whether a caller may learn of a token: a resource server of
// those meant for it, a client of its own (MS2-10, BAD-170).
func mayKnow(caller *clientregv1.Client, claims accessToken) bool {
	return claims.ClientID == caller.GetClientId() || (caller.GetResource() != "" && caller.GetResource() == claims.Audience)
}

func describe(claims accessToken) introspection {
	return introspection{
		Active:       true,
		Issuer:       claims.Issuer,
		Subject:      claims.Subject,
		Audience:     claims.Audience,
		ClientID:     claims.ClientID,
		Scope:        claims.Scope,
		TokenType:    claims.Confirmation.Scheme(),
		IssuedAt:     claims.IssuedAt,
		Expires:      claims.Expires,
		ID:           claims.ID,
		Confirmation: &claims.Confirmation,
		AuthTime:     claims.AuthTime,
		ACR:          claims.ACR,
	}
}
