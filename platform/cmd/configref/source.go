package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"strconv"
	"strings"
)

// modulePrefix begins every import path of this workspace; what follows is the
// folder, since each module is named after its own.
const modulePrefix = "github.com/strongroom-fapi/strongroom/"

// errNoPackage says that a folder holds no Go package.
var errNoPackage = errors.New("no Go package")

// source reads packages of the workspace, each once.
type source struct {
	root     string
	packages map[string]*pkg
	// undocumented are the members without a doc comment, all to be told.
	undocumented []error
}

// pkg is what a package declares, as far as configuration is concerned.
type pkg struct {
	folder string
	types  map[string]*declaration
	// decoded are the types that read their YAML themselves, so that their
	// fields are not members.
	decoded map[string]bool
}

// declaration is one type, where its names are to be understood.
type declaration struct {
	name    string
	doc     string
	expr    ast.Expr
	pkg     *pkg
	imports map[string]string
}

func (s *source) load(folder string) (*pkg, error) {
	if p, ok := s.packages[folder]; ok {
		return p, nil
	}
	files, err := filepath.Glob(filepath.Join(s.root, folder, "*.go"))
	if err != nil {
		return nil, err
	}
	p := &pkg{folder: folder, types: map[string]*declaration{}, decoded: map[string]bool{}}
	found := false
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		found = true
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		p.add(file)
	}
	if !found {
		return nil, fmt.Errorf("%s: %w", folder, errNoPackage)
	}
	s.packages[folder] = p
	return p, nil
}

// find is the declaration of a type in a folder.
func (s *source) find(folder, name string) (*declaration, error) {
	p, err := s.load(folder)
	if err != nil {
		return nil, err
	}
	d, ok := p.types[name]
	if !ok {
		return nil, fmt.Errorf("%s has no type %s", folder, name)
	}
	return d, nil
}

func (p *pkg) add(file *ast.File) {
	imports := importsOf(file)
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				if t, ok := spec.(*ast.TypeSpec); ok {
					doc := t.Doc.Text()
					if doc == "" {
						doc = d.Doc.Text()
					}
					p.types[t.Name.Name] = &declaration{name: t.Name.Name, doc: doc, expr: t.Type, pkg: p, imports: imports}
				}
			}
		case *ast.FuncDecl:
			if d.Recv != nil && (d.Name.Name == "UnmarshalYAML" || d.Name.Name == "UnmarshalText") {
				p.decoded[receiver(d.Recv.List[0].Type)] = true
			}
		}
	}
}

func receiver(expr ast.Expr) string {
	if star, ok := expr.(*ast.StarExpr); ok {
		expr = star.X
	}
	if name, ok := expr.(*ast.Ident); ok {
		return name.Name
	}
	return ""
}

// importsOf maps the names by which a file calls its imports to their paths.
func importsOf(file *ast.File) map[string]string {
	imports := map[string]string{}
	for _, i := range file.Imports {
		target, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			continue // the parser has accepted the literal: it cannot fail
		}
		name := path.Base(target)
		if i.Name != nil {
			name = i.Name.Name
		}
		imports[name] = target
	}
	return imports
}
