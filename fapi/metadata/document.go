package metadata

import (
	"bytes"
	"encoding/json"
)

// Document is a member that is kept as it came, JSON. null is none: of every other
// member, too, it counts as absent.
type Document json.RawMessage

// UnmarshalJSON keeps a copy.
func (d *Document) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		*d = nil
		return nil
	}
	*d = bytes.Clone(text)
	return nil
}

// MarshalJSON writes it as it came.
func (d Document) MarshalJSON() ([]byte, error) { return json.RawMessage(d).MarshalJSON() }
