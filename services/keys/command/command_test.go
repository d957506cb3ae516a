package command_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/strongroom-fapi/strongroom/services/keys"
	"github.com/strongroom-fapi/strongroom/services/keys/command"
)

const issuerFile = `
name: bank
issuer: https://as.example/bank
mtls_base: https://mtls.as.example/bank
profile: fapi2-security
interaction_url: https://bank.example/login
resource: https://api.bank.example/
scopes:
  - name: accounts
id_token_algs: [ES256]
`

// configure writes what an operator has on the machine.
func configure(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("issuers/bank.yaml", issuerFile)
	kek := write("kek", base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32)))
	return write("keys.yaml", fmt.Sprintf("listen: 127.0.0.1:0\ntls: {certificate: a.pem, key: a.key, ca: ca.pem}\nissuers: %s/issuers\nsql:\n  dsn: sqlite:%s/keys.db\nkey_encryption_key: file:%s\nlog:\n  level: error\naudit:\n  folder: %s/audit\n", folder, folder, kek, folder))
}

// run runs a command line and answers what it prints.
func run(t *testing.T, line ...string) (string, error) {
	t.Helper()
	var cfg keys.ProcessConfig
	var out bytes.Buffer
	err := command.Run(t.Context(), command.Program{Name: "strongroom-keys", Config: &cfg, Open: func(ctx context.Context) (*keys.Service, func(), error) {
		return command.Open(ctx, &cfg, keys.Native{})
	}}, line, &out)
	return out.String(), err
}

// row is one line of the table that the commands print.
type row struct{ purpose, state, kid string }

func rows(t *testing.T, printed string) []row {
	t.Helper()
	var found []row
	for _, line := range strings.Split(strings.TrimSpace(printed), "\n")[1:] {
		words := strings.Fields(line)
		if len(words) < 8 {
			t.Fatalf("the line is %q", line)
		}
		found = append(found, row{words[1], words[3], words[7]})
	}
	return found
}

// TestOperatorsDay is list, rotate and withdraw over one database, each its own process
// as it were.
func TestOperatorsDay(t *testing.T) {
	file := configure(t)
	must := func(line ...string) []row {
		t.Helper()
		printed, err := run(t, append(line, "--config", file)...)
		if err != nil {
			t.Fatalf("%v: %v", line, err)
		}
		return rows(t, printed)
	}
	before := must("list")
	if len(before) != 2 || before[0].purpose != "access_token" || before[0].state != "active" {
		t.Fatalf("first there are %v", before)
	}
	after := must("rotate", "--purpose", "access_token")
	if len(after) != 2 || after[0] != before[0] || after[1].state != "next" {
		t.Errorf("rotated to %v", after)
	}
	after = must("withdraw", "--issuer", "bank", "--kid", before[0].kid, "--reason", "a laptop was stolen")
	if len(after) != 3 || after[0].state != "withdrawn" || after[1].state != "active" || after[2] != before[1] {
		t.Errorf("withdrawn to %v", after)
	}
	if again := must("list"); fmt.Sprint(again) != fmt.Sprint(after) {
		t.Errorf("listed as %v", again)
	}
}

// TestACommandBesideTheService: what the running service listens on, also for metrics,
// is its own and keeps no operator from working.
func TestACommandBesideTheService(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	file := configure(t)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text = fmt.Appendf(text, "telemetry:\n  metrics: {listen: %q}\n", listener.Addr())
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := run(t, "list", "--config", file); err != nil {
		t.Error(err)
	}
}

func TestWrongCommands(t *testing.T) {
	file := configure(t)
	for _, test := range []struct {
		line []string
		want string
	}{
		{[]string{"list"}, "--config is required"},
		{[]string{"list", "everything", "--config", file}, "unexpected"},
		{[]string{"withdraw", "--config", file}, "--issuer, --kid and --reason"},
		{[]string{"withdraw", "--config", file, "--issuer", "bank", "--kid", "nobody", "--reason", "x"}, "no such key"},
		{[]string{"rotate", "--config", file, "--issuer", "nobody"}, "no such key"},
		{[]string{"rotate", "--config", file, "--all"}, "flag provided but not defined"},
	} {
		if _, err := run(t, test.line...); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v: %v, want %q", test.line, err, test.want)
		}
	}
}

func TestHelp(t *testing.T) {
	for _, name := range []string{"list", "rotate", "withdraw"} {
		if !strings.Contains(command.About("strongroom-keys"), "strongroom-keys "+name) {
			t.Errorf("the help does not tell of %s", name)
		}
		if _, err := run(t, name, "--help"); !errors.Is(err, flag.ErrHelp) {
			t.Errorf("%s --help: %v", name, err)
		}
	}
}
