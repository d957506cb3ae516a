//go:build e2e

package pkcs11

import (
	"os"
	"testing"

	"github.com/strongroom-fapi/strongroom/platform/secret"
	"github.com/strongroom-fapi/strongroom/services/keys/native/internal/softhsm"
)

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
	if err := softhsm.In(folder); err != nil {
		panic(err)
	}
	tokens = softhsm.Tokens(folder)
	status := m.Run()
	_ = os.RemoveAll(folder)
	os.Exit(status)
}

// makeToken initializes a token with this label. A missing program is a failure:
// tools/need installs it.
func makeToken(t testing.TB, label string) Config {
	t.Helper()
	module, err := softhsm.Module()
	if err != nil {
		t.Fatal(err)
	}
	if err := softhsm.Make(label, pin); err != nil {
		t.Fatal(err)
	}
	return Config{Module: module, Token: label, PIN: secret.New(pin)}
}
