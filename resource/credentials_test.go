package resource

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestPresentation is RS2-1, RS2-2, RSE-1, WIRE-7 and BAD-143: where a token
// may be, and how it is announced.
func TestPresentation(t *testing.T) {
	b := newBank(t, Offline, nil)
	token := b.token(nil)
	tests := []struct {
		name          string
		path          string
		authorization []string
		status        int
		code          string
	}{
		{"Bearer", "/", []string{"Bearer " + token}, 200, ""},
		{"WIRE-7 bearer in lower case", "/", []string{"bearer " + token}, 200, ""},
		{"WIRE-7 BEARER in upper case", "/", []string{"BEARER " + token}, 200, ""},
		{"two spaces", "/", []string{"Bearer  " + token}, 200, ""},
		{"other query parameters", "/?from=2026-01-01", []string{"Bearer " + token}, 200, ""},
		{"RSE-1 nothing", "/", nil, 401, ""},
		{"another scheme", "/", []string{"Basic YTpi"}, 401, ""},
		{"token without a scheme", "/", []string{token}, 401, ""},
		{"certificate-bound token under DPoP", "/", []string{"DPoP " + token}, 401, "invalid_token"},
		{"WIRE-7 the same under dpop", "/", []string{"dpop " + token}, 401, "invalid_token"},
		{"scheme alone", "/", []string{"Bearer"}, 400, "invalid_request"},
		{"two tokens", "/", []string{"Bearer " + token + " " + token}, 400, "invalid_request"},
		{"BAD-143 Bearer and DPoP in one header", "/", []string{"Bearer " + token + ", DPoP " + token}, 400, "invalid_request"},
		{"BAD-143 Bearer and DPoP in two headers", "/", []string{"Bearer " + token, "DPoP " + token}, 400, "invalid_request"},
		{"the same header twice", "/", []string{"Bearer " + token, "Bearer " + token}, 400, "invalid_request"},
		{"character that no token has", "/", []string{"Bearer a\"b"}, 400, "invalid_request"},
		{"BAD-143 in the query", "/?access_token=" + token, nil, 400, "invalid_request"},
		{"BAD-143 in the query beside the header", "/?access_token=" + token, []string{"Bearer " + token}, 400, "invalid_request"},
		{"in the query, empty", "/?access_token=", []string{"Bearer " + token}, 400, "invalid_request"},
		{"in the query, name encoded", "/?access%5Ftoken=x", []string{"Bearer " + token}, 400, "invalid_request"},
		{"in the query, behind a semicolon", "/?a=1;access_token=x", []string{"Bearer " + token}, 400, "invalid_request"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			header := http.Header{}
			if test.authorization != nil {
				header["Authorization"] = test.authorization
			}
			got := b.get(test.path, header, b.holder)
			wantReply(t, got, test.status, test.code)
			challenge := got.header.Get("WWW-Authenticate")
			if test.status == 401 && test.code == "" && challenge != `Bearer realm="`+accountsAPI+`"` {
				t.Errorf("challenge is %q, want no error code", challenge)
			}
			if test.status == 401 && test.code == "" && got.body != nil {
				t.Errorf("body is %v, want none", got.body)
			}
		})
	}
}

// TestFormIsNotRead is RS2-1: a token in a form is none, and the body is left
// to the handler.
func TestFormIsNotRead(t *testing.T) {
	b := newBank(t, Offline, nil)
	body := strings.NewReader("access_token=" + b.token(nil))
	request := httptest.NewRequest(http.MethodPost, "/", body)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	recorder := httptest.NewRecorder()
	b.verifier.Require()(http.HandlerFunc(showToken)).ServeHTTP(recorder, request)
	if recorder.Code != 401 {
		t.Errorf("answered %d, want 401", recorder.Code)
	}
	if body.Len() != int(body.Size()) {
		t.Error("the body was read")
	}
}
