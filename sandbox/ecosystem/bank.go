package ecosystem

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/metadata"
	"github.com/strongroom-fapi/strongroom/gateway"
	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/https"
	"github.com/strongroom-fapi/strongroom/platform/network"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	interactionv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/interaction/v1"
	"github.com/strongroom-fapi/strongroom/resource"
	"github.com/strongroom-fapi/strongroom/sandbox/bank"
	"github.com/strongroom-fapi/strongroom/sandbox/credential"
)

// RunBank serves the bank's pages and its API until ctx ends. It registers the
// API as a resource server where it has no credential yet, so the issuer must
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
	conn, err := grpc.NewClient("dns:///"+cfg.InteractionAddress, grpc.WithTransportCredentials(credentials.NewTLS(tlsConfig)))
	if err != nil {
		return nil, err
	}
	return bank.New(bank.Config{}, bank.Deps{
		Interactions: interactionv1.NewInteractionServiceClient(conn), Clock: clk, Log: log,
	}).Pages(), nil
}

// bankAPI puts the API behind the resource kit, in the mode that notices a
// revocation at once.
func bankAPI(ctx context.Context, cfg BankConfig, clk clock.Clock, log *slog.Logger) (http.Handler, error) {
	pool, err := network.ReadPool(cfg.TrustedCA)
	if err != nil {
		return nil, err
	}
	client := NewHTTPClient(pool)
	client.Transport = connectTo(cfg.ConnectTo, client.Transport.(*http.Transport))
	own, err := ensureResourceServer(ctx, client, cfg)
	if err != nil {
		return nil, err
	}
	signer, err := own.JWKS.Keys[0].Signer()
	if err != nil {
		return nil, err
	}
	introspector, err := resource.NewIntrospector(
		resource.IntrospectorConfig{Issuer: cfg.Issuer, ClientID: own.ClientID, KeyID: own.JWKS.Keys[0].Kid},
		resource.IntrospectorDeps{Key: signer, HTTP: client, Clock: clk, Log: log})
	if err != nil {
		return nil, err
	}
	verifier, err := resource.New(
		resource.Config{Issuer: cfg.Issuer, Resource: cfg.Resource, Mode: resource.Current},
		resource.Deps{HTTP: client, Introspect: introspector, Clock: clk, Log: log})
	if err != nil {
		return nil, err
	}
	protect := func(scope string) func(http.Handler) http.Handler { return verifier.Require(scope) }
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.Handle("/", bank.API(protect, subject))
	return mux, nil
}

// subject is the user that a verified token speaks for.
func subject(r *http.Request) string {
	token, ok := resource.TokenFrom(r.Context())
	if !ok {
		return ""
	}
	return token.Subject
}

const (
	// registrationPatience is how long the bank waits for the issuer to
	// answer when everything starts together.
	registrationPatience = time.Minute
	registrationPause    = 200 * time.Millisecond
)

// ensureResourceServer is the bank's credential; it is registered as any client
// is, with a token that opens resource servers.
func ensureResourceServer(ctx context.Context, client *http.Client, cfg BankConfig) (*credential.File, error) {
	patience, cancel := context.WithTimeout(ctx, registrationPatience)
	defer cancel()
	for {
		own, _, err := credential.Ensure(patience, client, cfg.Credential, credential.Registration{
			Endpoint:           strings.TrimSuffix(cfg.Issuer, "/") + string(issuer.Registration),
			Issuer:             cfg.Issuer,
			InitialAccessToken: cfg.InitialAccessToken.Reveal(),
			Metadata:           metadata.Client{ClientName: "Demo bank API", Resource: cfg.Resource},
		})
		if err == nil {
			return own, nil
		}
		select {
		case <-patience.Done():
			return nil, errors.Join(errors.New("the bank could not register its API"), err)
		case <-time.After(registrationPause):
		}
	}
}
