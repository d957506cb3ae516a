package gateway

import (
	"context"
	"net/http"
)

// observe shows a request to telemetry, with the status of its answer.
func (g *Gateway) observe(ctx context.Context, w http.ResponseWriter, route, method string) (context.Context, http.ResponseWriter, func()) {
	ctx, done := g.telemetry.Request(ctx, route, method, w.Header().Get(interactionHeader))
	if done == nil {
		return ctx, w, func() {}
	}
	seen := &answered{w, http.StatusOK}
	return ctx, seen, func() { done(seen.status) }
}

// answered remembers the status of an answer.
type answered struct {
	http.ResponseWriter
	status int
}

// WriteHeader remembers.
func (a *answered) WriteHeader(status int) {
	a.status = status
	a.ResponseWriter.WriteHeader(status)
}

// Unwrap is for http.ResponseController.
func (a *answered) Unwrap() http.ResponseWriter { return a.ResponseWriter }
