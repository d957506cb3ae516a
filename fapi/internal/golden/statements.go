package golden

import "encoding/asn1"

// statement is QCStatement, RFC 3739 annex A.2.
type statement struct {
	ID   asn1.ObjectIdentifier
	Info any `asn1:"optional"`
}

// Statements of ETSI EN 319 412-5: a qualified certificate, for web sites.
var (
	compliance   = statement{ID: oid("0.4.0.1862.1.1"), Info: asn1.NullRawValue}
	qualifiedWeb = statement{ID: oid("0.4.0.1862.1.6"), Info: []asn1.ObjectIdentifier{oid("0.4.0.1862.1.6.3")}}
)

// role is RoleOfPSP, ETSI TS 119 495 annex A.
type role struct {
	ID   asn1.ObjectIdentifier
	Name string `asn1:"utf8"`
}

var (
	accountServicing   = role{oid("0.4.0.19495.1.1"), "PSP_AS"}
	paymentInitiation  = role{oid("0.4.0.19495.1.2"), "PSP_PI"}
	accountInformation = role{oid("0.4.0.19495.1.3"), "PSP_AI"}
	cardIssuing        = role{oid("0.4.0.19495.1.4"), "PSP_IC"}
)

// psd2 is PSD2QcType there.
func psd2(authority, id string, roles ...role) statement {
	return statement{oid("0.4.0.19495.2"), struct {
		Roles []role
		Name  string `asn1:"utf8"`
		ID    string `asn1:"utf8"`
	}{roles, authority, id}}
}
