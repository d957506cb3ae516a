package jose

import (
	"errors"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Audience is the aud claim (RFC 7519 §4.1.3): a string, or an array of strings. Which of
// the two was sent is kept, because FAPI 2.0 wants a client assertion's aud to be a
// string (§5.3.2.1, requirement SP2-8). The zero value is an absent audience.
type Audience struct {
	single bool
	values []string
}

// AudienceOf is an audience to write: a string if there is one value, else an array.
func AudienceOf(values ...string) Audience {
	return Audience{single: len(values) == 1, values: slices.Clone(values)}
}

// Single is the audience if it is a JSON string; an array of one does not count.
func (a Audience) Single() (string, bool) {
	if !a.single {
		return "", false
	}
	return a.values[0], true
}

// Contains compares exactly: no case folding, no URL normalising.
func (a Audience) Contains(v string) bool { return slices.Contains(a.values, v) }

// Values are the audiences in order.
func (a Audience) Values() []string { return slices.Clone(a.values) }

// IsZero tells an absent audience; the json option omitzero asks it.
func (a Audience) IsZero() bool { return a.values == nil }

// UnmarshalJSON refuses null, an empty array and members that are not strings.
func (a *Audience) UnmarshalJSON(raw []byte) error {
	if text, ok := stringOf(raw); ok {
		*a = Audience{single: true, values: []string{text}}
		return nil
	}
	var values []jsontext.Value
	if err := json.Unmarshal(raw, &values); err != nil || len(values) == 0 {
		return errAudience
	}
	*a = Audience{}
	for _, value := range values {
		text, ok := stringOf(value)
		if !ok {
			return errAudience
		}
		a.values = append(a.values, text)
	}
	return nil
}

// MarshalJSON writes the form that the audience has.
func (a Audience) MarshalJSON() ([]byte, error) {
	switch {
	case len(a.values) == 0:
		return nil, errAudience
	case a.single:
		return json.Marshal(a.values[0])
	}
	return json.Marshal(a.values)
}

var errAudience = errors.New("jose: aud is not a string or an array of strings")
