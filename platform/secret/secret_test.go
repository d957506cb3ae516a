package secret

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

const hush = "correct horse battery staple"

// holder keeps secrets where a struct may: also where fmt calls no method.
type holder struct {
	Public  Text
	private Text
	pointer *Text
	list    []Text
	table   map[string]Text
	any     any
}

func held() holder {
	t := New(hush)
	return holder{Public: t, private: t, pointer: &t, list: []Text{t}, table: map[string]Text{"a": t}, any: t}
}

// TestNeverPrints is the whole reason for this package.
func TestNeverPrints(t *testing.T) {
	text := New(hush)
	values := map[string]any{"itself": text, "a pointer": &text, "a struct": held(), "a pointer to a struct": new(held()), "a list": []Text{text}, "an error": fmt.Errorf("%v", text)}
	for name, value := range values {
		for _, verb := range "vTtbcdoOqxXUeEfFgGspw!" {
			for _, flags := range []string{"", "+", "#", "-", " ", "0", "10.3"} {
				format := "%" + flags + string(verb)
				if got := fmt.Sprintf(format, value); leaks(got) {
					t.Errorf("%s under %s: %s", name, format, got)
				}
			}
		}
		if got := fmt.Sprint(value); leaks(got) {
			t.Errorf("%s: Sprint: %s", name, got)
		}
		for form, marshal := range map[string]func(any) ([]byte, error){"JSON": json.Marshal, "YAML": yaml.Marshal} {
			if got, err := marshal(value); leaks(string(got)) || (err != nil && leaks(err.Error())) {
				t.Errorf("%s as %s: %s, %v", name, form, got, err)
			}
		}
		var log bytes.Buffer
		for _, handler := range []slog.Handler{slog.NewJSONHandler(&log, nil), slog.NewTextHandler(&log, nil)} {
			slog.New(handler).Info("x", "value", value, slog.Group("g", "value", value))
		}
		if leaks(log.String()) {
			t.Errorf("%s in a log: %s", name, &log)
		}
	}
	if text.String() != hidden || text.GoString() != hidden || fmt.Sprintf("%s", text) != hidden {
		t.Error("it does not say that there is a secret")
	}
}

// leaks looks for the secret, also as hexadecimal, in numbers and cut off.
func leaks(text string) bool {
	for _, form := range []string{"cor", fmt.Sprintf("%x", "cor"), fmt.Sprintf("%X", "cor"), "99 111 114"} {
		if strings.Contains(text, form) {
			return true
		}
	}
	return false
}

func TestReveal(t *testing.T) {
	if got := New(hush).Reveal(); got != hush {
		t.Errorf("got %q", got)
	}
	if New(hush).Empty() || !New("").Empty() || !(Text{}).Empty() || (Text{}).Reveal() != "" {
		t.Error("Empty is wrong")
	}
}

func TestYAML(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	for _, row := range []struct{ name, content, yaml, want string }{
		{"written out", "", "s: " + hush, hush},
		{"in a file", hush, "s: file:" + file, hush},
		{"in a file with a final line break", hush + "\r\n", "s: file:" + file, hush},
		{"in a file, blanks stay", " " + hush + " \n", "s: file:" + file, " " + hush + " "},
		{"a number", "", "s: 123456", "123456"},
		{"nothing", "", "s:", ""},
		{"empty", "", `s: ""`, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			if err := os.WriteFile(file, []byte(row.content), 0o600); err != nil {
				t.Fatal(err)
			}
			var into struct{ S Text }
			if err := yaml.Unmarshal([]byte(row.yaml), &into); err != nil {
				t.Fatal(err)
			}
			if into.S.Reveal() != row.want {
				t.Errorf("got %q", into.S.Reveal())
			}
		})
	}
}

// TestYAMLOut: what is written keeps the file's name, so that it can be read
// again, and never the value.
func TestYAMLOut(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte(hush), 0o600); err != nil {
		t.Fatal(err)
	}
	text, err := FromFile(file)
	if err != nil {
		t.Fatal(err)
	}
	out, err := yaml.Marshal(map[string]Text{"s": text})
	if err != nil || string(out) != "s: file:"+file+"\n" {
		t.Errorf("got %s, %v", out, err)
	}
	var again map[string]Text
	if err := yaml.Unmarshal(out, &again); err != nil || again["s"].Reveal() != hush {
		t.Errorf("read again: %v", err)
	}
}

func TestFaultsDoNotRepeatTheSecret(t *testing.T) {
	for name, text := range map[string]string{
		"a list":         "s: [" + hush + "]",
		"a mapping":      "s: {a: " + hush + "}",
		"a missing file": "s: file:/nonexistent/path",
	} {
		var into struct{ S Text }
		if err := yaml.Unmarshal([]byte(text), &into); err == nil || leaks(err.Error()) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
