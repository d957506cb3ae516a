// Package grants holds the grant types, one file each. A grant says what may be
// issued; it mints nothing.
package grants

import (
	"context"
	"log/slog"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/audit"
	"github.com/strongroom-fapi/strongroom/platform/clock"
	authorizev1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/authorize/v1"
	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
	"github.com/strongroom-fapi/strongroom/services/token/internal/store"
)

// Request is a token request of an authenticated client, after the profile let
// it pass.
type Request struct {
	Client *clientregv1.Client
	Params map[string]string
	// ProofKey is the thumbprint of the request's DPoP key; empty without one.
	ProofKey string
}

// Issuance is what may be issued.
type Issuance struct {
	// AuthorizationID is the authorization that tokens are issued under; empty
	// where a client acts for itself.
	AuthorizationID string
	// GrantID is what the user gave; empty where there is no user.
	GrantID string
	Subject string
	Scopes  []string
	Nonce   string
	// AuthTime is when the user authenticated, in unix seconds; 0 without one.
	AuthTime int64
	ACR      string
	AMR      []string
	// RefreshToken goes to the client; empty for none.
	RefreshToken string
}

// Grant judges a request and spends what it brings.
type Grant func(context.Context, Request) (Issuance, error)

// Deps is what grants are given.
type Deps struct {
	Authorize      authorizev1.AuthorizationServiceClient
	Authorizations store.Authorizations
	Clock          clock.Clock
	Log            *slog.Logger
	Audit          *audit.Recorder
}

// Table is every grant by its grant_type. A profile chooses among them.
func Table(deps Deps) map[string]Grant {
	return map[string]Grant{
		oauth.GrantAuthorizationCode: authorizationCode{deps}.issue,
		oauth.GrantClientCredentials: clientCredentials,
		oauth.GrantRefreshToken:      refreshToken{deps}.issue,
	}
}
