package rig

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"text/template"
	"time"

	"github.com/strongroom-fapi/strongroom/e2e/rig/ports"
	"github.com/strongroom-fapi/strongroom/sandbox/layout"
)

// Program is a real proxy: its package on Debian, and how it is started in the
// foreground.
type Program struct {
	Name string
	Run  func(configuration, folder string) []string
}

// The proxies that tests start.
var (
	Nginx = Program{"nginx", func(file, folder string) []string {
		return []string{"-c", file, "-p", folder, "-e", "stderr", "-g", "daemon off;"}
	}}
	HAProxy = Program{"haproxy", func(file, _ string) []string { return []string{"-db", "-f", file} }}
)

// place is what a proxy's configuration is filled in with.
type place struct {
	// Folder is the proxy's own; Port is where it listens, on 127.0.0.1.
	Folder string
	Port   int
	// Gateway is host:port of the listener for mutual TLS.
	Gateway string
	// Server is PEM of certificate and key, of localhost; Trust who signed it.
	Server, Trust string
	// Edge, EdgeKey and EdgePair prove the proxy to the gateway; the pair is both
	// in one file.
	Edge, EdgeKey, EdgePair string
	Root                    bool
}

// StartProxy runs a proxy in front of the suite until the test ends, and answers
// its port. The configuration is a template.
func (s *Suite) StartProxy(t *testing.T, program Program, form, configuration string) int {
	t.Helper()
	path, err := findProgram(program.Name)
	if err != nil {
		t.Fatal(err)
	}
	p := s.place(t, form)
	file := filepath.Join(p.Folder, program.Name+".conf")
	var text strings.Builder
	if err := template.Must(template.New("").Parse(configuration)).Execute(&text, p); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	var output strings.Builder
	command := exec.Command(path, program.Run(file, p.Folder)...) //nolint:gosec // G204: a proxy that the test names
	command.Stdout, command.Stderr = &output, &output
	endWithTest(command)
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- command.Wait() }()
	t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		<-done //nolint:errcheck // it was told to end
		if t.Failed() {
			t.Logf("%s wrote:\n%s", program.Name, output.String())
		}
	})
	if err := awaitPort(t.Context(), p.Port, done); err != nil {
		done <- err // for the clean-up
		t.Fatalf("%s: %v", program.Name, err)
	}
	return p.Port
}

// findProgram looks where Debian keeps servers, too.
func findProgram(name string) (string, error) {
	for _, candidate := range []string{name, "/usr/sbin/" + name, "/usr/local/sbin/" + name} {
		if path, err := exec.LookPath(candidate); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s is missing: install the package %s, as tools/need does", name, name)
}

func (s *Suite) place(t *testing.T, form string) place {
	t.Helper()
	port, err := ports.Free()
	if err != nil {
		t.Fatal(err)
	}
	edge, err := s.Edge(form)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	return place{
		Folder: folder, Port: port, Gateway: strings.TrimPrefix(s.Layout.URL(layout.Mutual), "https://"),
		Server: joined(t, folder, "server.pem", s.Layout.File("server-ec.pem"), s.Layout.File("server-ec-key.pem")),
		Trust:  s.Layout.CA.File(),
		Edge:   edge.Certificate, EdgeKey: edge.Key, EdgePair: joined(t, folder, "edge.pem", edge.Certificate, edge.Key),
		Root: os.Getuid() == 0,
	}
}

// joined is one file of several.
func joined(t *testing.T, folder, name string, files ...string) string {
	t.Helper()
	var all []byte
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, text...)
	}
	path := filepath.Join(folder, name)
	if err := os.WriteFile(path, all, 0o600); err != nil { //nolint:gosec // G703: a test's own folder
		t.Fatal(err)
	}
	return path
}

// awaitPort waits until a server answers there, or has ended.
func awaitPort(ctx context.Context, port int, done <-chan error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		dialer := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}} //nolint:gosec // G402: whether it listens, not who it is
		if conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port))); err == nil {
			return conn.Close()
		}
		select {
		case err := <-done:
			return errors.Join(errors.New("it ended"), err)
		case <-ctx.Done():
			return errors.New("it did not listen in time")
		case <-time.After(50 * time.Millisecond):
		}
	}
}
