package names

import (
	"encoding/asn1"
	"slices"
	"strings"
)

// An RDN sequence as in a certificate, RFC 5280 §4.1.2.4. The suffix SET tells
// encoding/asn1 what it is.
type (
	rdnSequence []relativeNameSET

	relativeNameSET []attributeValue

	attributeValue struct {
		Type  asn1.ObjectIdentifier
		Value asn1.RawValue
	}
)

// attribute is a type and the canonical form of its value.
type attribute struct{ oid, value string }

// relativeName is one RDN: most have one attribute, some several.
type relativeName []attribute

// form does not depend on the order: several attributes are a set (RFC 4512
// §2.3.1), which has each type once.
func (r relativeName) form() (string, error) {
	parts := make([]string, len(r))
	seen := map[string]bool{}
	for i, a := range r {
		if seen[a.oid] {
			return "", malformed("attribute type twice in one RDN")
		}
		seen[a.oid] = true
		parts[i] = a.oid + "=" + a.value
	}
	slices.Sort(parts)
	return strings.Join(parts, "+"), nil
}

// sequenceForm joins RDNs in the order of a certificate. Values are quoted or
// hexadecimal, so that no value can pass for two.
func sequenceForm(sequence []relativeName) (string, error) {
	if len(sequence) == 0 {
		return "", malformed("subject is empty")
	}
	forms := make([]string, len(sequence))
	for i, r := range sequence {
		form, err := r.form()
		if err != nil {
			return "", err
		}
		forms[i] = form
	}
	return strings.Join(forms, ","), nil
}

// subjectForm is the canonical form of a subject in DER.
func subjectForm(der []byte) (string, error) {
	var read rdnSequence
	if rest, err := asn1.Unmarshal(der, &read); err != nil || len(rest) > 0 {
		return "", malformed("subject is not an RDN sequence")
	}
	sequence := make([]relativeName, len(read))
	for i, set := range read {
		if len(set) == 0 {
			return "", malformed("RDN is empty")
		}
		for _, a := range set {
			value, err := valueForm(a.Value)
			if err != nil {
				return "", err
			}
			sequence[i] = append(sequence[i], attribute{a.Type.String(), value})
		}
	}
	return sequenceForm(sequence)
}
