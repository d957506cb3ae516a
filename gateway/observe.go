package gateway

import (
	"context"
	"net/http"

	"github.com/strongroom-fapi/strongroom/platform/https"
)

// observe shows a request to telemetry, with the status of its answer.
func (g *Gateway) observe(ctx context.Context, w http.ResponseWriter, route, method string) (context.Context, http.ResponseWriter, func()) {
	ctx, done := g.told.Request(ctx, route, method, w.Header().Get(interactionHeader))
	if done == nil {
		return ctx, w, func() {}
	}
	seen := https.Answers(w)
	return ctx, seen, func() { done(seen.Status) }
}
