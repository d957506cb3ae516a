package gateway

import (
	"net/http"
	"strings"

	authorizev1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/authorize/v1"
)

// begin is the authorization endpoint, RFC 6749 §3.1: GET with a query, or POST
// with a form.
func (g *Gateway) begin(w http.ResponseWriter, r *request) error {
	params, err := parseParams(r.URL.RawQuery)
	if r.Method == http.MethodPost {
		params, err = readParams(r.Request)
	}
	if err != nil {
		return err
	}
	reply, err := g.authorize.Begin(r.Context(), &authorizev1.BeginRequest{Call: r.scope.Call(), Params: params})
	if err != nil {
		return err
	}
	send(w, reply)
	return nil
}

// complete takes a browser back from the bank's app.
func (g *Gateway) complete(w http.ResponseWriter, r *request) error {
	params, err := parseParams(r.URL.RawQuery)
	if err != nil {
		return err
	}
	reply, err := g.authorize.Complete(r.Context(), &authorizev1.CompleteRequest{
		Call: r.scope.Call(), Handle: params["handle"], Cookies: hostCookies(r.Request),
	})
	if err != nil {
		return err
	}
	send(w, reply)
	return nil
}

// hostCookies are the cookies that only this host can have set: their names
// begin with __Host-. One that comes twice is nobody's.
func hostCookies(r *http.Request) map[string]string {
	cookies, seen := map[string]string{}, map[string]bool{}
	for _, cookie := range r.Cookies() {
		if !strings.HasPrefix(cookie.Name, "__Host-") {
			continue
		}
		cookies[cookie.Name] = strings.ToValidUTF8(cookie.Value, "\uFFFD")
		if seen[cookie.Name] {
			delete(cookies, cookie.Name)
		}
		seen[cookie.Name] = true
	}
	return cookies
}

// send redirects a browser: always by 303, which never carries a form on
// (SP2-30, SP2-31: FAPI 2.0 §5.3.2.2), with the Location as it was made, not as
// http.Redirect would clean it.
func send(w http.ResponseWriter, reply *authorizev1.BrowserReply) {
	for _, cookie := range reply.GetSetCookies() {
		http.SetCookie(w, &http.Cookie{
			Name:     cookie.GetName(),
			Value:    cookie.GetValue(),
			MaxAge:   int(cookie.GetMaxAge()),
			Path:     "/",
			Secure:   true,
			HttpOnly: true,
			SameSite: http.SameSiteLaxMode,
		})
	}
	w.Header().Set("Location", reply.GetLocation())
	w.WriteHeader(http.StatusSeeOther)
}
