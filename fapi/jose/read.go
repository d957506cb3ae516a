package jose

import (
	"bytes"
	"errors"
	"reflect"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// errMismatch says that a value is not of the wanted kind. The nearest object turns it
// into a reason that names the member.
var errMismatch = errors.New("mismatch")

// read decodes the next value into target.
func (s *shape) read(decoder *jsontext.Decoder, target reflect.Value) error {
	if decoder.PeekKind() == 'n' && s.kind != nullLeaf && s.kind != pointer {
		return errMismatch
	}
	switch s.kind {
	case text:
		return readText(decoder, target)
	case object:
		return s.readObject(decoder, target)
	case pointer:
		return s.readPointer(decoder, target)
	case list:
		return s.readList(decoder, target)
	case dict:
		return s.readDict(decoder, target)
	}
	if err := json.UnmarshalDecode(decoder, target.Addr().Interface()); err != nil {
		return readError(err)
	}
	return nil
}

func readText(decoder *jsontext.Decoder, target reflect.Value) error {
	token, err := decoder.ReadToken()
	if err != nil {
		return readError(err)
	}
	if token.Kind() != '"' {
		return errMismatch
	}
	target.SetString(token.String())
	return nil
}

func (s *shape) readObject(decoder *jsontext.Decoder, target reflect.Value) error {
	if err := open(decoder, '{'); err != nil {
		return err
	}
	for decoder.PeekKind() == '"' {
		name, err := readName(decoder)
		if err != nil {
			return err
		}
		i, wanted := s.byName[string(name)]
		if !wanted {
			if s.isVariant(name) {
				return malformed("a member name differs by case from a known one")
			}
			if err := decoder.SkipValue(); err != nil {
				return readError(err)
			}
			continue
		}
		f := s.fields[i]
		if err := f.shape.read(decoder, target.FieldByIndex(f.index)); err != nil {
			if errors.Is(err, errMismatch) {
				return malformed("member " + f.name + " is not of its type")
			}
			return err
		}
	}
	return next(decoder)
}

func (s *shape) readPointer(decoder *jsontext.Decoder, target reflect.Value) error {
	if decoder.PeekKind() == 'n' {
		return next(decoder) // target is zero already
	}
	target.Set(reflect.New(target.Type().Elem()))
	return s.elem.read(decoder, target.Elem())
}

func (s *shape) readList(decoder *jsontext.Decoder, target reflect.Value) error {
	if err := open(decoder, '['); err != nil {
		return err
	}
	target.Set(reflect.MakeSlice(target.Type(), 0, 0))
	for kind := decoder.PeekKind(); kind != ']' && kind != 0; kind = decoder.PeekKind() {
		elem := reflect.New(target.Type().Elem()).Elem()
		if err := s.elem.read(decoder, elem); err != nil {
			return err
		}
		target.Set(reflect.Append(target, elem))
	}
	return next(decoder)
}

func (s *shape) readDict(decoder *jsontext.Decoder, target reflect.Value) error {
	if err := open(decoder, '{'); err != nil {
		return err
	}
	target.Set(reflect.MakeMap(target.Type()))
	for decoder.PeekKind() == '"' {
		name, err := readName(decoder)
		if err != nil {
			return err
		}
		key := reflect.ValueOf(string(name)).Convert(target.Type().Key())
		elem := reflect.New(target.Type().Elem()).Elem()
		if err := s.elem.read(decoder, elem); err != nil {
			return err
		}
		target.SetMapIndex(key, elem)
	}
	return next(decoder)
}

// isVariant compares as encoding/json does, with Unicode case folding.
func (s *shape) isVariant(name []byte) bool {
	for _, f := range s.fields {
		if bytes.EqualFold([]byte(f.name), name) {
			return true
		}
	}
	return false
}

// readName gives a member's name without quotes and escapes; it is valid until the next
// read.
func readName(decoder *jsontext.Decoder) ([]byte, error) {
	quoted, err := decoder.ReadValue()
	if err != nil {
		return nil, readError(err)
	}
	if bytes.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1], nil
	}
	name, err := jsontext.AppendUnquote(nil, quoted)
	if err != nil {
		return nil, readError(err)
	}
	return name, nil
}

// open consumes the bracket that begins an object or array.
func open(decoder *jsontext.Decoder, bracket jsontext.Kind) error {
	if kind := decoder.PeekKind(); kind != bracket && kind != 0 {
		return errMismatch
	}
	return next(decoder)
}

// next consumes one token.
func next(decoder *jsontext.Decoder) error {
	if _, err := decoder.ReadToken(); err != nil {
		return readError(err)
	}
	return nil
}

// readError keeps the kind of a decoder's error and drops its text, which quotes input.
func readError(err error) error {
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName):
		return malformed("a member is repeated")
	case errors.As(err, &syntax):
		return malformed("not valid JSON")
	}
	var semantic *json.SemanticError
	if errors.As(err, &semantic) {
		return errMismatch
	}
	return malformed("not valid JSON")
}
