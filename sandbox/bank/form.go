package bank

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"mime"
	"net/http"
	"net/url"
)

// Names of what the pages send.
const (
	fieldIssuer   = "issuer"
	fieldTicket   = "ticket"
	fieldCSRF     = "csrf"
	fieldUsername = "username"
	fieldPassword = "password"
	fieldApprove  = "approve"
	fieldDeny     = "deny"
	fieldSwitch   = "switch"
)

// maxForm bounds a form, in bytes.
const maxForm = 16 << 10

// reference is one interaction at one issuer.
type reference struct{ issuer, ticket string }

// referenceOf reads it from a query or a form; nothing may be missing, repeated
// (WIRE-2) or longer than the suite would make it.
func referenceOf(values url.Values) (reference, bool) {
	if len(values[fieldIssuer]) != 1 || len(values[fieldTicket]) != 1 {
		return reference{}, false
	}
	ref := reference{values.Get(fieldIssuer), values.Get(fieldTicket)}
	return ref, visible(ref.issuer, 128) && visible(ref.ticket, 512)
}

// visible tells whether a text has 1 to max characters of ASCII, none of them a
// space.
func visible(text string, max int) bool {
	for _, c := range []byte(text) {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return text != "" && len(text) <= max
}

// url is where the interaction is shown.
func (ref reference) url() string {
	return interactionPath + "?" + url.Values{fieldIssuer: {ref.issuer}, fieldTicket: {ref.ticket}}.Encode()
}

// page is which of the bank's pages a form stands on.
type page string

const (
	loginPage   page = "login"
	consentPage page = "consent"
)

// csrf is the token in a form: it is good on one page for one interaction in one
// browser session (BAD-85, BAD-89). No part of the text can hold the separator.
func (b *Bank) csrf(on page, browser browserID, ref reference) string {
	mac := hmac.New(sha256.New, b.csrfKey[:])
	for _, part := range []string{string(on), string(browser), ref.issuer, ref.ticket} {
		mac.Write([]byte(part))
		mac.Write([]byte{0})
	}
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// form is what a user sent from one of the bank's pages.
type form struct {
	reference
	browser browserID
	values  url.Values
}

// chose tells whether the user pressed the button of that name.
func (f form) chose(button string) bool { return f.values.Has(button) }

// read reads a form; where it answers false, the request has been refused and
// nothing was answered for the user.
func (b *Bank) read(w http.ResponseWriter, r *http.Request, from page) (form, bool) {
	values, httpStatus := postedValues(w, r)
	ref, ok := referenceOf(values)
	switch {
	case httpStatus != 0:
		failPage(w, httpStatus, invalidRequest, "This form cannot be read", "Please go back and try again.")
		return form{}, false
	case !ok:
		failPage(w, http.StatusBadRequest, invalidRequest, "This form is incomplete", "Please go back to the app that sent you here, and start again.")
		return form{}, false
	}
	browser, known := cookieOf(r)
	if !known || !hmac.Equal([]byte(values.Get(fieldCSRF)), []byte(b.csrf(from, browser, ref))) {
		b.log.WarnContext(r.Context(), "form refused", "rule", "BAD-85", "page", from, "cookie", known)
		failPage(w, http.StatusForbidden, invalidRequest, "This form does not belong to your session",
			"You may have logged in or out elsewhere, or your browser blocks cookies. Nothing was sent. Please go back to the app and start again.")
		return form{}, false
	}
	return form{ref, browser, values}, true
}

// postedValues is the body of a form without the query, each field once; else the
// status of the refusal.
func postedValues(w http.ResponseWriter, r *http.Request) (url.Values, int) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return nil, http.StatusUnsupportedMediaType
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	err = r.ParseForm()
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		return nil, http.StatusRequestEntityTooLarge
	case err != nil:
		return nil, http.StatusBadRequest
	}
	for _, values := range r.PostForm {
		if len(values) != 1 {
			return nil, http.StatusBadRequest
		}
	}
	return r.PostForm, 0
}
