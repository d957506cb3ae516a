package ecosystem

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net/http"

	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/strongroom-fapi/strongroom/gateway"
	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/https"
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
	certificates, err := loadCertificates(cfg.Certificates)
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
	group.Go(func() error { return https.Serve(ctx, pagesSockets, https.PublicTLS(certificates), pages, log) })
	group.Go(func() error { return https.Serve(ctx, apiSockets, https.MutualTLS(certificates), api, log) })
	return group.Wait()
}

func loadCertificates(files []gateway.Certificate) ([]tls.Certificate, error) {
	var loaded []tls.Certificate
	for _, f := range files {
		certificate, err := tls.LoadX509KeyPair(f.Certificate, f.Key)
		if err != nil {
			return nil, err
		}
		loaded = append(loaded, certificate)
	}
	return loaded, nil
}

// bankPages connects the pages to the interaction API over mutual TLS.
func bankPages(cfg BankConfig, clk clock.Clock, log *slog.Logger) (http.Handler, error) {
	tlsConfig, err := cfg.InteractionIdentity.ClientTLS(rpc.Authorize)
	if err != nil {
		return nil, err
	}
	conn, err := grpc.NewClient("dns:///"+cfg.InteractionAddress, grpc.WithTransportCredentials(credentials.NewTLS(tlsConfig)), grpc.WithDisableServiceConfig())
	if err != nil {
		return nil, err
	}
	return bank.New(bank.Config{}, bank.Deps{
		Interactions: interactionv1.NewInteractionServiceClient(conn), Clock: clk, Log: log,
	}).Pages(), nil
}
