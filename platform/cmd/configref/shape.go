package main

import (
	"fmt"
	"go/ast"
	"strings"
)

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
