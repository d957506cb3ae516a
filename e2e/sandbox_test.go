//go:build e2e

package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/e2e/rig/ports"
	"github.com/strongroom-fapi/strongroom/sandbox/ecosystem"
	"github.com/strongroom-fapi/strongroom/sandbox/pki"
)

// sandbox is the sandbox's own binary, run as a user runs it.
type sandboxProcess struct {
	binary, dir, port string
	command           *exec.Cmd
	output            *bytes.Buffer
	lines             *bufio.Reader
}

// TestSandbox holds the outside face of docs/sandbox.md: other programs drive it.
func TestSandbox(t *testing.T) {
	t.Parallel()
	binary := filepath.Join(t.TempDir(), "sandbox")
	if output, err := exec.Command("go", "build", "-o", binary, "github.com/strongroom-fapi/strongroom/sandbox").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, output)
	}
	s := &sandboxProcess{binary: binary, dir: filepath.Join(t.TempDir(), "sandbox")}
	s.start(t, "--no-walk")
	for _, issuer := range []string{"fapi2", "fapi2-nonce", "fapi2-opaque"} {
		for _, binding := range []string{"mtls", "dpop"} {
			t.Run("flow at "+issuer+" by "+binding, func(t *testing.T) { s.walks(t, issuer, binding) })
		}
	}
	t.Run("explain names the rule of a refusal", func(t *testing.T) { s.explains(t) })
	t.Run("the audit trail tells of the flows", func(t *testing.T) { s.audits(t) })
	t.Run("the demo client's credential is complete and for its owner alone", func(t *testing.T) { s.credential(t) })

	before := s.read(t, "clients/demo.json")
	s.stop(t)
	s.start(t, "--no-walk")
	t.Run("a second start keeps clients and keys", func(t *testing.T) {
		s.walks(t, "fapi2", "mtls")
		if !bytes.Equal(before, s.read(t, "clients/demo.json")) {
			t.Error("the demo client registered anew")
		}
	})
	s.stop(t)

	s.start(t)
	s.await(t, "The sandbox stays up.")
	if text := s.output.String(); strings.Contains(text, "NOT SO") || strings.Count(text, "✓") < 20 {
		t.Errorf("the first walk:\n%s", text)
	}
	s.stop(t)
}

// start runs the sandbox until it says ready.
func (s *sandboxProcess) start(t *testing.T, flags ...string) {
	t.Helper()
	if s.port == "" {
		port, err := ports.Free()
		if err != nil {
			t.Fatal(err)
		}
		s.port = strconv.Itoa(port)
	}
	s.command = exec.Command(s.binary, append([]string{"--dir", s.dir, "--port", s.port}, flags...)...)
	s.output = &bytes.Buffer{}
	stdout, err := s.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.command.Stderr = os.Stderr
	if err := s.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.command.Process.Kill() })
	s.lines = bufio.NewReader(stdout)
	s.await(t, "ready")
}

// await reads the output up to a line that begins with a text.
func (s *sandboxProcess) await(t *testing.T, begin string) {
	t.Helper()
	patience := time.AfterFunc(time.Minute, func() { _ = s.command.Process.Kill() })
	defer patience.Stop()
	for {
		line, err := s.lines.ReadString('\n')
		s.output.WriteString(line)
		if strings.HasPrefix(line, begin) {
			return
		}
		if err != nil {
			t.Fatalf("no line %q: %v\n%s", begin, err, s.output)
		}
	}
}

// stop ends the sandbox, which must take less than 5 s.
func (s *sandboxProcess) stop(t *testing.T) {
	t.Helper()
	asked := time.Now()
	if err := s.command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(s.output, s.lines)
	if err := s.command.Wait(); err != nil {
		t.Errorf("it ended with %v\n%s", err, s.output)
	}
	if took := time.Since(asked); took > 5*time.Second {
		t.Errorf("SIGTERM took %s", took)
	}
}

