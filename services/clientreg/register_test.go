package clientreg_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
	"github.com/strongroom-fapi/strongroom/services/clientreg"
)

// eachSQL runs a registration test on every database; Redis only counts.
func eachSQL(t *testing.T, test func(t *testing.T, service *replica)) {
	storetest.EachSQL(t, clientreg.Migrations, func(t *testing.T, db *sql.DB) { test(t, newWorld(t, db, embeddedRedis(t)).replica()) })
}

func TestRegisterAnswersWhatIsInEffect(t *testing.T) {
	eachSQL(t, func(t *testing.T, service *replica) {
		client := service.register(set("client_id", "alice"), set("client_id_issued_at", 1), set("registration_access_token", "mine"),
			set("unknown", "member"), set("resource", "https://api.example"))
		if client.ClientID == "alice" || !strings.HasPrefix(client.ClientID, oauth.ClientIDPrefix) || len(client.ClientID) != len(oauth.ClientIDPrefix)+22 {
			t.Errorf("BAD-164, CRY-9: client_id is %q", client.ClientID)
		}
		if client.ClientIDIssuedAt != now.Unix() || len(client.RegistrationAccessToken) != 43 ||
			client.RegistrationClientURI != service.here.Identifier+"/register/"+client.ClientID {
			t.Errorf("DCR-1: %s", client.raw)
		}
		m := client.Client
		if m.TokenEndpointAuthMethod != "private_key_jwt" || !reflect.DeepEqual(m.GrantTypes, []string{"authorization_code"}) ||
			!reflect.DeepEqual(m.ResponseTypes, []string{"code"}) || m.ApplicationType != "web" || m.IDTokenSignedAlg != "ES256" ||
			m.Scope != "openid accounts" || string(m.JWKS) != string(keys()) {
			t.Errorf("defaults: %s", client.raw)
		}
		if m.Resource != "" || strings.Contains(client.raw, "unknown") {
			t.Errorf("DCR-2: what is ignored was returned: %s", client.raw)
		}
		var kept string
		row := service.db.QueryRowContext(service.context(), `SELECT document || registration_token_hash FROM client WHERE client_id = $1`, client.ClientID)
		if err := row.Scan(&kept); err != nil || strings.Contains(kept, client.RegistrationAccessToken) {
			t.Errorf("WIRE-12: the token itself was kept, %v", err)
		}
	})
}

func TestRegisterAccepts(t *testing.T) {
	eachSQL(t, func(t *testing.T, service *replica) {
		many := make([]string, 100)
		for i := range many {
			many[i] = fmt.Sprintf("https://client%d.example/cb?n=%d", i, i)
		}
		tests := []struct {
			name    string
			changes []func(object)
			member  string
			want    any
		}{
			{"BAD-94 name with markup stays text", []func(object){set("client_name", "<script>")}, "client_name", "<script>"},
			{"BAD-94 bidi and control characters go", []func(object){set("client_name", " A\u202eB\u2066C\u0007\u2028D\n")}, "client_name", "ABCD"},
			{"BAD-94 name of 10 kB is cut", []func(object){set("client_name", strings.Repeat("é", 10<<10))}, "client_name", strings.Repeat("é", 128)},
			{"logo on https", []func(object){set("logo_uri", "https://client.example/logo.png")}, "logo_uri", "https://client.example/logo.png"},
			{"100 redirect URIs, with queries", []func(object){set("redirect_uris", many)}, "redirect_uris", must(asAny(many))},
			{"native on loopback", []func(object){set("application_type", "native"), set("redirect_uris", []string{"http://127.0.0.1/cb"})}, "application_type", "native"},
			{"client_credentials alone", []func(object){set("grant_types", []string{"client_credentials"}), unset("redirect_uris")}, "response_types", nil},
			{"null counts as absent", []func(object){set("application_type", nil), set("jwks_uri", nil)}, "application_type", "web"},
			{"CRY-1 Ed25519 is EdDSA", []func(object){set("token_endpoint_auth_signing_alg", "Ed25519")}, "token_endpoint_auth_signing_alg", "EdDSA"},
			{"id_tokens by the issuer's second algorithm", []func(object){set("id_token_signed_response_alg", "PS256")}, "id_token_signed_response_alg", "PS256"},
			{"narrower scope", []func(object){set("scope", "accounts")}, "scope", "accounts"},
			{"BAD-156 duplicate kid", []func(object){set("jwks", object{"keys": []json.RawMessage{jwk("a"), jwk("a")}})}, "token_endpoint_auth_method", "private_key_jwt"},
		}
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				client := service.register(test.changes...)
				var members object
				if err := json.Unmarshal([]byte(client.raw), &members); err != nil {
					t.Fatal(err)
				}
				if got := members[test.member]; !reflect.DeepEqual(got, test.want) {
					t.Errorf("%s is %v, want %v", test.member, got, test.want)
				}
			})
		}
	})
}

