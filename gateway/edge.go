package gateway

import (
	"context"
	"net/http"

	"google.golang.org/grpc"
)

// Edge is the gateway as its process runs it: its listeners for HTTP, beside the
// one on which it is asked for its health.
type Edge struct {
	*Gateway
	Sockets Sockets
}

// Register has nothing: no service calls the edge.
func (e Edge) Register(grpc.ServiceRegistrar) {}

// Run answers HTTP requests until ctx ends.
func (e Edge) Run(ctx context.Context) error { return e.Serve(ctx, e.Sockets) }

// healthz tells a load balancer whether this replica takes requests: 204, or 503
// when it is about to end. It does not ask the services behind: where one is
// away, every replica of the gateway says so to each request that needs it, and
// goes on serving what does not, keys and metadata above all.
func (g *Gateway) healthz(w http.ResponseWriter, _ *http.Request, _ map[string]string) {
	if g.leaving.Load() {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
