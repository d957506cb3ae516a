package rig

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"go.yaml.in/yaml/v3"
)

// part is one process of a suite: the configuration's name, and what runs it.
type part struct {
	name    string
	command []string
}

var parts = []part{
	{"keys", []string{"strongroom-keys"}},
	{"clientreg", []string{"strongroom-clientreg"}},
	{"par", []string{"strongroom-par"}},
	{"authorize", []string{"strongroom-authorize"}},
	{"token", []string{"strongroom-token"}},
	{"gateway", []string{"strongroom-gateway"}},
	{"bank", []string{"sandbox", "bank"}},
	{"directory", []string{"sandbox", "directory"}},
}

// Processes builds the binaries and starts every part as a process of its own,
// with its own configuration file, on the real stores that the environment names.
func Processes(ctx context.Context) (*Suite, error) {
	return SpecialProcesses(ctx, Special{})
}

// SpecialProcesses is Processes for one test.
func SpecialProcesses(ctx context.Context, special Special) (*Suite, error) {
	return start(ctx, special, (*Suite).startProcesses)
}

func (s *Suite) startProcesses(ctx context.Context) error {
	if err := s.prepare(ctx, "2"); err != nil {
		return err
	}
	if err := s.publish(); err != nil {
		return err
	}
	if err := s.openCollector(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	s.later(func() error {
		cancel(nil)
		return nil
	})
	if err := s.configureSecondNode(); err != nil {
		return err
	}
	for _, part := range slices.Concat(parts, secondNode) {
		if err := s.adapt(part.name); err != nil {
			return err
		}
		arguments := slices.Concat(part.command[1:], []string{"--config", s.Layout.ConfigFile(part.name)})
		command := exec.Command(filepath.Join(s.bin, part.command[0]), arguments...) //nolint:gosec // G204: what the rig built itself
		soon(command)
		if err := s.run(command, cancel); err != nil {
			return err
		}
	}
	err := s.ready(ctx, FAPI2, Nonces)
	if err == nil {
		err = s.awaitSecondNode(ctx)
	}
	if err != nil {
		return fmt.Errorf("%w: %w; the log ends with:\n%s", err, context.Cause(ctx), s.Log.tail())
	}
	return nil
}

// Operate runs a command of one of the binaries as an operator does, with the
// configuration file of a part, and answers what it prints.
func (s *Suite) Operate(ctx context.Context, binary, command, part string, options ...string) (string, error) {
	arguments := slices.Concat([]string{command, "--config", s.Layout.ConfigFile(part)}, options)
	output, err := exec.CommandContext(ctx, filepath.Join(s.bin, binary), arguments...).CombinedOutput() //nolint:gosec // G204: what the rig built itself
	return string(output), err
}

// adapt sets a part's log to debug, where it has one to set (what is not there
// must not be there at any level), has every request traced, and gives the gateway
// its proxies.
func (s *Suite) adapt(part string) error {
	file := s.Layout.ConfigFile(part)
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var config map[string]any
	if err := yaml.Unmarshal(text, &config); err != nil {
		return err
	}
	if _, ok := config["log"]; !ok {
		return nil
	}
	config["log"] = map[string]any{"level": "debug"}
	s.traced(config)
	if part == "gateway" {
		if err := s.fronted(&config); err != nil {
			return err
		}
	}
	if text, err = yaml.Marshal(config); err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}

// patience is how long a process may take to end when asked to.
const patience = 10 * time.Second

// run starts one part. One that ends by itself ends the waiting of the others.
func (s *Suite) run(command *exec.Cmd, ended context.CancelCauseFunc) error {
	command.Stdout, command.Stderr = s.Log, s.Log
	endWithTest(command)
	if err := command.Start(); err != nil {
		return err
	}
	name := filepath.Base(command.Path)
	done := make(chan error, 1)
	go func() {
		err := command.Wait()
		if err != nil {
			err = fmt.Errorf("%s: %w", name, err)
		}
		ended(errors.Join(fmt.Errorf("%s ended", name), err))
		done <- err
	}()
	s.later(func() error {
		_ = command.Process.Signal(syscall.SIGTERM) // one that has ended says why itself
		select {
		case err := <-done:
			return err
		case <-time.After(patience):
			return errors.Join(fmt.Errorf("%s did not end within %s of SIGTERM", name, patience), command.Process.Kill())
		}
	})
	return nil
}
