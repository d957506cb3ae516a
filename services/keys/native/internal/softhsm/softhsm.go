// Package softhsm makes tokens of SoftHSM, a device in software, for tests and
// measurements.
package softhsm

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// modules are the places where its library may be; * is the machine's.
var modules = []string{
	"/usr/lib/softhsm/libsofthsm2.so",
	"/usr/lib/*/softhsm/libsofthsm2.so",
	"/usr/lib64/pkcs11/libsofthsm2.so",
}

var errMissing = errors.New("SoftHSM is missing (Debian: apt-get install softhsm2)")

// Module is the path of its library.
func Module() (string, error) {
	for _, pattern := range modules {
		if found, err := filepath.Glob(pattern); err == nil && len(found) > 0 {
			return found[0], nil
		}
	}
	return "", fmt.Errorf("%w; looked for %q", errMissing, modules)
}

// Tokens is the folder of the tokens within the folder that was given to [In].
func Tokens(folder string) string { return filepath.Join(folder, "tokens") }

// In lets this process, and those that it starts, keep tokens in a folder. The library
// reads that once in a process.
func In(folder string) error {
	if err := os.Mkdir(Tokens(folder), 0o700); err != nil {
		return err
	}
	file := filepath.Join(folder, "softhsm2.conf")
	text := "directories.tokendir = " + Tokens(folder) + "\nobjectstore.backend = file\nlog.level = ERROR\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return err
	}
	return os.Setenv("SOFTHSM2_CONF", file)
}

// Make makes a token with a label, whose user has a PIN.
func Make(label, pin string) error {
	out, err := exec.Command("softhsm2-util", "--init-token", "--free", "--label", label, "--pin", pin, "--so-pin", "5678").CombinedOutput() //nolint:gosec // G204: the words are ours
	if err != nil {
		return fmt.Errorf("softhsm2-util (Debian: apt-get install softhsm2): %w: %s", err, out)
	}
	return nil
}
