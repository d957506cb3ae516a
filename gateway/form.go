package gateway

import (
	"bytes"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	rpcv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/rpc/v1"
)

const formContentType = "application/x-www-form-urlencoded"

// readForm reads the form of a protocol endpoint: from the body alone, never
// from the query (WIRE-1, BAD-119), each parameter once (WIRE-2). Credentials
// are taken out, so that what is kept or logged later cannot hold them.
func readForm(r *request) (*rpcv1.Form, error) {
	params, err := readParams(r.Request)
	if err != nil {
		return nil, err
	}
	proofs := r.Header.Values("DPoP")
	if len(proofs) > 1 {
		return nil, oauth.New(oauth.CodeInvalidDPoPProof, "one DPoP header at most").By("DPOP-1")
	}
	form := &rpcv1.Form{Credentials: credentials(r.Request, params), Params: params, Url: r.url}
	form.Credentials.Certificates = r.certificates
	if len(proofs) == 1 {
		form.DpopProof = strings.ToValidUTF8(proofs[0], "\uFFFD")
	}
	return form, nil
}

// credentials takes what proves a client out of the parameters.
func credentials(r *http.Request, params map[string]string) *rpcv1.Credentials {
	take := func(name string) string {
		value := params[name]
		delete(params, name)
		return value
	}
	return &rpcv1.Credentials{
		ClientId:             take(oauth.ParamClientID),
		ClientAssertionType:  take(oauth.ParamClientAssertionType),
		ClientAssertion:      take(oauth.ParamClientAssertion),
		ClientSecretPresent:  take(oauth.ParamClientSecret) != "",
		AuthorizationPresent: len(r.Header.Values("Authorization")) > 0,
	}
}

// readParams reads a form body.
func readParams(r *http.Request) (map[string]string, error) {
	mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || mediaType != formContentType {
		return nil, oauth.InvalidRequest("the body must be " + formContentType).By("WIRE-1")
	}
	body, err := readBody(r)
	if err != nil {
		return nil, err
	}
	return parseParams(string(body))
}

// firstRead bounds what is made room for because a request says that it is so long.
const firstRead = 8 << 10

// readBody reads a body up to the route's limit.
func readBody(r *http.Request) ([]byte, error) {
	body := bytes.NewBuffer(make([]byte, 0, min(max(r.ContentLength, 0), firstRead)+bytes.MinRead))
	_, err := body.ReadFrom(r.Body)
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		refusal := oauth.InvalidRequest("the body is too large").By("WIRE-6")
		refusal.Status = http.StatusRequestEntityTooLarge
		return nil, refusal
	}
	if err != nil {
		return nil, oauth.InvalidRequest("the body could not be read").By("WIRE-1").Because(err)
	}
	return body.Bytes(), nil
}

// repeatable parameters may come more than once (RFC 8707 §2). No profile here
// serves them; the first is kept, to be refused by name.
var repeatable = map[string]bool{oauth.ParamResource: true, "audience": true}

// parseParams takes application/x-www-form-urlencoded text apart. A repeated
// parameter is refused; one with an empty value counts as absent (RFC 6749
// §3.1). Bytes that are no UTF-8 become U+FFFD and then name nothing.
func parseParams(text string) (map[string]string, error) {
	params, seen := map[string]string{}, map[string]bool{}
	for pair := range strings.SplitSeq(text, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		name, nameErr := url.QueryUnescape(name)
		value, valueErr := url.QueryUnescape(value)
		if nameErr != nil || valueErr != nil {
			return nil, oauth.InvalidRequest("the parameters are not form-encoded").By("WIRE-1")
		}
		name, value = strings.ToValidUTF8(name, "\uFFFD"), strings.ToValidUTF8(value, "\uFFFD")
		if seen[name] && !repeatable[name] {
			return nil, oauth.InvalidRequest("parameter " + name + " is repeated").By("WIRE-2")
		}
		if value != "" && !seen[name] {
			params[name] = value
		}
		seen[name] = true
	}
	return params, nil
}
