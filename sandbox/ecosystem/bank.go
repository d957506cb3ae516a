package ecosystem

import (
	"context"
	"log/slog"
	"net/http"

	"golang.org/x/sync/errgroup"

	"github.com/strongroom-fapi/strongroom/gateway"
	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/https"
	"github.com/strongroom-fapi/strongroom/platform/network"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	interactionv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/interaction/v1"
	"github.com/strongroom-fapi/strongroom/sandbox/bank"
)

// RunBank serves the bank's pages and its API until ctx ends. It registers the
// API as a resource server where it has no credential yet, so the issuers must
// answer first.
func RunBank(ctx context.Context, cfg BankConfig, clk clock.Clock, log *slog.Logger) error {
	pagesSockets, err := https.Listen(cfg.Pages)
	if err != nil {
		return err
	}
	apiSockets, err := https.Listen(cfg.API)
	if err != nil {
		return err
	}
	certificates, err := gateway.OpenCertificates(cfg.Certificates, log)
	if err != nil {
		return err
	}
	pages, err := bankPages(cfg, clk, log)
	if err != nil {
		return err
	}
	api, err := bankAPI(ctx, cfg, clk, log)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		return https.Server{TLS: https.PublicTLS(certificates), Handler: pages, Log: log}.Serve(ctx, pagesSockets)
	})
	group.Go(func() error {
		return https.Server{TLS: https.MutualTLS(certificates), Handler: api, Log: log}.Serve(ctx, apiSockets)
	})
	return group.Wait()
}

// bankPages connects the pages to the interaction API over mutual TLS.
func bankPages(cfg BankConfig, clk clock.Clock, log *slog.Logger) (http.Handler, error) {
	conn, err := network.DialAPI(cfg.InteractionIdentity, cfg.InteractionAddress, rpc.Authorize, log)
	if err != nil {
		return nil, err
	}
	return bank.New(bank.Config{}, bank.Deps{
		Interactions: interactionv1.NewInteractionServiceClient(conn), Clock: clk, Log: log,
	}).Pages(), nil
}
