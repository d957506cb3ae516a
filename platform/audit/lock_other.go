//go:build !unix

package audit

import (
	"fmt"
	"os"
)

// lock does not keep other processes away where there is no flock.
func lock(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("audit.folder: %w", err)
	}
	return file, nil
}
