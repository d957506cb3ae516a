package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/metadata"
)

// server is a rendering of the suite, or a floor, that runs.
type server struct {
	issuer    string
	roots     *x509.CertPool
	processes processes
	api       string // base URL of the bank's API
	metadata  metadata.Server
	// bound and proving are ids of clients whose tokens are bound to the
	// certificate, and to a DPoP key.
	bound, proving []string
	// used counts the requests that were signed, so that each measurement goes
	// on with the clients where the last one ended.
	used int
}

// sender makes a client with a connection of its own.
func (s *server) sender(certificate *tls.Certificate) *http.Client {
	settings := &tls.Config{RootCAs: s.roots, MinVersion: tls.VersionTLS12}
	if certificate != nil { // whatever authorities the server names
		settings.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return certificate, nil }
	}
	return &http.Client{
		Timeout:   30 * time.Second,
		Transport: &http.Transport{TLSClientConfig: settings, MaxIdleConnsPerHost: 1, DisableCompression: true},
	}
}

// discover reads the metadata, once.
func (s *server) discover(ctx context.Context) error {
	sender := s.sender(nil)
	defer sender.CloseIdleConnections()
	call, err := http.NewRequestWithContext(ctx, http.MethodGet, s.issuer+"/.well-known/openid-configuration", nil)
	if err != nil {
		return err
	}
	answer, err := sender.Do(call)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("discovery answers %s", answer.Status)
	}
	return json.NewDecoder(answer.Body).Decode(&s.metadata)
}

// awaken waits for the first discovery that succeeds and says how long since
// start.
func (s *server) awaken(ctx context.Context, start time.Time) (time.Duration, error) {
	err := try(ctx, time.Minute, 10*time.Millisecond, func() error { return s.discover(ctx) })
	return time.Since(start), err
}

// endpoint of an operation; where a certificate shall be shown, the alias for
// mutual TLS (RFC 8705 §5).
func (s *server) endpoint(op operation) string {
	endpoint, name := s.metadata.TokenEndpoint, "token_endpoint"
	if op == push {
		endpoint, name = s.metadata.PushedAuthorizationRequestEndpoint, "pushed_authorization_request_endpoint"
	}
	if alias := s.metadata.MTLSEndpointAliases[name]; alias != "" && op != dpopToken {
		return alias
	}
	return endpoint
}
