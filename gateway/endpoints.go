package gateway

import (
	"net/http"

	keysv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/keys/v1"
	parv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/par/v1"
	tokenv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/token/v1"
)

// push is the pushed authorization request endpoint, RFC 9126 §2.
func (g *Gateway) push(w http.ResponseWriter, r *request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	pushed, err := g.requests.Push(r.Context(), &parv1.PushRequest{Call: r.scope.Call(), Form: form})
	if err != nil {
		return err
	}
	offerNonce(w, pushed.GetDpopNonce())
	writeJSON(w, http.StatusCreated, struct {
		RequestURI string `json:"request_uri"`
		ExpiresIn  int32  `json:"expires_in"`
	}{pushed.GetRequestUri(), pushed.GetExpiresIn()})
	return nil
}

// tokenResponse is RFC 6749 §5.1.
type tokenResponse struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"`
	ExpiresIn    int32  `json:"expires_in"`
	RefreshToken string `json:"refresh_token,omitempty"`
	Scope        string `json:"scope,omitempty"`
	IDToken      string `json:"id_token,omitempty"`
}

// exchange is the token endpoint.
func (g *Gateway) exchange(w http.ResponseWriter, r *request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	issued, err := g.token.Exchange(r.Context(), &tokenv1.ExchangeRequest{Call: r.scope.Call(), Form: form})
	if err != nil {
		return err
	}
	offerNonce(w, issued.GetDpopNonce())
	writeJSON(w, http.StatusOK, tokenResponse{
		AccessToken:  issued.GetAccessToken(),
		TokenType:    issued.GetTokenType(),
		ExpiresIn:    issued.GetExpiresIn(),
		RefreshToken: issued.GetRefreshToken(),
		Scope:        issued.GetScope(),
		IDToken:      issued.GetIdToken(),
	})
	return nil
}

// offerNonce gives a client the nonce for its next proof (RFC 9449 §8.2).
func offerNonce(w http.ResponseWriter, nonce string) {
	if nonce != "" {
		w.Header().Set("DPoP-Nonce", nonce)
	}
}

// introspect is the introspection endpoint, RFC 7662 §2.
func (g *Gateway) introspect(w http.ResponseWriter, r *request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	answer, err := g.token.Introspect(r.Context(), &tokenv1.IntrospectRequest{Call: r.scope.Call(), Form: form})
	if err != nil {
		return err
	}
	writeRaw(w, http.StatusOK, answer.GetIntrospection())
	return nil
}

// revoke is the revocation endpoint, RFC 7009 §2.
func (g *Gateway) revoke(w http.ResponseWriter, r *request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	if _, err := g.token.Revoke(r.Context(), &tokenv1.RevokeRequest{Call: r.scope.Call(), Form: form}); err != nil {
		return err
	}
	w.WriteHeader(http.StatusOK)
	return nil
}

// jwks is the issuer's public keys.
func (g *Gateway) jwks(w http.ResponseWriter, r *request) error {
	answer, err := g.keys.PublicKeys(r.Context(), &keysv1.PublicKeysRequest{Call: r.scope.Call()})
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", cacheable)
	writeRaw(w, http.StatusOK, answer.GetJwks())
	return nil
}
