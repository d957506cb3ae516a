package redisconn

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"syscall"

	"github.com/redis/go-redis/v9"
)

// unrepeated keeps the client of a cluster from sending a command again whose answer
// was lost. It has one number for that and for following slots to another node, and
// sends again what it takes for a fault of the connection: so what it reads from one
// is not of the kinds that it knows. What was not carried out, as a node said, it
// sends again all the same.
type unrepeated struct{}

func (unrepeated) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }

func (unrepeated) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (unrepeated) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := next(ctx, network, address)
		if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
			return nil, err // which is tried once in any case
		}
		if err != nil {
			return nil, lost(err) // who is not there now is not there in a moment
		}
		if raw, ok := conn.(syscall.Conn); ok { // by which the pool sees that it was closed
			return struct {
				onceConn
				syscall.Conn
			}{onceConn{conn}, raw}, nil
		}
		return onceConn{conn}, nil
	}
}

// onceConn is a connection whose faults do not look as if one could try again.
type onceConn struct{ net.Conn }

func (c onceConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	return n, lost(err)
}

func (c onceConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	return n, lost(err)
}

// lost is an error of its own for an answer that does not come: the words are those
// of the cause, and nothing else is.
func lost(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, io.EOF) {
		return errors.New("the connection ended before the answer came")
	}
	return errors.New(err.Error())
}
