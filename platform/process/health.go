package process

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"time"

	"google.golang.org/grpc"

	"github.com/strongroom-fapi/strongroom/platform/health"
	"github.com/strongroom-fapi/strongroom/platform/network"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
)

// healthTimeout bounds the command health.
const healthTimeout = 5 * time.Second

// askHealth asks the process of the same configuration, in its own name: a
// container needs no other program to check it.
func askHealth(ctx context.Context, self rpc.Name, c Config, out io.Writer) error {
	address, err := ownAddress(c.Listen)
	if err != nil {
		return err
	}
	// Not by watching: one that is not ready is asked too, for what is missing.
	conn, err := network.Dial(c.TLS, network.Addresses{self: address}, self, slog.New(slog.DiscardHandler), grpc.WithDisableHealthCheck())
	if err != nil {
		return err
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	if err := health.Of(conn)(ctx); err != nil {
		return errors.Join(errors.New("not ready"), errors.Unwrap(err))
	}
	_, err = fmt.Fprintln(out, "ready")
	return err
}

// ownAddress is where a process reaches what it listens on itself.
func ownAddress(listen string) (string, error) {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return "", fmt.Errorf("listen: %w", err)
	}
	if ip := net.ParseIP(host); host == "" || (ip != nil && ip.IsUnspecified()) {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port), nil
}
