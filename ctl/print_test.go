package ctl

import (
	"bytes"
	"strings"
	"testing"

	adminv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/admin/v1"
)

// TestPlain: what a client or a directory wrote cannot rewrite an operator's
// terminal.
func TestPlain(t *testing.T) {
	for text, want := range map[string]string{
		"Bücher & Co":          "Bücher & Co",
		"two\nlines":           "two\nlines",
		"\x1b[31mred\x1b[0m":   "\uFFFD[31mred\uFFFD[0m",
		"bell\a, back\b, CR\r": "bell\uFFFD, back\uFFFD, CR\uFFFD",
		"\u202Egnp.exe":        "\uFFFDgnp.exe",
		"\u009b2J":             "\uFFFD2J",
	} {
		if got := plain(text); got != want {
			t.Errorf("%q is shown as %q, want %q", text, got, want)
		}
	}
}

// TestTableKeepsItsRows: a value with a line break makes no row of its own.
func TestTableKeepsItsRows(t *testing.T) {
	var out bytes.Buffer
	c := &call{Program: Program{Out: &out}}
	c.table("A B", [][]string{{"one\nclient-9  serving", ""}})
	if strings.Count(out.String(), "\n") != 2 || !strings.HasSuffix(out.String(), "  -\n") {
		t.Errorf("%q", out.String())
	}
}

func TestStands(t *testing.T) {
	for want, client := range map[string]*adminv1.Client{
		"serving":                         {Serving: true},
		"suspended":                       {Suspended: true},
		"suspended by its framework":      {Withdrawn: true},
		"suspended, and by its framework": {Suspended: true, Withdrawn: true},
	} {
		if got := stands(client); got != want {
			t.Errorf("%v is %q, want %q", client, got, want)
		}
	}
}
