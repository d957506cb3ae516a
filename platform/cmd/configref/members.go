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
		s.undocumented = append(s.undocumented, fmt.Errorf("%s: %s.%s has no doc comment", in.pkg.folder, in.name, name))
	}
	if shape.fields == nil {
		return []member{m}, nil
	}
	nested, err := s.members(shape.fields, shape.in, m.path+shape.suffix+".")
	return append([]member{m}, nested...), err
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
