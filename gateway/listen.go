package gateway

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/strongroom-fapi/strongroom/platform/https"
	"github.com/strongroom-fapi/strongroom/platform/pemfile"
)

// Sockets are the open listeners with their certificates.
type Sockets struct {
	Public       []net.Listener
	Mutual       []net.Listener
	Certificates https.Certificates
}

// OpenCertificates reads a server's certificates, and again when their files
// change.
func OpenCertificates(files []Certificate, log *slog.Logger) (https.Certificates, error) {
	var paths []string
	for _, f := range files {
		paths = append(paths, f.Certificate, f.Key)
	}
	source, err := pemfile.Open(log, func() (*pemfile.Content, error) {
		content := &pemfile.Content{}
		for n, f := range files {
			certificate, err := tls.LoadX509KeyPair(f.Certificate, f.Key)
			if err != nil {
				return nil, fmt.Errorf("certificates[%d]: %w", n, err)
			}
			content.Certificates = append(content.Certificates, certificate)
		}
		return content, nil
	}, paths...)
	if err != nil {
		return nil, err
	}
	return func() []tls.Certificate { return source.Current().Certificates }, nil
}

// Open reads the certificates and listens on every address.
func (c Config) Open(log *slog.Logger) (Sockets, error) {
	var s Sockets
	var err error
	if s.Certificates, err = OpenCertificates(c.Certificates, log); err != nil {
		return Sockets{}, err
	}
	if s.Public, err = https.Listen(c.Public); err != nil {
		return Sockets{}, fmt.Errorf("public: %w", err)
	}
	if s.Mutual, err = https.Listen(c.Mutual); err != nil {
		return Sockets{}, fmt.Errorf("mutual: %w", err)
	}
	return s, nil
}

// drainMore is what a request may take, beside its own timeout, to be read and
// answered.
const drainMore = 5 * time.Second

// Serve answers HTTP requests until ctx ends, then drains.
func (g *Gateway) Serve(ctx context.Context, sockets Sockets) error {
	publicHandler, err := g.Public()
	if err != nil {
		return err
	}
	mutualHandler, err := g.Mutual()
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	context.AfterFunc(ctx, func() { g.leaving.Store(true) })
	serve := func(sockets []net.Listener, config *tls.Config, handler http.Handler) func() error {
		server := https.Server{
			TLS: config, Handler: handler, Log: g.log,
			Linger: g.cfg.Linger, Drain: g.cfg.Timeout + drainMore, MaxConnections: g.cfg.MaxConnections,
		}
		return func() error { return server.Serve(ctx, sockets) }
	}
	group.Go(serve(sockets.Public, https.PublicTLS(sockets.Certificates), publicHandler))
	group.Go(serve(sockets.Mutual, https.MutualTLS(sockets.Certificates), mutualHandler))
	return group.Wait()
}
