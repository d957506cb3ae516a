package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"time"

	"github.com/strongroom-fapi/strongroom/e2e/rig/ports"
)

// startRedis starts a Redis of our own, that writes nothing to disk, and
// answers its address.
func startRedis(ctx context.Context, p *processes, dir string) (string, error) {
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		return "", errors.New("redis-server is not in PATH; it comes with the package redis-server of Debian and Ubuntu, redis of Fedora and Alpine")
	}
	port, err := ports.Free()
	if err != nil {
		return "", err
	}
	address := fmt.Sprintf("127.0.0.1:%d", port)
	if err := p.start(binary, "--port", fmt.Sprint(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", dir); err != nil {
		return "", err
	}
	return address, try(ctx, 10*time.Second, 20*time.Millisecond, func() error {
		probe, err := net.Dial("tcp", address)
		if err != nil {
			return err
		}
		return probe.Close()
	})
}
