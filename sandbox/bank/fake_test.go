package bank

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/proto"

	"github.com/strongroom-fapi/strongroom/platform/clock"
	interactionv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/interaction/v1"
)

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// suite stands for the authorization server at its edge: it keeps interactions in
// memory and takes one answer for each, which may come again.
type suite struct {
	interactionv1.UnimplementedInteractionServiceServer
	clock *clock.Manual

	mu           sync.Mutex
	interactions map[string]*interactionv1.Interaction
	answers      map[string]*interactionv1.AnswerInteractionRequest
	fault        error
}

func (s *suite) find(issuer, ticket string) (*interactionv1.Interaction, error) {
	if s.fault != nil {
		return nil, s.fault
	}
	kept, ok := s.interactions[ticket]
	if !ok || issuer != "fapi2" || s.clock.Now().Unix() >= kept.GetExpiresAt() {
		return nil, status.Error(codes.NotFound, "unknown")
	}
	return kept, nil
}

func (s *suite) GetInteraction(_ context.Context, r *interactionv1.GetInteractionRequest) (*interactionv1.Interaction, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.find(r.GetIssuer(), r.GetTicket())
}

func (s *suite) AnswerInteraction(_ context.Context, r *interactionv1.AnswerInteractionRequest) (*interactionv1.AnswerInteractionResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.find(r.GetIssuer(), r.GetTicket()); err != nil {
		return nil, err
	}
	if kept := s.answers[r.GetTicket()]; kept != nil && !proto.Equal(kept, r) {
		return nil, status.Error(codes.FailedPrecondition, "answered")
	}
	s.answers[r.GetTicket()] = r
	return &interactionv1.AnswerInteractionResponse{RedirectTo: wayBack(r.GetTicket())}, nil
}

func wayBack(ticket string) string {
	return "https://localhost:9443/fapi2/authorize/resume?handle=" + ticket
}

// ask makes an interaction and answers the path that shows it.
func (s *suite) ask(ticket string, change ...func(*interactionv1.Interaction)) string {
	i := &interactionv1.Interaction{
		Client: &interactionv1.InteractionClient{ClientId: "client-7Qm2", ClientName: "Example App"},
		Scopes: []*interactionv1.RequestedScope{
			{Name: "openid", Description: "Know who you are"},
			{Name: "accounts", Description: "See your accounts and their balances"},
		},
		ExpiresAt:     s.clock.Now().Add(10 * time.Minute).Unix(),
		ReturnOrigins: []string{"https://localhost:9443", "https://client.example"},
	}
	for _, c := range change {
		c(i)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.interactions[ticket] = i
	return reference{"fapi2", ticket}.url()
}

func (s *suite) answer(ticket string) *interactionv1.AnswerInteractionRequest {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.answers[ticket]
}

func (s *suite) fail(fault error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = fault
}

func withPrompt(values ...string) func(*interactionv1.Interaction) {
	return func(i *interactionv1.Interaction) { i.Prompt = values }
}

func withMaxAge(seconds int64) func(*interactionv1.Interaction) {
	return func(i *interactionv1.Interaction) { i.MaxAge = proto.Int64(seconds) }
}

// start runs a bank over TLS, and the suite that it speaks to over gRPC.
func start(t *testing.T, cfg Config) (*suite, *httptest.Server) {
	t.Helper()
	s := &suite{
		clock:        clock.NewManual(noon),
		interactions: map[string]*interactionv1.Interaction{},
		answers:      map[string]*interactionv1.AnswerInteractionRequest{},
	}
	listener := bufconn.Listen(1 << 16)
	grpcServer := grpc.NewServer()
	interactionv1.RegisterInteractionServiceServer(grpcServer, s)
	go grpcServer.Serve(listener)
	t.Cleanup(grpcServer.Stop)
	conn := must(grpc.NewClient("passthrough:///suite",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) })))
	t.Cleanup(func() { conn.Close() })

	b := New(cfg, Deps{Interactions: interactionv1.NewInteractionServiceClient(conn), Clock: s.clock, Log: slog.New(slog.DiscardHandler)})
	server := httptest.NewTLSServer(b.Pages())
	t.Cleanup(server.Close)
	server.Client().CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return s, server
}
