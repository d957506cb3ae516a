package statement

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
)

// times are the claims that say when a JWT is good, RFC 7519 §4.1.
type times struct {
	Expires   jose.NumericDate `json:"exp"`
	IssuedAt  jose.NumericDate `json:"iat"`
	NotBefore jose.NumericDate `json:"nbf"`
	ID        string           `json:"jti"`
	Issuer    string           `json:"iss"`
}

// parsed is a statement that was taken apart and is not yet believed.
type parsed struct {
	text   string
	signed *jose.Signed
	times  times
	claims map[string]jsontext.Value
}

func parse(compact string) (*parsed, error) {
	signed, err := jose.Parse(compact)
	if err != nil {
		return nil, invalid("software_statement is not a JWT signed by PS256, ES256 or EdDSA").Because(err)
	}
	p := &parsed{text: compact, signed: signed}
	if err := signed.Claims(&p.times); err != nil {
		return nil, invalid("a claim of the software_statement is not of its type").Because(err)
	}
	if err := json.Unmarshal(signed.Payload(), &p.claims); err != nil {
		return nil, invalid("software_statement is not one JSON object without repeated members")
	}
	return p, nil
}

// text reads a JSON string.
func text(value jsontext.Value) (string, bool) {
	if value.Kind() != '"' {
		return "", false
	}
	unquoted, err := jsontext.AppendUnquote(nil, value)
	return string(unquoted), err == nil
}

// empty tells a claim that says nothing: absent, null, "", [] or {}.
func empty(value jsontext.Value) bool {
	switch value.Kind() {
	case 'n':
		return true
	case '"':
		found, _ := text(value)
		return found == ""
	case '[', '{':
		compact := value.Clone()
		return compact.Compact() == nil && len(compact) == 2
	}
	return len(value) == 0
}
