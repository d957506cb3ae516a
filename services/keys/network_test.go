package keys

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"database/sql"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/platform/network"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
)

// TestOverTLS is one signature between processes: the caller whose rights are
// asked for is the one that its certificate names.
func TestOverTLS(t *testing.T) {
	storetest.EachSQL(t, Migrations, func(t *testing.T, db *sql.DB) {
		set := quick(t)
		suite := suite{set, overTLS(t, newService(t, db, set), set, rpc.Token, rpc.Gateway)}
		signed := suite.signed(t, "bank", accessToken, jose.ES256)
		if err := signed.Verify(suite.keySet(t, "bank"), jose.ES256); err != nil {
			t.Error(err)
		}
		_, err := suite.sign(t, rpc.Gateway, "bank", accessToken, "ES256", `{}`)
		wantStatus(t, err, codes.PermissionDenied)
	})
}

// overTLS serves a service on loopback and answers how its callers reach it.
func overTLS(t testing.TB, service *Service, set *issuer.Set, callers ...rpc.Name) func(rpc.Name) grpc.ClientConnInterface {
	t.Helper()
	identities := identitiesOf(t, append(callers, rpc.Keys)...)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	interceptor := rpc.ServerInterceptor(rpc.Keys, set, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	server := network.Server{Identity: identities[rpc.Keys], Interceptor: interceptor, Log: slog.New(slog.DiscardHandler)}
	go func() { served <- server.Serve(ctx, listener, service.Register) }()
	t.Cleanup(func() {
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	addresses := network.Addresses{rpc.Keys: listener.Addr().String()}
	return func(caller rpc.Name) grpc.ClientConnInterface {
		conn, err := network.Dial(identities[caller], addresses, rpc.Keys, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		return conn
	}
}

// identitiesOf writes a CA and a certificate for each service.
func identitiesOf(t testing.TB, names ...rpc.Name) map[rpc.Name]network.Identity {
	t.Helper()
	folder := t.TempDir()
	ca := &x509.Certificate{SerialNumber: big.NewInt(1), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	caKey := certify(t, folder, "ca", ca, ca, nil)
	identities := map[rpc.Name]network.Identity{}
	for n, name := range names {
		leaf := &x509.Certificate{
			SerialNumber: big.NewInt(int64(n) + 2),
			DNSNames:     []string{string(name)},
			ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		}
		certify(t, folder, string(name), leaf, ca, caKey)
		identities[name] = network.Identity{
			Certificate: filepath.Join(folder, string(name)+".pem"),
			Key:         filepath.Join(folder, string(name)+".key"),
			CA:          filepath.Join(folder, "ca.pem"),
		}
	}
	return identities
}

// certify writes NAME.pem and NAME.key, signed by the parent's key or, without
// one, by its own.
func certify(t testing.TB, folder, name string, template, parent *x509.Certificate, parentKey *ecdsa.PrivateKey) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if parentKey == nil {
		parentKey = key
	}
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Minute), time.Now().Add(time.Hour)
	certificate, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, parentKey)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{
		name + ".pem": {Type: "CERTIFICATE", Bytes: certificate},
		name + ".key": {Type: "PRIVATE KEY", Bytes: private},
	} {
		if err := os.WriteFile(filepath.Join(folder, file), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return key
}
