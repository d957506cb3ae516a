// Package network connects services over TLS 1.3 in both directions: each proves
// by its certificate which service it is.
package network

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"

	"google.golang.org/grpc/credentials"

	"github.com/strongroom-fapi/strongroom/platform/pemfile"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
)

// Identity is the files by which a process proves who it is to the others. They
// may change while it runs: the next handshake goes by the new ones.
type Identity struct {
	// Certificate is a PEM chain, leaf first. Its only DNS name is the name of
	// the service.
	Certificate string `yaml:"certificate"`
	// Key is the PEM private key of the certificate.
	Key string `yaml:"key"`
	// CA is the PEM certificates that sign every service's certificate.
	CA string `yaml:"ca"`
}

// Validate tells which file is not named.
func (i Identity) Validate() error {
	if i.Certificate == "" || i.Key == "" || i.CA == "" {
		return errors.New("tls.certificate, tls.key and tls.ca are required: PEM files of the service's own chain, of its key, and of the authorities of all services")
	}
	return nil
}

// Is tells whether the files prove the process to be that service.
func (i Identity) Is(service rpc.Name) error {
	content, err := i.load()
	if err != nil {
		return err
	}
	leaf, err := x509.ParseCertificate(content.Certificates[0].Certificate[0])
	if err != nil {
		return fmt.Errorf("tls.certificate: %w", err)
	}
	if !slices.Equal(leaf.DNSNames, []string{string(service)}) {
		return fmt.Errorf("tls.certificate must have the DNS name %q and no other, not %q", service, leaf.DNSNames)
	}
	return provable(leaf, content)
}

// provable tells whether others will believe a certificate, as caller and as callee:
// they have the same authorities.
func provable(leaf *x509.Certificate, content *pemfile.Content) error {
	chain := x509.NewCertPool()
	for _, der := range content.Certificates[0].Certificate[1:] {
		if above, err := x509.ParseCertificate(der); err == nil {
			chain.AddCert(above)
		}
	}
	for _, usage := range []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth} {
		_, err := leaf.Verify(x509.VerifyOptions{Roots: content.Roots, Intermediates: chain, KeyUsages: []x509.ExtKeyUsage{usage}})
		if err != nil {
			return fmt.Errorf("tls.certificate must be good by tls.ca, for servers and for clients: %w", err)
		}
	}
	return nil
}

// open reads the files, and again whenever they change.
func (i Identity) open(log *slog.Logger) (*pemfile.Source, error) {
	return pemfile.Open(log, i.load, i.Certificate, i.Key, i.CA)
}

func (i Identity) load() (*pemfile.Content, error) {
	certificate, err := tls.LoadX509KeyPair(i.Certificate, i.Key)
	if err != nil {
		return nil, fmt.Errorf("tls.certificate and tls.key: %w", err)
	}
	roots, err := pemfile.ReadPool(i.CA)
	if err != nil {
		return nil, fmt.Errorf("tls.ca: %w", err)
	}
	return &pemfile.Content{Certificates: []tls.Certificate{certificate}, Roots: roots}, nil
}

// ServerTLS demands a certificate of the suite from whoever calls. Each handshake
// goes by the files as they are then. It resumes no session: a caller's
// certificate is judged each time.
func (i Identity) ServerTLS(log *slog.Logger, protocols ...string) (*tls.Config, error) {
	files, err := i.open(log)
	if err != nil {
		return nil, err
	}
	now := func() *tls.Config {
		content := files.Current()
		return &tls.Config{
			MinVersion:             tls.VersionTLS13,
			Certificates:           content.Certificates,
			ClientCAs:              content.Roots,
			ClientAuth:             tls.RequireAndVerifyClientCert,
			SessionTicketsDisabled: true,
			NextProtos:             protocols,
		}
	}
	config := now()
	config.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) { return now(), nil }
	return config, nil
}

// ClientTLS calls one service: whatever its address, its certificate must bear
// its name. It is the files as they are now.
func (i Identity) ClientTLS(callee rpc.Name) (*tls.Config, error) {
	content, err := i.load()
	if err != nil {
		return nil, err
	}
	return clientTLS(content, callee), nil
}

func clientTLS(content *pemfile.Content, callee rpc.Name) *tls.Config {
	return &tls.Config{
		MinVersion:   tls.VersionTLS13,
		Certificates: content.Certificates,
		RootCAs:      content.Roots,
		ServerName:   string(callee),
	}
}

// clientCredentials are ClientTLS for gRPC, by the files as they are at each
// handshake. (A tls.Config can change its certificate at a handshake, but not
// whom it trusts.)
type clientCredentials struct {
	credentials.TransportCredentials
	files  *pemfile.Source
	callee rpc.Name
}

func (i Identity) clientCredentials(log *slog.Logger, callee rpc.Name) (credentials.TransportCredentials, error) {
	files, err := i.open(log)
	if err != nil {
		return nil, err
	}
	c := &clientCredentials{files: files, callee: callee}
	c.TransportCredentials = c.now()
	return c, nil
}

func (c *clientCredentials) now() credentials.TransportCredentials {
	return credentials.NewTLS(clientTLS(c.files.Current(), c.callee))
}

// ClientHandshake begins a connection.
func (c *clientCredentials) ClientHandshake(ctx context.Context, authority string, conn net.Conn) (net.Conn, credentials.AuthInfo, error) {
	return c.now().ClientHandshake(ctx, authority, conn)
}

// Clone is the same credentials: nothing in them is changed.
func (c *clientCredentials) Clone() credentials.TransportCredentials { return c }
