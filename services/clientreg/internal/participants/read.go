package participants

import (
	"errors"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/strongroom-fapi/strongroom/fapi/framework"
)

// errDocument says that a document is not what the framework is configured for.
// Nothing of it is taken: a list that lost its entries would suspend everybody.
var errDocument = errors.New("participants: the document does not list participants as configured")

// read takes a document apart. One entry that cannot be read spoils it, and so
// does a list without an entry. Who is there twice takes part only if both say so.
func read(p *framework.Participants, document []byte) (List, error) {
	entries, err := array(p, document)
	if err != nil || len(entries) == 0 {
		return nil, errDocument
	}
	list := List{}
	for _, entry := range entries {
		id, okID := text(entry[p.ID])
		status, okStatus := text(entry[p.Status])
		if !okID || !okStatus || id == "" {
			return nil, errDocument
		}
		before, twice := list[id]
		list[id] = slices.Contains(p.Active, status) && (!twice || before)
	}
	return list, nil
}

func array(p *framework.Participants, document []byte) ([]map[string]jsontext.Value, error) {
	inner := jsontext.Value(document)
	if p.List != "" {
		var object map[string]jsontext.Value
		if err := json.Unmarshal(document, &object); err != nil {
			return nil, err
		}
		inner = object[p.List]
	}
	var entries []map[string]jsontext.Value
	err := json.Unmarshal(inner, &entries)
	return entries, err
}

func text(value jsontext.Value) (string, bool) {
	if value.Kind() != '"' {
		return "", false
	}
	unquoted, err := jsontext.AppendUnquote(nil, value)
	return string(unquoted), err == nil
}
