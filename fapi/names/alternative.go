package names

import (
	"encoding/asn1"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
)

// hostSyntax is a host name of RFC 1123 §2.1: labels of letters, digits and
// inner dashes, without wildcard (BAD-33) and without the dot of the root.
var hostSyntax = regexp.MustCompile(`^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$`)

// maxHost is the longest host name, in bytes (RFC 1035 §2.3.4).
const maxHost = 253

func isHost(text string) bool {
	_, err := netip.ParseAddr(text)
	return err != nil && len(text) <= maxHost && hostSyntax.MatchString(text)
}

func readDNS(text string) (string, error) {
	if !isHost(text) {
		return "", malformed("not a host name without wildcard")
	}
	return dnsForm(text), nil
}

// readURI takes any absolute URI, to be compared exactly (RFC 5280 §7.4 would
// fold the case of scheme and host; RFC 8705 does not say, and exact is safe).
func readURI(text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil || !u.IsAbs() || !printable(text) {
		return "", malformed("not an absolute URI")
	}
	return text, nil
}

func readIP(text string) (string, error) {
	address, err := netip.ParseAddr(text)
	if err != nil || address.Zone() != "" {
		return "", malformed("not an IP address")
	}
	return string(address.AsSlice()), nil
}

func readEmail(text string) (string, error) {
	local, host, ok := cutEmail(text)
	if !ok || local == "" || !isHost(host) || !printable(text) {
		return "", malformed("not an email address")
	}
	return emailForm(text), nil
}

func dnsForm(text string) string { return strings.ToLower(text) }

// emailForm keeps the local part and folds the host, RFC 5280 §7.5.
func emailForm(text string) string {
	local, host, ok := cutEmail(text)
	if !ok {
		return text
	}
	return local + "@" + strings.ToLower(host)
}

// cutEmail cuts at the last @: a quoted local part may hold others.
func cutEmail(text string) (local, host string, ok bool) {
	i := strings.LastIndexByte(text, '@')
	if i < 0 {
		return "", "", false
	}
	return text[:i], text[i+1:], true
}

// printable tells whether a text is ASCII without spaces and controls.
func printable(text string) bool {
	return !strings.ContainsFunc(text, func(c rune) bool { return c <= 0x20 || c > 0x7e })
}

// Tags of GeneralName, RFC 5280 §4.2.1.6.
const (
	tagEmail = 1
	tagDNS   = 2
	tagURI   = 6
	tagIP    = 7
)

// alternatives reads a subjectAltName extension; none where it is broken.
func alternatives(der []byte) []Name {
	var sequence asn1.RawValue
	rest, err := asn1.Unmarshal(der, &sequence)
	if err != nil || len(rest) > 0 || sequence.Class != asn1.ClassUniversal || sequence.Tag != asn1.TagSequence {
		return nil
	}
	var found []Name
	for rest = sequence.Bytes; len(rest) > 0; {
		var general asn1.RawValue
		if rest, err = asn1.Unmarshal(rest, &general); err != nil {
			return nil
		}
		if name, ok := generalName(general); ok {
			found = append(found, name)
		}
	}
	return found
}

// generalName reads one of the four kinds that a client can be known by.
func generalName(general asn1.RawValue) (Name, bool) {
	if general.Class != asn1.ClassContextSpecific || general.IsCompound || len(general.Bytes) == 0 {
		return Name{}, false
	}
	text := string(general.Bytes)
	if general.Tag == tagIP {
		return Name{IP, text}, len(text) == 4 || len(text) == 16
	}
	if !printable(text) {
		return Name{}, false
	}
	switch general.Tag {
	case tagEmail:
		return Name{Email, emailForm(text)}, true
	case tagDNS:
		return Name{DNS, dnsForm(text)}, true
	case tagURI:
		return Name{URI, text}, true
	}
	return Name{}, false
}
