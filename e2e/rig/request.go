package rig

import (
	"crypto/tls"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// Request is one HTTP request, good in every part until a test changes one.
type Request struct {
	Method string
	URL    string
	Header http.Header
	// Form is the body, unless Body says otherwise. A repeated parameter has
	// several values.
	Form url.Values
	Body *string
	// Assertion proves the client; it is signed when the request is sent. What
	// else proves a client or binds a token stands beside it.
	Assertion *Assertion
	// Proof is the DPoP proof; it is signed when the request is sent.
	Proof *Proof
	// Certificate is the client's in the TLS connection.
	Certificate *tls.Certificate
	second      bool
}

// Change alters a request before it is sent.
type Change func(*Request)

func (r *Request) changed(changes []Change) *Request {
	for _, change := range changes {
		change(r)
	}
	return r
}

// Param sets a parameter of the form: none, one or several values.
func Param(name string, values ...string) Change {
	return func(r *Request) { r.Form[name] = values }
}

// Header sets a header of the HTTP request.
func Header(name, value string) Change { return func(r *Request) { r.Header.Set(name, value) } }

// Method sets the method.
func Method(method string) Change { return func(r *Request) { r.Method = method } }

// To sends the request elsewhere.
func To(address string) Change { return func(r *Request) { r.URL = address } }

// Raw sends another body than the form.
func Raw(contentType, body string) Change {
	return func(r *Request) {
		r.Body = &body
		r.Header.Set("Content-Type", contentType)
	}
}

// With sends another certificate, or none where it is nil.
func With(certificate *tls.Certificate) Change {
	return func(r *Request) { r.Certificate = certificate }
}

// All joins changes into one.
func All(changes ...Change) Change { return func(r *Request) { r.changed(changes) } }

const formContentType = "application/x-www-form-urlencoded"

// Get is a request without a body.
func Get(address string) *Request {
	return &Request{Method: http.MethodGet, URL: address, Header: http.Header{}}
}

// post is a form.
func post(address string, form url.Values) *Request {
	return &Request{Method: http.MethodPost, URL: address, Header: http.Header{"Content-Type": {formContentType}}, Form: form}
}

// authenticated is a form with the client's proof: a fresh assertion, or its
// client_id over its certificate.
func (c *Client) authenticated(address string, form url.Values) *Request {
	r := post(address, form)
	r.Certificate = c.Certificate
	if c.Method == oauth.AuthPrivateKeyJWT {
		r.Form.Set(oauth.ParamClientAssertionType, oauth.AssertionTypeJWTBearer)
		r.Assertion = c.Assertion()
	} else {
		r.Form.Set(oauth.ParamClientID, c.ID)
	}
	c.prove(r, "")
	return r
}

// body is what is sent.
func (r *Request) body() string {
	switch {
	case r.Body != nil:
		return *r.Body
	case r.Form == nil:
		return ""
	}
	form := url.Values{}
	for name, values := range r.Form {
		form[name] = values
	}
	if r.Assertion != nil {
		form.Set(oauth.ParamClientAssertion, r.Assertion.Text())
	}
	return form.Encode()
}

// Send sends a request and reads the answer. Every secret in either is remembered.
func (s *Suite) Send(t testing.TB, r *Request) *Response {
	t.Helper()
	body := r.body()
	if values, err := url.ParseQuery(body); err == nil {
		s.Secrets.ofValues(t.Name(), values)
	}
	if _, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok {
		s.Secrets.Remember(t.Name(), "Authorization", token)
	}
	request, err := http.NewRequestWithContext(t.Context(), r.Method, r.URL, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header = r.Header.Clone()
	if r.Proof != nil {
		request.Header["Dpop"] = append(request.Header["Dpop"], r.Proof.Text())
	}
	request.Host = r.Header.Get("Host")
	client := s.plain
	if r.Certificate != nil || r.second {
		client = s.httpClient(r.Certificate)
		defer client.CloseIdleConnections()
	}
	if r.second {
		client = s.toSecondNode(client)
	}
	return s.read(t, client, request)
}
