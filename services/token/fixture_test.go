package token_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/inproc"
	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
	authorizev1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/authorize/v1"
	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
	keysv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/keys/v1"
	rpcv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/rpc/v1"
	tokenv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/token/v1"
	"github.com/strongroom-fapi/strongroom/services/token"
)

const resource = "https://api.bank.example/"

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// certificate is the DER of a client's certificate: its bytes are all that
// counts here.
var certificate = []byte("the certificate of client-1")

// registry stands for clientreg at the wire: a client proves itself by the
// assertion "proof".
type registry struct {
	clientregv1.UnimplementedClientRegistryServiceServer
	mu      sync.Mutex
	clients map[string]*clientregv1.Client
	down    bool
}

func (r *registry) find(id string, refusal *oauth.Error) (*clientregv1.Client, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.down {
		return nil, oauth.Unavailable(1)
	}
	client, ok := r.clients[id]
	if !ok {
		return nil, refusal
	}
	return client, nil
}

func (r *registry) Authenticate(_ context.Context, req *clientregv1.AuthenticateRequest) (*clientregv1.AuthenticateResponse, error) {
	refusal := oauth.InvalidClient("client authentication failed").By("CA-1")
	if req.GetCredentials().GetClientAssertion() != "proof" {
		return nil, refusal
	}
	client, err := r.find(req.GetCredentials().GetClientId(), refusal)
	return &clientregv1.AuthenticateResponse{Client: client}, err
}

func (r *registry) GetClient(_ context.Context, req *clientregv1.GetClientRequest) (*clientregv1.GetClientResponse, error) {
	client, err := r.find(req.GetClientId(), oauth.InvalidClient("no such client"))
	return &clientregv1.GetClientResponse{Client: client}, err
}

func (r *registry) remove(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.clients, id)
}

func (r *registry) setDown(down bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.down = down
}

// grants stands for authorize at the wire: codes that are spent by one attempt,
// and grants that live until they are withdrawn.
type grants struct {
	authorizev1.UnimplementedAuthorizationServiceServer
	mu        sync.Mutex
	codes     map[string]*authorizev1.Authorization
	spent     map[string]string
	withdrawn map[string]bool
	redeemed  []*authorizev1.RedeemRequest
}

func (g *grants) Redeem(_ context.Context, req *authorizev1.RedeemRequest) (*authorizev1.RedeemResponse, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.redeemed = append(g.redeemed, req)
	authorization, ok := g.codes[req.GetCode()]
	if !ok || authorization.GetClientId() != req.GetClientId() {
		return nil, oauth.InvalidGrant("code is unknown").By("TOK-2")
	}
	attempt := req.GetCall().GetAttemptId()
	if by := g.spent[req.GetCode()]; by != "" && by != attempt {
		return &authorizev1.RedeemResponse{Authorization: &authorizev1.Authorization{AuthorizationId: authorization.GetAuthorizationId()}, Replayed: true}, nil
	}
	g.spent[req.GetCode()] = attempt
	return &authorizev1.RedeemResponse{Authorization: authorization}, nil
}

func (g *grants) GetGrant(_ context.Context, req *authorizev1.GetGrantRequest) (*authorizev1.GetGrantResponse, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.withdrawn[req.GetGrantId()] {
		return nil, oauth.InvalidGrant("the grant has ended").By("TOK-2")
	}
	return &authorizev1.GetGrantResponse{Grant: &authorizev1.Grant{GrantId: req.GetGrantId()}}, nil
}

func (g *grants) withdraw(id string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.withdrawn[id] = true
}

// forget is what a Redis does that lost its data.
func (g *grants) forget() {
	g.mu.Lock()
	defer g.mu.Unlock()
	clear(g.spent)
}

// asked is what Redeem was asked last.
func (g *grants) asked() *authorizev1.RedeemRequest {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.redeemed[len(g.redeemed)-1]
}

// signer stands for keys at the wire: one key for each algorithm.
type signer struct {
	keysv1.UnimplementedKeysServiceServer
	keys map[jose.Algorithm]crypto.Signer
	jwks []byte
}

