package resource

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// Require lets a request through with a token that has every one of the scopes;
// the handler finds it with TokenFrom. Like a malformed pattern of
// http.ServeMux, a malformed scope panics when the routes are laid.
func (v *Verifier) Require(scopes ...string) func(http.Handler) http.Handler {
	for _, scope := range scopes {
		if values, ok := oauth.ParseScope(scope); !ok || len(values) != 1 || values[0] != scope {
			panic(fmt.Sprintf("resource: %q is not one scope value", scope))
		}
	}
	scopes = slices.Clone(scopes)
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			token, err := v.Verify(r, scopes...)
			if err != nil {
				Refuse(w, err)
				return
			}
			token.SendNonce(w)
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), tokenKey{}, token)))
		})
	}
}
