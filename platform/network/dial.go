package network

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"slices"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	_ "google.golang.org/grpc/health" // by which callers watch replicas
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/resolver/manual"

	"github.com/strongroom-fapi/strongroom/platform/rpc"
)

// Addresses say where services listen, host:port. A name that leads to several
// addresses is as many replicas; where no name does, commas stand between them.
type Addresses map[rpc.Name]string

// Validate tells which address is none.
func (a Addresses) Validate() error {
	var faults []error
	for _, service := range slices.Sorted(maps.Keys(a)) {
		for address := range strings.SplitSeq(a[service], ",") {
			if host, port, err := net.SplitHostPort(strings.TrimSpace(address)); err != nil || host == "" || port == "" {
				faults = append(faults, fmt.Errorf("services.%s must be host:port, and more of them behind commas, not %q", service, a[service]))
				break
			}
		}
	}
	return errors.Join(faults...)
}

const (
	// balancing takes each replica in turn that says it is ready. How a service is
	// called is ours to say, not a TXT record's; looking for one takes seconds where
	// only names of this network are known.
	balancing = `{"loadBalancingConfig":[{"round_robin":{}}],"healthCheckConfig":{"serviceName":""}}`
	// connectTimeout bounds one attempt to connect. It is short, for a call waits
	// for it, and another replica may be there.
	connectTimeout = 2 * time.Second
)

// reconnect is how soon a lost callee is tried again: at most two seconds after
// it is back, callers know.
var reconnect = grpc.ConnectParams{
	Backoff:           backoff.Config{BaseDelay: 100 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 2 * time.Second},
	MinConnectTimeout: connectTimeout,
}

// Dial makes a connection to every replica of a service. It connects when first
// used, and again whenever one is lost.
func Dial(identity Identity, addresses Addresses, callee rpc.Name, log *slog.Logger, more ...grpc.DialOption) (*grpc.ClientConn, error) {
	address, ok := addresses[callee]
	if !ok {
		return nil, fmt.Errorf("services.%s: the address is missing", callee)
	}
	return dial(identity, address, callee, log, append([]grpc.DialOption{grpc.WithUnaryInterceptor(rpc.ClientInterceptor)}, more...)...)
}

// DialAPI is Dial for an API that a service serves to programs that are none of the
// suite's services, such as the interaction API to the bank's app. Statuses come as
// they are, nothing is sent twice, and replicas are left when they are gone: such an
// API does not tell whether it is ready.
func DialAPI(identity Identity, address string, callee rpc.Name, log *slog.Logger) (*grpc.ClientConn, error) {
	return dial(identity, address, callee, log, grpc.WithDisableHealthCheck(), grpc.WithDisableRetry())
}

func dial(identity Identity, address string, callee rpc.Name, log *slog.Logger, more ...grpc.DialOption) (*grpc.ClientConn, error) {
	proof, err := identity.clientCredentials(log, callee)
	if err != nil {
		return nil, err
	}
	options := append([]grpc.DialOption{
		grpc.WithTransportCredentials(proof),
		grpc.WithDisableServiceConfig(),
		grpc.WithDefaultServiceConfig(balancing),
		grpc.WithConnectParams(reconnect),
		grpc.WithNoProxy(),
		grpc.WithStaticStreamWindowSize(window),
		grpc.WithStaticConnWindowSize(window),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: silence, Timeout: silenceEnds}),
	}, more...)
	replicas := strings.Split(address, ",")
	if len(replicas) == 1 {
		return grpc.NewClient(scheme+":///"+address, append(options, grpc.WithResolvers(names{net.DefaultResolver}))...)
	}
	listed := manual.NewBuilderWithScheme("replicas")
	var state resolver.State
	for _, replica := range replicas {
		state.Endpoints = append(state.Endpoints, resolver.Endpoint{Addresses: []resolver.Address{{Addr: strings.TrimSpace(replica)}}})
	}
	listed.InitialState(state)
	return grpc.NewClient("replicas:///"+string(callee), append(options, grpc.WithResolvers(listed))...)
}
