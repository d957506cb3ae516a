package ecosystem

import (
	"context"
	"log/slog"

	"github.com/strongroom-fapi/strongroom/gateway"
	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/https"
	"github.com/strongroom-fapi/strongroom/sandbox/directory"
	"github.com/strongroom-fapi/strongroom/sandbox/pki"
)

// RunDirectory serves the trust framework's directory until ctx ends.
func RunDirectory(ctx context.Context, cfg DirectoryConfig, clk clock.Clock, log *slog.Logger) error {
	sockets, err := https.Listen(cfg.Listen)
	if err != nil {
		return err
	}
	certificates, err := gateway.OpenCertificates(cfg.Certificates, log)
	if err != nil {
		return err
	}
	authority, err := pki.Open(cfg.Authority)
	if err != nil {
		return err
	}
	handler, err := directory.New(
		directory.Config{Dir: cfg.Keys, Issuer: cfg.Issuer, OperatorToken: cfg.OperatorToken},
		directory.Deps{CA: authority, Clock: clk, Log: log})
	if err != nil {
		return err
	}
	return https.Server{TLS: https.MutualTLS(certificates), Handler: handler, Log: log}.Serve(ctx, sockets)
}
