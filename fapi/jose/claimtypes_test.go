package jose

import (
	"encoding/json"
	"testing"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
)

func TestNumericDate(t *testing.T) {
	tests := []struct {
		name, json string
		good       bool
		nanos      int64 // since the epoch
		again      string
	}{
		{"whole", `1893456000`, true, 1893456000e9, `1893456000`},
		{"zero is a date", `0`, true, 0, `0`},
		{"fraction", `1893456000.25`, true, 1893456000.25e9, `1893456000.25`},
		{"small fraction", `1.005859375`, true, 1005859375, `1.005859375`},
		{"exponent within range", `1.5e3`, true, 1500e9, `1500`},
		{"last one", `253402300799`, true, -1, `253402300799`},
		{"one later", `253402300800`, false, 0, ""},
		{"BAD-11 string", `"1893456000"`, false, 0, ""},
		{"BAD-11 1e30", `1e30`, false, 0, ""},
		{"1e999", `1e999`, false, 0, ""},
		{"19 digits", `9223372036854775808`, false, 0, ""},
		{"negative", `-1`, false, 0, ""},
		{"negative zero", `-0`, false, 0, ""},
		{"null", `null`, false, 0, ""},
		{"true", `true`, false, 0, ""},
		{"array", `[1]`, false, 0, ""},
		{"33 characters", `1.0000000000000000000000000000000`, false, 0, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var claims struct {
				Expires NumericDate `json:"exp"`
			}
			err := decodeStrict([]byte(`{"exp":`+test.json+`}`), &claims)
			if !test.good {
				wantError(t, err, ErrMalformed)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if !claims.Expires.Present() || claims.Expires.IsZero() {
				t.Error("not present")
			}
			if got := claims.Expires.Time(); test.nanos >= 0 && got.UnixNano() != test.nanos {
				t.Errorf("time is %s", got)
			}
			if raw := must(claims.Expires.MarshalJSON()); string(raw) != test.again {
				t.Errorf("written as %s, want %s", raw, test.again)
			}
		})
	}
}

func TestNumericDateOf(t *testing.T) {
	moment := time.Date(2030, 1, 1, 0, 0, 0, 999, time.FixedZone("", 3600))
	if got := NumericDateOf(moment).Time(); !got.Equal(moment.Truncate(time.Second)) || got.Location() != time.UTC {
		t.Errorf("time is %s", got)
	}
	if absent := (NumericDate{}); absent.Present() || !absent.IsZero() || !absent.Time().IsZero() {
		t.Error("the zero value is present")
	}
	for name, date := range map[string]NumericDate{"absent": {}, "before 1970": NumericDateOf(time.Unix(-1, 0)), "after 9999": NumericDateOf(time.Unix(maxDate+1, 0))} {
		if _, err := date.MarshalJSON(); err == nil {
			t.Errorf("%s was written", name)
		}
	}
}

func TestAudience(t *testing.T) {
	tests := []struct {
		name, json string
		good       bool
		single     string
		contains   string
	}{
		{"string", `"https://as.example"`, true, "https://as.example", "https://as.example"},
		{"SP2-8 array of one is not a string", `["https://as.example"]`, true, "", "https://as.example"},
		{"array of two", `["a","b"]`, true, "", "b"},
		{"empty string is a string", `""`, true, "", ""},
		{"null", `null`, false, "", ""},
		{"number", `1`, false, "", ""},
		{"object", `{"a":"b"}`, false, "", ""},
		{"empty array", `[]`, false, "", ""},
		{"null inside", `["a",null]`, false, "", ""},
		{"number inside", `["a",1]`, false, "", ""},
		{"array inside", `[["a"]]`, false, "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var claims struct {
				Audience Audience `json:"aud"`
			}
			err := decodeStrict([]byte(`{"aud":`+test.json+`}`), &claims)
			if !test.good {
				wantError(t, err, ErrMalformed)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			single, ok := claims.Audience.Single()
			if single != test.single || ok != (test.json[0] == '"') || claims.Audience.IsZero() {
				t.Errorf("single is %q, %v", single, ok)
			}
			if !claims.Audience.Contains(test.contains) || claims.Audience.Contains("HTTPS://AS.EXAMPLE") || claims.Audience.Contains("https://as.example/") {
				t.Error("Contains is not exact")
			}
			if raw := must(claims.Audience.MarshalJSON()); string(raw) != test.json {
				t.Errorf("written as %s", raw)
			}
		})
	}
}

// TestClaimTypesWrite: both JSON packages write them alike, and an absent one not at all.
func TestClaimTypesWrite(t *testing.T) {
	type claims struct {
		Audience Audience    `json:"aud,omitzero"`
		Expires  NumericDate `json:"exp,omitzero"`
	}
	tests := []struct {
		name   string
		claims claims
		want   string
	}{
		{"absent", claims{}, `{}`},
		{"one audience", claims{AudienceOf("a"), NumericDateOf(time.Unix(5, 0))}, `{"aud":"a","exp":5}`},
		{"two audiences", claims{AudienceOf("a", "b"), NumericDateOf(time.Unix(0, 0))}, `{"aud":["a","b"],"exp":0}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if raw := must(json.Marshal(test.claims)); string(raw) != test.want {
				t.Errorf("encoding/json: %s", raw)
			}
			if raw := must(jsonv2.Marshal(test.claims)); string(raw) != test.want {
				t.Errorf("json v2: %s", raw)
			}
		})
	}
}
