// Command floor does the least work that a pushed authorization request and a
// sender-constrained client_credentials token need in the suite's topology: in
// one process, or split over gRPC with mutual TLS.
//
//	gateway -> par   -> clientreg (verify the assertion, burn its jti); Redis SET
//	gateway -> token -> clientreg (the same) -> keys (sign)
//
// It is what the benchmark measures the product against, in the same minutes on
// the same core: TLS, HTTP, gRPC, JSON, signatures and Redis cost the same on
// both sides, so the ratio says what all the rest costs. It has no log, policy,
// metrics, registry, limits or tracing, knows one client key, and answers every
// failure alike: never serve anybody with it.
package main

import (
	"context"
	"flag"
	"log"
	"strconv"

	"github.com/redis/go-redis/v9"
)

// call is one unary call: a string in, a string out.
type call func(ctx context.Context, in string) (string, error)

// Ports of the parts, counted from the first.
const (
	portGateway = iota
	portPAR
	portToken
	portClientreg
	portKeys
)

func main() {
	role := flag.String("role", "all", "all, or one of gateway par token clientreg keys")
	base := flag.Int("port", 9444, "HTTPS port; the gRPC services listen on the next four")
	address := flag.String("redis", "", "URL of a Redis")
	dir := flag.String("keys", ".", "folder with server.crt (its own authority), server.key and client.pub")
	flag.Parse()

	options := must(redis.ParseURL(*address))
	options.PoolSize = 16
	log.Fatal(run(*role, *base, wire{*dir}, &store{redis.NewClient(options)}))
}

func run(role string, base int, w wire, s *store) error {
	issuer := "https://localhost:" + strconv.Itoa(base)
	at := func(port int) string { return "127.0.0.1:" + strconv.Itoa(base+port) }
	reach := func(port int, here call) call {
		if role == "all" {
			return here
		}
		return w.dial(at(port))
	}
	registry := clientreg{issuer, w.clientKey(), s}
	keys := newSigner()
	authenticate := reach(portClientreg, registry.authenticate)
	pushes := par{authenticate, s}
	tokens := token{issuer, authenticate, reach(portKeys, keys.sign), s}
	switch role {
	case "par":
		return w.serve(at(portPAR), pushes.push)
	case "token":
		return w.serve(at(portToken), tokens.exchange)
	case "clientreg":
		return w.serve(at(portClientreg), registry.authenticate)
	case "keys":
		return w.serve(at(portKeys), keys.sign)
	}
	return edge(issuer, at(portGateway), w, reach(portPAR, pushes.push), reach(portToken, tokens.exchange))
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
