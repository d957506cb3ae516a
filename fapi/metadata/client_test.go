package metadata

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	strict "github.com/go-json-experiment/json"
)

// TestAlgorithms: every member that names a signing algorithm is judged; a new
// one that Algorithms forgets would escape CRY-1.
func TestAlgorithms(t *testing.T) {
	var c Client
	want := map[string]string{}
	of := reflect.ValueOf(&c).Elem()
	for i := range of.NumField() {
		member, _, _ := strings.Cut(of.Type().Field(i).Tag.Get("json"), ",")
		if strings.HasSuffix(member, "_alg") {
			of.Field(i).SetString("alg of " + member)
			want[member] = "alg of " + member
		}
	}
	if len(want) < 5 {
		t.Fatalf("only %v were found", want)
	}
	if got := c.Algorithms(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := (Client{}).Algorithms(); len(got) != 0 {
		t.Errorf("a client that names none has %v", got)
	}
}

// TestClientSpelling: metadata comes back as it was sent, unknown members aside
// (RFC 7591 §2).
func TestClientSpelling(t *testing.T) {
	const text = `{"redirect_uris":["https://a.example/cb"],"token_endpoint_auth_method":"private_key_jwt",` +
		`"grant_types":["authorization_code"],"client_name":"A","jwks":{"keys":[]},"dpop_bound_access_tokens":true}`
	var c Client
	if err := json.Unmarshal([]byte(strings.Replace(text, "{", `{"unknown":1,`, 1)), &c); err != nil {
		t.Fatal(err)
	}
	if got, err := json.Marshal(c); err != nil || string(got) != text {
		t.Errorf("got %s, %v", got, err)
	}
}

// TestNullIsAbsent, of whichever member: RFC 7592 §2.2 has it so, and both decoders that
// read metadata here.
func TestNullIsAbsent(t *testing.T) {
	for _, member := range append(Members(), "unknown") {
		text := []byte(`{"` + member + `":null}`)
		for name, decode := range map[string]func(*Client) error{
			"encoding/json":      func(c *Client) error { return json.Unmarshal(text, c) },
			"go-json-experiment": func(c *Client) error { return strict.Unmarshal(text, c) },
		} {
			var c Client
			if err := decode(&c); err != nil || !reflect.DeepEqual(c, Client{}) {
				t.Errorf("%s of %s: %+v, %v", name, text, c, err)
			}
		}
	}
}

// TestInformationSpelling: RFC 7591 §3.2.1 puts both into one object.
func TestInformationSpelling(t *testing.T) {
	got, err := json.Marshal(Information{ClientID: "client-1", ClientIDIssuedAt: 1, Client: Client{ClientName: "A"}})
	const want = `{"client_id":"client-1","client_id_issued_at":1,"registration_access_token":"","registration_client_uri":"","client_name":"A"}`
	if err != nil || string(got) != want {
		t.Errorf("got %s, %v", got, err)
	}
}

// TestServerLeavesOutEmptyLists is RFC 8414 §3.2.
func TestServerLeavesOutEmptyLists(t *testing.T) {
	text, err := json.Marshal(Server{
		Issuer: "https://as.example/bank", ResponseTypesSupported: []string{"code"},
		CodeChallengeMethodsSupported: []string{"S256"}, TokenEndpointAuthMethodsSupported: []string{"private_key_jwt"},
		ScopesSupported: []string{}, MTLSEndpointAliases: map[string]string{},
	})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "[]") || strings.Contains(string(text), "null") || strings.Contains(string(text), "{}") {
		t.Errorf("%s", text)
	}
}
