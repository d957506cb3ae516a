// Package logging makes the JSON log of a process.
package logging

import (
	"fmt"
	"io"
	"log/slog"
)

// Config is what a process writes about its work, to standard error.
type Config struct {
	// Level is debug, info, warn or error. Default info.
	Level string `yaml:"level"`
}

// Validate tells what is wrong.
func (c Config) Validate() error {
	_, err := c.level()
	return err
}

func (c Config) level() (level slog.Level, err error) {
	if c.Level == "" {
		return slog.LevelInfo, nil
	}
	if err := level.UnmarshalText([]byte(c.Level)); err != nil {
		return 0, fmt.Errorf("log.level must be debug, info, warn or error, not %q", c.Level)
	}
	return level, nil
}

// New makes a logger under a service's name.
func New(c Config, w io.Writer, service string) (*slog.Logger, error) {
	level, err := c.level()
	if err != nil {
		return nil, err
	}
	return slog.New(handler{slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level})}).With("service", service), nil
}
