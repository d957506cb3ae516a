//go:build e2e

package pkcs11

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/strongroom-fapi/strongroom/platform/secret"
)

// softhsm are the places where SoftHSM's library may be.
var softhsm = []string{
	"/usr/lib/softhsm/libsofthsm2.so",
	"/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
	"/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
	"/usr/lib64/pkcs11/libsofthsm2.so",
}

const (
	pin = "1234"
)

// tokens is the folder of every token of this process: SoftHSM reads its own
// configuration once.
var tokens string

func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "strongroom-softhsm")
	if err != nil {
		panic(err)
	}
	tokens = filepath.Join(folder, "tokens")
	configuration := filepath.Join(folder, "softhsm2.conf")
	text := "directories.tokendir = " + tokens + "\nobjectstore.backend = file\nlog.level = ERROR\n"
	if err := os.Mkdir(tokens, 0o700); err != nil {
		panic(err)
	}
	if err := os.WriteFile(configuration, []byte(text), 0o600); err != nil {
		panic(err)
	}
	if err := os.Setenv("SOFTHSM2_CONF", configuration); err != nil {
		panic(err)
	}
	status := m.Run()
	_ = os.RemoveAll(folder)
	os.Exit(status)
}

// module is the path of SoftHSM. A missing program is a failure: tools/need installs it.
func module(t testing.TB) string {
	t.Helper()
	for _, path := range softhsm {
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	t.Fatalf("SoftHSM is missing (Debian: apt-get install softhsm2); looked for %q", softhsm)
	return ""
}

// makeToken initializes a token with this label.
func makeToken(t testing.TB, label string) Config {
	t.Helper()
	cfg := Config{Module: module(t), Token: label, PIN: secret.New(pin)}
	out, err := exec.Command("softhsm2-util", "--init-token", "--free", "--label", label, "--pin", pin, "--so-pin", "5678").CombinedOutput()
	if err != nil {
		t.Fatalf("softhsm2-util (Debian: apt-get install softhsm2): %v: %s", err, out)
	}
	return cfg
}
