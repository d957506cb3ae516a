package jose

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

type sampleClaims struct {
	assertion
	Confirmation *struct {
		Thumbprint string `json:"jkt"`
	} `json:"cnf"`
	Details []struct {
		Type string `json:"type"`
	} `json:"authorization_details"`
	Requested map[string]*struct {
		Essential bool `json:"essential"`
	} `json:"requested"`
	MaxAge int64          `json:"max_age"`
	Raw    jsontext.Value `json:"raw"`
	Addr   netip.Addr     `json:"addr"`
}

func TestClaims(t *testing.T) {
	tests := []struct {
		name, payload string
		want          error
	}{
		{"what a client sends", samplePayload, nil},
		{"unknown claims are ignored", `{"iss":"a","https://example.com/x":{"y":[null]}}`, nil},
		{"nested", `{"cnf":{"jkt":"t"},"authorization_details":[{"type":"payment","x":1}],"requested":{"email":null,"acr":{"essential":true}},"max_age":60}`, nil},
		{"pointer null", `{"cnf":null}`, nil},
		{"escaped name", `{"\u0061ud":"https://as.example"}`, nil},

		{"BAD-24 aud twice", `{"aud":"good","aud":"evil"}`, ErrMalformed},
		{"BAD-24 aud twice, once escaped", `{"aud":"good","a\u0075d":"evil"}`, ErrMalformed},
		{"BAD-24 AUD beside absent aud", `{"AUD":"evil"}`, ErrMalformed},
		{"BAD-24 AUD beside aud", `{"aud":"good","AUD":"evil"}`, ErrMalformed},
		{"BAD-24 escaped Aud", `{"\u0041ud":"evil"}`, ErrMalformed},
		{"iſs with the long s", "{\"i\u017fs\":\"evil\"}", ErrMalformed},
		{"unknown claim twice", `{"x":1,"x":2}`, ErrMalformed},
		{"twice inside an unknown claim", `{"x":[{"y":{"z":1,"z":1}}]}`, ErrMalformed},
		{"twice inside a raw claim", `{"raw":{"y":[{"z":1,"z":1}]}}`, ErrMalformed},
		{"jkt twice", `{"cnf":{"jkt":"a","jkt":"b"}}`, ErrMalformed},
		{"JKT for jkt", `{"cnf":{"JKT":"a"}}`, ErrMalformed},
		{"Type inside an array", `{"authorization_details":[{"Type":"a"}]}`, ErrMalformed},
		{"Essential inside a map", `{"requested":{"a":{"Essential":true}}}`, ErrMalformed},
		{"map key twice", `{"requested":{"a":null,"a":null}}`, ErrMalformed},

		{"string null", `{"iss":null}`, ErrMalformed},
		{"array null", `{"authorization_details":null}`, ErrMalformed},
		{"array element null", `{"authorization_details":[null]}`, ErrMalformed},
		{"iss a number", `{"iss":1}`, ErrMalformed},
		{"iss an array", `{"iss":["a"]}`, ErrMalformed},
		{"max_age a string", `{"max_age":"60"}`, ErrMalformed},
		{"number null", `{"max_age":null}`, ErrMalformed},
		{"bool null", `{"requested":{"a":{"essential":null}}}`, ErrMalformed},
		{"max_age with a fraction", `{"max_age":6.5}`, ErrMalformed},
		{"max_age beyond 64 bits", `{"max_age":99999999999999999999}`, ErrMalformed},
		{"text type", `{"addr":"192.0.2.1"}`, nil},
		{"text type null", `{"addr":null}`, ErrMalformed},
		{"text type of wrong text", `{"addr":"evil"}`, ErrMalformed},
		{"cnf a string", `{"cnf":"x"}`, ErrMalformed},

		{"not an object", `["iss"]`, ErrMalformed},
		{"a nested JWS", `eyJhbGciOiJFUzI1NiJ9.e30.AA`, ErrMalformed},
		{"null", `null`, ErrMalformed},
		{"cut off", `{"iss":"a"`, ErrMalformed},
		{"cut off inside an array", `{"authorization_details":[`, ErrMalformed},
		{"trailing comma", `{"iss":"a",}`, ErrMalformed},
		{"comment", `{"iss":"a"/**/}`, ErrMalformed},
		{"NaN", `{"max_age":NaN}`, ErrMalformed},
		{"second object behind", `{"iss":"a"} {}`, ErrMalformed},
		{"invalid UTF-8 in a claim", "{\"iss\":\"\xc3\x28\"}", ErrMalformed},
		{"invalid UTF-8 in an unknown claim", "{\"x\":\"\xff\"}", ErrMalformed},
		{"32 levels", `{"x":` + strings.Repeat("[", 31) + strings.Repeat("]", 31) + `}`, nil},
		{"33 levels", `{"x":` + strings.Repeat("[", 32) + strings.Repeat("]", 32) + `}`, ErrMalformed},
		{"a thousand open brackets", `{"x":` + strings.Repeat(`{"x":`, 1000), ErrMalformed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			parsed, err := Parse(forge(`{"alg":"ES256"}`, test.payload))
			if err != nil {
				t.Fatal(err)
			}
			into := sampleClaims{MaxAge: 7}
			wantError(t, parsed.Claims(&into), test.want, "evil", "good")
			if test.want != nil && (into.MaxAge != 0 || into.Issuer != "" || into.Raw != nil) {
				t.Errorf("refused, but filled: %+v", into)
			}
		})
	}
}

func TestClaimsValues(t *testing.T) {
	parsed, err := Parse(forge(`{"alg":"ES256"}`, `{"iss":"a\u0062","aud":["x","y"],"exp":1.5,"cnf":{"jkt":"t"},
		"authorization_details":[{"type":"p"},{"type":"q"}],"requested":{"acr":{"essential":true},"email":null},"raw":[1e99]}`))
	if err != nil {
		t.Fatal(err)
	}
	var into sampleClaims
	if err := parsed.Claims(&into); err != nil {
		t.Fatal(err)
	}
	switch email, asked := into.Requested["email"]; {
	case into.Issuer != "ab", !into.Audience.Contains("y"), into.Confirmation.Thumbprint != "t",
		len(into.Details) != 2 || into.Details[1].Type != "q",
		!into.Requested["acr"].Essential, !asked, email != nil, string(into.Raw) != "[1e99]":
		t.Errorf("claims are %+v", into)
	}
}

// TestClaimsType: a Go type whose reading would be a guess is the caller's mistake, told
// apart from a bad token.
func TestClaimsType(t *testing.T) {
	parsed := must(Parse(forge(`{"alg":"ES256"}`, `{"iss":"a"}`)))
	var missing *assertion
	type loop struct {
		Issuer string `json:"iss"`
		Next   *loop  `json:"next"`
	}
	tests := []struct {
		name string
		into any
		good bool
	}{
		{"recursive type", &loop{}, true},
		{"nil", nil, false},
		{"nil pointer", missing, false},
		{"not a pointer", assertion{}, false},
		{"map", &map[string]any{}, false},
		{"struct that decodes itself", &Audience{}, false},
		{"field without a name", &struct{ Iss string }{}, false},
		{"option not read here", &struct {
			Iss string `json:"iss,string"`
		}{}, false},
		{"two fields of one name", &struct {
			assertion
			Other string `json:"iss"`
		}{}, false},
		{"map with numbers as keys", &struct {
			A map[int]string `json:"a"`
		}{}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if err := parsed.Claims(test.into); (err == nil) != test.good {
				t.Errorf("error is %v", err)
			}
		})
	}
}