func asAny(values any) (decoded any, err error) {
	return decoded, json.Unmarshal(must(json.Marshal(values)), &decoded)
}

// jwk is ecKey as a JWK with members before the public ones.
func jwk(kid string, members ...string) json.RawMessage {
	point := must(ecKey.PublicKey.Bytes())
	extra := strings.Join(append(members, ""), ",")
	return json.RawMessage(`{` + extra + `"kty":"EC","crv":"P-256","kid":"` + kid + `","x":"` + b64(point[1:33]) + `","y":"` + b64(point[33:]) + `"}`)
}

func TestRegisterRefuses(t *testing.T) {
	jwks := func(keys ...json.RawMessage) func(object) { return set("jwks", object{"keys": keys}) }
	tests := []struct {
		name, code, rule string
		changes          []func(object)
	}{
		{"BAD-156 jwks and jwks_uri", "invalid_client_metadata", "DCR-2", []func(object){set("jwks_uri", "https://client.example/jwks")}},
		{"neither", "invalid_client_metadata", "PKJ-2", []func(object){unset("jwks")}},
		{"BAD-156 private key", "invalid_client_metadata", "DCR-2", []func(object){jwks(jwk("a", `"d":"AAAA"`))}},
		{"BAD-156 oct key", "invalid_client_metadata", "DCR-2", []func(object){jwks(jwk("a"), json.RawMessage(`{"kty":"oct","k":"AAAA"}`))}},
		{"no key", "invalid_client_metadata", "PKJ-2", []func(object){set("jwks", object{"keys": []string{}})}},
		{"keys for encryption only", "invalid_client_metadata", "PKJ-2", []func(object){jwks(jwk("a", `"use":"enc"`))}},
		{"no key for the named algorithm", "invalid_client_metadata", "PKJ-2", []func(object){jwks(jwk("a")), set("token_endpoint_auth_signing_alg", "PS256")}},
		{"jwks an array", "invalid_client_metadata", "DCR-2", []func(object){set("jwks", []string{})}},
		{"BAD-159 method none", "invalid_client_metadata", "SP2-6", []func(object){set("token_endpoint_auth_method", "none")}},
		{"BAD-159 method client_secret_basic", "invalid_client_metadata", "SP2-6", []func(object){set("token_endpoint_auth_method", "client_secret_basic")}},
		{"BAD-159 assertions by RS256", "invalid_client_metadata", "CRY-1", []func(object){set("token_endpoint_auth_signing_alg", "RS256")}},
		{"BAD-159 id_tokens by none", "invalid_client_metadata", "CRY-1", []func(object){set("id_token_signed_response_alg", "none")}},
		{"BAD-159 request objects by RS256", "invalid_client_metadata", "CRY-1", []func(object){set("request_object_signing_alg", "RS256")}},
		{"id_tokens by an algorithm of the profile, not of the issuer", "invalid_client_metadata", "CRY-1", []func(object){set("id_token_signed_response_alg", "EdDSA")}},
		{"BAD-163 redirect_uris an object", "invalid_client_metadata", "DCR-2", []func(object){set("redirect_uris", object{"0": "https://client.example/cb"})}},
		{"BAD-163 redirect_uris nested", "invalid_client_metadata", "DCR-2", []func(object){set("redirect_uris", [][]string{{"https://client.example/cb"}})}},
		{"BAD-163 redirect_uris with a hole", "invalid_redirect_uri", "SP2-28", []func(object){set("redirect_uris", []any{"https://client.example/cb", nil})}},
		{"redirect_uris a string", "invalid_client_metadata", "DCR-2", []func(object){set("redirect_uris", "https://client.example/cb")}},
		{"redirect_uris missing", "invalid_redirect_uri", "DCR-2", []func(object){unset("redirect_uris")}},
		{"redirect_uris on http", "invalid_redirect_uri", "SP2-28", []func(object){set("redirect_uris", []string{"http://client.example/cb"})}},
		{"101 redirect_uris", "invalid_redirect_uri", "DCR-2", []func(object){set("redirect_uris", make([]string, 101))}},
		{"redirect URI of 2049 bytes", "invalid_redirect_uri", "SP2-28", []func(object){set("redirect_uris", []string{"https://client.example/" + text(2049-23)})}},
		{"BAD-94 logo_uri javascript:", "invalid_client_metadata", "DCR-2", []func(object){set("logo_uri", "javascript:alert(1)")}},
		{"BAD-94 policy_uri data:", "invalid_client_metadata", "DCR-2", []func(object){set("policy_uri", "data:text/html,x")}},
		{"client_uri on http", "invalid_client_metadata", "DCR-2", []func(object){set("client_uri", "http://client.example")}},
		{"tos_uri with userinfo", "invalid_client_metadata", "DCR-2", []func(object){set("tos_uri", "https://bank.example@client.example")}},
		{"logo_uri of 2049 bytes", "invalid_client_metadata", "DCR-2", []func(object){set("logo_uri", "https://client.example/"+text(2049-23))}},
		{"client_name a number", "invalid_client_metadata", "DCR-2", []func(object){set("client_name", 7)}},
		{"application_type unknown", "invalid_client_metadata", "DCR-2", []func(object){set("application_type", "desktop")}},
		{"subject_type pairwise", "invalid_client_metadata", "DCR-2", []func(object){set("subject_type", "pairwise")}},
		{"grant type password", "invalid_client_metadata", "SP2-2", []func(object){set("grant_types", []string{"password"})}},
		{"response type token", "invalid_client_metadata", "SP2-21", []func(object){set("response_types", []string{"token"})}},
		{"response type code without its grant", "invalid_client_metadata", "DCR-2", []func(object){set("grant_types", []string{"client_credentials"}), set("response_types", []string{"code"})}},
		{"foreign scope", "invalid_client_metadata", "DCR-2", []func(object){set("scope", "admin")}},
		{"scope of 2049 bytes", "invalid_client_metadata", "DCR-2", []func(object){set("scope", text(2049))}},
		{"21 contacts", "invalid_client_metadata", "DCR-2", []func(object){set("contacts", strings.Split(text(21), ""))}},
		{"empty contact", "invalid_client_metadata", "DCR-2", []func(object){set("contacts", []string{""})}},
		{"software_id of 257 bytes", "invalid_client_metadata", "DCR-2", []func(object){set("software_id", text(257))}},
	}
	eachSQL(t, func(t *testing.T, service *replica) {
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				_, err := service.tryRegister(clientToken, document(test.changes...))
				wantRefusal(t, err, test.code, test.rule, 400)
			})
		}
	})
}