func newSigner(t *testing.T) *signer {
	t.Helper()
	es256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s := &signer{keys: map[jose.Algorithm]crypto.Signer{jose.ES256: es256, jose.EdDSA: ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))}}
	var public []*jose.Key
	for algorithm, key := range s.keys {
		of, err := jose.NewKey(key.Public(), "kid-"+string(algorithm))
		if err != nil {
			t.Fatal(err)
		}
		public = append(public, of)
	}
	if s.jwks, err = json.Marshal(jose.NewKeySet(public...)); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *signer) Sign(_ context.Context, req *keysv1.SignRequest) (*keysv1.SignResponse, error) {
	typ := map[keysv1.Purpose]string{keysv1.Purpose_PURPOSE_ACCESS_TOKEN: "at+jwt", keysv1.Purpose_PURPOSE_ID_TOKEN: "JWT"}[req.GetPurpose()]
	jws, err := jose.Sign(jose.Algorithm(req.GetAlgorithm()), "kid-"+req.GetAlgorithm(), typ, req.GetPayload(), s.keys[jose.Algorithm(req.GetAlgorithm())])
	return &keysv1.SignResponse{Jws: jws}, err
}

func (s *signer) PublicKeys(context.Context, *keysv1.PublicKeysRequest) (*keysv1.PublicKeysResponse, error) {
	return &keysv1.PublicKeysResponse{Jwks: s.jwks}, nil
}

func (s *signer) NonceKey(context.Context, *keysv1.NonceKeyRequest) (*keysv1.NonceKeyResponse, error) {
	return &keysv1.NonceKeyResponse{Key: []byte("nonce key")}, nil
}

// suite is token as the gateway calls it, with two issuers; the second makes
// opaque tokens and demands DPoP nonces.
type suite struct {
	set         *issuer.Set
	bank, other string
	clock       *clock.Manual
	registry    *registry
	grants      *grants
	signer      *signer
	client      tokenv1.TokenServiceClient
}

func each(t *testing.T, test func(*testing.T, *suite)) {
	storetest.Each(t, token.Migrations, func(t *testing.T, client *redisconn.Client, db *sql.DB) {
		test(t, newSuite(t, token.Config{}, client, db))
	})
}

func newSuite(t *testing.T, cfg token.Config, client *redisconn.Client, db *sql.DB, changes ...func(bank *issuer.Issuer)) *suite {
	t.Helper()
	s := &suite{
		bank: storetest.Issuer(), other: storetest.Issuer(), clock: clock.NewManual(start), signer: newSigner(t),
		registry: &registry{clients: map[string]*clientregv1.Client{
			"client-1": clientOf("client-1", nil),
			"client-2": clientOf("client-2", nil),
			"client-3": clientOf("client-3", func(c *clientregv1.Client) { c.GrantTypes = []string{oauth.GrantAuthorizationCode} }),
			"client-4": clientOf("client-4", func(c *clientregv1.Client) { c.IdTokenSignedResponseAlg = "EdDSA" }),
			"rs-1":     clientOf("rs-1", func(c *clientregv1.Client) { c.Resource = resource }),
			"rs-2":     clientOf("rs-2", func(c *clientregv1.Client) { c.Resource = "https://other.example/" }),
		}},
		grants: &grants{codes: map[string]*authorizev1.Authorization{}, spent: map[string]string{}, withdrawn: map[string]bool{}},
	}
	other := issuerOf(s.other)
	other.AccessTokenFormat, other.DPoPNonces = issuer.FormatOpaque, true
	bank := issuerOf(s.bank)
	for _, change := range changes {
		change(&bank)
	}
	set, err := issuer.NewSet(bank, other)
	if err != nil {
		t.Fatal(err)
	}
	s.set = set
	log := slog.New(slog.DiscardHandler)
	service := token.New(cfg, token.Deps{
		Keys:      s.serve(rpc.Keys, func(r grpc.ServiceRegistrar) { keysv1.RegisterKeysServiceServer(r, s.signer) }),
		Clients:   s.serve(rpc.ClientReg, func(r grpc.ServiceRegistrar) { clientregv1.RegisterClientRegistryServiceServer(r, s.registry) }),
		Authorize: s.serve(rpc.Authorize, func(r grpc.ServiceRegistrar) { authorizev1.RegisterAuthorizationServiceServer(r, s.grants) }),
		Redis:     client, SQL: db, Clock: s.clock, Log: log,
	})
	server := inproc.NewServer(rpc.ServerInterceptor(rpc.Token, set, log))
	service.Register(server)
	s.client = tokenv1.NewTokenServiceClient(server.Conn(rpc.Gateway))
	return s
}

// serve is a connection of token's to another service.
func (s *suite) serve(name rpc.Name, register func(grpc.ServiceRegistrar)) grpc.ClientConnInterface {
	server := inproc.NewServer(rpc.ServerInterceptor(name, s.set, slog.New(slog.DiscardHandler)))
	register(server)
	return server.Conn(rpc.Token)
}

