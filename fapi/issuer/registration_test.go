package issuer

import (
	"strings"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/framework"
)

func directory() framework.Framework {
	return framework.Framework{Name: "directory", Issuer: "https://directory.example", JWKSURI: "https://directory.example/jwks", MaxAge: time.Minute}
}

func gates(credentials ...Credential) RegistrationPolicy {
	return RegistrationPolicy{Gates: []Gate{{Require: credentials}}}
}

// TestRegistrationPolicy: nobody opens a gate by mistake.
func TestRegistrationPolicy(t *testing.T) {
	for _, row := range []struct {
		name  string
		spoil func(*Issuer)
		want  string // in the error; empty where nothing is wrong
	}{
		{"default", func(*Issuer) {}, ""},
		{"statement of a framework", func(i *Issuer) {
			i.Registration, i.TrustFrameworks = gates(Statement), []framework.Framework{directory()}
		}, ""},
		{"certificate of the issuer's authorities", func(i *Issuer) { i.Registration, i.ClientCertificates.Authorities = gates(Certificate), "ca.pem" }, ""},
		{"open gate", func(i *Issuer) { i.Registration = gates() }, "registration.gates[0].require must not be empty"},
		{"unknown credential", func(i *Issuer) { i.Registration = gates("password") }, "registration.gates[0].require must be"},
		{"statement of nobody", func(i *Issuer) { i.Registration = gates(Statement) }, "trust_frameworks is empty"},
		{"certificate of nobody", func(i *Issuer) { i.Registration = gates(Certificate) }, "trusts none"},
		{"framework with a fault", func(i *Issuer) { i.TrustFrameworks = []framework.Framework{{Name: "a"}} }, "trust_frameworks[0]: issuer must be"},
		{"framework twice", func(i *Issuer) { i.TrustFrameworks = []framework.Framework{directory(), directory()} }, "trust_frameworks[1]: name or issuer"},
		{"certificate that nobody can vouch for", func(i *Issuer) {
			f := directory()
			f.Certificate = []framework.Binding{{Attributes: []string{"OU"}, Claim: "org_id"}}
			i.TrustFrameworks = []framework.Framework{f}
		}, "trust_frameworks[0].certificate needs client_certificates.authorities"},
	} {
		i := sound()
		row.spoil(&i)
		_, err := NewSet(i)
		if (err == nil) != (row.want == "") || err != nil && !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: %v", row.name, err)
		}
	}
}

func TestFrameworksAreFound(t *testing.T) {
	i := sound()
	i.TrustFrameworks = []framework.Framework{directory()}
	set := setOf(t, i)
	found, _ := set.ByName(i.Name)
	if f, ok := found.FrameworkOf("https://directory.example"); !ok || f.SoftwareClaim != "software_id" {
		t.Errorf("%v, %t", f, ok)
	}
	if _, ok := found.FrameworkOf("https://directory.example/"); ok {
		t.Error("iss was not compared byte for byte")
	}
	if _, ok := found.Framework("directory"); !ok {
		t.Error("not found by name")
	}
}
