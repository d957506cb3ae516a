package rig

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/metadata"
)

// Response is an answer, read to its end.
type Response struct {
	*http.Response
	Body []byte
	// JSON is the body where it is an object.
	JSON map[string]any
}

// httpClient follows no redirect by itself, so that tests see each.
func (s *Suite) httpClient(certificate *tls.Certificate) *http.Client {
	config := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: s.Layout.CA.Pool()}
	if certificate != nil {
		config.Certificates = []tls.Certificate{*certificate}
	}
	return &http.Client{
		Timeout:       30 * time.Second,
		Transport:     &http.Transport{DialContext: s.dial, TLSClientConfig: config, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 8},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func (s *Suite) read(t testing.TB, client *http.Client, request *http.Request) *Response {
	t.Helper()
	answer, err := client.Do(request) //nolint:gosec // G704: to the suite under test
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	r := &Response{Response: answer}
	if r.Body, err = io.ReadAll(answer.Body); err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(answer.Header.Get("Content-Type"), "application/json") {
		_ = json.Unmarshal(r.Body, &r.JSON) // an array or a number has no members
	}
	s.remember(t.Name(), r)
	r.holds(t)
	return r
}

// holds checks what is true of every answer, whatever was sent: no input makes the
// server fail, and where tokens are given 401 speaks of the client alone (WIRE-5).
func (r *Response) holds(t testing.TB) {
	t.Helper()
	if r.StatusCode == http.StatusInternalServerError {
		t.Errorf("%s answered 500: %.300s", r.Request.URL.Path, r.Body)
	}
	path := r.Request.URL.Path
	if !strings.HasSuffix(path, "/token") && !strings.HasSuffix(path, "/par") {
		return
	}
	if (r.StatusCode == http.StatusUnauthorized) != (r.Text("error") == "invalid_client") {
		t.Errorf("%s answered %d with the error %q", path, r.StatusCode, r.Text("error"))
	}
}

func (s *Suite) remember(test string, r *Response) {
	values := url.Values{}
	for name, value := range r.JSON {
		if text, ok := value.(string); ok {
			values.Set(name, text)
		}
	}
	s.Secrets.ofValues(test, values)
	if location, err := url.Parse(r.Header.Get("Location")); err == nil {
		s.Secrets.ofValues(test, location.Query())
	}
	for _, cookie := range r.Cookies() {
		s.Secrets.Remember(test, "cookie", cookie.Value)
	}
}

// Text is a member of the JSON object, or empty.
func (r *Response) Text(member string) string {
	text, _ := r.JSON[member].(string)
	return text
}

// descriptionSyntax is what error_description may hold (RFC 6749 §5.2): nothing
// that could end a header, an attribute or an element.
var descriptionSyntax = regexp.MustCompile(`^[\x20-\x21\x23-\x5B\x5D-\x7E]*$`)

// Refused checks an OAuth error: the status, the code, and that the answer is of
// the one form that all have (RFC 6749 §5.2).
func (r *Response) Refused(t testing.TB, status int, code string) {
	t.Helper()
	if r.StatusCode != status || r.Text("error") != code {
		t.Errorf("answered %d %s, want %d %s: %.300s", r.StatusCode, r.Text("error"), status, code, r.Body)
	}
	if kind := r.Header.Get("Content-Type"); !strings.HasPrefix(kind, "application/json") {
		t.Errorf("Content-Type is %q", kind)
	}
	if cache := r.Header.Get("Cache-Control"); cache != "no-store" {
		t.Errorf("Cache-Control is %q: an error may be kept on the way", cache)
	}
	for member := range r.JSON {
		if member != "error" && member != "error_description" {
			t.Errorf("the error has a member %s", member)
		}
	}
	if !descriptionSyntax.MatchString(r.Text("error_description")) {
		t.Errorf("BAD-196 error_description has characters outside RFC 6749 §5.2: %q", r.Text("error_description"))
	}
}

// Is checks the status alone.
func (r *Response) Is(t testing.TB, status int) *Response {
	t.Helper()
	if r.StatusCode != status {
		t.Fatalf("answered %d, want %d: %.300s", r.StatusCode, status, r.Body)
	}
	return r
}

func (s *Suite) discover(ctx context.Context, name string) (m metadata.Server, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.Issuer(name)+"/.well-known/openid-configuration", nil)
	if err != nil {
		return m, err
	}
	answer, err := s.plain.Do(request)
	if err != nil {
		return m, err
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(&m); err != nil {
		return m, err
	}
	if m.Issuer != s.Issuer(name) {
		return m, errors.New("the metadata of " + name + " names the issuer " + m.Issuer)
	}
	return m, nil
}
