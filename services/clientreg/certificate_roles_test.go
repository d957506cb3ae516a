package clientreg_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"slices"
	"strings"
	"testing"

	"github.com/strongroom-fapi/strongroom/fapi/framework"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// The numbers of PSD2 roles, ETSI TS 119 495 annex A.
const (
	paymentInitiation  = 2
	accountInformation = 3
	cardIssuing        = 4
)

// utf8 is a UTF8String.
func utf8(text string) asn1.RawValue {
	return asn1.RawValue{Tag: asn1.TagUTF8String, Bytes: []byte(text)}
}

// qualified is a certificate of a payment service provider in these roles.
func qualified(roles ...int) [][]byte {
	type role struct {
		ID   asn1.ObjectIdentifier
		Name asn1.RawValue
	}
	type psd2 struct {
		Roles    []role
		Name, ID asn1.RawValue
	}
	type statement struct {
		ID   asn1.ObjectIdentifier
		Info psd2
	}
	said := psd2{Name: utf8("Authority"), ID: utf8("XY-NCA")}
	for _, n := range roles {
		name := map[int]string{paymentInitiation: "PSP_PI", accountInformation: "PSP_AI", cardIssuing: "PSP_IC"}[n]
		said.Roles = append(said.Roles, role{asn1.ObjectIdentifier{0, 4, 0, 19495, 1, n}, utf8(name)})
	}
	return qualifiedBy(must(asn1.Marshal([]statement{{asn1.ObjectIdentifier{0, 4, 0, 19495, 2}, said}})))
}

// qualifiedBy is the same with what the extension is to say; nil leaves it out.
func qualifiedBy(extension []byte) [][]byte {
	return bankCA.issue(func(c *x509.Certificate) {
		c.Subject = pkix.Name{CommonName: "psp.example", ExtraNames: []pkix.AttributeTypeAndValue{
			{Type: asn1.ObjectIdentifier{2, 5, 4, 97}, Value: "PSDXY-NCA-1"},
		}}
		if extension != nil {
			c.ExtraExtensions = append(c.ExtraExtensions, pkix.Extension{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 3}, Value: extension})
		}
	})
}

// TestCertificateRoles: what a payment service provider may ask for is what the
// roles in its qualified certificate open, whatever its statement and its request say.
func TestCertificateRoles(t *testing.T) {
	eachFrameworkWorld(t, byStatement, func(t *testing.T, w *world) {
		host := newKeyHost(t, string(keys()))
		service := w.replica(host.fetching(t))
		for _, row := range []struct {
			name, asked string
			chain       [][]byte
			scope, code string
		}{
			{"one role, nothing asked for", "", qualified(accountInformation), "openid accounts", ""},
			{"two roles, nothing asked for", "", qualified(accountInformation, paymentInitiation), "openid accounts payments", ""},
			{"two roles, one scope asked for", "openid payments", qualified(accountInformation, paymentInitiation), "openid payments", ""},
			{"BAD-161 scope above the role", "openid payments", qualified(accountInformation), "", oauth.CodeInvalidClientMetadata},
			{"BAD-161 role that opens nothing here", "", qualified(cardIssuing), "", oauth.CodeUnapprovedStatement},
			{"certificate that names no role", "openid accounts", qualifiedBy(nil), "", oauth.CodeUnapprovedStatement},
			{"roles that cannot be read", "openid accounts", qualifiedBy([]byte{0x30, 1}), "", oauth.CodeUnapprovedStatement},
			{"BAD-150 no certificate", "openid accounts", nil, "", oauth.CodeInvalidClient},
		} {
			t.Run(row.name, func(t *testing.T) {
				a := w.application(eu, host, func(a *application) { a.chain = row.chain })
				if row.asked != "" {
					a.members["scope"] = row.asked
				}
				client, err := service.apply(a)
				if row.code == "" {
					if err != nil || client.Scope != row.scope {
						t.Errorf("scope is %q, %v", client.Scope, err)
					}
					return
				}
				if e, ok := oauth.AsError(err); !ok || e.Code != row.code {
					t.Errorf("refused with %v, want %s", err, row.code)
				}
			})
		}
	})
}

// TestBothKindsOfRoles: where software and certificate both have roles, a scope must
// be opened by each.
func TestBothKindsOfRoles(t *testing.T) {
	eachFrameworkWorld(t, byStatement, func(t *testing.T, w *world) {
		f, _ := w.here.Framework("directory-eu")
		f.Roles = &framework.Roles{Claim: "software_roles", Scopes: map[string][]string{"AISP": {"openid", "accounts"}, "PISP": {"openid", "payments"}, "LOG": {"payments"}}}
		host := newKeyHost(t, string(keys()))
		service := w.replica(host.fetching(t))
		for _, row := range []struct {
			software []string
			chain    [][]byte
			scope    string
		}{
			{[]string{"AISP", "PISP"}, qualified(accountInformation), "openid accounts"},
			{[]string{"AISP"}, qualified(paymentInitiation), "openid"},
			{[]string{"LOG"}, qualified(accountInformation), ""},
			{nil, qualified(accountInformation), ""},
		} {
			client, err := service.apply(w.application(eu, host, claim("software_roles", slices.Clip(row.software)), func(a *application) { a.chain = row.chain }))
			if (err == nil) != (row.scope != "") || client.Scope != row.scope {
				t.Errorf("%s: scope is %q, %v, want %q", strings.Join(row.software, ", "), client.Scope, err, row.scope)
			}
		}
	})
}
