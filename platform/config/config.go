// Package config reads a process's configuration: one YAML file, no unknown
// members, validated before anything listens.
package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Validator is a configuration that knows its own faults.
type Validator interface{ Validate() error }

// Load reads a file into a configuration whose defaults are already filled in.
func Load(file string, into Validator) error {
	if file == "" {
		return errors.New("--config is required: the path of a YAML file (see docs/configuration.md)")
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(into); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: %w", file, inOneLine(err, text))
	}
	if err := decoder.Decode(&yaml.Node{}); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: more than one YAML document", file)
	}
	if err := into.Validate(); err != nil {
		return fmt.Errorf("%s: %w", file, joined{err})
	}
	return nil
}

// joined tells several faults in one line.
type joined struct{ error }

func (j joined) Error() string { return strings.ReplaceAll(j.error.Error(), "\n", "; ") }
func (j joined) Unwrap() error { return j.error }
