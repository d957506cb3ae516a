package clientreg_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"database/sql"
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/metadata"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/fapi/trust"
	"github.com/strongroom-fapi/strongroom/platform/audit"
	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/inproc"
	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	"github.com/strongroom-fapi/strongroom/platform/secret"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
	"github.com/strongroom-fapi/strongroom/platform/telemetry"
	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
	rpcv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/rpc/v1"
	"github.com/strongroom-fapi/strongroom/services/clientreg"
)

const (
	clientToken = "initial-access-token-of-clients"
	serverToken = "initial-access-token-of-resource-servers"
)

var (
	now     = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	ecKey   = must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	ecOther = must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	rsaKey  = must(rsa.GenerateKey(rand.Reader, 2048))
	edKey   = ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
)

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// world is stores, issuers and a clock that replicas of the service share.
type world struct {
	t     testing.TB
	clock *clock.Manual
	set   *issuer.Set
	// here and elsewhere are two issuers.
	here, elsewhere *issuer.Issuer
	db              *sql.DB
	redis           *redisconn.Client
	// told may be nil.
	told *telemetry.Telemetry
}

func newWorld(t testing.TB, db *sql.DB, redis *redisconn.Client) *world {
	t.Helper()
	one, other := newIssuer(storetest.Issuer()), newIssuer(storetest.Issuer())
	one.ClientCertificates.Authorities, other.ClientCertificates.Authorities = bankCA.file(t), foreignCA.file(t)
	one.ClientCertificates.Revocation, other.ClientCertificates.Revocation = trust.Off, trust.Off
	set := must(issuer.NewSet(one, other))
	w := &world{t: t, clock: clock.NewManual(now), set: set, db: db, redis: redis}
	w.here, _ = set.ByName(one.Name)
	w.elsewhere, _ = set.ByName(other.Name)
	return w
}

func newIssuer(name string) issuer.Issuer {
	return issuer.Issuer{
		Name: name, Identifier: "https://as.example/" + name, MTLSBase: "https://mtls.as.example/" + name,
		Profile: "fapi2-security", InteractionURL: "https://bank.example/login", Resource: "https://api.example",
		Scopes: []issuer.Scope{{Name: "openid"}, {Name: "accounts"}},
	}
}

// eachWorld runs a test on every pair of stores.
func eachWorld(t *testing.T, test func(t *testing.T, w *world)) {
	storetest.EachSQL(t, clientreg.Migrations, func(t *testing.T, db *sql.DB) {
		storetest.EachRedis(t, func(t *testing.T, redis *redisconn.Client) {
			test(t, newWorld(t, db, redis))
		})
	})
}

func embeddedRedis(t testing.TB) *redisconn.Client {
	t.Helper()
	return storetest.OpenRedis(t, storetest.Embedded(t))
}

// replica is one running service, called as in life: through its interceptors.
type replica struct {
	*world
	par, token, authorize, gateway clientregv1.ClientRegistryServiceClient
}

func (w *world) replica(changes ...func(*clientreg.Config)) *replica {
	w.t.Helper()
	return w.recording(nil, changes...)
}

// recording is a replica with a trail.
func (w *world) recording(trail *audit.Recorder, changes ...func(*clientreg.Config)) *replica {
	w.t.Helper()
	cfg := clientreg.Config{InitialAccessTokens: []clientreg.InitialAccessToken{
		{Token: secret.New(clientToken)}, {Token: secret.New(serverToken), ResourceServer: true},
	}}
	for _, change := range changes {
		change(&cfg)
	}
	service, err := clientreg.New(cfg, clientreg.Deps{
		SQL: w.db, Redis: w.redis, Issuers: w.set, Clock: w.clock, Log: slog.New(slog.DiscardHandler), Audit: trail,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	server := inproc.NewServer(rpc.ServerInterceptor(rpc.ClientReg, w.set, slog.New(slog.DiscardHandler)))
	service.Register(server)
	as := func(caller rpc.Name) clientregv1.ClientRegistryServiceClient {
		return clientregv1.NewClientRegistryServiceClient(server.Conn(caller))
	}
	return &replica{w, as(rpc.PAR), as(rpc.Token), as(rpc.Authorize), as(rpc.Gateway)}
}

func (w *world) context() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	w.t.Cleanup(cancel)
	return ctx
}

// call is the envelope of an attempt at an issuer.
func (w *world) call(i *issuer.Issuer, attempt string) *rpcv1.Call {
	return rpc.NewScope(w.set, i, attempt, "").Call()
}

// registered is a client and its registration.
type registered struct {
	metadata.Information
	raw string
}

// register registers a client of authorization_code whose keys are ecKey,
// rsaKey and edKey.
func (r *replica) register(changes ...func(map[string]any)) registered {
	r.t.Helper()
	client, err := r.tryRegister(clientToken, document(changes...))
	if err != nil {
		r.t.Fatal(err)
	}
	return client
}

func (r *replica) tryRegister(token, body string) (registered, error) {
	return r.registerBy(token, body, r.call(r.here, oauth.NewID()))
}

// tryRegisterIn is one in an interaction.
func (r *replica) tryRegisterIn(interaction, body string) (registered, error) {
	return r.registerBy(clientToken, body, rpc.NewScope(r.set, r.here, oauth.NewID(), interaction).Call())
}

func (r *replica) registerBy(token, body string, call *rpcv1.Call) (registered, error) {
	response, err := r.gateway.Register(r.context(), &clientregv1.RegisterRequest{Call: call, BearerToken: token, Metadata: []byte(body)})
	if err != nil {
		return registered{}, err
	}
	client := registered{raw: string(response.GetInformation())}
	return client, json.Unmarshal(response.GetInformation(), &client.Information)
}

// document is client metadata that is accepted, but for the changes.
func document(changes ...func(map[string]any)) string {
	members := map[string]any{"redirect_uris": []string{"https://client.example/cb"}, "jwks": keys()}
	for _, change := range changes {
		change(members)
	}
	return string(must(json.Marshal(members)))
}

func keys() json.RawMessage {
	set := jose.NewKeySet(
		must(jose.NewKey(ecKey.Public(), "ec")), must(jose.NewKey(rsaKey.Public(), "rsa")), must(jose.NewKey(edKey.Public(), "ed")))
	return must(set.MarshalJSON())
}

// authenticate presents an assertion in an attempt of its own.
func (r *replica) authenticate(assertion string) (*clientregv1.Client, error) {
	return r.attempt(oauth.NewID(), assertion)
}

func (r *replica) attempt(attempt, assertion string) (*clientregv1.Client, error) {
	response, err := r.par.Authenticate(r.context(), &clientregv1.AuthenticateRequest{
		Call: r.call(r.here, attempt), Credentials: bearing(assertion),
	})
	return response.GetClient(), err
}

func bearing(assertion string) *rpcv1.Credentials {
	return &rpcv1.Credentials{ClientAssertionType: oauth.AssertionTypeJWTBearer, ClientAssertion: assertion}
}

// wantRefusal fails unless err is a refusal of this code, rule and status.
func wantRefusal(t testing.TB, err error, code, rule string, status int) {
	t.Helper()
	refusal, ok := oauth.AsError(err)
	if !ok {
		t.Fatalf("error is %v, want %s", err, code)
	}
	if refusal.Code != code || refusal.Rule != rule || refusal.HTTPStatus() != status {
		t.Errorf("refused with %d %v, want %d %s (%s)", refusal.HTTPStatus(), refusal, status, code, rule)
	}
}
