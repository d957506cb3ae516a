package authorize_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"log/slog"
	"maps"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/audit"
	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/inproc"
	"github.com/strongroom-fapi/strongroom/platform/network"
	"github.com/strongroom-fapi/strongroom/platform/networktest"
	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
	authorizev1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/authorize/v1"
	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
	interactionv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/interaction/v1"
	keysv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/keys/v1"
	parv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/par/v1"
	rpcv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/rpc/v1"
	"github.com/strongroom-fapi/strongroom/services/authorize"
)

const (
	redirectURI = "https://good.example/cb?own=1"
	verifier    = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk" // RFC 7636 appendix B
	challenge   = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// registry stands for clientreg at the wire.
type registry struct {
	clientregv1.UnimplementedClientRegistryServiceServer
	mu      sync.Mutex
	clients map[string]*clientregv1.Client
}

func (r *registry) GetClient(_ context.Context, req *clientregv1.GetClientRequest) (*clientregv1.GetClientResponse, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	client, ok := r.clients[req.GetClientId()]
	if !ok {
		return nil, oauth.InvalidClient("no such client")
	}
	return &clientregv1.GetClientResponse{Client: client}, nil
}

// requests stands for par at the wire: every request_uri is known until it is
// consumed, and burns for one attempt.
type requests struct {
	parv1.UnimplementedPushedAuthorizationServiceServer
	mu     sync.Mutex
	pushed map[string]map[string]string // by issuer and request_uri
	burnt  map[string]string            // the attempt, by issuer and request_uri
	down   bool
}

func (r *requests) Resolve(_ context.Context, req *parv1.ResolveRequest) (*parv1.ResolveResponse, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := req.GetCall().GetIssuer() + req.GetRequestUri()
	params, ok := r.pushed[key]
	if !ok || r.burnt[key] != "" || params["client_id"] != req.GetClientId() {
		return nil, oauth.New(oauth.CodeInvalidRequestURI, "unknown").By("PAR-5")
	}
	return &parv1.ResolveResponse{Params: params}, nil
}

func (r *requests) Consume(_ context.Context, req *parv1.ConsumeRequest) (*parv1.ConsumeResponse, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := req.GetCall().GetIssuer() + req.GetRequestUri()
	switch {
	case r.down:
		return nil, oauth.Unavailable(1)
	case r.burnt[key] != "" && r.burnt[key] != req.GetCall().GetAttemptId():
		return nil, oauth.New(oauth.CodeInvalidRequestURI, "used").By("PAR-5")
	}
	r.burnt[key] = req.GetCall().GetAttemptId()
	return &parv1.ConsumeResponse{}, nil
}

func (r *requests) setDown(down bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.down = down
}

// published stands for keys at the wire.
type published struct {
	keysv1.UnimplementedKeysServiceServer
	jwks []byte
}

func (p *published) PublicKeys(context.Context, *keysv1.PublicKeysRequest) (*keysv1.PublicKeysResponse, error) {
	return &keysv1.PublicKeysResponse{Jwks: p.jwks}, nil
}

// suite is authorize as browsers, clients and the bank's app use it.
type suite struct {
	set         *issuer.Set
	bank, other string
	clock       *clock.Manual
	server      *inproc.Server
	registry    *registry
	requests    *requests
	signer      crypto.Signer
	ca          *networktest.CA
	address     string // of the interaction API
	trail       *audit.Recorder
	app         interactionv1.InteractionServiceClient
}

// each runs a test against embedded stores, and real ones where there are some.
func each(t *testing.T, test func(*testing.T, *suite)) {
	storetest.Each(t, authorize.Migrations, func(t *testing.T, client *redisconn.Client, db *sql.DB) {
		test(t, newSuite(t, client, db))
	})
}

func newSuite(t *testing.T, client *redisconn.Client, db *sql.DB, options ...func(*authorize.Deps)) *suite {
	t.Helper()
	s := &suite{
		bank: storetest.Issuer(), other: storetest.Issuer(), clock: clock.NewManual(start), ca: networktest.NewCA(t), signer: newKey(t),
		registry: &registry{clients: map[string]*clientregv1.Client{
			"client-1": {ClientId: "client-1", ClientName: `Ann's <b>app</b>`, RedirectUris: []string{redirectURI}, GrantTypes: []string{"authorization_code"}},
			"client-2": {ClientId: "client-2", ClientName: "Bob's", RedirectUris: []string{redirectURI}, GrantTypes: []string{"authorization_code", "refresh_token"}},
		}},
		requests: &requests{pushed: map[string]map[string]string{}, burnt: map[string]string{}},
	}
	set, err := issuer.NewSet(issuerOf(s.bank), issuerOf(s.other))
	if err != nil {
		t.Fatal(err)
	}
	s.set = set
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.address = listener.Addr().String()
	log := slog.New(slog.DiscardHandler)
	s.trail, err = audit.Open(audit.Config{Folder: t.TempDir()}, string(rpc.Authorize), s.clock, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.trail.Close() })
	deps := authorize.Deps{
		Keys: s.serve(rpc.Keys, func(r grpc.ServiceRegistrar) {
			keysv1.RegisterKeysServiceServer(r, &published{jwks: jwksOf(t, s.signer)})
		}),
		Clients:  s.serve(rpc.ClientReg, func(r grpc.ServiceRegistrar) { clientregv1.RegisterClientRegistryServiceServer(r, s.registry) }),
		Requests: s.serve(rpc.PAR, func(r grpc.ServiceRegistrar) { parv1.RegisterPushedAuthorizationServiceServer(r, s.requests) }),
		Redis:    client, SQL: db, Issuers: set, Clock: s.clock, Log: log, Audit: s.trail, Interactions: []net.Listener{listener},
	}
	for _, option := range options {
		option(&deps)
	}
	service := authorize.New(s.config(t), deps)
	s.server = inproc.NewServer(rpc.ServerInterceptor(rpc.Authorize, set, log, s.trail))
	service.Register(s.server)
	run(t, service)
	s.app = interactionv1.NewInteractionServiceClient(s.dial(t, s.ca.Identity(t, "app.bank.example")))
	return s
}

