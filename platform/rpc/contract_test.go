package rpc_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/inproc"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	parv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/par/v1"
	rpcv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/rpc/v1"
)

// wantCause checks an error that tells the client nothing but 500 or 503, and
// the gRPC status behind it.
func wantCause(t *testing.T, err error, httpStatus int, code codes.Code) {
	t.Helper()
	refusal, ok := oauth.AsError(err)
	if !ok {
		t.Fatalf("the error is no refusal: %v", err)
	}
	if refusal.HTTPStatus() != httpStatus {
		t.Errorf("the HTTP status is %d, want %d: %v", refusal.HTTPStatus(), httpStatus, err)
	}
	if got := status.Code(errors.Unwrap(refusal)); got != code {
		t.Errorf("the cause is %v, want %v: %v", got, code, err)
	}
}

func TestCallIsAnswered(t *testing.T) {
	seen := make(chan rpc.Scope, 1)
	overEach(t, func(ctx context.Context, _ *parv1.PushRequest) (*parv1.PushResponse, error) {
		if _, ok := ctx.Deadline(); !ok {
			return nil, errors.New("the deadline did not cross")
		}
		if caller, ok := rpc.Caller(ctx); !ok || caller != rpc.Gateway {
			return nil, fmt.Errorf("the caller is %q", caller)
		}
		seen <- rpc.From(ctx)
		return &parv1.PushResponse{RequestUri: "urn:1", ExpiresIn: 60}, nil
	}, func(t *testing.T, s *suite) {
		response, err := s.push(t, rpc.Gateway, s.call(t, "other"))
		if err != nil || response.GetRequestUri() != "urn:1" || response.GetExpiresIn() != 60 {
			t.Fatalf("got %v, %v", response, err)
		}
		scope := <-seen
		if want, _ := s.set.ByName("other"); scope.Issuer != want || scope.Attempt() != "attempt-1" || scope.InteractionID() != interaction {
			t.Errorf("the scope is %+v", scope)
		}
		if got := scope.Call(); got.GetIssuer() != "other" || got.GetIssuerSet() != s.set.Digest() {
			t.Errorf("the envelope for the next call is %v", got)
		}
	})
}

func TestCallersOutsideTheTableAreRefused(t *testing.T) {
	overEach(t, answer, func(t *testing.T, s *suite) {
		for _, caller := range others([]rpc.Name{rpc.Gateway}) {
			_, err := s.push(t, caller, s.call(t, "bank"))
			wantCause(t, err, 500, codes.PermissionDenied)
		}
		if n := s.service.called(); n != 0 {
			t.Errorf("the handler was reached %d times", n)
		}
	})
}

// TestCallerCannotBeClaimed: who calls is what the transport proves, not what
// stands in the caller's context, as it does in every handler that calls on.
func TestCallerCannotBeClaimed(t *testing.T) {
	overEach(t, answer, func(t *testing.T, s *suite) {
		ctx, cancel := context.WithTimeout(rpc.WithCaller(context.Background(), rpc.Gateway), 30*time.Second)
		defer cancel()
		_, err := parv1.NewPushedAuthorizationServiceClient(s.conn(rpc.Token)).Push(ctx, &parv1.PushRequest{Call: s.call(t, "bank")})
		wantCause(t, err, 500, codes.PermissionDenied)
	})
}

// TestContextValuesStay: what one service keeps in its context is not the
// other's, or a service would work in one process and not in many.
func TestContextValuesStay(t *testing.T) {
	type key struct{}
	overEach(t, func(ctx context.Context, _ *parv1.PushRequest) (*parv1.PushResponse, error) {
		if ctx.Value(key{}) != nil {
			return nil, errors.New("a value crossed")
		}
		return answer(ctx, nil)
	}, func(t *testing.T, s *suite) {
		ctx, cancel := context.WithTimeout(context.WithValue(context.Background(), key{}, 1), 30*time.Second)
		defer cancel()
		if _, err := parv1.NewPushedAuthorizationServiceClient(s.conn(rpc.Gateway)).Push(ctx, &parv1.PushRequest{Call: s.call(t, "bank")}); err != nil {
			t.Errorf("%v, log: %s", err, s.log)
		}
	})
}

