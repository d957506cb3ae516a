package bank

import (
	"net/http"
	"slices"
	"strings"
)

// route is one line of a public surface.
type route struct {
	method, path string
	handler      http.Handler
}

// router serves exactly its routes: no HEAD where a GET changes something, and no
// redirect of a path that is spelled otherwise, which would be a 307 (BAD-82).
type router struct {
	routes []route
	// header sets what every answer has, also a refusal.
	header func(http.ResponseWriter, *http.Request)
	// fail answers 404 or 405.
	fail func(w http.ResponseWriter, httpStatus int)
}

// ServeHTTP answers one request.
func (s router) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.header(w, r)
	var allowed []string
	for _, route := range s.routes {
		switch {
		case route.path != r.URL.Path:
		case route.method == r.Method:
			route.handler.ServeHTTP(w, r)
			return
		default:
			allowed = append(allowed, route.method)
		}
	}
	if allowed == nil {
		s.fail(w, http.StatusNotFound)
		return
	}
	slices.Sort(allowed)
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	s.fail(w, http.StatusMethodNotAllowed)
}
