package gateway

import (
	"net/http"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
)

// methods are those that a route is registered for, so that a wrong one is
// answered 405 with Allow and not 404 (WIRE-6).
var methods = []string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions,
}

const (
	// formBody bounds a form, in bytes (WIRE-6).
	formBody = 64 << 10
	// metadataBody bounds client metadata, in bytes (WIRE-6).
	metadataBody = 1 << 20
)

// handle answers one request; what it returns as an error becomes the answer.
type handle func(w http.ResponseWriter, r *request) error

// route is one line of the public surface.
type route struct {
	path string
	// by method; a GET answers HEAD too.
	by map[string]handle
	// endpoint is what its URL is configured as.
	endpoint issuer.Endpoint
	// body bounds the request, in bytes.
	body int64
	// browser routes are only on the public listener, and their errors are
	// pages.
	browser bool
}

// routes is the whole public surface.
func (g *Gateway) routes() []route {
	get := func(h handle) map[string]handle { return map[string]handle{http.MethodGet: h} }
	post := func(h handle) map[string]handle { return map[string]handle{http.MethodPost: h} }
	return []route{
		{path: "/{issuer}/.well-known/openid-configuration", by: get(g.discovery)},
		{path: "/.well-known/openid-configuration/{issuer}", by: get(g.discovery)},
		{path: "/.well-known/oauth-authorization-server/{issuer}", by: get(g.discovery)},
		{path: "/{issuer}/jwks", by: get(g.jwks), endpoint: issuer.JWKS},

		{path: "/{issuer}/par", by: post(g.push), endpoint: issuer.PAR, body: formBody},
		{path: "/{issuer}/authorize", by: map[string]handle{http.MethodGet: g.begin, http.MethodPost: g.begin}, endpoint: issuer.Authorization, body: formBody, browser: true},
		{path: "/{issuer}/authorize/return", by: get(g.complete), endpoint: issuer.Return, browser: true},
		{path: "/{issuer}/token", by: post(g.exchange), endpoint: issuer.Token, body: formBody},
		{path: "/{issuer}/introspect", by: post(g.introspect), endpoint: issuer.Introspection, body: formBody},
		{path: "/{issuer}/revoke", by: post(g.revoke), endpoint: issuer.Revocation, body: formBody},
		{path: "/{issuer}/userinfo", by: map[string]handle{http.MethodGet: g.userinfo, http.MethodPost: g.userinfo}, endpoint: issuer.Userinfo, body: formBody},

		{path: "/{issuer}/register", by: post(g.register), endpoint: issuer.Registration, body: metadataBody},
		{path: "/{issuer}/register/{client_id}", by: map[string]handle{
			http.MethodGet: g.readRegistration, http.MethodPut: g.updateRegistration, http.MethodDelete: g.deleteRegistration,
		}, endpoint: issuer.Registration, body: metadataBody},
	}
}
