package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"net"
	"os"
	"path/filepath"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// wire makes connections with mutual TLS between the processes, all with the
// one certificate in dir.
type wire struct{ dir string }

const method = "/floor.Floor/Call"

func (w wire) file(name string) string { return filepath.Join(w.dir, name) }

func (w wire) certificate() (tls.Certificate, *x509.CertPool) {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(must(os.ReadFile(w.file("server.crt"))))
	return must(tls.LoadX509KeyPair(w.file("server.crt"), w.file("server.key"))), pool
}

// clientKey is the one key that clients sign with, parsed once.
func (w wire) clientKey() *ecdsa.PublicKey {
	return must(x509.ParsePKIXPublicKey(must(os.ReadFile(w.file("client.pub"))))).(*ecdsa.PublicKey)
}

func (w wire) server() *tls.Config {
	c, pool := w.certificate()
	return &tls.Config{Certificates: []tls.Certificate{c}, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert}
}

// serve answers one method with do.
func (w wire) serve(address string, do call) error {
	handler := func(_ any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
		in := new(wrapperspb.StringValue)
		if err := decode(in); err != nil {
			return nil, err
		}
		out, err := do(ctx, in.Value)
		return wrapperspb.String(out), err
	}
	s := grpc.NewServer(grpc.Creds(credentials.NewTLS(w.server())))
	s.RegisterService(&grpc.ServiceDesc{ServiceName: "floor.Floor", HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{{MethodName: "Call", Handler: handler}}}, struct{}{})
	return s.Serve(must(net.Listen("tcp", address)))
}

func (w wire) dial(address string) call {
	c, pool := w.certificate()
	creds := credentials.NewTLS(&tls.Config{Certificates: []tls.Certificate{c}, RootCAs: pool, ServerName: "localhost"})
	conn := must(grpc.NewClient("passthrough:///"+address, grpc.WithTransportCredentials(creds)))
	return func(ctx context.Context, in string) (string, error) {
		out := new(wrapperspb.StringValue)
		err := conn.Invoke(ctx, method, wrapperspb.String(in), out)
		return out.Value, err
	}
}
