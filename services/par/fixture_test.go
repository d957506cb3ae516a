package par_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"log/slog"
	"maps"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/inproc"
	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
	keysv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/keys/v1"
	parv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/par/v1"
	rpcv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/rpc/v1"
	"github.com/strongroom-fapi/strongroom/services/par"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// registry stands for clientreg at the wire: it knows client-1 and client-2,
// which prove themselves by the assertion "proof".
type registry struct {
	clientregv1.UnimplementedClientRegistryServiceServer
}

func (registry) Authenticate(_ context.Context, req *clientregv1.AuthenticateRequest) (*clientregv1.AuthenticateResponse, error) {
	id := req.GetCredentials().GetClientId()
	if (id != "client-1" && id != "client-2") || req.GetCredentials().GetClientAssertion() != "proof" {
		return nil, oauth.InvalidClient("client authentication failed").By("CA-1")
	}
	return &clientregv1.AuthenticateResponse{Client: &clientregv1.Client{
		ClientId:     id,
		RedirectUris: []string{"https://good.example/cb"},
		GrantTypes:   []string{oauth.GrantAuthorizationCode},
		Scopes:       []string{"openid", "accounts"},
	}}, nil
}

// nonceKeys stands for keys at the wire.
type nonceKeys struct {
	keysv1.UnimplementedKeysServiceServer
}

func (nonceKeys) NonceKey(_ context.Context, req *keysv1.NonceKeyRequest) (*keysv1.NonceKeyResponse, error) {
	return &keysv1.NonceKeyResponse{Key: []byte("nonce key of " + req.GetCall().GetIssuer())}, nil
}

// suite is par as the others call it, with two issuers; the second demands DPoP
// nonces.
type suite struct {
	set         *issuer.Set
	bank, other string
	clock       *clock.Manual
	server      *inproc.Server
}

func each(t *testing.T, cfg par.Config, test func(*testing.T, *suite)) {
	storetest.EachRedis(t, func(t *testing.T, client *redisconn.Client) { test(t, newSuite(t, cfg, client)) })
}

func newSuite(t *testing.T, cfg par.Config, client *redisconn.Client) *suite {
	t.Helper()
	s := &suite{bank: storetest.Issuer(), other: storetest.Issuer(), clock: clock.NewManual(start)}
	nonces := issuerOf(s.other)
	nonces.DPoPNonces = true
	set, err := issuer.NewSet(issuerOf(s.bank), nonces)
	if err != nil {
		t.Fatal(err)
	}
	s.set = set
	log := slog.New(slog.DiscardHandler)
	clients := inproc.NewServer(rpc.ServerInterceptor(rpc.ClientReg, set, log))
	clientregv1.RegisterClientRegistryServiceServer(clients, registry{})
	keys := inproc.NewServer(rpc.ServerInterceptor(rpc.Keys, set, log))
	keysv1.RegisterKeysServiceServer(keys, nonceKeys{})
	s.server = inproc.NewServer(rpc.ServerInterceptor(rpc.PAR, set, log))
	par.New(cfg, par.Deps{
		Keys: keys.Conn(rpc.PAR), Clients: clients.Conn(rpc.PAR), Redis: client, Clock: s.clock,
	}).Register(s.server)
	return s
}

func issuerOf(name string) issuer.Issuer {
	return issuer.Issuer{
		Name:           name,
		Identifier:     "https://as.example/" + name,
		MTLSBase:       "https://mtls.as.example/" + name,
		Profile:        "fapi2-security",
		InteractionURL: "https://bank.example/login",
		Resource:       "https://api.bank.example/",
		Scopes:         []issuer.Scope{{Name: "openid"}, {Name: "accounts"}},
	}
}

// call begins an HTTP request at the edge.
func (s *suite) call(t *testing.T, name, attempt string) *rpcv1.Call {
	t.Helper()
	i, ok := s.set.ByName(name)
	if !ok {
		t.Fatalf("no issuer %s", name)
	}
	return rpc.NewScope(s.set, i, attempt, "6ba7b810-9dad-11d1-80b4-00c04fd430c8").Call()
}

func params(change map[string]string) map[string]string {
	of := map[string]string{
		"response_type": "code", "client_id": "client-1", "redirect_uri": "https://good.example/cb", "scope": "openid accounts",
		"code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method": "S256",
	}
	maps.Copy(of, change)
	return of
}

// form is a sound push of a client.
func (s *suite) form(client, name string) *rpcv1.Form {
	return &rpcv1.Form{
		Credentials: &rpcv1.Credentials{ClientId: client, ClientAssertion: "proof"},
		Params:      params(nil),
		Url:         "https://as.example/" + name + "/par",
	}
}

func (s *suite) pushForm(t *testing.T, name, attempt string, form *rpcv1.Form) (*parv1.PushResponse, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	return parv1.NewPushedAuthorizationServiceClient(s.server.Conn(rpc.Gateway)).Push(ctx, &parv1.PushRequest{Call: s.call(t, name, attempt), Form: form})
}

// push is a sound push of client-1, and its request_uri.
func (s *suite) push(t *testing.T) string {
	t.Helper()
	response, err := s.pushForm(t, s.bank, oauth.NewID(), s.form("client-1", s.bank))
	if err != nil {
		t.Fatal(err)
	}
	return response.GetRequestUri()
}

func (s *suite) resolve(t *testing.T, name, client, requestURI string) (map[string]string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	response, err := parv1.NewPushedAuthorizationServiceClient(s.server.Conn(rpc.Authorize)).Resolve(ctx, &parv1.ResolveRequest{
		Call: s.call(t, name, oauth.NewID()), ClientId: client, RequestUri: requestURI,
	})
	return response.GetParams(), err
}

func (s *suite) consume(t *testing.T, name, attempt, requestURI string) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	_, err := parv1.NewPushedAuthorizationServiceClient(s.server.Conn(rpc.Authorize)).Consume(ctx, &parv1.ConsumeRequest{
		Call: s.call(t, name, attempt), RequestUri: requestURI,
	})
	return err
}

// wantRefused checks the error code, and the rule where one is given.
func wantRefused(t *testing.T, err error, code, rule string) *oauth.Error {
	t.Helper()
	refusal, ok := oauth.AsError(err)
	if !ok {
		t.Fatalf("not refused: %v", err)
	}
	if refusal.Code != code || (rule != "" && refusal.Rule != rule) {
		t.Errorf("refused by %v, want %s by %s", refusal, code, rule)
	}
	return refusal
}

func newKey(t *testing.T) crypto.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func thumbprint(t *testing.T, key crypto.Signer) string {
	t.Helper()
	public, err := jose.NewKey(key.Public(), "")
	if err != nil {
		t.Fatal(err)
	}
	return public.Thumbprint()
}

// proof is a DPoP proof for the PAR endpoint of an issuer.
func (s *suite) proof(t *testing.T, key crypto.Signer, name, nonce string) string {
	t.Helper()
	payload, err := json.Marshal(map[string]any{
		"jti": oauth.NewID(), "htm": "POST", "htu": "https://as.example/" + name + "/par", "iat": s.clock.Now().Unix(), "nonce": nonce,
	})
	if err != nil {
		t.Fatal(err)
	}
	compact, err := jose.SignProof(jose.ES256, "dpop+jwt", payload, key)
	if err != nil {
		t.Fatal(err)
	}
	return compact
}
