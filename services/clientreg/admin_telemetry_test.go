package clientreg_test

import (
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"

	"github.com/strongroom-fapi/strongroom/platform/telemetry"
	"github.com/strongroom-fapi/strongroom/platform/telemetrytest"
	adminv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/admin/v1"
)

// TestOperatorsCallsAreToldOf: each call by its method and its answer, over both faces,
// as a trace of its own down to the store; and a certificate that is no operator's as a
// refusal. Neither who called nor which client it was about is in a label or a span.
func TestOperatorsCallsAreToldOf(t *testing.T) {
	eachSQL(t, func(t *testing.T, of *replica) {
		collector := must(telemetrytest.Open())
		defer collector.Close()
		all := 1.0
		told := must(telemetry.Open(t.Context(), telemetry.Config{
			Traces:  telemetry.Traces{Endpoint: collector.Address, Insecure: true, SampleRatio: &all},
			Metrics: telemetry.Metrics{Endpoint: collector.Address, Insecure: true},
		}, "clientreg", "v1", slog.New(slog.DiscardHandler)))
		of.told = told
		o := of.operated(t)
		client := o.register()
		_, err := o.admin.SuspendClient(o.context(), &adminv1.SuspendClientRequest{Issuer: o.here.Name, ClientId: client.ClientID})
		wantCode(t, err, codes.OK)
		_, err = o.reader.SuspendClient(o.context(), &adminv1.SuspendClientRequest{Issuer: o.here.Name, ClientId: client.ClientID})
		wantCode(t, err, codes.PermissionDenied)
		path := "/v1/issuers/" + o.here.Name + "/clients/" + client.ClientID
		if got, body := o.ask(t, o.ca.Identity(t, "reader"), http.MethodGet, path, ""); got != http.StatusOK {
			t.Fatalf("%d, %v", got, body)
		}
		if got, body := o.ask(t, o.ca.Identity(t, "nobody"), http.MethodGet, path, ""); got != http.StatusForbidden {
			t.Fatalf("%d, %v", got, body)
		}
		if err := told.Close(); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{
			"strongroom.rpc.duration{method=AdminService/SuspendClient,outcome=ok,service=clientreg}",
			"strongroom.rpc.duration{method=AdminService/SuspendClient,outcome=PermissionDenied,service=clientreg}",
			"strongroom.rpc.duration{method=AdminService/GetClient,outcome=ok,service=clientreg}",
			"strongroom.refusals{error=PermissionDenied,rule=,service=clientreg}",
		} {
			if value, _ := collector.Metric(want); value != 1 {
				t.Errorf("%s is %v of %v", want, value, collector.Metrics())
			}
		}
		roots := map[string]string{}
		for _, span := range collector.Spans() {
			if span.Parent == "" {
				roots[span.Name] += span.Trace
			}
			for _, secret := range []string{client.ClientID, "dns:admin", "dns:reader"} {
				if strings.Contains(span.Told, secret) {
					t.Errorf("a span tells %s: %s", secret, span.Told)
				}
			}
		}
		if len(roots) != 2 || len(roots["AdminService/GetClient"]) != 32 || len(roots["AdminService/SuspendClient"]) != 64 {
			t.Errorf("the roots are %v: there should be one for each call", roots)
		}
		if !slices.ContainsFunc(collector.Spans(), func(s telemetrytest.Span) bool {
			return strings.HasPrefix(s.Name, "redis ") && strings.Contains(roots["AdminService/SuspendClient"], s.Trace)
		}) {
			t.Errorf("nothing shows that a suspension went to Redis: %v", collector.Spans())
		}
	})
}
