package gateway

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"

	"golang.org/x/sync/errgroup"

	"github.com/strongroom-fapi/strongroom/platform/https"
)

// Sockets are the open listeners with their certificates.
type Sockets struct {
	Public       []net.Listener
	Mutual       []net.Listener
	Certificates []tls.Certificate
}

// Open reads the certificates and listens on every address.
func (c Config) Open() (Sockets, error) {
	var s Sockets
	for _, files := range c.Certificates {
		certificate, err := tls.LoadX509KeyPair(files.Certificate, files.Key)
		if err != nil {
			return Sockets{}, fmt.Errorf("certificates: %w", err)
		}
		s.Certificates = append(s.Certificates, certificate)
	}
	var err error
	if s.Public, err = https.Listen(c.Public); err != nil {
		return Sockets{}, err
	}
	s.Mutual, err = https.Listen(c.Mutual)
	return s, err
}

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
	group.Go(func() error {
		return https.Serve(ctx, sockets.Public, https.PublicTLS(sockets.Certificates), publicHandler, g.log)
	})
	group.Go(func() error {
		return https.Serve(ctx, sockets.Mutual, https.MutualTLS(sockets.Certificates), mutualHandler, g.log)
	})
	return group.Wait()
}
