package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
)

// request is an HTTP request with what the edge made of it.
type request struct {
	*http.Request
	issuer *issuer.Issuer
	scope  rpc.Scope
	// path parameters by name.
	path map[string]string
	// url is the configured URL of the endpoint at the listener that was
	// called, never what a Host header said (THR-16).
	url string
	// interaction is the x-fapi-interaction-id.
	interaction string
	// certificates are the client's, DER, leaf first; see seeCertificates.
	certificates [][]byte
}

const interactionHeader = "X-Fapi-Interaction-Id"

// guard is around every route: headers, and a last resort against panics.
func (g *Gateway) guard(next http.Handler) http.Handler {
	hsts := fmt.Sprintf("max-age=%d; includeSubDomains; preload", int(g.cfg.HSTS.Seconds()))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Strict-Transport-Security", hsts)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		h.Set(interactionHeader, interactionID(r))
		defer func() {
			if fault := recover(); fault != nil {
				g.log.ErrorContext(r.Context(), "route panicked", "path", r.URL.Path, "panic", fault, "stack", string(debug.Stack()))
				writeError(w, r, oauth.New(oauth.CodeServerError, ""), "")
			}
		}()
		if r.ProtoMajor == 1 && len(r.TransferEncoding) > 0 {
			// A request with two lengths reaches us as chunked alone; what
			// follows it on the connection is nobody's (RFC 9112 §6.1).
			h.Set("Connection", "close")
		}
		if r.URL.Host != "" && !g.hosts[r.URL.Host] {
			routingError(r.Context(), nil, nil, w, r, http.StatusBadRequest) // absolute-form, for another host
			return
		}
		next.ServeHTTP(w, r)
	})
}

// interactionID echoes a well-formed x-fapi-interaction-id, or makes one
// (WIRE-11).
func interactionID(r *http.Request) string {
	if sent := r.Header.Get(interactionHeader); len(sent) == 36 {
		if id, err := uuid.Parse(sent); err == nil && strings.EqualFold(id.String(), sent) {
			return sent
		}
	}
	return uuid.NewString()
}

// serve answers one route: method, issuer, limits, then the route's own work,
// and its refusal in the shape that the route speaks.
func (g *Gateway) serve(at listener, to route) runtime.HandlerFunc {
	allow := strings.Join(slices.Sorted(maps.Keys(to.by)), ", ")
	return func(w http.ResponseWriter, r *http.Request, path map[string]string) {
		of, ok := g.issuers.ByName(path["issuer"])
		if !ok {
			routingError(r.Context(), nil, nil, w, r, http.StatusNotFound)
			return
		}
		method := r.Method
		if method == http.MethodHead {
			method = http.MethodGet
		}
		h, ok := to.by[method]
		if !ok {
			w.Header().Set("Allow", allow)
			routingError(r.Context(), nil, nil, w, r, http.StatusMethodNotAllowed)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, to.body)
		ctx, cancel := context.WithTimeout(r.Context(), g.cfg.Timeout)
		defer cancel()
		ctx, w, done := g.observe(ctx, w, to.path, method)
		defer done()
		req := &request{Request: r.WithContext(ctx), issuer: of, path: path, interaction: w.Header().Get(interactionHeader)}
		req.scope = rpc.NewScope(g.issuers, of, oauth.NewID(), req.interaction)
		req.url = of.URL(to.endpoint)
		if at == mutual {
			req.url = of.MTLSURL(to.endpoint)
		}
		err := g.seeCertificates(at, req)
		if err == nil {
			err = h(w, req)
		}
		if err != nil {
			g.refuse(w, req, to, err)
		}
	}
}

// refuse writes what a route returned as an error.
func (g *Gateway) refuse(w http.ResponseWriter, r *request, to route, err error) {
	refusal, ok := oauth.AsError(err)
	if !ok {
		refusal = oauth.New(oauth.CodeServerError, "").Because(err)
	}
	g.logRefusal(r, refusal)
	scope, of := rpc.WithScope(r.Context(), r.scope), rpc.RefusalOf(refusal, r.Method+" "+to.path, "")
	g.audit.Refused(scope, of)
	g.told.Refused(scope, of)
	if to.browser {
		writePage(w, refusal, r.interaction)
		return
	}
	writeError(w, r.Request, refusal, g.proofAlgorithms(r))
}

// logRefusal writes what was answered, under the id by which it can be explained
// (B6). The service that refused has written why.
func (g *Gateway) logRefusal(r *request, refusal *oauth.Error) {
	level := slog.LevelInfo
	if refusal.HTTPStatus() >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	attrs := []any{
		"interaction_id", r.interaction, "method", r.Method, "path", r.URL.Path, "status", refusal.HTTPStatus(),
		"error", refusal.Code, "rule", refusal.Rule, "description", refusal.Description,
	}
	if cause := errors.Unwrap(refusal); cause != nil {
		attrs = append(attrs, "cause", cause)
	}
	g.log.Log(r.Context(), level, "answered", attrs...)
}
