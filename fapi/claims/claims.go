// Package claims reads the claims parameter, by which a client asks for single
// claims (OpenID Connect Core §5.5).
package claims

import (
	"errors"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Request is what was asked for, by the claim's name. What is not served is kept,
// and may be ignored.
type Request struct {
	IDToken  map[string]*Wanted `json:"id_token"`
	Userinfo map[string]*Wanted `json:"userinfo"`
}

// Wanted is how one claim is asked for; nil where it was null, which asks for it
// as it is.
type Wanted struct {
	Essential bool             `json:"essential"`
	Value     jsontext.Value   `json:"value"`
	Values    []jsontext.Value `json:"values"`
}

// Parse reads the parameter strictly: a member that comes twice, or of another
// shape than §5.5 gives it, could be a condition that is then not kept. Empty text
// asks for nothing. The errors are fixed texts.
func Parse(text string) (Request, error) {
	if text == "" {
		return Request{}, nil
	}
	var r *Request
	if err := json.Unmarshal([]byte(text), &r); err != nil || r == nil {
		return Request{}, errors.New("claims is not a JSON object of the shape of OpenID Connect Core §5.5")
	}
	for _, name := range []string{"acr", "sub"} {
		if _, ok := r.IDToken[name].texts(); !ok {
			return Request{}, errors.New("a value of " + name + " is not a string")
		}
	}
	if len(r.Subjects()) > 1 {
		return Request{}, errors.New("sub has more than one value")
	}
	return *r, nil
}

// EssentialACR are the authentication context classes of which one must be met
// (§5.5.1.1); none where acr is not asked for as essential with a value.
func (r Request) EssentialACR() []string {
	acr := r.IDToken["acr"]
	if acr == nil || !acr.Essential {
		return nil
	}
	texts, _ := acr.texts()
	return texts
}

// Subjects is the user of whom the id_token must speak (§5.5.1), or nobody.
func (r Request) Subjects() []string {
	texts, _ := r.IDToken["sub"].texts()
	return texts
}

// texts are the values, and whether each is a string.
func (w *Wanted) texts() ([]string, bool) {
	if w == nil {
		return nil, true
	}
	values := w.Values
	if len(w.Value) > 0 {
		values = append([]jsontext.Value{w.Value}, values...)
	}
	var texts []string
	for _, value := range values {
		var text string
		if value.Kind() != '"' || json.Unmarshal(value, &text) != nil {
			return nil, false
		}
		texts = append(texts, text)
	}
	return texts, true
}
