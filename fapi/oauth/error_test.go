package oauth

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

// TestHTTPStatus is WIRE-5, from RFC 6749 §5.2 and RFC 6750 §3.1.
func TestHTTPStatus(t *testing.T) {
	for _, row := range []struct {
		refusal *Error
		want    int
	}{
		{InvalidRequest(""), 400}, {InvalidGrant(""), 400}, {InvalidScope(""), 400},
		{New(CodeUnauthorizedClient, ""), 400}, {New(CodeUnsupportedGrantType, ""), 400},
		{New(CodeInvalidTarget, ""), 400}, {New(CodeInvalidAuthorizationDetails, ""), 400},
		{New(CodeInvalidDPoPProof, ""), 400}, {New(CodeUseDPoPNonce, ""), 400},
		{New(CodeInvalidRedirectURI, ""), 400}, {New(CodeInvalidClientMetadata, ""), 400},
		{InvalidClient(""), 401}, {New(CodeInvalidToken, ""), 401}, {InvalidToken(""), 401},
		{New(CodeInsufficientScope, ""), 403},
		{New(CodeServerError, ""), 500},
		{New(CodeTemporarilyUnavailable, ""), 503}, {Unavailable(1), 503},
		{TooMany(1), 429},
		{&Error{Code: CodeInvalidClient, Status: 400}, 400}, // as set, whatever the code implies
	} {
		if got := row.refusal.HTTPStatus(); got != row.want {
			t.Errorf("%s: got %d, want %d", row.refusal.Code, got, row.want)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	for name, refusal := range map[string]*Error{"Unavailable": Unavailable(7), "TooMany": TooMany(7)} {
		if refusal.RetryAfter != 7 {
			t.Errorf("%s: %d seconds", name, refusal.RetryAfter)
		}
	}
	if code := TooMany(7).Code; code != CodeInvalidRequest {
		t.Errorf("TooMany is %s", code)
	}
}

// TestCauseStaysInTheLog: the cause is found by errors.Is and stands in Error(),
// and never in what a client is told.
func TestCauseStaysInTheLog(t *testing.T) {
	cause := fmt.Errorf("row 17: %w", io.ErrUnexpectedEOF)
	refusal := InvalidGrant("code is unknown").By("TOK-2").Because(cause)
	err := fmt.Errorf("exchange: %w", refusal)

	found, ok := AsError(err)
	if !ok || found != refusal {
		t.Fatalf("AsError: %v, %t", found, ok)
	}
	if !errors.Is(err, io.ErrUnexpectedEOF) || !errors.Is(refusal, cause) {
		t.Error("the cause is lost")
	}
	if got, want := refusal.Error(), "invalid_grant (TOK-2): code is unknown: row 17: unexpected EOF"; got != want {
		t.Errorf("for the log: %q, want %q", got, want)
	}
	if found.Code+found.Description+found.Rule+found.Nonce != "invalid_grantcode is unknownTOK-2" {
		t.Errorf("the client is told %+v", found)
	}
	if got := New(CodeServerError, "").Error(); got != CodeServerError {
		t.Errorf("a bare refusal reads %q", got)
	}
	if _, ok := AsError(cause); ok {
		t.Error("a refusal was found where there is none")
	}
	if _, ok := AsError(nil); ok {
		t.Error("nil is a refusal")
	}
}

// TestRefusalsAreCopied: package variables are refusals, and many requests share
// them.
func TestRefusalsAreCopied(t *testing.T) {
	shared := InvalidRequest("state is too long")
	if by := shared.By("SP2-36"); by.Rule != "SP2-36" || by.Description != shared.Description {
		t.Errorf("By: %+v", by)
	}
	if because := shared.Because(io.EOF); !errors.Is(because, io.EOF) {
		t.Error("Because lost the cause")
	}
	if shared.Rule != "" || shared.Unwrap() != nil {
		t.Errorf("the shared one was changed: %+v", shared)
	}
}

// TestDescribe is WIRE-4 and BAD-196: nothing that a client sent comes back as a
// line break, a quote or markup's beginning of an attribute.
func TestDescribe(t *testing.T) {
	for _, row := range []struct{ name, text, want string }{
		{"plain text stays", "scope is unknown", "scope is unknown"},
		{"the ends of the ranges", " !#[]~", " !#[]~"},
		{"CR LF", "a\r\nSet-Cookie: b", "a??Set-Cookie: b"},
		{"tab, NUL and DEL", "a\t\x00\x7fb", "a???b"},
		{"a quote and a backslash", `a"b\c`, "a?b?c"},
		{"not ASCII", "caf\u00e9 \U0001f511", "caf? ?"},
		{"not UTF-8", "a\xffb", "a?b"},
		{"empty", "", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := Describe(row.text); got != row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
			if got := New(CodeInvalidRequest, row.text).Description; got != row.want {
				t.Errorf("New describes %q", got)
			}
		})
	}
	if got := len(Describe(strings.Repeat("a", 10_000))); got != maxDescription {
		t.Errorf("%d bytes", got)
	}
	// A character cut in two at the bound leaves no half of it.
	if got := Describe(strings.Repeat("a", maxDescription-1) + "\u00e9"); got != strings.Repeat("a", maxDescription-1)+"?" {
		t.Errorf("got %q", got)
	}
}