func TestEnvelope(t *testing.T) {
	for _, row := range []struct {
		name string
		call func(*rpcv1.Call) *rpcv1.Call
		want codes.Code
	}{
		{"no envelope", func(*rpcv1.Call) *rpcv1.Call { return nil }, codes.InvalidArgument},
		{"no attempt", func(c *rpcv1.Call) *rpcv1.Call { c.AttemptId = ""; return c }, codes.InvalidArgument},
		{"another set of issuers", func(c *rpcv1.Call) *rpcv1.Call { c.IssuerSet++; return c }, codes.FailedPrecondition},
		{"no set of issuers", func(c *rpcv1.Call) *rpcv1.Call { c.IssuerSet = 0; return c }, codes.FailedPrecondition},
		{"an unknown issuer (BAD-38)", func(c *rpcv1.Call) *rpcv1.Call { c.Issuer = "third"; return c }, codes.InvalidArgument},
		{"no issuer", func(c *rpcv1.Call) *rpcv1.Call { c.Issuer = ""; return c }, codes.InvalidArgument},
	} {
		t.Run(row.name, func(t *testing.T) {
			overEach(t, answer, func(t *testing.T, s *suite) {
				_, err := s.push(t, rpc.Gateway, row.call(s.call(t, "bank")))
				wantCause(t, err, 500, row.want)
				if n := s.service.called(); n != 0 {
					t.Errorf("the handler was reached %d times", n)
				}
				if line := s.log.line(t, "call refused"); line["caller"] != "gateway" || line["cause"] == "" {
					t.Errorf("the log says %v", line)
				}
			})
		})
	}
}

func TestCallWithoutDeadlineIsRefused(t *testing.T) {
	overEach(t, answer, func(t *testing.T, s *suite) {
		_, err := parv1.NewPushedAuthorizationServiceClient(s.conn(rpc.Gateway)).Push(context.Background(), &parv1.PushRequest{Call: s.call(t, "bank")})
		wantCause(t, err, 500, codes.InvalidArgument)
		if n := s.service.called(); n != 0 {
			t.Errorf("the handler was reached %d times", n)
		}
	})
}

// TestEndedContext: what is over before it begins is not sent.
func TestEndedContext(t *testing.T) {
	overEach(t, answer, func(t *testing.T, s *suite) {
		client := parv1.NewPushedAuthorizationServiceClient(s.conn(rpc.Gateway))
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		cancel()
		_, err := client.Push(ctx, &parv1.PushRequest{Call: s.call(t, "bank")})
		wantCause(t, err, 503, codes.Canceled)

		ctx, cancel = context.WithTimeout(context.Background(), time.Millisecond) // less than is kept in reserve
		defer cancel()
		_, err = client.Push(ctx, &parv1.PushRequest{Call: s.call(t, "bank")})
		wantCause(t, err, 503, codes.DeadlineExceeded)
		if n := s.service.called(); n != 0 {
			t.Errorf("the handler was reached %d times", n)
		}
	})
}

func TestCancellationCrosses(t *testing.T) {
	begun, ended := make(chan struct{}, 1), make(chan struct{}, 1)
	overEach(t, func(ctx context.Context, _ *parv1.PushRequest) (*parv1.PushResponse, error) {
		begun <- struct{}{}
		<-ctx.Done()
		ended <- struct{}{}
		return nil, ctx.Err()
	}, func(t *testing.T, s *suite) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		go func() {
			<-begun
			cancel()
		}()
		_, err := parv1.NewPushedAuthorizationServiceClient(s.conn(rpc.Gateway)).Push(ctx, &parv1.PushRequest{Call: s.call(t, "bank")})
		wantCause(t, err, 503, codes.Canceled)
		if s.service.called() == 1 {
			<-ended
		}
	})
}

