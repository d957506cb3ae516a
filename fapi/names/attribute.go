package names

import (
	"regexp"
	"strings"
)

// attributeTypes are the short names of attribute types, in lower case: those of
// RFC 4514 §3, and those that certificates of open banking have besides (ETSI EN
// 319 412-1, CA/Browser Forum EV, ICP-Brasil). One that is missing here must be
// written as a dotted OID: to guess would be to compare different attributes.
var attributeTypes = map[string]string{
	// RFC 4514 §3
	"cn": "2.5.4.3", "l": "2.5.4.7", "st": "2.5.4.8", "o": "2.5.4.10", "ou": "2.5.4.11", "c": "2.5.4.6",
	"street": "2.5.4.9", "dc": "0.9.2342.19200300.100.1.25", "uid": "0.9.2342.19200300.100.1.1",
	// RFC 4519, the longer names of the same and more
	"commonname": "2.5.4.3", "surname": "2.5.4.4", "sn": "2.5.4.4", "serialnumber": "2.5.4.5", "countryname": "2.5.4.6",
	"localityname": "2.5.4.7", "stateorprovincename": "2.5.4.8", "s": "2.5.4.8", "streetaddress": "2.5.4.9",
	"organizationname": "2.5.4.10", "organizationalunitname": "2.5.4.11", "title": "2.5.4.12", "t": "2.5.4.12",
	"description": "2.5.4.13", "businesscategory": "2.5.4.15", "postaladdress": "2.5.4.16", "postalcode": "2.5.4.17",
	"telephonenumber": "2.5.4.20", "name": "2.5.4.41", "givenname": "2.5.4.42", "gn": "2.5.4.42", "initials": "2.5.4.43",
	"generationqualifier": "2.5.4.44", "x500uniqueidentifier": "2.5.4.45", "dnqualifier": "2.5.4.46",
	"pseudonym": "2.5.4.65", "organizationidentifier": "2.5.4.97",
	"domaincomponent": "0.9.2342.19200300.100.1.25", "userid": "0.9.2342.19200300.100.1.1",
	"emailaddress": "1.2.840.113549.1.9.1", "e": "1.2.840.113549.1.9.1",
	// CA/Browser Forum, Guidelines for Extended Validation §9.2.4
	"jurisdictionlocalityname":        "1.3.6.1.4.1.311.60.2.1.1",
	"jurisdictionstateorprovincename": "1.3.6.1.4.1.311.60.2.1.2",
	"jurisdictioncountryname":         "1.3.6.1.4.1.311.60.2.1.3",
	"jurisdictionl":                   "1.3.6.1.4.1.311.60.2.1.1",
	"jurisdictionst":                  "1.3.6.1.4.1.311.60.2.1.2",
	"jurisdictionc":                   "1.3.6.1.4.1.311.60.2.1.3",
}

// dotted is numericoid of RFC 4512 §1.4.
var dotted = regexp.MustCompile(`^[0-2](\.(0|[1-9][0-9]*))+$`)

// attributeType is the dotted OID of an attribute type as RFC 4514 writes it.
// Short names compare without case.
func attributeType(text string) (string, error) {
	if oid, ok := attributeTypes[strings.ToLower(text)]; ok {
		return oid, nil
	}
	if dotted.MatchString(text) {
		return text, nil
	}
	return "", malformed("unknown attribute type; write it as a dotted OID")
}
