package jose

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"

	"github.com/go-json-experiment/json/jsontext"
)

// maxDepth is how deep JSON may nest. RFC 9396 authorization_details, the deepest thing
// anyone sends us, stays well under 10.
const maxDepth = 32

// decodeStrict reads one JSON object into the struct that into points to, which is
// overwritten, and left zero on error. What encoding/json would let pass is refused, at
// every depth (THR-19, BAD-24):
//
//   - repeated members, also where nobody looks at them;
//   - a member that differs from a wanted one by case only;
//   - null where the Go type cannot say null (a pointer can, a string cannot);
//   - invalid UTF-8, anything after the object, nesting deeper than 32.
//
// Unknown members are ignored (RFC 7515 §4, RFC 7517 §4, RFC 7519 §4). Errors wrap
// ErrMalformed, except for a Go type that cannot be used at all, which is a mistake of
// the caller.
func decodeStrict(raw []byte, into any) error {
	target := reflect.ValueOf(into)
	if target.Kind() != reflect.Pointer || target.IsNil() || target.Elem().Kind() != reflect.Struct {
		return fmt.Errorf("jose: cannot decode into %T: not a pointer to a struct", into)
	}
	shape, err := shapeOf(target.Elem().Type())
	if err != nil {
		return err
	}
	if shape.kind != object {
		return fmt.Errorf("jose: cannot decode into %T: it decodes itself", into)
	}
	target.Elem().SetZero()
	if err := decodeOne(raw, shape, target.Elem()); err != nil {
		target.Elem().SetZero()
		return err
	}
	return nil
}

func decodeOne(raw []byte, shape *shape, target reflect.Value) error {
	if deep(raw) {
		return malformed("JSON nests too deep")
	}
	// The two refusals are the decoder's defaults; they are written out because
	// everything here rests on them.
	decoder := jsontext.NewDecoder(bytes.NewBuffer(raw),
		jsontext.AllowDuplicateNames(false), jsontext.AllowInvalidUTF8(false))
	if err := shape.read(decoder, target); err != nil {
		if errors.Is(err, errMismatch) {
			return malformed("not a JSON object")
		}
		return err
	}
	if _, err := decoder.ReadToken(); !errors.Is(err, io.EOF) {
		return malformed("something follows the JSON object")
	}
	return nil
}

// deep reports whether brackets nest beyond maxDepth. It runs before the decoder, which
// would go 10,000 levels down.
func deep(raw []byte) bool {
	depth, quoted := 0, false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}
