package rig

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

// longestRefusal is how long a process may take to refuse its configuration.
const longestRefusal = 20 * time.Second

// StartWrong starts a service beside the one that runs, with its configuration after
// a change, and answers what it said besides its log, and its exit status.
func (s *Suite) StartWrong(t *testing.T, service string, change func(config map[string]any)) (said string, status int) {
	t.Helper()
	name := "wrong-" + service
	err := s.derive(service, name, func(config map[string]any) {
		freePorts(config)
		change(config)
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), longestRefusal)
	defer cancel()
	command := exec.CommandContext(ctx, filepath.Join(s.bin, "strongroom-"+service), "--config", s.Layout.ConfigFile(name)) //nolint:gosec // G204: what the rig built itself
	output, err := command.CombinedOutput()
	if ctx.Err() != nil {
		t.Fatalf("it runs: %s", output)
	}
	if exit := new(exec.ExitError); errors.As(err, &exit) {
		status = exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	return besidesLog(string(output)), status
}

// freePorts lets it listen beside the one that runs: what is wrong must be told first.
func freePorts(config map[string]any) {
	const free = "127.0.0.1:0"
	config["listen"] = free
	for _, section := range []string{"admin", "interaction"} {
		if listener, ok := config[section].(map[string]any); ok {
			listener["listen"] = []string{free}
		}
	}
	for _, listeners := range []string{"public", "mutual"} {
		if _, ok := config[listeners]; ok {
			config[listeners] = []string{free}
		}
	}
}

// besidesLog leaves out the lines of the log, which are JSON.
func besidesLog(output string) string {
	var rest []string
	for line := range strings.Lines(output) {
		if !strings.HasPrefix(line, "{") {
			rest = append(rest, line)
		}
	}
	return strings.Join(rest, "")
}

// Member is a member of a service's own configuration.
func (s *Suite) Member(t *testing.T, service, member string) any {
	t.Helper()
	text, err := os.ReadFile(s.Layout.ConfigFile(service))
	if err != nil {
		t.Fatal(err)
	}
	var config map[string]any
	if err := yaml.Unmarshal(text, &config); err != nil {
		t.Fatal(err)
	}
	return config[member]
}

// Put sets a member of a configuration, by its path, such as tls.key; nil takes it out.
func Put(path string, value any) func(config map[string]any) {
	return func(config map[string]any) {
		members := strings.Split(path, ".")
		for _, member := range members[:len(members)-1] {
			below, ok := config[member].(map[string]any)
			if !ok {
				below = map[string]any{}
				config[member] = below
			}
			config = below
		}
		last := members[len(members)-1]
		if value == nil {
			delete(config, last)
			return
		}
		config[last] = value
	}
}

// WrongIssuers is a copy of the suite's folder of issuers, after a change of one.
func (s *Suite) WrongIssuers(t *testing.T, change func(issuer map[string]any)) string {
	t.Helper()
	from, to := s.Layout.File("issuers"), t.TempDir()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(to, FAPI2+".yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var issuer map[string]any
	if err := yaml.Unmarshal(text, &issuer); err != nil {
		t.Fatal(err)
	}
	change(issuer)
	if text, err = yaml.Marshal(issuer); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return to
}
