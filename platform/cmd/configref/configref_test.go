package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const testdata = "testdata"

func TestRenderedRows(t *testing.T) {
	text, err := render(testdata, []page{{title: "strongroom-vault", folder: "services/vault", typeName: "ProcessConfig"}})
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(text, "|---|---|---|\n")
	rows := strings.Split(strings.TrimSpace(table), "\n")
	for n, want := range []struct{ rule, row string }{
		{"an inline struct's members stand at the top, without their Go name", "| `listen` | text | The address, host:port. |"},
		{"a duration keeps its default sentence", "| `lifetime` | duration | Lifetime of an entry. Default 60s. |"},
		{"a secret is a leaf, whatever its fields", "| `pin` | secret | PIN opens the vault. |"},
		{"a section without a comment takes that of its type, through an import alias", "| `store` | section | Where entries are kept. |"},
		{"a type that reads its own text is text, and a value keeps its case", "| `store.level` | text | debug or info. Default info. |"},
		{"a list of structs, and a pipe that would end the cell", "| `doors` | list of sections | Where one gets in; either a \\| b. |"},
		{"members of a list", "| `doors[].locked` | true or false | Locked unless told otherwise. |"},
		{"a map of pointers", "| `guards` | one section per name | Guards by the door that they watch. |"},
		{"members of a map", "| `guards.<name>.locked` | true or false | Locked unless told otherwise. |"},
		{"without a tag the name in lower case, and a comment behind the field", "| `depth` | integer | Depth in metres. |"},
	} {
		if n >= len(rows) || rows[n] != want.row {
			t.Errorf("%s:\nwant %s\ngot  %s", want.rule, want.row, strings.Join(rows[min(n, len(rows)):], "\n     "))
			break
		}
	}
	if len(rows) != 10 {
		t.Errorf("%d rows; a member marked - and an unexported one are none", len(rows))
	}
}

func TestRenderIsDeterministic(t *testing.T) {
	pages := []page{{title: "strongroom-vault", folder: "services/vault", typeName: "ProcessConfig"}}
	first, err := render(testdata, pages)
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		if again, _ := render(testdata, pages); again != first {
			t.Fatal("two runs wrote two pages")
		}
	}
}

func TestRenderRefuses(t *testing.T) {
	for _, row := range []struct {
		rule string
		page page
		want string
	}{
		{"every member without a comment is named", page{folder: "services/vault", typeName: "Bare"}, "Bare.Why has no doc comment\nservices/vault: Bare.How has no doc comment"},
		{"a package without the struct", page{folder: "services/vault", typeName: "Missing"}, "has no type Missing"},
		{"a type that is no struct", page{folder: "services/vault", typeName: "Reason"}, "is not a struct"},
	} {
		t.Run(row.rule, func(t *testing.T) {
			if _, err := render(testdata, []page{row.page}); err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("got %v, want %q", err, row.want)
			}
		})
	}
}

func TestPackageThatDoesNotExistIsLeftOut(t *testing.T) {
	out := filepath.Join(t.TempDir(), "configuration.md")
	if err := run(t.TempDir(), out); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(out)
	if err != nil || string(text) != heading {
		t.Errorf("got %v, %s", err, text)
	}
}
