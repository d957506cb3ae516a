package jose

import (
	"encoding"
	"fmt"
	"reflect"
	"strings"
	"sync"

	"github.com/go-json-experiment/json"
)

// shape is what a Go type wants from JSON, worked out once per type. It exists so that
// the reader can name the members that are wanted, and so spot their case variants.
type shape struct {
	kind   shapeKind
	fields []field        // of an object
	byName map[string]int // index into fields
	elem   *shape         // of a pointer, list or dict
}

type field struct {
	name  string
	index []int // for reflect.Value.FieldByIndex; longer than 1 for embedded structs
	shape *shape
}

type shapeKind int

const (
	leaf     shapeKind = iota // decoded by the JSON library; cannot be null
	nullLeaf                  // the same, and takes null itself
	text                      // a string, read directly: the library would make a cache for it
	object
	pointer
	list
	dict
)

var shapes sync.Map // reflect.Type to *shape

var (
	textReader  = reflect.TypeFor[encoding.TextUnmarshaler]()
	valueReader = reflect.TypeFor[json.Unmarshaler]()
	tokenReader = reflect.TypeFor[json.UnmarshalerFrom]()
)

// shapeOf fails for types whose meaning in JSON would be a guess.
func shapeOf(t reflect.Type) (*shape, error) {
	if known, ok := shapes.Load(t); ok {
		return known.(*shape), nil
	}
	made, err := makeShape(t, map[reflect.Type]*shape{})
	if err != nil {
		return nil, err
	}
	shapes.Store(t, made)
	return made, nil
}

// makeShape keeps the unfinished shapes in making, because a type may contain itself.
func makeShape(t reflect.Type, making map[reflect.Type]*shape) (*shape, error) {
	if s := making[t]; s != nil {
		return s, nil
	}
	s := &shape{}
	making[t] = s
	switch to := reflect.PointerTo(t); {
	case to.Implements(textReader):
		return s, nil
	case to.Implements(valueReader) || to.Implements(tokenReader):
		s.kind = nullLeaf // its own method decides about null
		return s, nil
	}
	switch t.Kind() {
	case reflect.Interface:
		s.kind = nullLeaf
	case reflect.String:
		s.kind = text
	case reflect.Struct:
		s.kind = object
		s.byName = map[string]int{}
		return s, s.addFields(t, nil, making)
	case reflect.Pointer:
		return s, s.wrap(pointer, t, making)
	case reflect.Slice:
		if t.Elem().Kind() != reflect.Uint8 { // []byte is base64 text
			return s, s.wrap(list, t, making)
		}
	case reflect.Map:
		if t.Key().Kind() != reflect.String {
			return nil, fmt.Errorf("jose: %s: map keys must be strings", t)
		}
		return s, s.wrap(dict, t, making)
	}
	return s, nil
}

// wrap makes s a container. Elements are read one by one, so that a null among them is
// seen too.
func (s *shape) wrap(kind shapeKind, t reflect.Type, making map[reflect.Type]*shape) (err error) {
	s.kind = kind
	s.elem, err = makeShape(t.Elem(), making)
	return err
}

func (s *shape) addFields(t reflect.Type, path []int, making map[reflect.Type]*shape) error {
	for i := range t.NumField() {
		f := t.Field(i)
		index := append(append([]int(nil), path...), i)
		tag, tagged := f.Tag.Lookup("json")
		name, options, _ := strings.Cut(tag, ",")
		switch {
		case tag == "-":
		case f.Anonymous && f.Type.Kind() == reflect.Struct && !tagged:
			if err := s.addFields(f.Type, index, making); err != nil {
				return err
			}
		case !f.IsExported():
		case name == "" || strings.ContainsAny(name, `'"\`):
			// Go's default, the field's own name, is never a name of a JWT.
			return fmt.Errorf("jose: %s.%s has no plain json name", t, f.Name)
		case strings.Trim(strings.NewReplacer("omitempty", "", "omitzero", "").Replace(options), ",") != "":
			return fmt.Errorf("jose: %s.%s has json options that are not read here", t, f.Name)
		default:
			if _, taken := s.byName[name]; taken {
				return fmt.Errorf("jose: %s has two fields named %q", t, name)
			}
			of, err := makeShape(f.Type, making)
			if err != nil {
				return err
			}
			s.byName[name] = len(s.fields)
			s.fields = append(s.fields, field{name: name, index: index, shape: of})
		}
	}
	return nil
}
