package gateway

import (
	"mime"
	"net/http"
	"strings"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
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

// register is client registration, RFC 7591 §3.
func (g *Gateway) register(w http.ResponseWriter, r *request) error {
	if mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || mediaType != "application/json" {
		return oauth.New(oauth.CodeInvalidClientMetadata, "the body must be application/json").By("DCR-1")
	}
	body, err := readBody(r.Request)
	if err != nil {
		return err
	}
	registered, err := g.clients.Register(r.Context(), &clientregv1.RegisterRequest{
		Call: r.scope.Call(), BearerToken: bearer(r.Request), Metadata: body,
	})
	if err != nil {
		return err
	}
	writeRaw(w, http.StatusCreated, registered.GetInformation())
	return nil
}

// readRegistration is RFC 7592 §2.1.
func (g *Gateway) readRegistration(w http.ResponseWriter, r *request) error {
	registered, err := g.clients.ReadRegistration(r.Context(), &clientregv1.ReadRegistrationRequest{
		Call: r.scope.Call(), BearerToken: bearer(r.Request), ClientId: strings.ToValidUTF8(r.path["client_id"], "\uFFFD"),
	})
	if err != nil {
		return err
	}
	writeRaw(w, http.StatusOK, registered.GetInformation())
	return nil
}

// bearer is the token of the one Authorization header, or empty. Scheme names
// compare without case (WIRE-7: RFC 9110 §11.1).
func bearer(r *http.Request) string {
	values := r.Header.Values("Authorization")
	if len(values) != 1 {
		return ""
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.ToValidUTF8(strings.TrimSpace(token), "\uFFFD")
}
