package audit

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// Config is where a process keeps its audit trail.
type Config struct {
	// Folder of the files, SERVICE.INSTANCE.FIRST.jsonl, FIRST being the number
	// of a file's first line. Empty: no audit trail.
	Folder string `yaml:"folder"`
	// Instance tells the replicas of a service apart: no two that run at the
	// same time may have the same folder and instance. Default: the host name.
	Instance string `yaml:"instance"`
	// FileSize is how long a file may get, in bytes, before the next begins.
	// The chain goes on from file to file. Default 67108864, 64 MiB.
	FileSize int64 `yaml:"file_size"`
}

// Validate tells what is wrong.
func (c Config) Validate() error {
	switch {
	case strings.ContainsAny(c.Instance, "/\\ \t\r\n"):
		return errors.New("audit.instance must be a name without slashes and spaces, for it is part of file names")
	case c.FileSize < 0:
		return errors.New("audit.file_size must be a number of bytes, such as 67108864")
	}
	return nil
}

func (c Config) withDefaults() (Config, error) {
	if c.FileSize == 0 {
		c.FileSize = 64 << 20
	}
	var err error
	if c.Instance, err = c.Name(); err != nil {
		return c, err
	}
	return c, c.Validate()
}

// Name is the instance in force.
func (c Config) Name() (string, error) {
	if c.Instance != "" {
		return c.Instance, nil
	}
	host, err := os.Hostname()
	if err != nil {
		return "", fmt.Errorf("audit.instance: the host has no name to take for it: %w", err)
	}
	return host, nil
}
