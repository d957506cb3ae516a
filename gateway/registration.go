package gateway

import (
	"mime"
	"net/http"
	"strings"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
)

// register is client registration, RFC 7591 §3.
func (g *Gateway) register(w http.ResponseWriter, r *request) error {
	body, signed, err := readMetadata(r.Request)
	if err != nil {
		return err
	}
	registered, err := g.clients.Register(r.Context(), &clientregv1.RegisterRequest{
		Call: r.scope.Call(), BearerToken: bearer(r.Request), Metadata: body, Signed: signed, Certificates: r.certificates,
	})
	if err != nil {
		return err
	}
	writeRaw(w, http.StatusCreated, registered.GetInformation())
	return nil
}

// metadataTypes are the media types of client metadata, and whether it comes as a
// JWT then; application/jose is Open Banking UK's name for that.
var metadataTypes = map[string]bool{"application/json": false, "application/jwt": true, "application/jose": true}

// readMetadata reads client metadata, unparsed.
func readMetadata(r *http.Request) (body []byte, signed bool, err error) {
	mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	signed, known := metadataTypes[mediaType]
	if err != nil || !known {
		return nil, false, oauth.New(oauth.CodeInvalidClientMetadata, "the body must be application/json, application/jwt or application/jose").By("DCR-1")
	}
	body, err = readBody(r)
	return body, signed, err
}

// readRegistration is RFC 7592 §2.1.
func (g *Gateway) readRegistration(w http.ResponseWriter, r *request) error {
	registered, err := g.clients.ReadRegistration(r.Context(), &clientregv1.ReadRegistrationRequest{
		Call: r.scope.Call(), BearerToken: bearer(r.Request), ClientId: clientID(r), Certificates: r.certificates,
	})
	if err != nil {
		return err
	}
	writeRaw(w, http.StatusOK, registered.GetInformation())
	return nil
}

// updateRegistration is RFC 7592 §2.2.
func (g *Gateway) updateRegistration(w http.ResponseWriter, r *request) error {
	body, signed, err := readMetadata(r.Request)
	if err != nil {
		return err
	}
	updated, err := g.clients.UpdateRegistration(r.Context(), &clientregv1.UpdateRegistrationRequest{
		Call: r.scope.Call(), BearerToken: bearer(r.Request), ClientId: clientID(r), Metadata: body, Signed: signed,
		Certificates: r.certificates,
	})
	if err != nil {
		return err
	}
	writeRaw(w, http.StatusOK, updated.GetInformation())
	return nil
}

// deleteRegistration is RFC 7592 §2.3.
func (g *Gateway) deleteRegistration(w http.ResponseWriter, r *request) error {
	_, err := g.clients.DeleteRegistration(r.Context(), &clientregv1.DeleteRegistrationRequest{
		Call: r.scope.Call(), BearerToken: bearer(r.Request), ClientId: clientID(r), Certificates: r.certificates,
	})
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func clientID(r *request) string { return strings.ToValidUTF8(r.path["client_id"], "\uFFFD") }

// bearer is the token of the one Authorization header, or empty. Scheme names
// compare without case (WIRE-7: RFC 9110 §11.1).
func bearer(r *http.Request) string {
	scheme, token := authorization(r)
	if !strings.EqualFold(scheme, oauth.TokenTypeBearer) {
		return ""
	}
	return token
}

// authorization takes the one Authorization header apart.
func authorization(r *http.Request) (scheme, token string) {
	values := r.Header.Values("Authorization")
	if len(values) != 1 {
		return "", ""
	}
	scheme, token, _ = strings.Cut(strings.ToValidUTF8(values[0], "\uFFFD"), " ")
	return scheme, strings.TrimSpace(token)
}
