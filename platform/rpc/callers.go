package rpc

import (
	"slices"
	"strings"

	healthv1 "google.golang.org/grpc/health/grpc_health_v1"

	authorizev1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/authorize/v1"
	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
	keysv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/keys/v1"
	parv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/par/v1"
	tokenv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/token/v1"
)

// Method is one line of the caller table.
type Method struct {
	Name    string
	Callers []Name
	// Retry tells that the call may be sent again after a lost reply: it
	// changes nothing, or it burns under the attempt id of its Call.
	Retry bool
}

// Methods is who may call what. A method that is missing here is refused.
var Methods = []Method{
	{keysv1.KeysService_Sign_FullMethodName, []Name{Authorize, Token}, true},
	{keysv1.KeysService_Decrypt_FullMethodName, []Name{PAR}, true},
	{keysv1.KeysService_PublicKeys_FullMethodName, []Name{Authorize, Token, Gateway}, true},
	{keysv1.KeysService_NonceKey_FullMethodName, []Name{PAR, Token}, true},

	{clientregv1.ClientRegistryService_Authenticate_FullMethodName, []Name{PAR, Token}, true},
	{clientregv1.ClientRegistryService_GetClient_FullMethodName, []Name{Authorize, Token}, true},
	{clientregv1.ClientRegistryService_Register_FullMethodName, []Name{Gateway}, false},
	{clientregv1.ClientRegistryService_ReadRegistration_FullMethodName, []Name{Gateway}, true},
	{clientregv1.ClientRegistryService_UpdateRegistration_FullMethodName, []Name{Gateway}, false},
	{clientregv1.ClientRegistryService_DeleteRegistration_FullMethodName, []Name{Gateway}, false},

	{parv1.PushedAuthorizationService_Push_FullMethodName, []Name{Gateway}, true},
	{parv1.PushedAuthorizationService_Resolve_FullMethodName, []Name{Authorize}, true},
	{parv1.PushedAuthorizationService_Consume_FullMethodName, []Name{Authorize}, true},

	{authorizev1.AuthorizationService_Begin_FullMethodName, []Name{Gateway}, true},
	{authorizev1.AuthorizationService_Complete_FullMethodName, []Name{Gateway}, true},
	{authorizev1.AuthorizationService_Redeem_FullMethodName, []Name{Token}, true},
	{authorizev1.AuthorizationService_GetGrant_FullMethodName, []Name{Token}, true},

	{tokenv1.TokenService_Exchange_FullMethodName, []Name{Gateway}, true},
	{tokenv1.TokenService_Introspect_FullMethodName, []Name{Gateway}, true},
	{tokenv1.TokenService_Revoke_FullMethodName, []Name{Gateway}, true},
	{tokenv1.TokenService_UserInfo_FullMethodName, []Name{Gateway}, true},
}

var methods = func() map[string]Method {
	table := make(map[string]Method, len(Methods))
	for _, m := range Methods {
		table[m.Name] = m
	}
	return table
}()

// healthCheck is in no contract of the suite and about no issuer, so it needs no
// envelope.
const healthCheck = healthv1.Health_Check_FullMethodName

// mayAskHealth tells whether a caller may ask a service for its health: the edge,
// which needs them all, and the service's own binary, run as a command.
func mayAskHealth(caller, self Name) bool { return caller == Gateway || caller == self }

// healthWatch is how a caller learns which replicas of a service to call: the only
// stream between services.
const healthWatch = healthv1.Health_Watch_FullMethodName

// mayWatchHealth tells whether a caller may watch a service's health: who calls any
// of its methods, and who may ask.
func mayWatchHealth(caller, self Name) bool {
	return mayAskHealth(caller, self) || slices.ContainsFunc(Methods, func(m Method) bool {
		return strings.HasPrefix(m.Name, "/strongroom."+string(self)+".") && slices.Contains(m.Callers, caller)
	})
}

// allowed tells whether a caller may use a method.
func allowed(caller Name, method string) bool {
	return slices.Contains(methods[method].Callers, caller)
}
