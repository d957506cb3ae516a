package issuer

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// TestAuthMethods: what nobody's certificate can pass is not promised.
func TestAuthMethods(t *testing.T) {
	trusting := sound()
	trusting.Name, trusting.Identifier, trusting.ClientCertificates.Authorities = "trusting", "https://as.example/trusting", "ca.pem"
	set, err := NewSet(sound(), trusting)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]string{
		"bank":     {oauth.AuthPrivateKeyJWT, oauth.AuthSelfSignedTLSClient},
		"trusting": {oauth.AuthPrivateKeyJWT, oauth.AuthTLSClient, oauth.AuthSelfSignedTLSClient},
	} {
		i, _ := set.ByName(name)
		for range 2 { // the profile's own list stays whole
			if got := i.AuthMethods(); !slices.Equal(got, want) {
				t.Errorf("%s serves %v", name, got)
			}
		}
	}
}

// TestAuthoritiesFile: a relative path begins at the issuer's file, and is the
// same text for every process, wherever each has its folder.
func TestAuthoritiesFile(t *testing.T) {
	digests := map[uint64]bool{}
	for range 2 {
		folder := t.TempDir()
		for name, authorities := range map[string]string{"relative": "ca.pem", "absolute": "/etc/ca.pem", "none": `""`} {
			text := "name: " + name + "\nissuer: https://as.example/" + name + "\nmtls_base: https://mtls.as.example/" + name +
				"\nprofile: fapi2-security\ninteraction_url: https://bank.example/login\nresource: https://api.example\nscopes: [{name: openid}]" +
				"\nclient_certificates: {authorities: " + authorities + "}\n"
			if err := os.WriteFile(filepath.Join(folder, name+".yaml"), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		set, err := Load(folder)
		if err != nil {
			t.Fatal(err)
		}
		digests[set.Digest()] = true
		for name, want := range map[string]string{"relative": filepath.Join(folder, "ca.pem"), "absolute": "/etc/ca.pem", "none": ""} {
			if i, _ := set.ByName(name); i.ClientCertificates.AuthoritiesFile() != want {
				t.Errorf("%s: %q", name, i.ClientCertificates.AuthoritiesFile())
			}
		}
	}
	if len(digests) != 1 {
		t.Errorf("%d digests of the same issuers", len(digests))
	}
}