// TestRefusalTravels: every member reaches the caller, the cause does not.
func TestRefusalTravels(t *testing.T) {
	const secret = "row 17 of the vault"
	for _, want := range []oauth.Error{
		{Code: oauth.CodeInvalidGrant, Description: "code is unknown", Rule: "TOK-2"},
		{Code: oauth.CodeInvalidClient, Description: "no credentials", Rule: "INTR-1", Status: 400},
		{Code: oauth.CodeInvalidClient},
		{Code: oauth.CodeInsufficientScope, Rule: "OIDC-4"},
		{Code: oauth.CodeTemporarilyUnavailable, Description: "later", Status: 503, RetryAfter: 7},
		{Code: oauth.CodeInvalidRequest, Description: "too many", Status: 429, RetryAfter: 60},
		{Code: oauth.CodeUseDPoPNonce, Description: "a nonce", Rule: "DPOP-6", Nonce: "n-1"},
		{Code: oauth.CodeServerError},
	} {
		t.Run(want.Code+want.Rule, func(t *testing.T) {
			overEach(t, func(context.Context, *parv1.PushRequest) (*parv1.PushResponse, error) {
				return nil, fmt.Errorf("push: %w", want.Because(errors.New(secret)))
			}, func(t *testing.T, s *suite) {
				_, err := s.push(t, rpc.Gateway, s.call(t, "bank"))
				got, ok := oauth.AsError(err)
				if !ok {
					t.Fatal(err)
				}
				if *got != *want.Because(rpc.ErrPassedOn) {
					t.Errorf("got %+v, want %+v", *got, want)
				}
				if strings.Contains(fmt.Sprintf("%+v", err), secret) {
					t.Errorf("the cause travelled: %v", err)
				}
				if n := s.service.called(); n != 1 {
					t.Errorf("a refusal was sent for %d times", n)
				}
				line := s.log.line(t, "refused")
				if line["rule"] != want.Rule || line["error"] != want.Code || line["interaction_id"] != interaction ||
					line["issuer"] != "bank" || line["method"] != parv1.PushedAuthorizationService_Push_FullMethodName || line["cause"] != secret {
					t.Errorf("the log says %v", line)
				}
			})
		})
	}
}

// TestFaultsTravelWithoutWords: what is no refusal is an internal error, and its
// text stays in the log.
func TestFaultsTravelWithoutWords(t *testing.T) {
	const secret = "row 17 of the vault"
	for _, row := range []struct {
		name   string
		err    error
		status int
		want   codes.Code
	}{
		{"an error", errors.New(secret), 500, codes.Internal},
		{"a timeout", fmt.Errorf("%s: %w", secret, context.DeadlineExceeded), 503, codes.DeadlineExceeded},
		{"a cancellation", fmt.Errorf("%s: %w", secret, context.Canceled), 503, codes.Canceled},
		{"a status within an error", fmt.Errorf("%s: %w", secret, status.Error(codes.NotFound, "not found")), 500, codes.NotFound},
	} {
		t.Run(row.name, func(t *testing.T) {
			overEach(t, func(context.Context, *parv1.PushRequest) (*parv1.PushResponse, error) {
				return nil, row.err
			}, func(t *testing.T, s *suite) {
				_, err := s.push(t, rpc.Gateway, s.call(t, "bank"))
				wantCause(t, err, row.status, row.want)
				if strings.Contains(fmt.Sprintf("%+v", err), secret) {
					t.Errorf("the cause travelled: %v", err)
				}
				if line := s.log.line(t, "call failed"); !strings.Contains(line["cause"].(string), secret) || line["interaction_id"] != interaction {
					t.Errorf("the log says %v", line)
				}
			})
		})
	}
}

