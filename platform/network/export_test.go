package network

import (
	"net"

	"google.golang.org/grpc"
)

// NamesBy lets a connection look names up by a resolver of the test's.
func NamesBy(r *net.Resolver) grpc.DialOption { return grpc.WithResolvers(names{r}) }
