package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/platform/secret"
)

type sample struct {
	Name   string        `yaml:"name"`
	Wait   time.Duration `yaml:"wait"`
	Nested struct {
		Port int `yaml:"port"`
	} `yaml:"nested"`
	Password secret.Text `yaml:"password"`
	fault    error
}

func (s *sample) Validate() error { return s.fault }

func write(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestLoad(t *testing.T) {
	into := sample{Name: "default", Wait: time.Minute}
	if err := Load(write(t, "wait: 5s\nnested: {port: 443}\n"), &into); err != nil {
		t.Fatal(err)
	}
	if into.Name != "default" || into.Wait != 5*time.Second || into.Nested.Port != 443 {
		t.Errorf("%+v", into)
	}
	for _, text := range []string{"", "# nothing\n", "---\n"} {
		into := sample{Name: "default"}
		if err := Load(write(t, text), &into); err != nil || into.Name != "default" {
			t.Errorf("%q: %v, %+v", text, err, into)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	for _, row := range []struct {
		name, text string
		fault      error
		want       string
	}{
		{"an unknown member", "color: red\n", nil, "color"},
		{"an unknown member below", "nested: {color: red}\n", nil, "color"},
		{"two unknown members", "color: red\nshape: round\n", nil, "shape"},
		{"a member in another case", "Name: x\n", nil, "Name"},
		{"a member twice", "name: a\nname: b\n", nil, "already defined"},
		{"the wrong kind", "name: a\nwait: soon\n", nil, "line 2: wait must be a duration such as 30s or 10m, not `soon`"},
		{"a list for a number", "nested:\n  port: [a]\n", nil, "line 2: port must be a whole number, not a list"},
		{"a member among others on a line", "nested: {port: [a]}\n", nil, "line 1: a member must be a whole number, not a list"},
		{"a value on a line of its own", "wait:\n  a:b\n", nil, "line 2: a member must be a duration"},
		{"a list for all members", "- name\n", nil, "line 1: a member must be what docs/configuration.md says, not a list"},
		{"a text for a section", "nested: x\n", nil, "line 1: nested must be what docs/configuration.md says, not `x`"},
		{"a secret in a file that is not there", "name: a\npassword: file:/nowhere\n", nil, "line 2: password must be a secret, or file:PATH of one: open /nowhere: no such file or directory"},
		{"no YAML", "\t{", nil, "yaml"},
		{"a second document, which nobody would read", "name: a\n---\nname: b\n", nil, "document"},
		{"two faults that the configuration itself finds", "name: a\n", errors.Join(errors.New("one"), errors.New("two")), "one; two"},
		{"what the configuration itself refuses", "name: a\n", errors.New("name is too short"), "name is too short"},
	} {
		t.Run(row.name, func(t *testing.T) {
			file := write(t, row.text)
			err := Load(file, &sample{fault: row.fault})
			if err == nil || !strings.Contains(err.Error(), row.want) || !strings.Contains(err.Error(), file) {
				t.Errorf("the error is %v, want %q and the file in it", err, row.want)
			}
			if err != nil && strings.Contains(err.Error(), "\n") {
				t.Errorf("more than one line: %q", err)
			}
			if row.fault != nil && !errors.Is(err, row.fault) {
				t.Errorf("the fault is lost: %v", err)
			}
		})
	}
	if err := Load("", &sample{}); err == nil || !strings.Contains(err.Error(), "--config") {
		t.Errorf("no file: %v", err)
	}
	if err := Load(filepath.Join(t.TempDir(), "missing.yaml"), &sample{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}
