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

// New makes a logger under a service's name.
func New(c Config, w io.Writer, service string) (*slog.Logger, error) {
	level := slog.LevelInfo
	if c.Level != "" {
		if err := level.UnmarshalText([]byte(c.Level)); err != nil {
			return nil, fmt.Errorf("log.level: %w", err)
		}
	}
	return slog.New(handler{slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level})}).With("service", service), nil
}
