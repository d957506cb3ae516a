package names

import (
	"fmt"
	"slices"
	"strings"
)

// Policy is how the clients of an ecosystem write the subject of their
// certificate (ECO-4, dn_policy). The zero Policy is RFC 4514 as it stands.
// Comparison is the same under all: by RDN and attribute type (RFC 4517 §4.2.15).
type Policy struct {
	// Name as in a configuration.
	Name string
	// EitherOrder lets a subject be written in the order of the certificate too,
	// as some tools print it, and not only in the reverse one of RFC 4514 §2.1.
	EitherOrder bool
	// ShortNames are the attribute types that may be written by name, in lower
	// case. Nil: every one that is known here.
	ShortNames []string
	// HexadecimalOIDs demands the form # of a value whose type is written as an
	// OID, as RFC 4514 §2.4 has it.
	HexadecimalOIDs bool
}

// policies are those that a configuration can name.
var policies = []Policy{
	{Name: "rfc4514"},
	{Name: "either-order", EitherOrder: true},
	{
		// Open Finance Brasil, dynamic client registration §7.1.2: the short names
		// of RFC 4514 §3 alone, any other attribute as its OID and DER.
		Name:            "openfinance-brazil",
		ShortNames:      []string{"cn", "l", "st", "o", "ou", "c", "street", "dc", "uid"},
		HexadecimalOIDs: true,
	},
}

// PolicyByName finds a policy. The empty name is that of RFC 4514.
func PolicyByName(name string) (Policy, error) {
	var known []string
	for _, p := range policies {
		if p.Name == name {
			return p, nil
		}
		known = append(known, p.Name)
	}
	if name == "" {
		return policies[0], nil
	}
	return Policy{}, fmt.Errorf("names: unknown policy %q, known are %s", name, strings.Join(known, ", "))
}

// Parse is [Parse] as the policy has it: every name that a client means by its
// text. A certificate is the client's that has one of them.
func (p Policy) Parse(kind Kind, text string) ([]Name, error) {
	if kind != SubjectDN {
		name, err := Parse(kind, text)
		if err != nil {
			return nil, err
		}
		return []Name{name}, nil
	}
	if err := withinLength(text); err != nil {
		return nil, err
	}
	sequence, err := readDN(text, p)
	if err != nil {
		return nil, err
	}
	written, err := sequenceForm(sequence)
	if err != nil {
		return nil, err
	}
	meant := []Name{{SubjectDN, written}}
	if p.EitherOrder && len(sequence) > 1 {
		slices.Reverse(sequence)
		reversed, err := sequenceForm(sequence)
		if err != nil {
			return nil, err
		}
		meant = append(meant, Name{SubjectDN, reversed})
	}
	return meant, nil
}

// permits tells whether an attribute may be written so.
func (p Policy) permits(attributeType string, hexadecimal bool) error {
	switch short := strings.ToLower(attributeType); {
	case dotted.MatchString(attributeType):
		if p.HexadecimalOIDs && !hexadecimal {
			return malformed("value of an attribute that is written as an OID must be # and DER in hexadecimal")
		}
	case p.ShortNames != nil && !slices.Contains(p.ShortNames, short):
		return malformed("attribute type must be written as a dotted OID: its name is not one of RFC 4514")
	}
	return nil
}
