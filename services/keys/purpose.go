package keys

import (
	"context"
	"slices"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	keysv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/keys/v1"
)

// purpose is one line of the table of rights: what is signed, how it is marked,
// and who may ask for it.
type purpose struct {
	id keysv1.Purpose
	// name is the purpose as records have it.
	name string
	// typ is the JOSE header's typ (RFC 8725 §3.11). It is made here and never
	// taken from the caller, so that no kind of JWT passes for another.
	typ     string
	callers []rpc.Name
	// algorithms are those that an issuer has keys for.
	algorithms func(*issuer.Issuer) []jose.Algorithm
}

// purposes are the rights (B8). What is missing here is refused.
var purposes = []purpose{
	{
		id:      keysv1.Purpose_PURPOSE_ACCESS_TOKEN,
		name:    "access_token",
		typ:     "at+jwt", // RFC 9068 §2.1
		callers: []rpc.Name{rpc.Token},
		algorithms: func(i *issuer.Issuer) []jose.Algorithm {
			if i.AccessTokenFormat == issuer.FormatOpaque {
				return nil
			}
			return []jose.Algorithm{i.AccessTokenAlgorithm}
		},
	},
	{
		id:      keysv1.Purpose_PURPOSE_ID_TOKEN,
		name:    "id_token",
		typ:     "JWT", // RFC 7519 §5.1
		callers: []rpc.Name{rpc.Token},
		algorithms: func(i *issuer.Issuer) []jose.Algorithm {
			return i.IDTokenAlgorithms
		},
	},
}

// permitted is the purpose, where the caller has the right to it.
func permitted(ctx context.Context, id keysv1.Purpose) (purpose, error) {
	caller, _ := rpc.Caller(ctx)
	for _, p := range purposes {
		if p.id == id && slices.Contains(p.callers, caller) {
			return p, nil
		}
	}
	return purpose{}, status.Errorf(codes.PermissionDenied, "%q may not sign for %s", caller, id)
}

// use is what one active key is for.
type use struct {
	issuer    string
	purpose   string
	algorithm jose.Algorithm
}

// usesOf are all keys that the issuers' configuration asks for.
func usesOf(set *issuer.Set) []use {
	var uses []use
	for _, i := range set.All() {
		for _, p := range purposes {
			for _, algorithm := range p.algorithms(i) {
				if u := (use{i.Name, p.name, algorithm}); !slices.Contains(uses, u) {
					uses = append(uses, u)
				}
			}
		}
	}
	return uses
}
