package keys

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/inproc"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	"github.com/strongroom-fapi/strongroom/platform/secret"
	keysv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/keys/v1"
)

const (
	accessToken   = keysv1.Purpose_PURPOSE_ACCESS_TOKEN
	idToken       = keysv1.Purpose_PURPOSE_ID_TOKEN
	jarm          = keysv1.Purpose_PURPOSE_JARM
	userinfo      = keysv1.Purpose_PURPOSE_USERINFO
	introspection = keysv1.Purpose_PURPOSE_INTROSPECTION
	requestObject = keysv1.Purpose_PURPOSE_REQUEST_OBJECT
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// issuerOf configures an issuer by its algorithms.
func issuerOf(name string, access jose.Algorithm, id ...jose.Algorithm) issuer.Issuer {
	return issuer.Issuer{
		Name:                 name,
		Identifier:           "https://as.example/" + name,
		MTLSBase:             "https://mtls.as.example/" + name,
		Profile:              "fapi2-security",
		InteractionURL:       "https://bank.example/login",
		Resource:             "https://api.bank.example/",
		Scopes:               []issuer.Scope{{Name: "accounts"}},
		AccessTokenAlgorithm: access,
		IDTokenAlgorithms:    id,
	}
}

func setOf(t testing.TB, issuers ...issuer.Issuer) *issuer.Set {
	t.Helper()
	set, err := issuer.NewSet(issuers...)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// quick is a set whose keys cost nothing to make.
func quick(t *testing.T) *issuer.Set {
	t.Helper()
	return setOf(t, issuerOf("bank", jose.ES256, jose.ES256), issuerOf("other", jose.ES256, jose.EdDSA))
}

// configWith has a key-encryption key of one letter, repeated.
func configWith(letter string) Config {
	return Config{KeyEncryptionKey: secret.New(base64.StdEncoding.EncodeToString([]byte(strings.Repeat(letter, 32))))}
}

func depsOf(db *sql.DB, set *issuer.Set) Deps { return depsAt(db, set, clock.NewManual(start)) }

func depsAt(db *sql.DB, set *issuer.Set, clk clock.Clock) Deps {
	return Deps{SQL: db, Clock: clk, Log: slog.New(slog.DiscardHandler), Issuers: set}
}

func newService(t testing.TB, db *sql.DB, set *issuer.Set) *Service {
	t.Helper()
	service, err := New(t.Context(), configWith("k"), depsOf(db, set))
	if err != nil {
		t.Fatal(err)
	}
	return service
}

// suite calls a service as the others do: through the interceptor.
type suite struct {
	set  *issuer.Set
	conn func(rpc.Name) grpc.ClientConnInterface
}

func suiteOf(service *Service, set *issuer.Set) suite {
	server := inproc.NewServer(rpc.ServerInterceptor(rpc.Keys, set, slog.New(slog.DiscardHandler)))
	service.Register(server)
	return suite{set, server.Conn}
}

// scope begins a call about an issuer.
func scope(t testing.TB, set *issuer.Set, name string) rpc.Scope {
	t.Helper()
	i, ok := set.ByName(name)
	if !ok {
		t.Fatalf("no issuer %s", name)
	}
	return rpc.NewScope(set, i, oauth.NewID(), "6ba7b810-9dad-11d1-80b4-00c04fd430c8")
}

func (s suite) sign(t *testing.T, caller rpc.Name, issuer string, p keysv1.Purpose, algorithm, payload string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	response, err := keysv1.NewKeysServiceClient(s.conn(caller)).Sign(ctx, &keysv1.SignRequest{
		Call: scope(t, s.set, issuer).Call(), Purpose: p, Algorithm: algorithm, Payload: []byte(payload),
	})
	return response.GetJws(), err
}

// signed is what the purpose's caller gets signed, parsed.
func (s suite) signed(t *testing.T, issuer string, p keysv1.Purpose, algorithm jose.Algorithm) *jose.Signed {
	t.Helper()
	caller := rpc.Token
	if p == jarm {
		caller = rpc.Authorize
	}
	compact, err := s.sign(t, caller, issuer, p, string(algorithm), `{"sub":"alice"}`)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := jose.Parse(compact)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// jwks is the JWK set as the gateway gets it.
func (s suite) jwks(t *testing.T, issuer string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	response, err := keysv1.NewKeysServiceClient(s.conn(rpc.Gateway)).PublicKeys(ctx, &keysv1.PublicKeysRequest{
		Call: scope(t, s.set, issuer).Call(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(response.GetJwks())
}

func (s suite) keySet(t *testing.T, issuer string) *jose.KeySet {
	t.Helper()
	set, err := jose.ParseKeySet([]byte(s.jwks(t, issuer)))
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// wantStatus checks the gRPC status, also of an error that a client's
// interceptor has made a refusal of.
func wantStatus(t *testing.T, err error, want codes.Code) {
	t.Helper()
	if refusal, ok := oauth.AsError(err); ok {
		err = errors.Unwrap(refusal)
	}
	if got := status.Code(err); got != want {
		t.Errorf("got %v (%v), want %v", got, err, want)
	}
}
