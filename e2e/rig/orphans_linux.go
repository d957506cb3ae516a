package rig

import (
	"os/exec"
	"syscall"
)

// endWithTest lets the system end a process whose test was killed.
func endWithTest(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
