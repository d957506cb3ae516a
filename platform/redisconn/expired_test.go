package redisconn_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/platform/networktest"
	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/secret"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
)

// TestExpiredCertificateIsAwaited: a store's certificate that has expired, or that a slow
// clock holds for not yet good, is renewed without us, and the start goes on.
func TestExpiredCertificateIsAwaited(t *testing.T) {
	ca := networktest.NewCA(t)
	port := renewing(t, certificate(t, ca, -time.Hour), certificate(t, ca, time.Hour))
	client, err := redisconn.Open(redisconn.Config{URL: secret.New("rediss://localhost:" + port), Roots: ca.File()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	ctx, cancel := context.WithCancel(t.Context())
	ended, watcher := make(chan error, 1), &redisconn.Watcher{Service: "par", Log: slog.New(slog.DiscardHandler)}
	go func() { ended <- client.WatchBirths(ctx, watcher) }()
	storetest.Eventually(t, "the store is seen, or given up", func() bool { return watcher.Births() == 1 || len(ended) > 0 })
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// certificate is the store's own, good from a day ago.
func certificate(t *testing.T, ca *networktest.CA, until time.Duration) *tls.Certificate {
	t.Helper()
	proof := ca.IdentityOf(t, &x509.Certificate{
		DNSNames: []string{"localhost"}, NotBefore: time.Now().Add(-24 * time.Hour), NotAfter: time.Now().Add(until),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	})
	pair, err := tls.LoadX509KeyPair(proof.Certificate, proof.Key)
	if err != nil {
		t.Fatal(err)
	}
	return &pair
}

// renewing is TLS before an embedded store, whose certificate is renewed after a few
// handshakes: more than one look at it makes.
func renewing(t *testing.T, old, renewed *tls.Certificate) (port string) {
	t.Helper()
	store := strings.TrimPrefix(storetest.Embedded(t), "redis://")
	var handshakes atomic.Int32
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		MinVersion: tls.VersionTLS13,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			if handshakes.Add(1) <= 4 {
				return old, nil
			}
			return renewed, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go pass(t.Context(), conn, store)
		}
	}()
	_, port, _ = net.SplitHostPort(listener.Addr().String())
	return port
}

// pass joins a connection to the store's until either ends.
func pass(ctx context.Context, conn net.Conn, store string) {
	defer func() { _ = conn.Close() }()
	behind, err := new(net.Dialer).DialContext(ctx, "tcp", store)
	if err != nil {
		return
	}
	defer func() { _ = behind.Close() }()
	go func() {
		_, _ = io.Copy(conn, behind)
		_ = conn.Close()
	}()
	_, _ = io.Copy(behind, conn)
}
