package registration

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// Asked is client metadata as it came, with what a software statement made of it.
type Asked struct {
	body    []byte
	members members
}

// members of a JSON object, by name.
type members map[string]jsontext.Value

// Read reads RFC 7591 metadata, JSON of at most 1 MiB.
func Read(body []byte) (Asked, error) {
	asked := Asked{body: body}
	err := decode(body, &asked.members)
	return asked, err
}

// statementMember is RFC 7591 §2.3's.
const statementMember = "software_statement"

// Statement is the software statement that came; "" where none did.
func (a Asked) Statement() (string, error) {
	value, ok := a.members[statementMember]
	if !ok || value.Kind() == 'n' {
		return "", nil
	}
	compact, ok := text(value)
	if !ok || compact == "" {
		return "", oauth.New(oauth.CodeInvalidStatement, "software_statement must be a JWT").By("SSA-1")
	}
	return compact, nil
}

func text(value jsontext.Value) (string, bool) {
	if value.Kind() != '"' {
		return "", false
	}
	unquoted, err := jsontext.AppendUnquote(nil, value)
	return string(unquoted), err == nil
}

// write makes the body anew from its members.
func (a *Asked) write() error {
	body, err := json.Marshal(a.members, json.Deterministic(true))
	a.body = body
	return err
}
