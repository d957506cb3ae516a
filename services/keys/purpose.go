package keys

import (
	"context"
	"slices"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	keysv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/keys/v1"
)

// purpose is one line of the table of rights: what a key does, how what it signs
// is marked, and who may ask for it.
type purpose struct {
	id keysv1.Purpose
	// name is the purpose as records have it.
	name string
	// typ is the JOSE header's typ (RFC 8725 §3.11). It is made here and never
	// taken from the caller, so that no kind of JWT passes for another. A purpose
	// without one decrypts.
	typ     string
	callers []rpc.Name
	// setting is the issuer's member that algorithms reads.
	setting string
	// algorithms are those that an issuer has keys for.
	algorithms func(*issuer.Issuer) []jose.Algorithm
	// lives is how long anything lives that was made with a key.
	lives func(*issuer.Issuer) time.Duration
}

// decrypts tells a purpose of decryption from one of signing.
func (p *purpose) decrypts() bool { return p.typ == "" }

// answered bounds the life of what a client reads at once: JARM advises ten
// minutes at most (§2.1).
func answered(*issuer.Issuer) time.Duration { return 10 * time.Minute }

// purposes are the rights (B8). What is missing here is refused. OpenID Connect
// and JARM name no typ of their own, and libraries refuse one that they do not
// know: these three share JWT, and are told apart by their keys and claims.
var purposes = []purpose{
	{
		id:      keysv1.Purpose_PURPOSE_ACCESS_TOKEN,
		name:    "access_token",
		typ:     "at+jwt", // RFC 9068 §2.1
		callers: []rpc.Name{rpc.Token},
		setting: "access_token_alg",
		algorithms: func(i *issuer.Issuer) []jose.Algorithm {
			if i.AccessTokenFormat == issuer.FormatOpaque {
				return nil
			}
			return []jose.Algorithm{i.AccessTokenAlgorithm}
		},
		lives: func(i *issuer.Issuer) time.Duration { return i.Lifetimes.AccessToken },
	},
	{
		id:         keysv1.Purpose_PURPOSE_ID_TOKEN,
		name:       "id_token",
		typ:        "JWT", // RFC 7519 §5.1
		callers:    []rpc.Name{rpc.Token},
		setting:    "id_token_algs",
		algorithms: func(i *issuer.Issuer) []jose.Algorithm { return i.IDTokenAlgorithms },
		lives:      func(i *issuer.Issuer) time.Duration { return i.Lifetimes.IDToken },
	},
	{
		id:         keysv1.Purpose_PURPOSE_JARM,
		name:       "jarm",
		typ:        "JWT",
		callers:    []rpc.Name{rpc.Authorize},
		setting:    "jarm_algs",
		algorithms: func(i *issuer.Issuer) []jose.Algorithm { return i.JARMAlgorithms },
		lives:      answered,
	},
	{
		id:         keysv1.Purpose_PURPOSE_USERINFO,
		name:       "userinfo",
		typ:        "JWT",
		callers:    []rpc.Name{rpc.Token},
		setting:    "userinfo_algs",
		algorithms: func(i *issuer.Issuer) []jose.Algorithm { return i.UserinfoAlgorithms },
		lives:      answered,
	},
	{
		id:         keysv1.Purpose_PURPOSE_INTROSPECTION,
		name:       "introspection",
		typ:        "token-introspection+jwt", // RFC 9701 §5
		callers:    []rpc.Name{rpc.Token},
		setting:    "introspection_algs",
		algorithms: func(i *issuer.Issuer) []jose.Algorithm { return i.IntrospectionAlgorithms },
		lives:      answered,
	},
	{
		id:         keysv1.Purpose_PURPOSE_REQUEST_OBJECT,
		name:       "request_object",
		callers:    []rpc.Name{rpc.PAR},
		setting:    "request_object_encryption_algs",
		algorithms: func(i *issuer.Issuer) []jose.Algorithm { return i.RequestObjectEncryptionAlgorithms },
		lives:      func(*issuer.Issuer) time.Duration { return 0 },
	},
}

// permitted is the purpose, where the caller has the right to it and it is of the
// kind that the method is for.
func permitted(ctx context.Context, id keysv1.Purpose, decrypt bool) (*purpose, error) {
	caller, _ := rpc.Caller(ctx)
	for n := range purposes {
		p := &purposes[n]
		if p.id == id && p.decrypts() == decrypt && slices.Contains(p.callers, caller) {
			return p, nil
		}
	}
	verb := "sign for"
	if decrypt {
		verb = "decrypt for"
	}
	return nil, status.Errorf(codes.PermissionDenied, "%q may not %s %s: the rights are the table in services/keys/purpose.go", caller, verb, id)
}

// purposeNamed finds a purpose by the name that records have.
func purposeNamed(name string) *purpose {
	for n := range purposes {
		if purposes[n].name == name {
			return &purposes[n]
		}
	}
	return nil
}

// use is what the keys of one succession are for.
type use struct {
	issuer    string
	purpose   string
	algorithm jose.Algorithm
}

// usesOf are all successions that the issuers' configuration asks for.
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