// TestRegisterRefusesBody is BAD-163.
func TestRegisterRefusesBody(t *testing.T) {
	good := document()
	eachSQL(t, func(t *testing.T, service *replica) {
		for name, body := range map[string]string{
			"empty": "", "array": "[" + good + "]", "null": "null", "string": `"x"`, "cut short": good[:len(good)-1],
			"two objects": good + good, "repeated member": `{"client_name":"a","client_name":"b",` + good[1:],
			"repeated unknown member": `{"x":1,"x":2,` + good[1:], "not UTF-8": `{"client_name":"` + "\xff" + `",` + good[1:],
			"5 MB": `{"x":"` + text(5<<20) + `",` + good[1:], "1 byte over 1 MiB": good + strings.Repeat(" ", 1<<20+1-len(good)),
			"10,001 arrays deep": `{"x":` + strings.Repeat("[", 10001) + strings.Repeat("]", 10001) + `,` + good[1:],
		} {
			t.Run(name, func(t *testing.T) {
				_, err := service.tryRegister(clientToken, body)
				wantRefusal(t, err, oauth.CodeInvalidClientMetadata, "DCR-2", 400)
			})
		}
		if _, err := service.tryRegister(clientToken, good+strings.Repeat(" ", 1<<20-len(good))); err != nil {
			t.Errorf("1 MiB: %v", err)
		}
	})
}