func (s *suite) config(t *testing.T) authorize.Config {
	return authorize.Config{Interaction: authorize.Interaction{
		TLS: s.ca.Identity(t, "authorize"),
		Callers: []authorize.InteractionCaller{
			{DNSName: "app.bank.example", Issuers: []string{s.bank}},
			{DNSName: "second.bank.example", Issuers: []string{s.bank}},
			{DNSName: "app.other.example", Issuers: []string{s.other}},
		},
	}}
}

// serve is a connection of authorize's to another service.
func (s *suite) serve(name rpc.Name, register func(grpc.ServiceRegistrar)) grpc.ClientConnInterface {
	server := inproc.NewServer(rpc.ServerInterceptor(name, s.set, slog.New(slog.DiscardHandler)))
	register(server)
	return server.Conn(rpc.Authorize)
}

func run(t *testing.T, service *authorize.Service) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- service.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// dial connects to the interaction API.
func (s *suite) dial(t *testing.T, identity network.Identity) *grpc.ClientConn {
	t.Helper()
	conn, err := network.DialAPI(identity, s.address, rpc.Authorize, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func issuerOf(name string) issuer.Issuer {
	return issuer.Issuer{
		Name:           name,
		Identifier:     "https://as.example/" + name,
		MTLSBase:       "https://mtls.as.example/" + name,
		Profile:        "fapi2-security",
		InteractionURL: "https://bank.example/login",
		Resource:       "https://api.bank.example/",
		Scopes:         []issuer.Scope{{Name: "openid", Description: "Know who you are"}, {Name: "accounts", Description: "See your accounts"}},
	}
}

func newKey(t *testing.T) crypto.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func jwksOf(t *testing.T, key crypto.Signer) []byte {
	t.Helper()
	public, err := jose.NewKey(key.Public(), "kid-1")
	if err != nil {
		t.Fatal(err)
	}
	set, err := json.Marshal(jose.NewKeySet(public))
	if err != nil {
		t.Fatal(err)
	}
	return set
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

func bounded(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func (s *suite) client(caller rpc.Name) authorizev1.AuthorizationServiceClient {
	return authorizev1.NewAuthorizationServiceClient(s.server.Conn(caller))
}

// push puts a sound request of client-1 with some parameters set otherwise.
func (s *suite) push(change map[string]string) (requestURI string) {
	params := map[string]string{
		"response_type": "code", "client_id": "client-1", "redirect_uri": redirectURI, "scope": "openid accounts", "state": `s"\ ~`, "nonce": "n-1",
		"code_challenge": challenge, "code_challenge_method": "S256",
	}
	maps.Copy(params, change)
	requestURI = oauth.RequestURIPrefix + oauth.NewSecret()
	s.requests.mu.Lock()
	defer s.requests.mu.Unlock()
	s.requests.pushed[s.bank+requestURI] = params
	return requestURI
}

// browser is one browser in the middle of a flow.
type browser struct {
	*suite
	ticket  string
	cookies map[string]string
}

func (s *suite) beginWith(t *testing.T, name string, params map[string]string) (*authorizev1.BrowserReply, error) {
	t.Helper()
	return s.client(rpc.Gateway).Begin(bounded(t), &authorizev1.BeginRequest{Call: s.call(t, name, oauth.NewID()), Params: params})
}

// begin opens a request_uri of client-1 in a fresh browser.
func (s *suite) begin(t *testing.T, requestURI string) browser {
	t.Helper()
	reply, err := s.beginWith(t, s.bank, map[string]string{"client_id": "client-1", "request_uri": requestURI})
	if err != nil {
		t.Fatal(err)
	}
	cookie := reply.GetSetCookies()[0]
	return browser{s, query(t, reply.GetLocation()).Get("ticket"), map[string]string{cookie.GetName(): cookie.GetValue()}}
}

func query(t *testing.T, location string) url.Values {
	t.Helper()
	address, err := url.Parse(location)
	if err != nil {
		t.Fatal(err)
	}
	return address.Query()
}

func approval() *interactionv1.Approval {
	return &interactionv1.Approval{Subject: "alice", AuthTime: start.Unix(), Acr: "sca", Amr: []string{"pwd", "otp"}, Scopes: []string{"openid", "accounts"}}
}

func (b browser) answer(t *testing.T, given any) (handle string, err error) {
	t.Helper()
	request := &interactionv1.AnswerInteractionRequest{Issuer: b.bank, Ticket: b.ticket}
	switch given := given.(type) {
	case *interactionv1.Approval:
		request.Answer = &interactionv1.AnswerInteractionRequest_Approval{Approval: given}
	case interactionv1.Refusal_Reason:
		request.Answer = &interactionv1.AnswerInteractionRequest_Refusal{Refusal: &interactionv1.Refusal{Reason: given}}
	}
	response, err := b.app.AnswerInteraction(bounded(t), request)
	if err != nil {
		return "", err
	}
	return query(t, response.GetRedirectTo()).Get("handle"), nil
}

// approve answers that alice gives all that was asked for.
func (b browser) approve(t *testing.T) (handle string) {
	t.Helper()
	handle, err := b.answer(t, approval())
	if err != nil {
		t.Fatal(err)
	}
	return handle
}

func (b browser) complete(t *testing.T, attempt, handle string) (*authorizev1.BrowserReply, error) {
	t.Helper()
	return b.client(rpc.Gateway).Complete(bounded(t), &authorizev1.CompleteRequest{Call: b.call(t, b.bank, attempt), Handle: handle, Cookies: b.cookies})
}

// code walks a whole flow of client-1 and answers the code.
func (s *suite) code(t *testing.T, change map[string]string) string {
	t.Helper()
	b := s.begin(t, s.push(change))
	reply, err := b.complete(t, oauth.NewID(), b.approve(t))
	if err != nil {
		t.Fatal(err)
	}
	return query(t, reply.GetLocation()).Get("code")
}

// redeem spends a code as client-1 rightly does, with some members set
// otherwise.
func (s *suite) redeem(t *testing.T, attempt, code string, change func(*authorizev1.RedeemRequest)) (*authorizev1.RedeemResponse, error) {
	t.Helper()
	request := &authorizev1.RedeemRequest{Call: s.call(t, s.bank, attempt), Code: code, ClientId: "client-1", RedirectUri: redirectURI, CodeVerifier: verifier}
	if change != nil {
		change(request)
	}
	return s.client(rpc.Token).Redeem(bounded(t), request)
}

func wantRefused(t *testing.T, err error, code, rule string) {
	t.Helper()
	refusal, ok := oauth.AsError(err)
	if !ok {
		t.Fatalf("not refused: %v", err)
	}
	if refusal.Code != code || (rule != "" && refusal.Rule != rule) {
		t.Errorf("refused by %v, want %s by %s", refusal, code, rule)
	}
}

func wantStatus(t *testing.T, err error, want codes.Code) {
	t.Helper()
	if got := status.Code(err); got != want {
		t.Errorf("the status is %v, want %v: %v", got, want, err)
	}
}
