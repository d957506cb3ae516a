package gateway

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	authorizev1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/authorize/v1"
	keysv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/keys/v1"
	parv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/par/v1"
	tokenv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/token/v1"
)

const (
	push       = parv1.PushedAuthorizationService_Push_FullMethodName
	begin      = authorizev1.AuthorizationService_Begin_FullMethodName
	exchange   = tokenv1.TokenService_Exchange_FullMethodName
	introspect = tokenv1.TokenService_Introspect_FullMethodName
	publicKeys = keysv1.KeysService_PublicKeys_FullMethodName
)

// slow is a service that answers when told to, in the order it was called.
type slow struct {
	grpc.ClientConnInterface
	arrived []string
	answer  chan struct{}
}

func (s *slow) Invoke(_ context.Context, method string, _, _ any, _ ...grpc.CallOption) error {
	s.arrived = append(s.arrived, method)
	<-s.answer
	return nil
}

// TestAdmission: four calls at once, of which two places are kept for what
// continues something.
func TestAdmission(t *testing.T) {
	for _, row := range []struct {
		name    string
		calls   []string // one after the other, none answered yet
		arrived int
	}{
		{"what begins stops before the reserve", []string{push, begin, push}, 2},
		{"what continues may use all", []string{exchange, exchange, introspect, exchange, exchange}, 4},
		{"and the reserve when new flows have the rest", []string{push, push, push, exchange, introspect}, 4},
		{"keys wait for nobody", []string{exchange, exchange, exchange, exchange, publicKeys}, 5},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				service := &slow{answer: make(chan struct{})}
				conn := newGate(Admission{Concurrent: 4, Reserved: 2, Wait: time.Second}, nil).to(service)
				refused := make(chan error, len(row.calls))
				for _, method := range row.calls {
					go func() { refused <- conn.Invoke(t.Context(), method, nil, nil) }()
					synctest.Wait()
				}
				if len(service.arrived) != row.arrived {
					t.Errorf("%d calls arrived, want %d: %v", len(service.arrived), row.arrived, service.arrived)
				}
				time.Sleep(time.Second)
				for range len(row.calls) - row.arrived {
					refusal, ok := oauth.AsError(<-refused)
					if !ok || refusal.HTTPStatus() != 503 || refusal.RetryAfter != 1 {
						t.Errorf("a call that found no place: %v", refusal)
					}
				}
				close(service.answer)
				for range row.arrived {
					if err := <-refused; err != nil {
						t.Error(err)
					}
				}
			})
		})
	}
}

// TestWhoContinuesComesFirst: a place that becomes free goes to whoever continues
// something, however long others have waited; and nothing is left over.
func TestWhoContinuesComesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := &slow{answer: make(chan struct{})}
		gate := newGate(Admission{Concurrent: 2, Reserved: 1, Wait: time.Minute}, nil)
		conn := gate.to(service)
		done := make(chan error, 6)
		for _, method := range []string{exchange, exchange, push, begin, introspect, exchange} {
			go func() { done <- conn.Invoke(t.Context(), method, nil, nil) }()
			synctest.Wait()
		}
		for range 6 {
			service.answer <- struct{}{}
			synctest.Wait()
		}
		for range 6 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		for n, method := range []string{exchange, exchange, introspect, exchange, push, begin} {
			if service.arrived[n] != method {
				t.Errorf("arrival %d: %s, want %s", n, service.arrived[n], method)
			}
		}
		if gate.busy != 0 {
			t.Errorf("%d places are still taken", gate.busy)
		}
	})
}

func TestAdmissionIsValidated(t *testing.T) {
	for _, bad := range []Admission{{Concurrent: -1}, {Concurrent: 4, Reserved: 4}, {Reserved: -1}, {Wait: -1}} {
		if bad.validate() == nil {
			t.Errorf("%+v passes", bad)
		}
	}
	if err := (Admission{}).validate(); err != nil {
		t.Error(err)
	}
}
