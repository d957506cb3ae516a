// Package vault is read by the tests of configref, never compiled.
package vault

import (
	"time"

	"github.com/strongroom-fapi/strongroom/platform/secret"
	db "github.com/strongroom-fapi/strongroom/platform/store"
)

// ProcessConfig is the configuration of a vault.
type ProcessConfig struct {
	Base `yaml:",inline"`
	// Lifetime of an entry. Default 60s.
	Lifetime time.Duration `yaml:"lifetime"`
	// PIN opens the vault.
	PIN   secret.Text `yaml:"pin"`
	Store db.Config   `yaml:"store"`
	// Doors are where one gets in; either a | b.
	Doors []Door `yaml:"doors"`
	// Guards by the door that they watch.
	Guards map[string]*Door `yaml:"guards"`
	Depth  int              // Depth in metres.
	Cache  int              `yaml:"-"`

	opened bool
}

// Base is what every configuration begins with.
type Base struct {
	// Listen is the address, host:port.
	Listen string `yaml:"listen"`
}

// Door is a way in.
type Door struct {
	// Locked unless told otherwise.
	Locked bool `yaml:"locked"`
}

// Bare has members that nobody explained.
type Bare struct {
	Why Reason `yaml:"why"`
	How string `yaml:"how"`
}

// Reason is a word.
type Reason string
