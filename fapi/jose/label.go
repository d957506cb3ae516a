package jose

import (
	"errors"

	"github.com/go-json-experiment/json/jsontext"
)

// maxLabel bounds alg, kid, typ and the like, in bytes.
const maxLabel = 256

// label is a short name: 1 to 256 printable ASCII characters. "" stands for an absent
// member; a present but empty one is refused, so that the two cannot be confused.
// A kid is only ever compared with other kids, and the bound keeps it harmless where it
// is logged (THR-4 kid injection, BAD-20).
type label string

func (l label) valid() bool {
	if len(l) == 0 || len(l) > maxLabel {
		return false
	}
	for i := range len(l) {
		if l[i] < 0x20 || l[i] > 0x7e {
			return false
		}
	}
	return true
}

// UnmarshalJSON refuses null, numbers and anything else that is not such a string.
func (l *label) UnmarshalJSON(raw []byte) error {
	text, ok := stringOf(raw)
	if *l = label(text); !ok || !l.valid() {
		return errors.New("not a string of 1 to 256 printable ASCII characters")
	}
	return nil
}

// stringOf is the text of a JSON string; any other JSON value is not ok.
func stringOf(raw []byte) (string, bool) {
	if jsontext.Value(raw).Kind() != '"' {
		return "", false
	}
	text, err := jsontext.AppendUnquote(nil, raw)
	return string(text), err == nil
}
