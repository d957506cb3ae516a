package rig

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/platform/audit/auditcmd"
	"github.com/strongroom-fapi/strongroom/sandbox/layout"
)

// OperatorCertificate is one of the sandbox's operators': admin or reader.
func (s *Suite) OperatorCertificate(name string) *tls.Certificate {
	own := must(tls.LoadX509KeyPair(s.Layout.File("operators", name+".pem"), s.Layout.File("operators", name+".key")))
	return &own
}

// Admin sends one request to the admin API's REST face, over a connection of its
// own: nil stands for no certificate. The error says that there was no answer.
func (s *Suite) Admin(t testing.TB, as *tls.Certificate, method, path, body string) (status int, answer map[string]any, err error) {
	t.Helper()
	config := &tls.Config{RootCAs: s.Layout.CA.Pool(), MinVersion: tls.VersionTLS13}
	if as != nil {
		config.Certificates = []tls.Certificate{*as}
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true}}
	defer client.CloseIdleConnections()
	request := must(http.NewRequestWithContext(t.Context(), method, s.Layout.URL(layout.Admin)+path, strings.NewReader(body)))
	response, err := client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, nil, err
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		t.Errorf("%s %s: %s is no JSON: %s", method, path, response.Status, text)
	}
	return response.StatusCode, answer, nil
}

// Strongroomctl builds the operators' tool and answers a way to run it as one does
// on the command line, with what it is fed, prints and ends with.
func Strongroomctl(t testing.TB) func(in string, args ...string) (out, told string, exit int) {
	t.Helper()
	folder := t.TempDir()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), startTimeout)
	defer cancel()
	output, err := exec.CommandContext(ctx, "go", "build", "-o", folder+"/", module+"ctl/cmd/strongroomctl").CombinedOutput() //nolint:gosec // G204: the package named here
	if err != nil {
		t.Fatalf("go build: %v\n%s", err, output)
	}
	return func(in string, args ...string) (string, string, int) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var out, told bytes.Buffer
		command := exec.CommandContext(ctx, filepath.Join(folder, "strongroomctl"), args...) //nolint:gosec // G204: what the rig built itself
		command.Stdin, command.Stdout, command.Stderr = strings.NewReader(in), &out, &told
		var ended *exec.ExitError
		if err := command.Run(); err != nil && !errors.As(err, &ended) {
			t.Fatal(err)
		}
		return out.String(), told.String(), command.ProcessState.ExitCode()
	}
}

// Audit runs verify or export over the suite's audit trails.
func (s *Suite) Audit(args ...string) (string, error) {
	var out bytes.Buffer
	err := auditcmd.Program{Name: "audit", Folder: auditcmd.FolderFlag, Out: &out}.Run(append(args, "--folder", s.Layout.AuditFolder()))
	return out.String(), err
}

// HasSecondNode tells whether [AtSecondNode] leads anywhere.
func (s *Suite) HasSecondNode() bool { return s.bin != "" }
