package framework_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/strongroom-fapi/strongroom/fapi/framework"
	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/qcstatement"
	"github.com/strongroom-fapi/strongroom/fapi/trust"
)

var (
	algorithms = []jose.Algorithm{jose.PS256, jose.ES256}
	scopes     = []string{"openid", "accounts", "payments"}
)

// read is an example as an operator writes it, with its defaults.
func read(t *testing.T, file string) framework.Framework {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	var f framework.Framework
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&f); err != nil {
		t.Fatal(err)
	}
	f.SetDefaults()
	return f
}

// TestExamplesAreSound: one file per style of ecosystem (BAD-151 to BAD-155,
// BAD-162, BAD-169 have their vectors where statements are judged).
func TestExamplesAreSound(t *testing.T) {
	for _, file := range []string{"brazil.yaml", "cdr.yaml", "eidas.yaml", "uk.yaml"} {
		f := read(t, file)
		if err := f.Validate(algorithms, scopes); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// TestValidate: each row spoils a sound framework in one place and names what the
// error must say.
func TestValidate(t *testing.T) {
	for _, row := range []struct {
		name  string
		spoil func(*framework.Framework)
		want  string
	}{
		{"no name", func(f *framework.Framework) { f.Name = "" }, "name must be"},
		{"a slash in the name", func(f *framework.Framework) { f.Name = "a/b" }, "name must be"},
		{"no issuer", func(f *framework.Framework) { f.Issuer = "" }, "issuer must be"},
		{"no keys", func(f *framework.Framework) { f.JWKSURI = "" }, "exactly one of jwks_uri and jwks_file"},
		{"keys twice", func(f *framework.Framework) { f.JWKSFile = "a.json" }, "exactly one of jwks_uri and jwks_file"},
		{"keys over http", func(f *framework.Framework) { f.JWKSURI = "http://directory.example/jwks" }, "jwks_uri must be an https URL"},
		{"algorithm of another profile", func(f *framework.Framework) { f.Algorithms = []jose.Algorithm{"RS256"} }, `algs: "RS256"`},
		{"statements without end", func(f *framework.Framework) { f.MaxAge, f.MaxLifetime = 0, 0 }, "max_age and max_lifetime is needed"},
		{"negative age", func(f *framework.Framework) { f.MaxAge = -1 }, "must not be negative"},
		{"unknown policy", func(f *framework.Framework) { f.Duplicates = "maybe" }, "duplicates must be allow or refuse"},
		{"member that does not exist", func(f *framework.Framework) { f.Claims[0].Member = "redirects" }, "claims[0].member must be client metadata"},
		{"the statement sets itself", func(f *framework.Framework) { f.Claims[0].Member = "software_statement" }, "claims[0].member must be"},
		{"the statement makes a resource server (THR-11)", func(f *framework.Framework) { f.Claims[0].Member = "resource" }, "claims[0].member must be"},
		{"two claims for one member", func(f *framework.Framework) { f.Claims[1].Member = "redirect_uris" }, "is there twice"},
		{"unknown rule", func(f *framework.Framework) { f.Claims[0].Rule = "guides" }, "claims[0].rule must be"},
		{"unnamed claim", func(f *framework.Framework) { f.Claims[0].Claim = "" }, "claims[0].claim must name"},
		{"refused member that does not exist", func(f *framework.Framework) { f.RefusedMembers = []string{"keys"} }, "refused_members[0]"},
		{"role without scopes", func(f *framework.Framework) { f.Roles.Scopes = nil }, "roles.scopes must say"},
		{"role with a foreign scope", func(f *framework.Framework) { f.Roles.Scopes["DADOS"] = []string{"admin"} }, "roles.scopes.DADOS"},
		{"certificate role that there is not", func(f *framework.Framework) {
			f.CertificateRoles = map[qcstatement.Role][]string{"AISP": {"accounts"}}
		}, `certificate_roles: "AISP" is none of ["PSP_AS"`},
		{"certificate roles of whoever has a certificate", func(f *framework.Framework) {
			f.Certificate, f.ManagementCertificate = nil, false
			f.CertificateRoles = map[qcstatement.Role][]string{qcstatement.AccountInformation: {"accounts"}}
		}, "certificate_roles needs certificate"},
		{"certificate role with a foreign scope", func(f *framework.Framework) {
			f.CertificateRoles = map[qcstatement.Role][]string{qcstatement.AccountInformation: {"admin"}}
		}, "certificate_roles.PSP_AI"},
		{"unknown attribute", func(f *framework.Framework) { f.Certificate[0].Attributes = []string{"foo"} }, "certificate[0].attributes"},
		{"no attribute", func(f *framework.Framework) { f.Certificate[0].Attributes = nil }, "certificate[0].attributes"},
		{"no claim", func(f *framework.Framework) { f.Certificate[0].Claim = "" }, "certificate[0].claim"},
		{"management by a certificate that need not agree", func(f *framework.Framework) { f.Certificate = nil }, "management_certificate needs certificate"},
		{"subjects by an unknown policy", func(f *framework.Framework) { f.ClientCertificates.DNPolicy = "x500" }, "client_certificates.dn_policy"},
		{"unknown body", func(f *framework.Framework) { f.Body.Types = []framework.BodyType{"xml"} }, "body.types must be"},
		{"body without time", func(f *framework.Framework) { f.Body.MaxLifetime = -1 }, "body.max_lifetime must be"},
		{"status without values", func(f *framework.Framework) { f.AcceptedValues["x"] = nil }, "accepted_values.x must list"},
		{"participants over http", func(f *framework.Framework) { f.Participants.URI = "http://directory.example" }, "participants.uri must be"},
		{"participants without bound", func(f *framework.Framework) { f.Participants.MaxBytes = 1 << 40 }, "participants.max_bytes must be"},
		{"participants asked for without pause", func(f *framework.Framework) { f.Participants.Interval = time.Millisecond }, "participants.interval must be"},
		{"participants asked for once a week", func(f *framework.Framework) { f.Participants.Interval = 7 * 24 * time.Hour }, "participants.interval must be"},
	} {
		f := read(t, "brazil.yaml")
		row.spoil(&f)
		if err := f.Validate(algorithms, scopes); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: %v", row.name, err)
		}
	}
}

// TestMeaning: a claim that bears a member's name speaks for it, unless another
// claim does.
func TestMeaning(t *testing.T) {
	f := read(t, "brazil.yaml")
	for claim, want := range map[string]framework.Claim{
		"software_redirect_uris": {Claim: "software_redirect_uris", Member: "redirect_uris", Rule: framework.Bounds},
		"software_client_name":   {Claim: "software_client_name", Member: "client_name", Rule: framework.Replaces},
		"contacts":               {Claim: "contacts", Member: "contacts", Rule: framework.Replaces},
		"redirect_uris":          {},
		"resource":               {},
		"org_name":               {},
	} {
		got, ok := f.Meaning(claim)
		if ok != (want != framework.Claim{}) || ok && got != want {
			t.Errorf("%s means %v, %t", claim, got, ok)
		}
	}
}

func TestRelativePaths(t *testing.T) {
	f := framework.Framework{JWKSFile: "keys.json", ClientCertificates: trust.Store{Authorities: "ca.pem"}}.In("/issuers")
	if f.KeysFile() != "/issuers/keys.json" || f.ClientCertificates.AuthoritiesFile() != "/issuers/ca.pem" {
		t.Errorf("%s, %s", f.KeysFile(), f.ClientCertificates.AuthoritiesFile())
	}
}
