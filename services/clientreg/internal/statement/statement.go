// Package statement judges software statements: what a trust framework says of a
// client's software (RFC 7591 §2.3, SSA-1).
package statement

import (
	"crypto/x509"
	"iter"
	"slices"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/strongroom-fapi/strongroom/fapi/framework"
	"github.com/strongroom-fapi/strongroom/fapi/names"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// Statement is one that is believed.
type Statement struct {
	Framework *framework.Framework
	// Text is the compact JWS as it came (SSA-2).
	Text string
	// SoftwareID and Participant are what it says who it is of.
	SoftwareID, Participant string
	// ID is its jti; "" where it may come again.
	ID string
	// Issued is its iat; zero where it has none, and where it may come again.
	Issued time.Time
	// Until is when its time is over; a statement without exp ends by its age.
	Until time.Time
	// Claims are all of them, by name.
	Claims map[string]jsontext.Value
	// Certificate is the one of the request, trusted and in agreement with the
	// statement; nil where the framework asks for none.
	Certificate *x509.Certificate
}

// invalid is invalid_software_statement, RFC 7591 §3.2.2.
func invalid(description string) *oauth.Error {
	return oauth.New(oauth.CodeInvalidStatement, description).By("SSA-1")
}

// unapproved is unapproved_software_statement, RFC 7591 §3.2.2: the statement may
// be true, but not for us.
func unapproved(description string) *oauth.Error {
	return oauth.New(oauth.CodeUnapprovedStatement, description).By("DCR-3")
}

// Missing answers a registration without a statement that needs one (BAD-151).
var Missing = invalid("a software_statement is required")

// Agrees tells why a certificate is not that of the statement's software
// (BAD-154); nil where it is. That somebody trusted vouches for the certificate is
// another question.
func (s *Statement) Agrees(certificate *x509.Certificate) error {
	return first(s.disagreements(certificate))
}

// Disagreements are all reasons of [Statement.Agrees].
func (s *Statement) Disagreements(certificate *x509.Certificate) []error {
	return slices.Collect(s.disagreements(certificate))
}

func (s *Statement) disagreements(certificate *x509.Certificate) iter.Seq[error] {
	return func(yield func(error) bool) {
		for _, binding := range s.Framework.Certificate {
			if err := s.bound(binding, certificate); err != nil && !yield(err) {
				return
			}
		}
	}
}

func (s *Statement) bound(binding framework.Binding, certificate *x509.Certificate) error {
	claim, ok := text(s.Claims[binding.Claim])
	if !ok || claim == "" {
		return invalid(binding.Claim + " is required in the software_statement")
	}
	if !slices.ContainsFunc(binding.Attributes, func(attribute string) bool {
		oid, err := names.AttributeType(attribute)
		return err == nil && slices.Contains(names.SubjectValues(certificate, oid), binding.Prefix+claim)
	}) {
		return invalid("the client certificate does not agree with " + binding.Claim + " of the software_statement")
	}
	return nil
}

// Keys are where the statement says that its software has its keys: an address, or
// a set by value.
func (s *Statement) Keys() (uri string, set jsontext.Value) {
	for claim, value := range s.Claims {
		switch meaning, ok := s.Framework.Meaning(claim); {
		case !ok:
		case meaning.Member == "jwks_uri":
			uri, _ = text(value)
		case meaning.Member == "jwks":
			set = value
		}
	}
	return uri, set
}
