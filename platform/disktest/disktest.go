//go:build unix

// Package disktest gives a test a full disk: a limit on the size of the files of a
// process of its own, which needs no rights and no mount.
package disktest

import (
	"bytes"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
)

// variable names the case to a process that Start started.
const variable = "STRONGROOM_TEST_FULL_DISK"

// Case is that of this process, if a test started it by Start; otherwise "".
func Case() string { return os.Getenv(variable) }

// Start runs the test that calls it once more, in a process of its own whose Case is
// this one. The test fails, by whichever t it is waited for with, unless it passes there.
func Start(t *testing.T, name string) (wait func(t *testing.T)) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), self, "-test.run=^"+t.Name()+"$", "-test.v") //nolint:gosec // G204: this test itself
	command.Env = append(os.Environ(), variable+"="+name)
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	passed := "--- PASS: " + t.Name() + " "
	return func(t *testing.T) {
		t.Helper()
		if err := command.Wait(); err != nil || !strings.Contains(output.String(), passed) {
			t.Errorf("%v\n%s", err, &output)
		}
	}
}

// Limit bounds the size of what this process writes, in bytes, and makes a write beyond
// it fail as one on a full disk does; -1 takes the bound away.
func Limit(t *testing.T, size int64) {
	t.Helper()
	signal.Ignore(syscall.SIGXFSZ) // which would end the process
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	limit.Cur = limit.Max
	if size >= 0 {
		limit.Cur = uint64(size)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
}
