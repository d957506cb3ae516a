package jose

import "github.com/go-json-experiment/json/jsontext"

// Header is what we take from a JOSE header. Everything else in it is either refused or
// without effect.
type Header struct {
	Algorithm Algorithm
	KeyID     string // kid, "" if absent; a name to compare, never a path or a query
	Type      string // typ as written, "" if absent; the caller checks it (RFC 8725 §3.11)
	Key       *Key   // jwk, only from ParseProof
}

// header is RFC 7515 §4.1 as we read it. Members in Value form are here to be refused,
// even when null or empty; naming a member also refuses its case variants.
type header struct {
	Alg label `json:"alg"`
	Kid label `json:"kid"`
	Typ label `json:"typ"`
	Cty label `json:"cty"`

	// Extensions that change what is signed or how it is to be understood. We know
	// none of them, and RFC 7515 §4.1.11 then demands refusal (BAD-22).
	Crit jsontext.Value `json:"crit"`
	B64  jsontext.Value `json:"b64"` // RFC 7797
	Zip  jsontext.Value `json:"zip"` // RFC 7516
	// Keys brought along or pointed to: a signature by them proves nothing (BAD-21),
	// and fetching them would let anyone make us connect somewhere.
	Jku jsontext.Value `json:"jku"`
	X5u jsontext.Value `json:"x5u"`
	X5c jsontext.Value `json:"x5c"`
	Jwk jsontext.Value `json:"jwk"`
}

func parseHeader(raw []byte) (Header, error) {
	var parsed header
	if err := decodeStrict(raw, &parsed); err != nil {
		return Header{}, err
	}
	if parsed.Jwk != nil {
		return Header{}, malformed("header brings a key")
	}
	return parsed.checked()
}

func parseProofHeader(raw []byte) (Header, error) {
	var parsed header
	if err := decodeStrict(raw, &parsed); err != nil {
		return Header{}, err
	}
	checked, err := parsed.checked()
	if err != nil {
		return Header{}, err
	}
	if parsed.Jwk == nil {
		return Header{}, malformed("header has no jwk")
	}
	checked.Key, err = ParseKey(parsed.Jwk)
	return checked, err
}

func (h *header) checked() (Header, error) {
	switch {
	case h.Crit != nil || h.B64 != nil || h.Zip != nil:
		return Header{}, malformed("header asks for an extension")
	case h.Jku != nil || h.X5u != nil || h.X5c != nil:
		return Header{}, malformed("header brings or points to a key")
	}
	algorithm, err := ParseAlgorithm(string(h.Alg))
	if err != nil {
		return Header{}, err
	}
	return Header{Algorithm: algorithm, KeyID: string(h.Kid), Type: string(h.Typ)}, nil
}
