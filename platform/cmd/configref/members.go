package main

import (
	"fmt"
	"go/ast"
	"reflect"
	"strings"
)

// member is one line that an operator may write.
type member struct {
	path string
	kind string
	doc  string
}

// foreign are the types outside this workspace that configuration uses.
var foreign = map[string]string{
	"time.Duration":    "duration",
	"net/netip.Prefix": "address range",
	"log/slog.Level":   "text",
}

// basic are Go's own types, in an operator's words.
var basic = map[string]string{
	"string": "text", "bool": "true or false", "any": "anything",
	"int": "integer", "int32": "integer", "int64": "integer",
	"uint": "integer", "uint16": "integer", "uint32": "integer", "uint64": "integer",
	"float64": "number",
}

// shape is what a Go type looks like in YAML.
type shape struct {
	kind string
	// fields, where the innermost type has members of its own, at suffix.
	fields *ast.StructType
	in     *declaration
	suffix string
}

// listed is the shape of a list of these.
func (s shape) listed() shape {
	s.kind = "list of " + s.kind + "s"
	s.suffix = "[]" + s.suffix
	return s
}

// mapped is the shape of a map to these.
func (s shape) mapped() shape {
	s.kind = "one " + s.kind + " per name"
	s.suffix = ".<name>" + s.suffix
	return s
}

// members lists what a struct can hold, in the order of its fields, those of
// nested structs under a dotted path.
func (s *source) members(fields *ast.StructType, in *declaration, prefix string) ([]member, error) {
	var found []member
	for _, field := range fields.Fields.List {
		shape, err := s.shape(field.Type, in)
		if err != nil {
			return nil, fmt.Errorf("%s.%s: %w", in.pkg.folder, in.name, err)
		}
		for _, name := range names(field) {
			more, err := s.member(field, name, shape, in, prefix)
			if err != nil {
				return nil, err
			}
			found = append(found, more...)
		}
	}
	return found, nil
}

func (s *source) member(field *ast.Field, name string, shape shape, in *declaration, prefix string) ([]member, error) {
	key, inline := yamlKey(field, name)
	if key == "-" || !ast.IsExported(name) {
		return nil, nil
	}
	if inline {
		return s.members(shape.fields, shape.in, prefix)
	}
	m := member{path: prefix + key, kind: shape.kind, doc: sentence(name, fieldDoc(field))}
	if m.doc == "" && shape.fields != nil {
		m.doc = sentence(shape.in.name, shape.in.doc)
	}
	if m.doc == "" {
		return nil, fmt.Errorf("%s: %s.%s has no doc comment to document %s", in.pkg.folder, in.name, name, m.path)
	}
	if shape.fields == nil {
		return []member{m}, nil
	}
	nested, err := s.members(shape.fields, shape.in, m.path+shape.suffix+".")
	return append([]member{m}, nested...), err
}

// shape resolves a type expression, across packages.
func (s *source) shape(expr ast.Expr, in *declaration) (shape, error) {
	switch t := expr.(type) {
	case *ast.StarExpr:
		return s.shape(t.X, in)
	case *ast.ArrayType:
		element, err := s.shape(t.Elt, in)
		return element.listed(), err
	case *ast.MapType:
		element, err := s.shape(t.Value, in)
		return element.mapped(), err
	case *ast.StructType:
		return shape{kind: "section", fields: t, in: in}, nil
	case *ast.Ident:
		if d, ok := in.pkg.types[t.Name]; ok {
			return s.named(d)
		}
		if kind, ok := basic[t.Name]; ok {
			return shape{kind: kind}, nil
		}
	case *ast.SelectorExpr:
		if x, ok := t.X.(*ast.Ident); ok {
			return s.imported(in.imports[x.Name], t.Sel.Name)
		}
	}
	return shape{}, fmt.Errorf("configref has no word for a %T", expr)
}

func (s *source) named(d *declaration) (shape, error) {
	if !d.pkg.decoded[d.name] {
		return s.shape(d.expr, d)
	}
	if d.pkg.folder == "platform/secret" {
		return shape{kind: "secret"}, nil
	}
	return shape{kind: "text"}, nil
}

func (s *source) imported(target, name string) (shape, error) {
	folder, ours := strings.CutPrefix(target, modulePrefix)
	if !ours {
		if kind, ok := foreign[target+"."+name]; ok {
			return shape{kind: kind}, nil
		}
		return shape{}, fmt.Errorf("%s.%s is not among configref's foreign types", target, name)
	}
	d, err := s.find(folder, name)
	if err != nil {
		return shape{}, err
	}
	return s.named(d)
}

// names are a field's own, or the name of the type that it embeds.
func names(field *ast.Field) []string {
	if len(field.Names) == 0 {
		return []string{embedded(field.Type)}
	}
	var all []string
	for _, n := range field.Names {
		all = append(all, n.Name)
	}
	return all
}

func embedded(expr ast.Expr) string {
	switch t := expr.(type) {
	case *ast.StarExpr:
		return embedded(t.X)
	case *ast.SelectorExpr:
		return t.Sel.Name
	case *ast.Ident:
		return t.Name
	}
	return ""
}

// yamlKey reads the field's tag as go.yaml.in/yaml does: without a name there,
// the field's own in lower case.
func yamlKey(field *ast.Field, name string) (key string, inline bool) {
	var tag reflect.StructTag
	if field.Tag != nil {
		tag = reflect.StructTag(strings.Trim(field.Tag.Value, "`"))
	}
	key, options, _ := strings.Cut(tag.Get("yaml"), ",")
	if key == "" {
		key = strings.ToLower(name)
	}
	return key, strings.Contains(options, "inline")
}