func issuerOf(name string) issuer.Issuer {
	return issuer.Issuer{
		Name:              name,
		Identifier:        "https://as.example/" + name,
		MTLSBase:          "https://mtls.as.example/" + name,
		Profile:           "fapi2-security",
		InteractionURL:    "https://bank.example/login",
		Resource:          resource,
		Scopes:            []issuer.Scope{{Name: "openid"}, {Name: "accounts"}, {Name: "payments"}},
		IDTokenAlgorithms: []jose.Algorithm{jose.ES256, jose.EdDSA},
	}
}

func clientOf(id string, change func(*clientregv1.Client)) *clientregv1.Client {
	client := &clientregv1.Client{
		ClientId:                 id,
		GrantTypes:               []string{oauth.GrantAuthorizationCode, oauth.GrantRefreshToken, oauth.GrantClientCredentials},
		Scopes:                   []string{"openid", "accounts"},
		IdTokenSignedResponseAlg: "ES256",
	}
	if change != nil {
		change(client)
	}
	return client
}

func bounded(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
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

// code is an authorization code for which alice gave a client some scopes.
func (s *suite) code(client string, scopes ...string) string {
	s.grants.mu.Lock()
	defer s.grants.mu.Unlock()
	code := oauth.NewSecret()
	s.grants.codes[code] = &authorizev1.Authorization{
		AuthorizationId: oauth.NewID(), GrantId: "grant of " + code, ClientId: client, Subject: "alice", Scopes: scopes,
		Nonce: "n-1", AuthTime: start.Add(-time.Minute).Unix(), Acr: "sca", Amr: []string{"pwd", "otp"},
	}
	return code
}

// form is a request of a client's at an endpoint, with its certificate.
func (s *suite) form(client, endpoint string, params map[string]string) *rpcv1.Form {
	return &rpcv1.Form{
		Credentials: &rpcv1.Credentials{ClientId: client, ClientAssertion: "proof", Certificates: [][]byte{certificate}},
		Params:      params,
		Url:         endpoint,
	}
}

func (s *suite) exchangeForm(t *testing.T, name, attempt string, form *rpcv1.Form) (*tokenv1.ExchangeResponse, error) {
	t.Helper()
	return s.client.Exchange(bounded(t), &tokenv1.ExchangeRequest{Call: s.call(t, name, attempt), Form: form})
}

func (s *suite) exchange(t *testing.T, client string, params map[string]string) (*tokenv1.ExchangeResponse, error) {
	t.Helper()
	return s.exchangeForm(t, s.bank, oauth.NewID(), s.form(client, "https://as.example/"+s.bank+"/token", params))
}

func codeParams(code string) map[string]string {
	return map[string]string{"grant_type": "authorization_code", "code": code, "redirect_uri": "https://good.example/cb", "code_verifier": "v"}
}

// tokens is what a client gets for a fresh code.
func (s *suite) tokens(t *testing.T, client string, scopes ...string) *tokenv1.ExchangeResponse {
	t.Helper()
	response, err := s.exchange(t, client, codeParams(s.code(client, scopes...)))
	if err != nil {
		t.Fatal(err)
	}
	return response
}

func (s *suite) introspect(t *testing.T, name, caller, text string) (string, error) {
	t.Helper()
	response, err := s.client.Introspect(bounded(t), &tokenv1.IntrospectRequest{
		Call: s.call(t, name, oauth.NewID()), Form: s.form(caller, "", map[string]string{"token": text}),
	})
	return string(response.GetIntrospection()), err
}

// active tells whether the resource server is told that a token stands.
func (s *suite) active(t *testing.T, text string) bool {
	t.Helper()
	answer, err := s.introspect(t, s.bank, "rs-1", text)
	if err != nil {
		t.Fatal(err)
	}
	var object struct {
		Active bool `json:"active"`
	}
	if err := json.Unmarshal([]byte(answer), &object); err != nil {
		t.Fatal(err)
	}
	return object.Active
}

// claims verifies a JWT and answers its payload; numbers are float64.
func (s *suite) claims(t *testing.T, compact, typ string, algorithm jose.Algorithm) map[string]any {
	t.Helper()
	signed, err := jose.Parse(compact)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := jose.ParseKeySet(s.signer.jwks)
	if err != nil {
		t.Fatal(err)
	}
	if err := signed.Verify(keys, algorithm); err != nil || signed.Header.Type != typ {
		t.Errorf("typ %s, %v", signed.Header.Type, err)
	}
	var claims map[string]any
	if err := json.Unmarshal(signed.Payload(), &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

func names(claims map[string]any) []string { return slices.Sorted(maps.Keys(claims)) }

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
