// Package rpc is how the services of the suite talk: who they are, who may call
// what, the envelope of a call, its deadline, and its one error. It is the same
// in one process and in many.
package rpc

import "context"

// Name is a service. Over TLS it is the DNS name in its certificate.
type Name string

// The services, in the order of calls: each calls only to its left.
const (
	Keys      Name = "keys"
	ClientReg Name = "clientreg"
	PAR       Name = "par"
	Authorize Name = "authorize"
	Token     Name = "token"
	Gateway   Name = "gateway"
)

// Names is every service, in the order of calls.
var Names = []Name{Keys, ClientReg, PAR, Authorize, Token, Gateway}

type callerKey struct{}

// WithCaller records who calls, as the transport has proved it.
func WithCaller(ctx context.Context, caller Name) context.Context {
	return context.WithValue(ctx, callerKey{}, caller)
}

// Caller is who calls.
func Caller(ctx context.Context) (Name, bool) {
	name, ok := ctx.Value(callerKey{}).(Name)
	return name, ok
}
