package fetch

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
)

// maxAddresses is how many addresses of a name are tried.
const maxAddresses = 4

// dial connects to a host that could be connected to a moment ago, or was not
// tried.
func (c *Client) dial(ctx context.Context, _, address string) (net.Conn, error) {
	host := strings.ToLower(address)
	if c.down.is(host) {
		return nil, errDown
	}
	inTime, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	conn, err := c.connect(inTime, address)
	if err != nil && !errors.Is(err, ErrPolicy) && ctx.Err() == nil {
		c.down.mark(host)
	}
	return conn, err
}

// connect dials the first of a host's addresses that answers, after all of them
// have been judged: a name with one address inside is not an honest one.
func (c *Client) connect(ctx context.Context, address string) (net.Conn, error) {
	allowed, trusted := c.allowed[strings.ToLower(address)]
	if trusted {
		address = allowed
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, because(ErrPolicy, "not a host and a port")
	}
	found, err := c.resolve(ctx, host)
	if err != nil {
		return nil, err
	}
	if !trusted && !allOnInternet(found) {
		return nil, because(ErrPolicy, "the host has an address that is not on the internet")
	}
	err = because(ErrUnreachable, "the name has no address")
	for _, ip := range found[:min(len(found), maxAddresses)] {
		var conn net.Conn
		if conn, err = c.dialTo(ctx, "tcp", net.JoinHostPort(ip.String(), port)); err == nil {
			return conn, nil
		}
	}
	return nil, err
}

// resolve asks for the addresses of each version apart: the answer to a question
// for version 4 may be written as version 6, and is then unwrapped, while a
// mapped address that a name really has stays what it is.
func (c *Client) resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	if ip, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{ip}, nil // only an allowed host is one
	}
	four, errFour := c.resolver.LookupNetIP(ctx, "ip4", host)
	six, errSix := c.resolver.LookupNetIP(ctx, "ip6", host)
	if errFour != nil && errSix != nil {
		return nil, because(ErrUnreachable, "the name does not resolve")
	}
	for i := range four {
		four[i] = four[i].Unmap()
	}
	return append(four, six...), nil
}
