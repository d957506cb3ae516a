// Package store is read by the tests of configref, never compiled.
package store

// Config is where entries are kept.
type Config struct {
	// Level is debug or info. Default info.
	Level Level `yaml:"level"`
}

// Level reads itself.
type Level int

// UnmarshalText reads it.
func (l *Level) UnmarshalText([]byte) error { return nil }