// walks a flow whose every step must do what it says.
func (s *sandboxProcess) walks(t *testing.T, issuer, binding string) {
	output, err := exec.Command(s.binary, "flow", "--dir", s.dir, "--port", s.port, "--issuer", issuer, "--binding", binding, "--json").Output()
	if err != nil {
		t.Fatalf("exit: %v\n%s", err, output)
	}
	steps := 0
	for line := range strings.Lines(string(output)) {
		var step struct {
			Title  string
			Checks []struct {
				Text string
				OK   bool
			}
		}
		if err := json.Unmarshal([]byte(line), &step); err != nil || len(step.Checks) == 0 {
			t.Fatalf("a step that checks nothing: %v %s", err, line)
		}
		steps++
		for _, check := range step.Checks {
			if !check.OK {
				t.Errorf("%s: %s", step.Title, check.Text)
			}
		}
	}
	if steps < 9 {
		t.Errorf("only %d steps", steps)
	}
}

func (s *sandboxProcess) explains(t *testing.T) {
	ca, err := pki.Open(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := ecosystem.NewHTTPClient(ca.Pool()).Post("https://localhost:"+s.port+"/fapi2/par", "application/json", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusBadRequest {
		t.Fatal(resp.Status)
	}
	id := resp.Header.Get("x-fapi-interaction-id")
	for _, from := range [][]string{{"--dir", s.dir}, {"--log", filepath.Join(s.dir, "log.jsonl")}, {"--audit", filepath.Join(s.dir, "audit")}} {
		output := s.eventually(t, append(append([]string{"explain"}, from...), id), "WIRE-1")
		if !strings.Contains(output, "RFC 6749") || strings.Contains(output, "audit trail") != (from[0] != "--log") {
			t.Errorf("explain %s:\n%s", from[0], output)
		}
	}
}

// audits holds the trail of the flows that were walked: it is whole, tells who
// gave what to whom, and holds no secret of the client's.
func (s *sandboxProcess) audits(t *testing.T) {
	output, err := exec.Command(s.binary, "audit", "verify", "--dir", s.dir).CombinedOutput()
	if err != nil || strings.Count(string(output), "  holds") != 6 {
		t.Errorf("verify: %v\n%s", err, output)
	}
	all := s.eventually(t, []string{"audit", "export", "--dir", s.dir, "--since", "2026-01-01"}, `"kind":"client.deleted"`)
	walked := regexp.MustCompile(`"kind":"client\.deleted".*"client_id":"([^"]+)"`).FindStringSubmatch(all)
	if walked == nil {
		t.Fatalf("no client that left in:\n%s", all)
	}
	trail := s.eventually(t, []string{"audit", "export", "--dir", s.dir, "--client", walked[1]}, `"kind":"token.issued"`)
	for _, kind := range []string{"client.registered", "interaction.approved", "grant.created", "code.redeemed", "token.issued"} {
		if !strings.Contains(trail, `"kind":"`+kind+`"`) {
			t.Errorf("no %s in:\n%s", kind, trail)
		}
	}
	if !strings.Contains(trail, `"subject":"user-alice-`) || strings.Contains(all, strings.TrimSpace(string(s.read(t, "initial-access-token")))) {
		t.Errorf("the trail:\n%s", trail)
	}
}

// eventually runs a command until it tells what is wanted: what nobody waits for
// is written within a second.
func (s *sandboxProcess) eventually(t *testing.T, args []string, want string) string {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		output, err := exec.Command(s.binary, args...).CombinedOutput()
		if err == nil && strings.Contains(string(output), want) {
			return string(output)
		}
		if time.Now().After(deadline) {
			t.Fatalf("%v: %v, want %s in:\n%s", args, err, want, output)
		}
	}
}

func (s *sandboxProcess) credential(t *testing.T) {
	var c map[string]any
	if err := json.Unmarshal(s.read(t, "clients/demo.json"), &c); err != nil {
		t.Fatal(err)
	}
	for _, member := range []string{
		"issuer", "client_id", "token_endpoint_auth_method", "redirect_uri", "jwks", "certificate_file", "private_key_file",
		"registration_access_token", "registration_client_uri",
	} {
		if c[member] == nil || c[member] == "" {
			t.Errorf("%s is missing", member)
		}
	}
	for _, name := range []string{"ca.pem", "initial-access-token", "clients/demo.json", "resource-servers/bank.json"} {
		info, err := os.Stat(filepath.Join(s.dir, name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", name, info.Mode(), err)
		}
	}
}

func (s *sandboxProcess) read(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(s.dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}
