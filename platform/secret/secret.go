// Package secret holds configuration values that must not be printed.
package secret

import (
	"fmt"
	"log/slog"
	"os"
	"strings"

	"go.yaml.in/yaml/v3"
)

// filePrefix marks a value that stands in a file of its own.
const filePrefix = "file:"

// Text is a secret. In configuration it is written out or, better, as
// file:PATH, whose content without the final line break is the secret. It
// prints as [secret], also in logs and in YAML.
type Text struct {
	// value is behind a pointer, for fmt calls no method of a value in an
	// unexported member, but follows no pointer there either.
	value *string
	file  string
}

// New makes a secret of a value.
func New(value string) Text { return Text{value: &value} }

// FromFile reads a secret from a file.
func FromFile(path string) (Text, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return Text{}, err
	}
	text := New(strings.TrimRight(string(content), "\r\n"))
	text.file = path
	return text, nil
}

// CheckFile refuses a secret whose file others on this machine can read or write:
// what they have read cannot be called back. The group may read it, as it must where
// an orchestrator mounts secrets. member names the setting. A secret that stands in
// no file of its own is not its concern.
func (t Text) CheckFile(member string) error {
	if t.file == "" {
		return nil
	}
	info, err := os.Stat(t.file)
	if err != nil {
		return fmt.Errorf("%s: %w", member, err)
	}
	if mode := info.Mode().Perm(); mode&0o027 != 0 {
		return fmt.Errorf("%s: %s has mode %04o, which lets others at a secret: chmod 600 it, and replace the secret if anybody may have read it", member, t.file, mode)
	}
	return nil
}

// Reveal is the secret itself. Call it where it is used and nowhere else.
func (t Text) Reveal() string {
	if t.value == nil {
		return ""
	}
	return *t.value
}

// Empty tells whether nothing was configured.
func (t Text) Empty() bool { return t.Reveal() == "" }

const hidden = "[secret]"

// String hides the secret.
func (t Text) String() string { return hidden }

// GoString hides the secret.
func (t Text) GoString() string { return hidden }

// Format hides the secret under every verb.
func (t Text) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(hidden)) }

// LogValue hides the secret.
func (t Text) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalYAML writes the file's name, never the value.
func (t Text) MarshalYAML() (any, error) {
	if t.file != "" {
		return filePrefix + t.file, nil
	}
	return hidden, nil
}

// UnmarshalYAML reads a value or a file:PATH.
func (t *Text) UnmarshalYAML(node *yaml.Node) error {
	var text string
	if err := node.Decode(&text); err != nil {
		return err
	}
	path, inFile := strings.CutPrefix(text, filePrefix)
	if !inFile {
		*t = New(text)
		return nil
	}
	read, err := FromFile(path)
	if err != nil {
		// Of this type the decoder tells all at once, each with its line.
		return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: cannot read secret: %v", node.Line, err)}}
	}
	*t = read
	return nil
}
