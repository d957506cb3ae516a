// Package network connects services over TLS 1.3 in both directions: each proves
// by its certificate which service it is.
package network

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"

	"github.com/strongroom-fapi/strongroom/platform/rpc"
)

// Identity is the files by which a process proves who it is to the others.
type Identity struct {
	// Certificate is a PEM chain, leaf first. Its only DNS name is the name of
	// the service.
	Certificate string `yaml:"certificate"`
	// Key is the PEM private key of the certificate.
	Key string `yaml:"key"`
	// CA is the PEM certificates that sign every service's certificate.
	CA string `yaml:"ca"`
}

// load reads the files.
func (i Identity) load() (tls.Certificate, *x509.CertPool, error) {
	certificate, err := tls.LoadX509KeyPair(i.Certificate, i.Key)
	if err != nil {
		return tls.Certificate{}, nil, fmt.Errorf("tls.certificate and tls.key: %w", err)
	}
	pool, err := ReadPool(i.CA)
	if err != nil {
		return tls.Certificate{}, nil, fmt.Errorf("tls.ca: %w", err)
	}
	return certificate, pool, nil
}

// ReadPool reads a file of PEM certificates.
func ReadPool(file string) (*x509.CertPool, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, errors.New(file + " holds no PEM certificate")
	}
	return pool, nil
}

// ServerTLS demands a certificate of the suite from whoever calls.
func (i Identity) ServerTLS() (*tls.Config, error) {
	certificate, pool, err := i.load()
	if err != nil {
		return nil, err
	}
	return &tls.Config{
		MinVersion:   tls.VersionTLS13,
		Certificates: []tls.Certificate{certificate},
		ClientCAs:    pool,
		ClientAuth:   tls.RequireAndVerifyClientCert,
	}, nil
}

// ClientTLS calls one service: whatever its address, its certificate must bear
// its name.
func (i Identity) ClientTLS(callee rpc.Name) (*tls.Config, error) {
	certificate, pool, err := i.load()
	if err != nil {
		return nil, err
	}
	return &tls.Config{
		MinVersion:   tls.VersionTLS13,
		Certificates: []tls.Certificate{certificate},
		RootCAs:      pool,
		ServerName:   string(callee),
	}, nil
}
