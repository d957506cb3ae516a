//go:build e2e

package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/network"
	"github.com/strongroom-fapi/strongroom/platform/networktest"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	keysv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/keys/v1"
	"github.com/strongroom-fapi/strongroom/services/keys/native/internal/softhsm"
)

const (
	tokenLabel = "machine room"
	pin        = "74518236"
	issuerFile = `
name: bank
issuer: https://as.example/bank
mtls_base: https://mtls.as.example/bank
profile: fapi2-security
interaction_url: https://bank.example/login
resource: https://api.bank.example/
scopes:
  - name: accounts
access_token_alg: PS256
id_token_algs: [ES256]
`
)

// machine is what an operator has: the binary, a token, certificates, files.
type machine struct {
	folder, binary, address string
	identity, caller        network.Identity
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	m := &machine{folder: t.TempDir()}
	m.binary = filepath.Join(m.folder, name)
	m.must(t, "go", "build", "-o", m.binary, ".")
	t.Setenv("SOFTHSM2_CONF", "") // it is as it was when the test ends
	if err := softhsm.In(m.folder); err != nil {
		t.Fatal(err)
	}
	if err := softhsm.Make(tokenLabel, pin); err != nil {
		t.Fatal(err)
	}
	m.write(t, "issuers/bank.yaml", issuerFile)
	m.write(t, "kek", base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32)))
	m.write(t, "pin", pin)
	ca := networktest.NewCA(t)
	m.identity, m.caller = ca.Identity(t, string(rpc.Keys)), ca.Identity(t, string(rpc.Token))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m.address = listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	return m
}

func (m *machine) must(t *testing.T, program string, arguments ...string) {
	t.Helper()
	if out, err := exec.Command(program, arguments...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", program, err, out)
	}
}

func (m *machine) write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(m.folder, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// configuration writes one whose line old is new; the PIN stands in a file.
func (m *machine) configuration(t *testing.T, old, changed string) string {
	t.Helper()
	text := fmt.Sprintf(`listen: %[1]s
tls: {certificate: %[2]s, key: %[3]s, ca: %[4]s}
issuers: %[5]s/issuers
sql: {dsn: "sqlite:%[5]s/keys.db"}
key_encryption_key: file:%[5]s/kek
audit: {folder: %[5]s/audit}
backend: pkcs11
pkcs11:
  module: %[6]s
  token: %[7]s
  pin: file:%[5]s/pin
`, m.address, m.identity.Certificate, m.identity.Key, m.identity.CA, m.folder, module(t), tokenLabel)
	if old != "" && !strings.Contains(text, old) {
		t.Fatalf("the configuration has no %q", old)
	}
	return m.write(t, "keys.yaml", strings.Replace(text, old, changed, 1))
}

func module(t *testing.T) string {
	t.Helper()
	path, err := softhsm.Module()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// run runs the binary to its end.
func (m *machine) run(t *testing.T, arguments ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, m.binary, arguments...).CombinedOutput()
	return string(out), err
}

// TestServesFromTheDevice is the program from its first start to SIGTERM: its keys are
// made in the token, a caller gets what they sign, and nothing tells the PIN.
func TestServesFromTheDevice(t *testing.T) {
	m := newMachine(t)
	file := m.configuration(t, "", "")
	var log bytes.Buffer
	process := exec.Command(m.binary, "--config", file)
	process.Stdout, process.Stderr = &log, &log
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = process.Process.Kill() }() // where the test has failed
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		said, err := m.run(t, "health", "--config", file)
		if err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("not ready: %s", said)
		}
	}
	listed, err := m.run(t, "list", "--config", file)
	if err != nil || strings.Count(listed, "pkcs11") != 2 || strings.Contains(listed, "software") {
		t.Errorf("list: %v: %s", err, listed)
	}
	if got := m.signed(t).Header.Algorithm; got != jose.PS256 {
		t.Errorf("signed with %s", got)
	}
	if err := process.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := process.Wait(); err != nil {
		t.Errorf("after SIGTERM: %v", err)
	}
	if strings.Contains(log.String(), pin) || strings.Contains(listed, pin) {
		t.Error("the PIN is told")
	}
	if t.Failed() {
		t.Log(log.String())
	}
}

// signed is an access token that the running service signed, verified by the keys
// that it publishes.
func (m *machine) signed(t *testing.T) *jose.Signed {
	t.Helper()
	conn, err := network.Dial(m.caller, network.Addresses{rpc.Keys: m.address}, rpc.Keys, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	set, err := issuer.Load(filepath.Join(m.folder, "issuers"))
	if err != nil {
		t.Fatal(err)
	}
	of, _ := set.ByName("bank")
	scope := rpc.NewScope(set, of, oauth.NewID(), "6ba7b810-9dad-11d1-80b4-00c04fd430c8")
	client := keysv1.NewKeysServiceClient(conn)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	answer, err := client.Sign(ctx, &keysv1.SignRequest{
		Call: scope.Call(), Purpose: keysv1.Purpose_PURPOSE_ACCESS_TOKEN, Algorithm: "PS256", Payload: []byte(`{}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := jose.Parse(answer.GetJws())
	if err != nil {
		t.Fatal(err)
	}
	published, err := client.PublicKeys(ctx, &keysv1.PublicKeysRequest{Call: scope.Call()})
	if err != nil {
		t.Fatal(err)
	}
	keys, err := jose.ParseKeySet(published.GetJwks())
	if err != nil {
		t.Fatal(err)
	}
	if err := parsed.Verify(keys, jose.PS256); err != nil {
		t.Error(err)
	}
	return parsed
}

// TestRefusesToStart: what the device needs and is not there ends the start with one
// line that names the member, without the PIN, and without a key made elsewhere.
func TestRefusesToStart(t *testing.T) {
	m := newMachine(t)
	wrong := m.write(t, "wrong", "00000000")
	loose := m.write(t, "loose", pin)
	if err := os.Chmod(loose, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, old, changed, want string }{
		{"wrong PIN", m.folder + "/pin", wrong, "pkcs11.pin is wrong"},
		{"file of the PIN that others can read", m.folder + "/pin", loose, "pkcs11.pin"},
		{"no such token", "token: " + tokenLabel, "token: another room", "pkcs11.token: no token is labelled"},
		{"no such library", "module: /", "module: /nowhere/", "pkcs11.module"},
		{"no PIN", "pin: file:" + m.folder + "/pin", "sessions: 2", "pkcs11.pin is required"},
		{"no device", "pkcs11:", "openssl: true\nnothing:", "nothing"},
	} {
		t.Run(test.name, func(t *testing.T) {
			said, err := m.run(t, "--config", m.configuration(t, test.old, test.changed))
			if err == nil || !strings.Contains(said, test.want) {
				t.Errorf("%v: %s, want %q", err, said, test.want)
			}
			for _, line := range strings.Split(strings.TrimSpace(said), "\n") {
				if logged := strings.HasPrefix(line, "{"); !logged && !strings.Contains(line, test.want) {
					t.Errorf("more than one line: %s", said)
				}
			}
			if strings.Contains(said, pin) {
				t.Error("the PIN is told")
			}
		})
	}
}
