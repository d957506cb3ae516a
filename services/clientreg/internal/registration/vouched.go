package registration

import (
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/strongroom-fapi/strongroom/fapi/framework"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/statement"
)

// Vouched is what was asked for, as a software statement has it: its values beat
// the request's (RFC 7591 §3.1.1), where its framework does not let the request
// choose among them (SSA-1). The error is the first of what [Asked.Diagnosed]
// tells.
func (a Asked) Vouched(s *statement.Statement) (Asked, error) {
	vouched, faults := a.Diagnosed(s)
	if len(faults) > 0 {
		return Asked{}, faults[0]
	}
	return vouched, nil
}

// Diagnosed is Vouched with everything in which the request goes beyond the
// statement; there, the statement's value stands.
func (a Asked) Diagnosed(s *statement.Statement) (Asked, []error) {
	vouched := Asked{members: maps.Clone(a.members)}
	var faults []error
	for _, member := range s.Framework.RefusedMembers {
		if value, ok := a.members[member]; ok && value.Kind() != 'n' {
			faults = append(faults, invalid(member+" is not taken by this trust framework").By("SSA-1"))
		}
	}
	for _, claim := range slices.Sorted(maps.Keys(s.Claims)) {
		meaning, ok := s.Framework.Meaning(claim)
		if !ok || s.Claims[claim].Kind() == 'n' {
			continue
		}
		if err := vouched.members.apply(meaning, s.Claims[claim]); err != nil {
			faults = append(faults, err)
			vouched.members[meaning.Member] = s.Claims[claim]
		}
	}
	if err := vouched.members.applyRoles(s); err != nil {
		faults = append(faults, err)
	}
	vouched.members[statementMember] = quoted(s.Text)
	vouched.members["software_id"] = quoted(s.SoftwareID)
	if err := vouched.write(); err != nil {
		faults = append(faults, err)
	}
	return vouched, faults
}

// apply is one claim.
func (m members) apply(meaning framework.Claim, value jsontext.Value) error {
	asked, ok := m[meaning.Member]
	if ok && asked.Kind() != 'n' {
		switch meaning.Rule {
		case framework.Bounds:
			return m.within(meaning.Member, asked, value)
		case framework.Equals:
			if !equal(asked, value) {
				return contradicts(meaning.Member)
			}
		}
	}
	m[meaning.Member] = value
	return nil
}

// within lets the request choose among the statement's values.
func (m members) within(member string, asked, vouched jsontext.Value) error {
	chosen, ok := values(asked)
	allowed, okAllowed := values(vouched)
	if !ok {
		return invalid(member + " is not of its type")
	}
	if !okAllowed || !oauth.Subset(chosen, allowed) {
		return contradicts(member)
	}
	if len(chosen) == 0 {
		m[member] = vouched
	}
	return nil
}

// contradicts is BAD-155, BAD-157 and BAD-161: the request goes beyond the
// statement.
func contradicts(member string) error {
	code := oauth.CodeInvalidClientMetadata
	if member == "redirect_uris" {
		code = oauth.CodeInvalidRedirectURI
	}
	return oauth.New(code, member+" is not what the software_statement vouches for").By("SSA-1")
}

// values are those of a list of texts, or of a text that separates them by spaces
// as scope does.
func values(value jsontext.Value) ([]string, bool) {
	if found, ok := text(value); ok {
		return strings.Fields(found), true
	}
	var list []string
	if value.Kind() != '[' || json.Unmarshal(value, &list) != nil {
		return nil, false
	}
	return list, true
}

// equal compares two JSON values by what they say.
func equal(a, b jsontext.Value) bool {
	a, b = a.Clone(), b.Clone()
	return a.Canonicalize() == nil && b.Canonicalize() == nil && string(a) == string(b)
}

func quoted(value string) jsontext.Value {
	text, err := jsontext.AppendQuote(nil, value)
	if err != nil {
		return jsontext.Value(`""`) // not UTF-8, which nothing that was parsed is
	}
	return text
}
