// Command strongroomctl is the operators' tool: it looks at clients and trust
// frameworks, suspends and resumes clients, and finds out why something was
// refused.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/strongroom-fapi/strongroom/ctl"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	code := ctl.Program{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Getenv: os.Getenv}.Run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}
