package network

import (
	"context"
	"fmt"
	"net"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"

	"github.com/strongroom-fapi/strongroom/platform/rpc"
)

// Addresses say where services listen, host:port.
type Addresses map[rpc.Name]string

// Dial makes a connection to a service. It connects when first used, and again
// whenever it is lost.
func Dial(identity Identity, addresses Addresses, callee rpc.Name) (grpc.ClientConnInterface, error) {
	address, ok := addresses[callee]
	if !ok {
		return nil, fmt.Errorf("services.%s: the address is missing", callee)
	}
	tlsConfig, err := identity.ClientTLS(callee)
	if err != nil {
		return nil, err
	}
	return grpc.NewClient("dns:///"+address,
		grpc.WithTransportCredentials(credentials.NewTLS(tlsConfig)),
		grpc.WithUnaryInterceptor(rpc.ClientInterceptor),
		// How a service is called is ours to say, not a TXT record's; looking for
		// one takes seconds where only names of this network are known.
		grpc.WithDisableServiceConfig(),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 30 * time.Second, Timeout: 5 * time.Second}),
	)
}

const (
	// maxMessage bounds a request between services, in bytes: a form of 64 KiB
	// or client metadata of 1 MiB, and their envelope.
	maxMessage = 2 << 20
	// workers are goroutines that stay, so that not every call grows a stack of
	// its own: growing them was an eighth of a service's time. Where all are
	// busy, a call gets a goroutine of its own as ever.
	workers = 64
	// drain is how long calls in progress may take to end.
	drain = 3 * time.Second
)

// Serve answers calls until ctx ends, then drains.
func Serve(ctx context.Context, listener net.Listener, identity Identity, interceptor grpc.UnaryServerInterceptor, register ...func(grpc.ServiceRegistrar)) error {
	tlsConfig, err := identity.ServerTLS()
	if err != nil {
		return err
	}
	server := grpc.NewServer(
		grpc.Creds(credentials.NewTLS(tlsConfig)),
		grpc.UnaryInterceptor(interceptor),
		grpc.MaxRecvMsgSize(maxMessage),
		grpc.NumStreamWorkers(workers),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 10 * time.Second, PermitWithoutStream: true}),
	)
	for _, r := range register {
		r(server)
	}
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		<-ctx.Done()
		force := time.AfterFunc(drain, server.Stop)
		defer force.Stop()
		server.GracefulStop()
	}()
	err = server.Serve(listener)
	if ctx.Err() != nil {
		<-stopped
		return nil
	}
	return err
}
