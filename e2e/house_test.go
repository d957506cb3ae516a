package e2e

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// house begins every import path of the suite; what follows is the folder.
const house = "github.com/strongroom-fapi/strongroom/"

// order is that of calls: left never imports and never calls right, so that
// start-up has no cycle. The interaction API is authorize's own, and the admin API
// clientreg's.
var order = []string{"keys", "clientreg", "par", "authorize", "token"}

// source is a Go file as the rules see it.
type source struct {
	// folder is the file's, from the root of the repository.
	folder string
	pkg    string
}

// area is the module that a folder belongs to.
func area(folder string) string {
	first, rest, _ := strings.Cut(folder, "/")
	if first != "services" {
		return first
	}
	name, _, _ := strings.Cut(rest, "/")
	return "services/" + name
}

// layer is what one module, or each of those in a folder, may use of the others.
type layer struct {
	area    string
	others  []string
	because string
}

// mayImport lists, for each module, the others of the suite whose Go it may use.
var mayImport = []layer{
	{"proto", nil, "a contract knows nobody who keeps it"},
	{"fapi", nil, "the standards stand on their own"},
	{"platform", []string{"proto", "fapi"}, "what every service runs on cannot know one of them"},
	{"services", []string{"proto", "fapi", "platform"}, "services talk over their contracts, so that each can run alone"},
	{"gateway", []string{"proto", "fapi", "platform"}, "the edge reaches the services over their contracts alone"},
	{"ctl", []string{"proto", "fapi", "platform"}, "an operator's tool reaches the suite over the admin API alone"},
	{"resource", []string{"proto", "fapi", "platform"}, "a bank's API takes in no part of the authorization server"},
	{"sandbox", []string{"proto", "fapi", "platform", "services", "gateway", "resource"}, "the sandbox puts the suite together and is tested from outside"},
	{"e2e", []string{"proto", "fapi", "platform", "resource", "sandbox"}, "end to end means through the binaries"},
}

// forbidden are packages from outside, and the folder that alone may use them.
var forbidden = []struct {
	what    []string
	in      string
	except  string
	because string
}{
	{
		what: []string{"github.com/lestrrat-go/jwx"}, except: "fapi/jose",
		because: "jwx v2 is lenient; fapi/jose is the strict door (docs/decisions.md)",
	},
	{
		what: []string{"net/http", "database/sql", "github.com/redis/go-redis", "google.golang.org/grpc"}, in: "fapi",
		because: "the standards as Go have no network and no storage, so that their rules can be read and tested alone",
	},
}

// vague are package names that say nothing of what is inside.
var vague = []string{"util", "utils", "common", "helper", "helpers", "manager", "managers"}

func TestHouseRules(t *testing.T) {
	files := 0
	for path, file := range goFiles(t, "..") {
		files++
		s := source{folder: filepath.ToSlash(filepath.Dir(path)), pkg: file.Name.Name}
		if slices.Contains(vague, s.pkg) {
			t.Errorf("%s: package %s: name it after what it holds", path, s.pkg)
		}
		for _, spec := range file.Imports {
			target, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			for _, breach := range breaches(s, target) {
				t.Errorf("%s imports %s: %s", path, target, breach)
			}
		}
	}
	if files < 50 {
		t.Errorf("only %d files seen: the test looks in the wrong place", files)
	}
}

