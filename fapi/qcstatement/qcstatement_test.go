package qcstatement

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/strongroom-fapi/strongroom/fapi/internal/golden"
)

// TestGolden: what the certificates of the ecosystems say.
func TestGolden(t *testing.T) {
	tests := []struct {
		certificate  string
		said         PSD2
		found        bool
		organization Organization
		named        bool
	}{
		{"britain", PSD2{[]Role{AccountServicing, PaymentInitiation, AccountInformation}, "Financial Conduct Authority", "GB-FCA"}, true, Organization{"GB-FCA", "123456"}, true},
		{"eidas", PSD2{[]Role{AccountInformation, CardIssuing}, "Bundesanstalt für Finanzdienstleistungsaufsicht", "DE-BAFIN"}, true, Organization{"DE-BAFIN", "123456"}, true},
		{"eidas-other", PSD2{}, false, Organization{}, false},
		{"brazil", PSD2{}, false, Organization{}, false},
	}
	for _, test := range tests {
		t.Run(test.certificate, func(t *testing.T) {
			certificate, err := golden.Read(test.certificate)
			if err != nil {
				t.Fatal(err)
			}
			said, found, err := Of(certificate)
			if err != nil || found != test.found || !reflect.DeepEqual(said, test.said) {
				t.Errorf("said is %+v, %v, %v", said, found, err)
			}
			if organization, named := OrganizationOf(certificate); named != test.named || organization != test.organization {
				t.Errorf("organization is %+v, %v", organization, named)
			}
		})
	}
}

// The parts of a statement, for tests to put together wrongly.
type role struct {
	ID   asn1.ObjectIdentifier
	Name asn1.RawValue
}

type psd2 struct {
	Roles []role
	Name  asn1.RawValue
	ID    asn1.RawValue
}

