package names

import (
	"encoding/hex"
	"slices"
	"strings"
)

// subjectAsWritten is the canonical form of a distinguished name under RFC 4514.
func subjectAsWritten(text string) (string, error) {
	sequence, err := readDN(text, Policy{})
	if err != nil {
		return "", err
	}
	return sequenceForm(sequence)
}

// readDN reads a distinguished name written as RFC 4514 §3 has it, the last RDN of
// the certificate first, and answers the RDNs in the order of the certificate.
// Spaces around separators are let through (RFC 2253 §4): they are no part of a
// value either way. The older forms are not: quotes, ";" between RDNs, the prefix
// "OID.".
func readDN(text string, policy Policy) ([]relativeName, error) {
	r := dnReader{policy: policy, rest: text}
	sequence := []relativeName{nil}
	for {
		a, err := r.attribute()
		if err != nil {
			return nil, err
		}
		last := len(sequence) - 1
		sequence[last] = append(sequence[last], a)
		switch r.next() {
		case end:
			slices.Reverse(sequence) // RFC 4514 §2.1
			return sequence, nil
		case ',':
			sequence = append(sequence, nil)
		}
	}
}

// end is what follows the last character.
const end = 0

// dnReader reads from the front of rest.
type dnReader struct {
	policy Policy
	rest   string
}

// next takes one character, or end.
func (r *dnReader) next() byte {
	if r.rest == "" {
		return end
	}
	c := r.rest[0]
	r.rest = r.rest[1:]
	return c
}

// attribute reads a type, "=" and a value, and stops before what follows it:
// nothing, "," or "+".
func (r *dnReader) attribute() (attribute, error) {
	name, rest, ok := strings.Cut(r.rest, "=")
	if !ok {
		return attribute{}, malformed("RDN has no =")
	}
	name = strings.Trim(name, " ")
	oid, err := attributeType(name)
	if err != nil {
		return attribute{}, err
	}
	r.rest = strings.TrimLeft(rest, " ")
	hexadecimal := strings.HasPrefix(r.rest, "#")
	if err := r.policy.permits(name, hexadecimal); err != nil {
		return attribute{}, err
	}
	if hexadecimal {
		value, err := r.hexValue()
		return attribute{oid, value}, err
	}
	text, err := r.text()
	if err != nil {
		return attribute{}, err
	}
	value, err := textForm(text)
	return attribute{oid, value}, err
}

func (r *dnReader) hexValue() (string, error) {
	digits := r.rest[1:]
	if i := strings.IndexAny(digits, ",+"); i >= 0 {
		digits = digits[:i]
	}
	r.rest = r.rest[1+len(digits):]
	return hexForm(strings.TrimRight(digits, " "))
}

// Characters of RFC 4514 §3 that are special in a value.
const (
	mustEscape = "\"+,;<>\x00"
	mayEscape  = "\\\"+,;<> #="
)

// text reads a value with its escapes undone.
func (r *dnReader) text() (string, error) {
	var value strings.Builder
	for r.rest != "" && r.rest[0] != ',' && r.rest[0] != '+' {
		c := r.next()
		if strings.IndexByte(mustEscape, c) >= 0 {
			return "", malformed("value has a character that must be escaped")
		}
		if c == '\\' {
			var err error
			if c, err = r.escaped(); err != nil {
				return "", err
			}
		}
		value.WriteByte(c)
	}
	return value.String(), nil
}

// escaped reads what follows a backslash: a special character, or one octet in
// hexadecimal.
func (r *dnReader) escaped() (byte, error) {
	if r.rest != "" && strings.IndexByte(mayEscape, r.rest[0]) >= 0 {
		return r.next(), nil
	}
	if len(r.rest) < 2 {
		return 0, malformed("value ends within an escape")
	}
	octet, err := hex.DecodeString(r.rest[:2])
	if err != nil {
		return 0, malformed("value has an unknown escape")
	}
	r.rest = r.rest[2:]
	return octet[0], nil
}
