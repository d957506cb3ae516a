package registration

import (
	"errors"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// maxBody bounds the document, in bytes; the edge has the same bound.
const maxBody = 1 << 20

// decode reads one JSON object. A repeated member, text that is not UTF-8 and a
// member of another type are refused (BAD-163); unknown members are ignored
// (RFC 7591 §2), null counts as absent.
func decode(body []byte, into any) error {
	if len(body) > maxBody {
		return invalid("client metadata is longer than 1 MiB")
	}
	if jsontext.Value(body).Kind() != '{' {
		return invalid("client metadata must be a JSON object")
	}
	if err := json.Unmarshal(body, into); err != nil {
		return undecodable(err)
	}
	return nil
}

// undecodable names a member that we know, and nothing else of what was sent:
// it may be personal.
func undecodable(err error) error {
	var semantic *json.SemanticError
	if errors.As(err, &semantic) {
		return invalid("client metadata: " + string(semantic.JSONPointer) + " is not of its type")
	}
	return invalid("client metadata must be one JSON object in UTF-8 without repeated members")
}
