package registration

import (
	"errors"
	"reflect"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/metadata"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/fapi/trust"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/store"
)

// FuzzMetadata: whatever is sent, it is refused with a code of RFC 7591, or what
// is in effect would be accepted again and mean the same.
func FuzzMetadata(f *testing.F) {
	for _, seed := range []string{
		`{"redirect_uris":["https://client.example/cb"],"jwks_uri":"https://client.example/jwks"}`,
		`{"redirect_uris":["https://client.example/cb"],"jwks":{"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}}`,
		`{"token_endpoint_auth_method":"tls_client_auth","tls_client_auth_subject_dn":"CN=a\\, b,C=BR","grant_types":["client_credentials"]}`,
		`{"resource":"https://api.example","jwks_uri":"https://client.example/jwks","client_name":"\u202e<b>"}`,
		`{"client_id":"client-1","scope":"openid accounts","application_type":"native","redirect_uris":["http://127.0.0.1/cb"]}`,
		`{"client_id":null,"jwks":null,"contacts":[""]}`, `{"redirect_uris":["https://client.example/cb"],"jwks_uri":"https://client.example/jwks","sector_identifier_uri":"https://client.example/sector"}`,
		`[]`, `null`, `{"redirect_uris":{"0":"a"}}`, `{"a":1,"a":2}`,
	} {
		f.Add([]byte(seed))
	}
	set, err := issuer.NewSet(issuer.Issuer{
		Name: "bank", Identifier: "https://as.example/bank", MTLSBase: "https://mtls.as.example/bank", Profile: "fapi2-security",
		InteractionURL: "https://bank.example/login", Resource: "https://api.example", ClientCertificates: trust.Store{Authorities: "ca.pem"},
		Scopes: []issuer.Scope{{Name: "openid"}, {Name: "accounts"}},
	})
	if err != nil {
		f.Fatal(err)
	}
	unfetchable := errors.New("no https")
	rules := Rules{Issuer: set.All()[0], ResourceServers: true, Fetchable: func(address string) error {
		if !absoluteHTTPS(address) {
			return unfetchable
		}
		return nil
	}, Fetch: func(string) ([]byte, error) { return []byte(`["https://client.example/cb"]`), nil }}
	f.Fuzz(func(t *testing.T, body []byte) {
		asked, err := Read(body)
		if wantCode(t, err); err != nil {
			return
		}
		accepted, err := rules.Accept(asked)
		wantCode(t, err)
		_, err = rules.Replace(asked, store.Record{ClientID: "client-1", Metadata: metadata.Client{Resource: "https://api.example"}})
		wantCode(t, err)
		if accepted.Metadata.TokenEndpointAuthMethod == "" {
			return
		}
		text, err := json.Marshal(accepted.Metadata)
		if err != nil {
			t.Fatal(err)
		}
		if asked, err = Read(text); err != nil {
			t.Fatal(err)
		}
		again, err := rules.Accept(asked)
		if err != nil || !reflect.DeepEqual(again.Metadata.CertificateNames(), accepted.Metadata.CertificateNames()) || again.Metadata.ClientName != accepted.Metadata.ClientName {
			t.Errorf("%s\nbecame %s\nthen %+v, %v", body, text, again.Metadata, err)
		}
	})
}

func wantCode(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	refusal, ok := oauth.AsError(err)
	if !ok {
		t.Fatalf("error is %v", err)
	}
	switch refusal.Code {
	case oauth.CodeInvalidClientMetadata, oauth.CodeInvalidRedirectURI, oauth.CodeInvalidRequest:
	default:
		t.Errorf("refused with %v", refusal)
	}
	if refusal.Rule == "" || refusal.HTTPStatus() != 400 {
		t.Errorf("refused with %d %v", refusal.HTTPStatus(), refusal)
	}
}
