package main

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// cores are those that this process may use: the first for the generator, the
// last for all servers.
func cores() (generator, servers int, err error) {
	var allowed unix.CPUSet
	if err := unix.SchedGetaffinity(0, &allowed); err != nil {
		return 0, 0, err
	}
	generator, servers = -1, -1
	for core := range len(allowed) * 64 {
		if !allowed.IsSet(core) {
			continue
		}
		if generator < 0 {
			generator = core
		}
		servers = core
	}
	if generator == servers {
		return 0, 0, errors.New("two cores are needed, one for the servers and one for the generator")
	}
	return generator, servers, nil
}

func pin(thread, core int) error {
	var set unix.CPUSet
	set.Set(core)
	return unix.SchedSetaffinity(thread, &set)
}

// pinSelf keeps every thread of this process on one core; later ones inherit it.
func pinSelf(core int) error {
	runtime.GOMAXPROCS(1)
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return err
	}
	for _, thread := range threads {
		id, err := strconv.Atoi(thread.Name())
		if err != nil {
			return err
		}
		if err := pin(id, core); err != nil && !errors.Is(err, unix.ESRCH) {
			return err
		}
	}
	return nil
}

// startOn starts a command on a core, on which it and its threads stay, in a
// process group of its own; the system ends it with this process.
func startOn(core int, command *exec.Cmd) error {
	var before unix.CPUSet
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		return err
	}
	if err := pin(0, core); err != nil {
		return err
	}
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	err := command.Start()
	return errors.Join(err, unix.SchedSetaffinity(0, &before))
}
