package clientreg_test

import (
	"strings"
	"testing"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// TestSectorIdentifierURI is OIDC-5: what the client's host answers, and whether
// its registration is accepted.
func TestSectorIdentifierURI(t *testing.T) {
	const one, two = "https://client.example/cb", "https://client.example/other"
	tests := []struct {
		name, document string
		accepted       bool
	}{
		{"lists all", `["` + two + `","https://elsewhere.example","` + one + `"]`, true},
		{"BAD-158 lacks one", `["` + one + `"]`, false},
		{"BAD-158 lists one in another case", `["` + one + `","https://Client.example/other"]`, false},
		{"BAD-158 lists none", `[]`, false},
		{"BAD-158 an object", `{"0":"` + one + `","1":"` + two + `"}`, false},
		{"BAD-158 an object that holds the list", `{"redirect_uris":["` + one + `","` + two + `"]}`, false},
		{"BAD-158 a number beside them", `["` + one + `","` + two + `",7]`, false},
		{"BAD-158 null beside them", `["` + one + `","` + two + `",null]`, false},
		{"BAD-158 a list within", `[["` + one + `","` + two + `"]]`, false},
		{"null", `null`, false},
		{"a text", `"` + one + `"`, false},
		{"no JSON", `<html>`, false},
		{"more behind", `["` + one + `","` + two + `"] []`, false},
		{"BAD-157 huge", `["` + one + `","` + two + `"` + strings.Repeat(" ", 257<<10) + `]`, false},
	}
	eachSQL(t, func(t *testing.T, service *replica) {
		host := newKeyHost(t, "")
		service = service.replica(host.fetching(t))
		changes := []func(object){set("redirect_uris", []string{one, two}), set("sector_identifier_uri", host.URL+"/sector")}
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				host.answers.Store(test.document)
				client, err := service.tryRegister(clientToken, document(changes...))
				if !test.accepted {
					wantRefusal(t, err, oauth.CodeInvalidClientMetadata, "OIDC-5", 400)
				} else if err != nil || client.SectorIdentifierURI != host.URL+"/sector" {
					t.Errorf("registered is %s, %v", client.raw, err)
				}
			})
		}
		t.Run("down", func(t *testing.T) {
			host.down.Store(true)
			_, err := service.tryRegister(clientToken, document(changes...))
			wantRefusal(t, err, oauth.CodeInvalidClientMetadata, "OIDC-5", 400)
			host.down.Store(false)
		})
		t.Run("a change is checked too", func(t *testing.T) {
			host.answers.Store(`["` + one + `","` + two + `"]`)
			client, err := service.tryRegister(clientToken, document(changes...))
			if err != nil {
				t.Fatal(err)
			}
			_, err = service.update(client.RegistrationAccessToken, client.ClientID, replacing(client, append(changes, set("redirect_uris", []string{one, "https://attacker.example/cb"}))...))
			wantRefusal(t, err, oauth.CodeInvalidClientMetadata, "OIDC-5", 400)
		})
		t.Run("what is refused anyway makes nobody fetch", func(t *testing.T) {
			before := host.asked.Load()
			_, err := service.tryRegister(clientToken, document(append(changes, set("subject_type", "pairwise"))...))
			wantRefusal(t, err, oauth.CodeInvalidClientMetadata, "DCR-2", 400)
			host.wantAsked(t, before)
		})
		for _, address := range []string{"http://client.example/s", "https://169.254.169.254/s", "https://localhost/s", "https://client.example:8443/s", "s"} {
			t.Run("BAD-157 "+address, func(t *testing.T) {
				_, err := service.tryRegister(clientToken, document(set("sector_identifier_uri", address)))
				wantRefusal(t, err, oauth.CodeInvalidClientMetadata, "THR-3", 400)
			})
		}
	})
}