func der(t testing.TB, value any) []byte {
	t.Helper()
	encoded, err := asn1.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

func utf8String(text string) asn1.RawValue {
	return asn1.RawValue{Tag: asn1.TagUTF8String, Bytes: []byte(text)}
}

func roleOf(last int, name string) role {
	return role{asn1.ObjectIdentifier{0, 4, 0, 19495, 1, last}, utf8String(name)}
}

func sound() psd2 {
	return psd2{[]role{roleOf(3, "PSP_AI")}, utf8String("Authority"), utf8String("XY-NCA")}
}

// of makes a certificate of extensions, each with statements.
func of(extensions ...[]byte) *x509.Certificate {
	c := &x509.Certificate{}
	for _, value := range extensions {
		c.Extensions = append(c.Extensions, pkix.Extension{Id: extensionID, Value: value})
	}
	return c
}

func TestRefuses(t *testing.T) {
	statements := func(infos ...any) []byte {
		var list []asn1.RawValue
		for _, info := range infos {
			list = append(list, asn1.RawValue{FullBytes: der(t, statement{psd2ID, asn1.RawValue{FullBytes: der(t, info)}})})
		}
		return der(t, list)
	}
	changed := func(change func(*psd2)) *x509.Certificate {
		s := sound()
		change(&s)
		return of(statements(s))
	}
	roles := func(roles ...role) *x509.Certificate { return changed(func(s *psd2) { s.Roles = roles }) }
	for name, certificate := range map[string]*x509.Certificate{
		"two extensions":                      of(statements(sound()), statements(sound())),
		"two statements":                      of(statements(sound(), sound())),
		"no role":                             roles(),
		"a role of a later directive":         roles(roleOf(5, "PSP_XX")),
		"an unspecified role":                 roles(roleOf(0, "Unspecified")),
		"a role by the name of another":       roles(roleOf(3, "PSP_PI")),
		"a role's name in another case":       roles(roleOf(3, "psp_ai")),
		"a role twice":                        roles(roleOf(3, "PSP_AI"), roleOf(3, "PSP_AI")),
		"a role's name as a PrintableString":  roles(role{asn1.ObjectIdentifier{0, 4, 0, 19495, 1, 3}, asn1.RawValue{Tag: asn1.TagPrintableString, Bytes: []byte("PSP_AI")}}),
		"one good role and one that is not":   roles(roleOf(3, "PSP_AI"), roleOf(9, "PSP_AI")),
		"an authority without a name":         changed(func(s *psd2) { s.Name = utf8String("") }),
		"an authority's name beyond bounds":   changed(func(s *psd2) { s.Name = utf8String(strings.Repeat("ü", 257)) }),
		"an authority's name with a control":  changed(func(s *psd2) { s.Name = utf8String("a\nb") }),
		"an authority's name that is no text": changed(func(s *psd2) { s.Name = utf8String("\xff") }),
		"an authority's name in BMP":          changed(func(s *psd2) { s.Name = asn1.RawValue{Tag: asn1.TagBMPString, Bytes: []byte("\x00a")} }),
		"an id without a country":             changed(func(s *psd2) { s.ID = utf8String("NCA") }),
		"an id in lower case":                 changed(func(s *psd2) { s.ID = utf8String("xy-nca") }),
		"an id of one letter":                 changed(func(s *psd2) { s.ID = utf8String("XY-A") }),
		"an id of nine letters":               changed(func(s *psd2) { s.ID = utf8String("XY-ABCDEFGHI") }),
		"an id with a number behind":          changed(func(s *psd2) { s.ID = utf8String("XY-NCA-1") }),
		"a member more": of(statements(struct {
			Roles    []role
			Name, ID asn1.RawValue
			More     int
		}{sound().Roles, sound().Name, sound().ID, 1})),
		"no information at all": of(der(t, []struct{ ID asn1.ObjectIdentifier }{{psd2ID}})),
		"bytes behind":          of(append(statements(sound()), 0)),
		"cut short":             of(statements(sound())[:20]),
		"empty":                 of([]byte{}),
	} {
		t.Run(name, func(t *testing.T) {
			said, found, err := Of(certificate)
			if !errors.Is(err, ErrMalformed) || found || len(said.Roles) != 0 {
				t.Errorf("said is %+v, %v, %v", said, found, err)
			}
		})
	}
	if said, found, err := Of(of(statements(sound()))); err != nil || !found || said.AuthorityID != "XY-NCA" {
		t.Errorf("the sound one: %+v, %v, %v", said, found, err)
	}
}

// TestOrganizationIsUnambiguous: two identifiers are none.
func TestOrganizationIsUnambiguous(t *testing.T) {
	subject := func(texts ...string) *x509.Certificate {
		c := &x509.Certificate{}
		for _, text := range texts {
			c.Subject.Names = append(c.Subject.Names, pkix.AttributeTypeAndValue{Type: asn1.ObjectIdentifier{2, 5, 4, 97}, Value: text})
		}
		return c
	}
	for _, texts := range [][]string{{}, {"PSDGB-FCA-1", "PSDGB-FCA-2"}, {"PSDGB-FCA-1", "VATGB-1"}, {"psdgb-fca-1"}, {"PSDGB-FCA-"}, {"PSDGB-F-1"}, {"PSDGB-FCA-1 2"}, {"xPSDGB-FCA-1"}} {
		if o, found := OrganizationOf(subject(texts...)); found {
			t.Errorf("%q: %+v", texts, o)
		}
	}
	if o, found := OrganizationOf(subject("PSDPL-PFSA-123/4-5")); !found || o.ID != "123/4-5" {
		t.Errorf("a dash within: %+v, %v", o, found)
	}
}

// FuzzOf: whatever a certificate holds, reading ends, and what was found is whole.
func FuzzOf(f *testing.F) {
	britain, err := golden.Read("britain")
	if err != nil {
		f.Fatal(err)
	}
	for _, extension := range britain.Extensions {
		if extension.Id.Equal(extensionID) {
			f.Add(extension.Value)
		}
	}
	f.Add([]byte{0x30, 0x80})
	f.Fuzz(func(t *testing.T, value []byte) {
		said, found, err := Of(of(value))
		if found && (err != nil || len(said.Roles) == 0 || said.AuthorityName == "" || !authorityID.MatchString(said.AuthorityID)) || err != nil && !errors.Is(err, ErrMalformed) {
			t.Errorf("%+v, %v, %v", said, found, err)
		}
	})
}
