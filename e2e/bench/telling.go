package main

import (
	"context"
	"errors"
	"fmt"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/strongroom-fapi/strongroom/e2e/rig/ports"
)

// sampled is the part of requests that are traced where telemetry is on, the
// default of a configuration.
const sampledRatio = 0.01

// telling are the processes with telemetry on: metrics served, one request in a
// hundred traced, to a collector.
func (b *bench) telling(ctx context.Context) (*rendering, error) {
	r, at, err := b.place("processes, telemetry", []operation{push, token, fullFlow})
	if err != nil {
		return r, err
	}
	r.apart = true
	if err := b.initialise(ctx, at); err != nil {
		return r, err
	}
	collector, err := b.startCollector()
	if err != nil {
		return r, err
	}
	first, err := ports.Free()
	if err != nil {
		return r, err
	}
	for n, name := range services {
		err := change(at.config(name), func(c map[string]any) {
			c["telemetry"] = map[string]any{
				"metrics": map[string]any{"listen": fmt.Sprintf("127.0.0.1:%d", first+n)},
				"traces":  map[string]any{"endpoint": collector, "insecure": true, "sample_ratio": sampledRatio},
			}
		})
		if err != nil {
			return r, err
		}
	}
	return r, b.open(ctx, r, at, b.startServices(at))
}

// startCollector takes whatever OTLP sends, here beside the generator, and forgets
// it: what a collector costs is not the suite's.
func (b *bench) startCollector() (address string, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	server := grpc.NewServer(grpc.UnknownServiceHandler(func(_ any, stream grpc.ServerStream) error {
		err := stream.RecvMsg(&emptypb.Empty{})
		return errors.Join(err, stream.SendMsg(&emptypb.Empty{}))
	}))
	go func() { _ = server.Serve(listener) }()
	b.collectors = append(b.collectors, server.Stop)
	return listener.Addr().String(), nil
}
