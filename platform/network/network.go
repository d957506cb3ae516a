package network

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"time"

	"golang.org/x/net/netutil"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"
)

const (
	// maxMessage bounds a request between services, in bytes: a form of 64 KiB
	// or client metadata of 1 MiB, and their envelope.
	maxMessage = 2 << 20
	// workers are goroutines that stay, so that not every call grows a stack of
	// its own: growing them was an eighth of a service's time. Where all are
	// busy, a call gets a goroutine of its own as ever.
	workers = 64
	// window is how many bytes may be on their way over a connection, and of one
	// message, before the receiver has read any: half of the largest message. A fixed
	// one is never measured; gRPC measures its own by a ping beside every other
	// message, and whoever pings, wakes both sides.
	window = 1 << 20
	// silence is how long nothing may come over a connection before the other side is
	// asked whether it is there, and silenceEnds how long it may take to answer: so soon
	// callers leave a process that hangs.
	silence, silenceEnds = 10 * time.Second, 5 * time.Second
	// maxConnections bounds those that are open at once. A caller keeps one to
	// each replica, so this is how many replicas of callers there may be; more
	// wait to be accepted.
	maxConnections = 1000
	// connectionAge is how long a connection lives, give or take a tenth: so soon a
	// certificate that was rotated has reached everybody.
	connectionAge = 2 * time.Minute
	// DefaultDrain is how long calls in progress may take to end: longer than the
	// edge gives any.
	DefaultDrain = 10 * time.Second
)

// Server answers calls of the other services.
type Server struct {
	Identity    Identity
	Interceptor grpc.UnaryServerInterceptor
	// StreamInterceptor lets callers watch this service's health. Without it there
	// are no streams, and callers take the service to be ready.
	StreamInterceptor grpc.StreamServerInterceptor
	// Drain is how long calls in progress may take to end. Default DefaultDrain.
	Drain time.Duration
	Log   *slog.Logger
}

// Serve answers calls until ctx ends. Then it tells callers to go elsewhere,
// accepts no more, and lets what is in progress end.
func (s Server) Serve(ctx context.Context, listener net.Listener, register ...func(grpc.ServiceRegistrar)) error {
	tlsConfig, err := s.Identity.ServerTLS(s.Log, "h2")
	if err != nil {
		return err
	}
	if s.Drain == 0 {
		s.Drain = DefaultDrain
	}
	if s.StreamInterceptor == nil {
		s.StreamInterceptor = noStreams
	}
	server := grpc.NewServer(
		grpc.Creds(credentials.NewTLS(tlsConfig)),
		grpc.UnaryInterceptor(s.Interceptor),
		grpc.StreamInterceptor(s.StreamInterceptor),
		grpc.UnknownServiceHandler(unknown),
		grpc.MaxRecvMsgSize(maxMessage),
		grpc.NumStreamWorkers(workers),
		grpc.StaticStreamWindowSize(window),
		grpc.StaticConnWindowSize(window),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: silence / 2, PermitWithoutStream: true}),
		grpc.KeepaliveParams(keepalive.ServerParameters{MaxConnectionAge: connectionAge, MaxConnectionAgeGrace: s.Drain}),
	)
	for _, r := range register {
		r(toldOf{server, s.Interceptor})
	}
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		<-ctx.Done()
		force := time.AfterFunc(s.Drain, func() {
			s.Log.WarnContext(ctx, "calls did not end in time and are cut off", "drain", s.Drain)
			server.Stop()
		})
		defer force.Stop()
		server.GracefulStop()
	}()
	err = server.Serve(netutil.LimitListener(listener, maxConnections))
	if ctx.Err() != nil {
		<-stopped
		return nil
	}
	return fmt.Errorf("serve: %w", err)
}

func noStreams(any, grpc.ServerStream, *grpc.StreamServerInfo, grpc.StreamHandler) error {
	return status.Error(codes.Unimplemented, "there are no streams here")
}
