package claims_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/strongroom-fapi/strongroom/fapi/claims"
)

func TestParse(t *testing.T) {
	for _, row := range []struct {
		rule, text string
		acr, sub   []string
	}{
		{"nothing is asked for", "", nil, nil},
		{"an empty object", "{}", nil, nil},
		{"members that are null", `{"id_token":null,"userinfo":null}`, nil, nil},
		{"claims as they are", `{"id_token":{"acr":null,"sub":null},"userinfo":{"name":null}}`, nil, nil},
		{"an essential acr", `{"id_token":{"acr":{"essential":true,"value":"a"}}}`, []string{"a"}, nil},
		{"one of several", `{"id_token":{"acr":{"essential":true,"values":["a","b"]}}}`, []string{"a", "b"}, nil},
		{"a voluntary acr", `{"id_token":{"acr":{"value":"a"}}}`, nil, nil},
		{"an essential acr, whichever", `{"id_token":{"acr":{"essential":true}}}`, nil, nil},
		{"a user", `{"id_token":{"sub":{"value":"alice"}}}`, nil, []string{"alice"}},
		{"at userinfo it is another claim", `{"userinfo":{"acr":{"essential":true,"value":"a"}}}`, nil, nil},
		{"names are compared by case", `{"ID_TOKEN":{"acr":{"essential":true,"value":"a"}}}`, nil, nil},
		{"what is not served may have any value", `{"userinfo":{"age":{"value":7}},"other":1}`, nil, nil},
	} {
		t.Run(row.rule, func(t *testing.T) {
			got, err := claims.Parse(row.text)
			if err != nil || !slices.Equal(got.EssentialACR(), row.acr) || !slices.Equal(got.Subjects(), row.sub) {
				t.Errorf("acr %q, sub %q, %v", got.EssentialACR(), got.Subjects(), err)
			}
		})
	}
}

// TestParseRefuses: what cannot be read is not taken for nothing, for it may be a
// condition of the client's (OIDC-3, BAD-59).
func TestParseRefuses(t *testing.T) {
	for rule, text := range map[string]string{
		"no JSON":                    "acr",
		"null":                       "null",
		"a list":                     "[]",
		"two objects":                "{}{}",
		"a list of claims":           `{"id_token":["acr"]}`,
		"a claim by a number":        `{"userinfo":{"name":7}}`,
		"essential is a string":      `{"id_token":{"acr":{"essential":"true"}}}`,
		"values is a string":         `{"id_token":{"acr":{"values":"a"}}}`,
		"acr is a number":            `{"id_token":{"acr":{"essential":true,"value":7}}}`,
		"sub is a number":            `{"id_token":{"sub":{"value":7}}}`,
		"sub is one of two":          `{"id_token":{"sub":{"values":["alice","bob"]}}}`,
		"a member twice":             `{"id_token":{},"id_token":{}}`,
		"a claim twice":              `{"id_token":{"acr":null,"acr":null}}`,
		"BAD-66 10,001 objects deep": strings.Repeat(`{"a":`, 10_001) + "1" + strings.Repeat("}", 10_001),
	} {
		t.Run(rule, func(t *testing.T) {
			if got, err := claims.Parse(text); err == nil {
				t.Errorf("read as %+v", got)
			}
		})
	}
}
