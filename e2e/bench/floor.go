package main

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/strongroom-fapi/strongroom/e2e/rig/ports"
)

// floorRoles are the floor's processes, by rendering; the last one answers.
var floorRoles = map[string][]string{
	"one process":          {"all"},
	"processes":            split,
	"processes, telemetry": split,
}

var split = []string{"keys", "clientreg", "par", "token", "gateway"}

// startFloor starts the floor of a rendering, on a Redis database of its own.
func (b *bench) startFloor(ctx context.Context, r *rendering) error {
	port, err := ports.Free()
	if err != nil {
		return err
	}
	dir := filepath.Join(b.dir, "floor-"+strings.ReplaceAll(r.name, " ", "-"))
	if r.floor.roots, err = b.floorKeys(dir); err != nil {
		return err
	}
	r.floor.issuer = fmt.Sprintf("https://localhost:%d", port)
	for _, role := range floorRoles[r.name] {
		if err := r.floor.processes.start(b.bin("floor"), "-role", role, "-port", fmt.Sprint(port),
			"-keys", dir, "-redis", "redis://"+b.address+"/2"); err != nil {
			return err
		}
	}
	_, err = r.floor.awaken(ctx, time.Now())
	return err
}

// floorKeys writes what the floor reads: its certificate and the client's key.
func (b *bench) floorKeys(dir string) (*x509.CertPool, error) {
	certificate, err := selfSigned("localhost", x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth)
	if err != nil {
		return nil, err
	}
	key, err := x509.MarshalPKCS8PrivateKey(certificate.PrivateKey)
	if err != nil {
		return nil, err
	}
	public, err := x509.MarshalPKIXPublicKey(b.client.key.Public())
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	chain := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Certificate[0]})
	for name, text := range map[string][]byte{
		"server.crt": chain,
		"server.key": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}),
		"client.pub": public,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			return nil, err
		}
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(chain)
	return roots, nil
}