func TestPanicIsAnError(t *testing.T) {
	overEach(t, func(context.Context, *parv1.PushRequest) (*parv1.PushResponse, error) {
		panic("the vault is open")
	}, func(t *testing.T, s *suite) {
		_, err := s.push(t, rpc.Gateway, s.call(t, "bank"))
		wantCause(t, err, 500, codes.Internal)
		if strings.Contains(err.Error(), "vault") {
			t.Errorf("its words travelled: %v", err)
		}
		if line := s.log.line(t, "handler panicked"); !strings.Contains(line["stack"].(string), "contract_test.go") {
			t.Errorf("the log says %v", line)
		}
		s.service.push = answer
		if _, err := s.push(t, rpc.Gateway, s.call(t, "bank")); err != nil {
			t.Errorf("the service is dead: %v", err)
		}
	})
}

// heard is a watcher that remembers.
type heard []rpc.Refusal

func (h *heard) Refused(_ context.Context, refusal rpc.Refusal) { *h = append(*h, refusal) }

// TestAPanicIsTold: to the trail and to the metrics, like any other refusal.
func TestAPanicIsTold(t *testing.T) {
	var told heard
	set := setOf(t, "bank")
	interceptor := rpc.ServerInterceptor(rpc.PAR, set, slog.New(slog.DiscardHandler), &told)
	server := inproc.NewServer(interceptor)
	parv1.RegisterPushedAuthorizationServiceServer(server, &service{push: func(context.Context, *parv1.PushRequest) (*parv1.PushResponse, error) { panic("the vault is open") }})
	s := &suite{set: set, conn: server.Conn}
	if _, err := s.push(t, rpc.Gateway, s.call(t, "bank")); err == nil {
		t.Fatal("it was answered")
	}
	want := rpc.Refusal{Method: parv1.PushedAuthorizationService_Push_FullMethodName, Caller: rpc.Gateway, Code: "server_error"}
	if len(told) != 1 || told[0] != want {
		t.Errorf("told %+v", told)
	}
}

// TestLostReplyIsRetried: an answer that did not come back, or a callee that was
// not reached, is Unavailable without a detail.
func TestLostReplyIsRetried(t *testing.T) {
	overEach(t, nil, func(t *testing.T, s *suite) {
		s.service.push = func(ctx context.Context, req *parv1.PushRequest) (*parv1.PushResponse, error) {
			if s.service.called() < 2 {
				return nil, status.Error(codes.Unavailable, "lost")
			}
			return answer(ctx, req)
		}
		if _, err := s.push(t, rpc.Gateway, s.call(t, "bank")); err != nil || s.service.called() != 2 {
			t.Errorf("after %d attempts: %v", s.service.called(), err)
		}
	})
}

// TestRequestIsTheCallersOwn: the message is copied, as on a wire.
func TestRequestIsTheCallersOwn(t *testing.T) {
	overEach(t, func(ctx context.Context, req *parv1.PushRequest) (*parv1.PushResponse, error) {
		req.Form.Params["scope"] = "changed"
		req.Form.Credentials.Certificates[0][0] = 'X'
		return answer(ctx, req)
	}, func(t *testing.T, s *suite) {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		request := &parv1.PushRequest{Call: s.call(t, "bank"), Form: &rpcv1.Form{
			Params:      map[string]string{"scope": "openid"},
			Credentials: &rpcv1.Credentials{Certificates: [][]byte{[]byte("der")}},
		}}
		if _, err := parv1.NewPushedAuthorizationServiceClient(s.conn(rpc.Gateway)).Push(ctx, request); err != nil {
			t.Fatal(err)
		}
		if request.GetForm().GetParams()["scope"] != "openid" || string(request.GetForm().GetCredentials().GetCertificates()[0]) != "der" {
			t.Errorf("the caller's request was changed: %v", request)
		}
	})
}

func TestUnknownMethod(t *testing.T) {
	overEach(t, answer, func(t *testing.T, s *suite) {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		err := s.conn(rpc.Gateway).Invoke(ctx, "/strongroom.par.v1.PushedAuthorizationService/Forge", &parv1.PushRequest{Call: s.call(t, "bank")}, &parv1.PushResponse{})
		wantCause(t, err, 500, codes.Unimplemented)
	})
}
