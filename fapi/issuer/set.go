package issuer

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"go.yaml.in/yaml/v3"
)

// Set is every issuer of a suite, immutable.
type Set struct {
	issuers []*Issuer
	byName  map[string]*Issuer
	digest  uint64
}

// NewSet validates issuers, fills in defaults and joins them.
func NewSet(issuers ...Issuer) (*Set, error) {
	s := &Set{byName: map[string]*Issuer{}}
	for _, i := range issuers {
		i.setDefaults()
		if err := i.validate(); err != nil {
			return nil, fmt.Errorf("issuer %q: %w", i.Name, err)
		}
		if s.byName[i.Name] != nil {
			return nil, fmt.Errorf("issuer %q is configured twice", i.Name)
		}
		s.issuers = append(s.issuers, &i)
		s.byName[i.Name] = &i
	}
	if len(s.issuers) == 0 {
		return nil, errors.New("no issuer is configured: one is a YAML file (docs/configuration.md)")
	}
	slices.SortFunc(s.issuers, func(a, b *Issuer) int { return bytes.Compare([]byte(a.Name), []byte(b.Name)) })
	return s, s.setDigest()
}

// setDigest hashes the configuration in force, defaults included, so that two
// processes find out when they were given different issuers.
func (s *Set) setDigest() error {
	text, err := yaml.Marshal(s.issuers)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	s.digest = binary.BigEndian.Uint64(sum[:8])
	return nil
}

// Load reads every *.yaml file of a folder, one issuer each.
func Load(folder string) (*Set, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	if err != nil {
		return nil, err
	}
	var issuers []Issuer
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		i, err := Parse(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		i.in(folder)
		issuers = append(issuers, i)
	}
	set, err := NewSet(issuers...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", folder, err)
	}
	return set, nil
}

// Parse reads one issuer file. Unknown members are errors, and so is a second
// document, which would be an issuer that nobody serves.
func Parse(text []byte) (Issuer, error) {
	var i Issuer
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&i); err != nil {
		return Issuer{}, err
	}
	if err := decoder.Decode(&Issuer{}); !errors.Is(err, io.EOF) {
		return Issuer{}, errors.New("more than one document")
	}
	return i, nil
}

// ByName finds an issuer by its route name.
func (s *Set) ByName(name string) (*Issuer, bool) {
	i, ok := s.byName[name]
	return i, ok
}

// All is every issuer, ordered by name.
func (s *Set) All() []*Issuer { return s.issuers }

// Digest is equal for processes that were given equal issuers.
func (s *Set) Digest() uint64 { return s.digest }
