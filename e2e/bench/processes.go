package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// patience is how long a process may take to end when asked to.
const patience = 10 * time.Second

// process is a server that runs.
type process struct {
	command *exec.Cmd
	said    *tail // to be read when it has ended
	ended   chan error
}

// processes are started and ended together.
type processes struct {
	core    int
	running []*process
}

func (p *processes) start(binary string, args ...string) error {
	one := &process{command: exec.Command(binary, args...), said: new(tail), ended: make(chan error, 1)}
	one.command.Env = append(os.Environ(), "GOMAXPROCS=1")
	one.command.Stderr = one.said
	if err := startOn(p.core, one.command); err != nil {
		return err
	}
	go func() { one.ended <- one.command.Wait() }()
	p.running = append(p.running, one)
	return nil
}

// stop ends them, the last first, and waits for each.
func (p *processes) stop() error {
	var faults []error
	for _, one := range slices.Backward(p.running) {
		faults = append(faults, one.stop())
	}
	p.running = nil
	return errors.Join(faults...)
}

// name is the binary's, and which part of the sandbox it is.
func (p *process) name() string {
	name := filepath.Base(p.command.Path)
	if args := p.command.Args; name == "sandbox" && len(args) > 1 && args[1][0] != '-' {
		return args[1]
	}
	return name
}

// part is which part of a server it is: keys, clientreg, …, redis.
func (p *process) part() string {
	if at := slices.Index(p.command.Args, "-role"); at > 0 { // of the floor
		return p.command.Args[at+1]
	}
	return strings.TrimSuffix(strings.TrimPrefix(p.name(), "strongroom-"), "-server")
}

func (p *process) stop() error {
	name := p.name()
	_ = p.command.Process.Signal(syscall.SIGTERM) // one that has ended says why below
	select {
	case err := <-p.ended:
		if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.Sys().(syscall.WaitStatus).Signaled() {
			return nil // by SIGTERM: the floor does not catch it
		}
		if err != nil {
			return fmt.Errorf("%s: %w\n%s", name, err, p.said)
		}
		return nil
	case <-time.After(patience):
		return errors.Join(fmt.Errorf("%s did not end within %s", name, patience), p.command.Process.Kill())
	}
}

// try asks until the answer is no error, or the time is over.
func try(ctx context.Context, longest, pause time.Duration, ask func() error) error {
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	for {
		err := ask()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(pause):
		}
	}
}

// tail keeps the end of what was written.
type tail struct{ text []byte }

// mostSaid bounds it, in bytes.
const mostSaid = 64 << 10

func (t *tail) Write(text []byte) (int, error) {
	t.text = append(t.text, text...)
	if over := len(t.text) - mostSaid; over > mostSaid {
		t.text = append([]byte(nil), t.text[over:]...)
	}
	return len(text), nil
}

func (t *tail) String() string { return string(t.text) }
