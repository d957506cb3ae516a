package issuer

import "testing"

// TestPermitsHost is BAD-157: an ecosystem's clients publish at its directory.
func TestPermitsHost(t *testing.T) {
	ecosystem := Issuer{ClientHosts: []string{"keystore.directory.example", "Data.example:8443", "[2001:db8::1]"}}
	for address, want := range map[string]bool{
		"https://keystore.directory.example/a": true, "https://keystore.directory.example:443/a": true, "https://KEYSTORE.directory.example": true,
		"https://data.example:8443/a": true, "https://data.example/a": false, "https://[2001:db8::1]/a": true,
		"https://keystore.directory.example:8443/a": false, "https://a.keystore.directory.example/": false, "https://directory.example/": false,
		"https://attacker.example/keystore.directory.example": false, "https://keystore.directory.example@attacker.example/": false,
		"https://keystore.directory.example.attacker.example/": false, "%zz": false, "": false,
	} {
		if got := ecosystem.PermitsHost(address); got != want {
			t.Errorf("%s: %v", address, got)
		}
		if anywhere := (&Issuer{}); !anywhere.PermitsHost(address) {
			t.Errorf("%s: not permitted where nothing is said", address)
		}
	}
}
