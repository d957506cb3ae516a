//go:build unix

package audit

import (
	"fmt"
	"os"
	"syscall"
)

// lock keeps two processes from writing one chain. It ends with the process.
func lock(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("audit.folder: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("audit.instance: another process writes here (%s is locked): give each replica a name of its own", path)
	}
	return file, nil
}
