//go:build !linux

package main

import (
	"errors"
	"os/exec"
)

var errLinux = errors.New("the benchmark needs Linux: it reads /proc and pins processes to cores")

func cores() (generator, servers int, err error) { return 0, 0, errLinux }

func pinSelf(int) error { return errLinux }

func startOn(int, *exec.Cmd) error { return errLinux }
