package telemetry

import (
	"context"
	"net/http"

	grpccodes "google.golang.org/grpc/codes"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
)

// begin begins at zero what rings at its first: an alarm sees a count grow.
func (m *instruments) begin(service string) {
	nothing := context.Background()
	m.faults.Add(nothing, 0, m.set(serviceLabel, service, "", ""))
	m.operator.Add(nothing, 0, m.set(serviceLabel, service, "", ""))
	m.refusals.Add(nothing, 0, m.set(refusalLabels, service, grpccodes.PermissionDenied.String(), ""))
}

// fault counts a fault of the program.
func (s Service) fault(ctx context.Context) {
	s.metrics.faults.Add(ctx, 1, s.metrics.set(serviceLabel, s.name, "", ""))
}

// isFault tells a fault of the program from what is wrong with a call, or with a store.
// One that another service met, it has counted.
func isFault(refused *rpc.Refusal) bool {
	if refused == nil || refused.PassedOn {
		return false
	}
	switch refused.Code {
	case oauth.CodeServerError, grpccodes.Internal.String(), grpccodes.Unknown.String():
		return true
	}
	return false
}

// isFaultStatus is isFault of an answer by HTTP. 503 is a store's, and 501 is how
// grpc-gateway answers a method that a route does not have.
func isFaultStatus(status int) bool {
	return status >= http.StatusInternalServerError && status != http.StatusServiceUnavailable && status != http.StatusNotImplemented
}
