package registration

import (
	"slices"
	"strings"

	"github.com/strongroom-fapi/strongroom/fapi/framework"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/fapi/qcstatement"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/statement"
)

// applyRoles bounds the scope by what the software may do, as its statement says and
// as its certificate says, where the framework asks for the one, the other or both.
func (m members) applyRoles(s *statement.Statement) error {
	bySoftware, bounded, err := softwareScopes(s)
	if err != nil {
		return err
	}
	byCertificate, certified, err := certificateScopes(s)
	if err != nil {
		return err
	}
	opened := slices.Concat(bySoftware, byCertificate)
	if bounded && certified {
		opened = slices.DeleteFunc(bySoftware, func(scope string) bool { return !slices.Contains(byCertificate, scope) })
		if len(opened) == 0 {
			return unapproved("the roles of the software and of its certificate open no scope together")
		}
	}
	if !bounded && !certified {
		return nil
	}
	return m.apply(framework.Claim{Member: "scope", Rule: framework.Bounds}, quoted(strings.Join(opened, " ")))
}

// softwareScopes are those that the roles in the statement open; bounded is false
// where the framework does not ask.
func softwareScopes(s *statement.Statement) (opened []string, bounded bool, err error) {
	roles := s.Framework.Roles
	if roles == nil {
		return nil, false, nil
	}
	held, ok := values(s.Claims[roles.Claim])
	if !ok {
		return nil, true, oauth.New(oauth.CodeInvalidStatement, roles.Claim+" of the software_statement must be a list of texts").By("SSA-1")
	}
	if opened = union(held, roles.Scopes); len(opened) == 0 {
		return nil, true, unapproved("the software has no role that opens a scope here")
	}
	return opened, true, nil
}

// certificateScopes are those that the roles in the certificate open. What it says
// of them malformed is refused: a role is not guessed.
func certificateScopes(s *statement.Statement) (opened []string, bounded bool, err error) {
	if len(s.Framework.CertificateRoles) == 0 {
		return nil, false, nil
	}
	var said qcstatement.PSD2
	if s.Certificate != nil {
		if said, _, err = qcstatement.Of(s.Certificate); err != nil {
			return nil, true, unapproved("the roles in the client certificate cannot be read").Because(err)
		}
	}
	if opened = union(said.Roles, s.Framework.CertificateRoles); len(opened) == 0 {
		return nil, true, unapproved("the client certificate has no role that opens a scope here")
	}
	return opened, true, nil
}

// union is what roles open, each scope once, in the order of the roles.
func union[Role comparable](held []Role, opens map[Role][]string) []string {
	var opened []string
	for _, role := range held {
		for _, scope := range opens[role] {
			if !slices.Contains(opened, scope) {
				opened = append(opened, scope)
			}
		}
	}
	return opened
}

// unapproved is unapproved_software_statement, RFC 7591 §3.2.2.
func unapproved(description string) *oauth.Error {
	return oauth.New(oauth.CodeUnapprovedStatement, description).By("DCR-3")
}