// goFiles parses the imports of every Go file below root that a person wrote.
func goFiles(t *testing.T, root string) map[string]*ast.File {
	t.Helper()
	found := map[string]*ast.File{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := entry.Name(); entry.IsDir() {
			if path != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "node_modules") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, path)
		if err == nil && !ast.IsGenerated(file) {
			found[relative] = file
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// breaches are the reasons why a file may not import a package.
func breaches(s source, target string) []string {
	var why []string
	for _, f := range forbidden {
		excepted := f.except != "" && within(s.folder, f.except)
		if within(s.folder, f.in) && !excepted && slices.ContainsFunc(f.what, func(w string) bool { return within(target, w) }) {
			why = append(why, f.because)
		}
	}
	folder, ours := strings.CutPrefix(target, house)
	if !ours || area(folder) == area(s.folder) {
		return why
	}
	for _, row := range mayImport {
		if within(area(s.folder), row.area) && !slices.ContainsFunc(row.others, func(o string) bool { return within(folder, o) }) {
			why = append(why, row.because)
		}
	}
	if !slices.ContainsFunc(mayImport, func(row layer) bool { return within(area(s.folder), row.area) }) {
		why = append(why, "this folder has no row in mayImport yet: say there what it may use")
	}
	if left, right := slices.Index(order, contract(folder)), slices.Index(order, strings.TrimPrefix(area(s.folder), "services/")); right >= 0 && left > right {
		why = append(why, fmt.Sprintf("%s is right of %s, and calls run leftward only: start-up would have a cycle", order[left], order[right]))
	}
	return why
}

// contract is the service whose generated contract a folder holds.
func contract(folder string) string {
	rest, ok := strings.CutPrefix(folder, "proto/gen/strongroom/")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, "/")
	switch name {
	case "interaction":
		return "authorize"
	case "admin":
		return "clientreg"
	}
	return name
}

// within tells whether a path is another or lies below it.
func within(path, parent string) bool {
	return parent == "" || path == parent || strings.HasPrefix(path, parent+"/")
}

func TestHouseRulesRefuse(t *testing.T) {
	for _, row := range []struct {
		rule           string
		folder, target string
		refused        bool
	}{
		{"a service may import the platform", "services/par", house + "platform/rpc", false},
		{"a service may import its own packages", "services/par/cmd/strongroom-par", house + "services/par", false},
		{"a service may import a contract on its left", "services/par", house + "proto/gen/strongroom/keys/v1", false},
		{"a service may not import a contract on its right", "services/par", house + "proto/gen/strongroom/token/v1", true},
		{"the interaction API stands where authorize stands", "services/par", house + "proto/gen/strongroom/interaction/v1", true},
		{"the admin API stands where clientreg stands", "services/keys", house + "proto/gen/strongroom/admin/v1", true},
		{"an operator's tool may import a contract", "ctl", house + "proto/gen/strongroom/admin/v1", false},
		{"an operator's tool may not import a service", "ctl", house + "services/clientreg", true},
		{"a service may not import another", "services/token", house + "services/keys", true},
		{"a service may not import the gateway", "services/token", house + "gateway", true},
		{"the gateway may import every contract", "gateway/route", house + "proto/gen/strongroom/token/v1", false},
		{"the gateway may not import a service", "gateway", house + "services/par", true},
		{"the sandbox may import services", "sandbox", house + "services/par", false},
		{"end-to-end tests may not import a service", "e2e", house + "services/par", true},
		{"end-to-end tests may not import the gateway", "e2e/flow", house + "gateway/route", true},
		{"a folder without a row may import nothing", "deploy/tool", house + "fapi/oauth", true},
		{"the platform may not import a service", "platform/process", house + "services/par", true},
		{"fapi may not import the platform", "fapi/oauth", house + "platform/clock", true},
		{"only fapi/jose may import jwx", "services/keys", "github.com/lestrrat-go/jwx/v2/jws", true},
		{"fapi/jose may import jwx", "fapi/jose", "github.com/lestrrat-go/jwx/v2/jws", false},
		{"fapi may not speak HTTP", "fapi/binding", "net/http/httptest", true},
		{"fapi may parse URLs", "fapi/oauth", "net/url", false},
		{"fapi may not reach a database", "fapi/issuer", "database/sql", true},
		{"fapi may not reach Redis", "fapi/issuer", "github.com/redis/go-redis/v9", true},
		{"fapi may not speak gRPC", "fapi/oauth", "google.golang.org/grpc/codes", true},
		{"the platform may speak gRPC", "platform/rpc", "google.golang.org/grpc/codes", false},
	} {
		t.Run(row.rule, func(t *testing.T) {
			if why := breaches(source{folder: row.folder}, row.target); (len(why) > 0) != row.refused {
				t.Errorf("%s importing %s: breaches %q, want refused %t", row.folder, row.target, why, row.refused)
			}
		})
	}
}
