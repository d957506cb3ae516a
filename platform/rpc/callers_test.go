package rpc_test

import (
	"context"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/strongroom-fapi/strongroom/platform/rpc"
	parv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/par/v1"
)

// generated is every method that services of the suite offer each other, by full
// name, with the service that offers it.
func generated(t *testing.T) map[string]rpc.Name {
	t.Helper()
	methods := map[string]rpc.Name{}
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		name, ours := strings.CutPrefix(string(file.Package()), "strongroom.")
		for n := range file.Services().Len() {
			service := file.Services().Get(n)
			for m := range service.Methods().Len() {
				if ours {
					methods["/"+string(service.FullName())+"/"+string(service.Methods().Get(m).Name())] = rpc.Name(strings.TrimSuffix(name, ".v1"))
				}
			}
		}
		return true
	})
	return methods
}

// TestEveryContractIsKnownHere: a new contract in proto must be imported by the
// caller table, or the tests below would not see it.
func TestEveryContractIsKnownHere(t *testing.T) {
	folders, err := os.ReadDir("../../proto/strongroom")
	if err != nil {
		t.Fatal(err)
	}
	// The envelope; the APIs of the bank's app and of operators, with callers of their own.
	known := map[string]bool{"rpc": true, "interaction": true, "admin": true}
	for _, owner := range generated(t) {
		known[string(owner)] = true
	}
	for _, folder := range folders {
		if !known[folder.Name()] {
			t.Errorf("the caller table does not import the contract %s", folder.Name())
		}
	}
}

// TestEveryMethodHasALine: a method without one is refused to everybody.
func TestEveryMethodHasALine(t *testing.T) {
	lines := map[string]int{}
	for _, m := range rpc.Methods {
		lines[m.Name]++
	}
	methods := generated(t)
	for name := range methods {
		if lines[name] != 1 {
			t.Errorf("%s has %d lines in the caller table", name, lines[name])
		}
		delete(lines, name)
	}
	for name := range lines {
		t.Errorf("%s is in the caller table and in no contract", name)
	}
}

// TestCallsRunLeftward: a service is called only by those to its right in Names.
func TestCallsRunLeftward(t *testing.T) {
	owners := generated(t)
	for _, m := range rpc.Methods {
		place := slices.Index(rpc.Names, owners[m.Name])
		if place < 0 || len(m.Callers) == 0 {
			t.Errorf("%s of %q has callers %v", m.Name, owners[m.Name], m.Callers)
		}
		for _, caller := range m.Callers {
			if slices.Index(rpc.Names, caller) <= place {
				t.Errorf("%s of %s is called by %q", m.Name, owners[m.Name], caller)
			}
		}
	}
}

// TestEveryRequestHasAnEnvelope: without field call of strongroom.rpc.v1.Call a
// request would be refused.
func TestEveryRequestHasAnEnvelope(t *testing.T) {
	for name := range generated(t) {
		found, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(strings.ReplaceAll(name[1:], "/", ".")))
		if err != nil {
			t.Fatal(err)
		}
		method := found.(protoreflect.MethodDescriptor)
		call := method.Input().Fields().ByNumber(1)
		if call == nil || call.Message() == nil || call.Message().FullName() != "strongroom.rpc.v1.Call" {
			t.Errorf("field 1 of %s is not the envelope", method.Input().FullName())
		}
		if method.IsStreamingClient() || method.IsStreamingServer() {
			t.Errorf("%s streams; the suite has no streams", name)
		}
	}
}

// TestCallerTable sends every service to every method: the handler is reached by
// those in the table and by nobody else.
func TestCallerTable(t *testing.T) {
	set := setOf(t, "bank")
	i, _ := set.ByName("bank")
	interceptor := rpc.ServerInterceptor(rpc.PAR, set, slog.New(slog.DiscardHandler))
	request := &parv1.PushRequest{Call: rpc.NewScope(set, i, "attempt-1", interaction).Call()}
	reached := func(caller rpc.Name, method string) (handled bool, err error) {
		ctx, cancel := context.WithTimeout(rpc.WithCaller(context.Background(), caller), time.Minute)
		defer cancel()
		_, err = interceptor(ctx, request, &grpc.UnaryServerInfo{FullMethod: method}, func(context.Context, any) (any, error) {
			handled = true
			return nil, nil
		})
		return handled, err
	}
	for _, m := range rpc.Methods {
		for _, caller := range m.Callers {
			if handled, err := reached(caller, m.Name); !handled || err != nil {
				t.Errorf("%s may not call %s: %v", caller, m.Name, err)
			}
		}
		for _, caller := range append(others(m.Callers), "", "Gateway", "gateway.evil.example") {
			if handled, err := reached(caller, m.Name); handled || status.Code(err) != codes.PermissionDenied {
				t.Errorf("%q may call %s: %v", caller, m.Name, err)
			}
		}
	}
	for _, method := range []string{"", "/strongroom.par.v1.PushedAuthorizationService/Forge", "/grpc.health.v1.Health/Watch"} {
		for _, caller := range rpc.Names {
			if handled, err := reached(caller, method); handled || status.Code(err) != codes.PermissionDenied {
				t.Errorf("%q may call %q, which is not in the table: %v", caller, method, err)
			}
		}
	}
	for _, caller := range append([]rpc.Name{"", "bank"}, rpc.Names...) {
		want := caller == rpc.Gateway || caller == rpc.PAR
		if handled, _ := reached(caller, "/grpc.health.v1.Health/Check"); handled != want {
			t.Errorf("%q asks par for its health: %t, want %t", caller, handled, want)
		}
	}
}

// TestNoCallerIsRefused: a context that no transport has marked.
func TestNoCallerIsRefused(t *testing.T) {
	interceptor := rpc.ServerInterceptor(rpc.PAR, setOf(t, "bank"), slog.New(slog.DiscardHandler))
	_, err := interceptor(t.Context(), &parv1.PushRequest{}, &grpc.UnaryServerInfo{FullMethod: rpc.Methods[0].Name}, func(context.Context, any) (any, error) {
		t.Error("the handler was reached")
		return nil, nil
	})
	if status.Code(err) != codes.PermissionDenied {
		t.Errorf("got %v", err)
	}
}
