package https_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/strongroom-fapi/strongroom/platform/https"
	"github.com/strongroom-fapi/strongroom/platform/networktest"
)

// site is a server and what a client needs to reach it.
type site struct {
	address string
	roots   *x509.CertPool
	client  tls.Certificate
	stop    func() error
}

func serve(t *testing.T, configure func(https.Certificates) *tls.Config, handler http.HandlerFunc) site {
	t.Helper()
	ca := networktest.NewCA(t)
	load := func(names ...string) tls.Certificate {
		identity := ca.Identity(t, names...)
		certificate, err := tls.LoadX509KeyPair(identity.Certificate, identity.Key)
		if err != nil {
			t.Fatal(err)
		}
		return certificate
	}
	listeners, err := https.Listen([]string{"127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	served := make(chan error, 1)
	certificates := []tls.Certificate{load("as.example")}
	server := https.Server{TLS: configure(func() []tls.Certificate { return certificates }), Handler: handler, Log: slog.New(slog.DiscardHandler)}
	go func() { served <- server.Serve(ctx, listeners) }()
	text, err := os.ReadFile(ca.File())
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(text)
	return site{listeners[0].Addr().String(), roots, load("client"), func() error { cancel(); return <-served }}
}

func (s site) tls() *tls.Config {
	return &tls.Config{RootCAs: s.roots, ServerName: "as.example"}
}

// handshake connects and reads one answer, with which TLS 1.3 tickets come too.
func (s site) handshake(t *testing.T, config *tls.Config) (tls.ConnectionState, error) {
	t.Helper()
	conn, err := tls.Dial("tcp", s.address, config)
	if err != nil {
		return tls.ConnectionState{}, err
	}
	defer func() { _ = conn.Close() }()
	if _, err := fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: as.example\r\nConnection: close\r\n\r\n"); err != nil {
		return tls.ConnectionState{}, err
	}
	if _, err := io.ReadAll(conn); err != nil {
		return tls.ConnectionState{}, err
	}
	return conn.ConnectionState(), nil
}

func ok(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }

// TestVersionsAndSuites is NET-6: TLS 1.2 with forward secrecy and AEAD, or 1.3.
func TestVersionsAndSuites(t *testing.T) {
	s := serve(t, https.PublicTLS, ok)
	for _, row := range []struct {
		name   string
		change func(*tls.Config)
		ok     bool
	}{
		{"TLS 1.3", func(c *tls.Config) { c.MinVersion = tls.VersionTLS13 }, true},
		{"TLS 1.2", func(c *tls.Config) { c.MaxVersion = tls.VersionTLS12 }, true},
		{"TLS 1.1", func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 }, false},
		{"TLS 1.2 with CBC", suite(tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256), false},
		{"TLS 1.2 with ChaCha20, which BCP 195 does not name", suite(tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256), false},
		{"TLS 1.2 with AES-256-GCM", suite(tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384), true},
	} {
		t.Run(row.name, func(t *testing.T) {
			config := s.tls()
			row.change(config)
			if _, err := s.handshake(t, config); (err == nil) != row.ok {
				t.Errorf("got %v", err)
			}
		})
	}
}

func suite(id uint16) func(*tls.Config) {
	return func(c *tls.Config) { c.MaxVersion, c.CipherSuites = tls.VersionTLS12, []uint16{id} }
}

// TestClientCertificates: the public listener never asks; the mutual one asks,
// demands none and trusts none, and lets no resumed session skip the question.
func TestClientCertificates(t *testing.T) {
	for _, row := range []struct {
		name      string
		configure func(https.Certificates) *tls.Config
		asks      bool
	}{{"public", https.PublicTLS, false}, {"mutual", https.MutualTLS, true}} {
		t.Run(row.name, func(t *testing.T) {
			var seen int
			s := serve(t, row.configure, func(w http.ResponseWriter, r *http.Request) {
				seen = len(r.TLS.PeerCertificates)
				if len(r.TLS.VerifiedChains) > 0 {
					t.Error("a client's certificate was trusted")
				}
				ok(w, r)
			})
			config, asked := s.tls(), false
			config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
				asked = true
				return &s.client, nil
			}
			if _, err := s.handshake(t, config); err != nil || asked != row.asks || (seen == 1) != row.asks {
				t.Errorf("asked %t, saw %d, %v", asked, seen, err)
			}
			if _, err := s.handshake(t, s.tls()); err != nil || seen != 0 {
				t.Errorf("without a certificate: saw %d, %v", seen, err)
			}
			resuming := s.tls()
			resuming.ClientSessionCache = tls.NewLRUClientSessionCache(1)
			for range 2 {
				state, err := s.handshake(t, resuming)
				if err != nil {
					t.Fatal(err)
				}
				if state.DidResume && row.asks {
					t.Error("a session was resumed")
				}
			}
		})
	}
}

func TestHeadersAreBounded(t *testing.T) {
	s := serve(t, https.PublicTLS, ok)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: s.tls()}}
	defer client.CloseIdleConnections()
	for size, want := range map[int]int{16 << 10: http.StatusNoContent, 64 << 10: http.StatusRequestHeaderFieldsTooLarge} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+s.address, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("X-Long", strings.Repeat("a", size))
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("%d bytes: %s", size, response.Status)
		}
	}
}

// TestHeaderLinesAreBounded is BAD-194: many short lines, by HTTP/1.1 and HTTP/2.
func TestHeaderLinesAreBounded(t *testing.T) {
	s := serve(t, https.PublicTLS, ok)
	for _, http2 := range []bool{false, true} {
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: s.tls(), ForceAttemptHTTP2: http2}}
		t.Cleanup(client.CloseIdleConnections)
		for lines, want := range map[int]int{50: http.StatusNoContent, 300: http.StatusRequestHeaderFieldsTooLarge} {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+s.address, nil)
			if err != nil {
				t.Fatal(err)
			}
			for range lines {
				request.Header.Add("A", "b")
			}
			response, err := client.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			_ = response.Body.Close()
			if response.StatusCode != want {
				t.Errorf("%d lines by %s: %s", lines, response.Proto, response.Status)
			}
		}
	}
}

// TestServeDrains: a request in progress is answered, and then Serve ends.
func TestServeDrains(t *testing.T) {
	begun, hold := make(chan struct{}), make(chan struct{})
	s := serve(t, https.PublicTLS, func(w http.ResponseWriter, r *http.Request) {
		close(begun)
		<-hold
		ok(w, r)
	})
	answered := make(chan error, 1)
	go func() {
		_, err := s.handshake(t, s.tls())
		answered <- err
	}()
	select {
	case <-begun:
	case err := <-answered:
		t.Fatalf("the request did not arrive: %v", err)
	}
	stopped := make(chan error, 1)
	go func() { stopped <- s.stop() }()
	close(hold)
	if err := <-answered; err != nil {
		t.Errorf("the request in progress: %v", err)
	}
	if err := <-stopped; err != nil {
		t.Errorf("Serve: %v", err)
	}
	if _, err := s.handshake(t, s.tls()); err == nil {
		t.Error("it still answers")
	}
}

// TestServeClosesWhatIsIdle: a client that keeps its connection is told to come
// back on another one, by either version of HTTP.
func TestServeClosesWhatIsIdle(t *testing.T) {
	for _, version := range []string{"http/1.1", "h2"} {
		t.Run(version, func(t *testing.T) {
			begun, hold := make(chan struct{}, 1), make(chan struct{})
			s := serve(t, https.PublicTLS, func(w http.ResponseWriter, r *http.Request) {
				begun <- struct{}{}
				<-hold
				ok(w, r)
			})
			transport := &http.Transport{TLSClientConfig: s.tls(), ForceAttemptHTTP2: version == "h2"}
			defer transport.CloseIdleConnections()
			get := func() (*http.Response, error) {
				return (&http.Client{Transport: transport}).Get("https://" + s.address)
			}
			answered := make(chan *http.Response, 1)
			go func() {
				answer, err := get()
				if err != nil {
					t.Error(err)
				}
				answered <- answer
			}()
			<-begun
			stopped := make(chan error, 1)
			go func() { stopped <- s.stop() }()
			for { // the answer must come after the end was asked for
				if conn, err := net.Dial("tcp", s.address); err != nil {
					break
				} else if err := conn.Close(); err != nil {
					t.Fatal(err)
				}
			}
			close(hold)
			answer := <-answered
			if answer == nil {
				return
			}
			_ = answer.Body.Close()
			if answer.Proto != map[string]string{"http/1.1": "HTTP/1.1", "h2": "HTTP/2.0"}[version] {
				t.Errorf("answered by %s", answer.Proto)
			}
			if version == "http/1.1" && !answer.Close {
				t.Error("the answer has no Connection: close")
			}
			if err := <-stopped; err != nil {
				t.Error(err)
			}
			if _, err := get(); err == nil {
				t.Error("it still answers")
			}
		})
	}
}

// TestCertificatesAreChosenAtEachHandshake: those that were put in place of others
// are in use without a restart, and a server without any says so.
func TestCertificatesAreChosenAtEachHandshake(t *testing.T) {
	ca := networktest.NewCA(t)
	var current []tls.Certificate
	config := https.PublicTLS(func() []tls.Certificate { return current })
	hello := &tls.ClientHelloInfo{
		SupportedVersions: []uint16{tls.VersionTLS13}, SignatureSchemes: []tls.SignatureScheme{tls.ECDSAWithP256AndSHA256},
		SupportedCurves: []tls.CurveID{tls.CurveP256},
	}
	if _, err := config.GetCertificate(hello); err == nil {
		t.Error("a server without certificates answers")
	}
	for range 2 {
		identity := ca.Identity(t, "as.example")
		certificate, err := tls.LoadX509KeyPair(identity.Certificate, identity.Key)
		if err != nil {
			t.Fatal(err)
		}
		current = []tls.Certificate{certificate}
		chosen, err := config.GetCertificate(hello)
		if err != nil || chosen.Leaf.SerialNumber.Cmp(certificate.Leaf.SerialNumber) != 0 {
			t.Errorf("%v, %v", chosen, err)
		}
	}
}

// TestListenOpensAllOrNone: what was opened before a fault is closed again.
func TestListenOpensAllOrNone(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	_ = free.Close()
	if _, err := https.Listen([]string{address, taken.Addr().String()}); err == nil {
		t.Fatal("an address was opened twice")
	}
	_ = taken.Close()
	again, err := https.Listen([]string{address, taken.Addr().String()})
	if err != nil || len(again) != 2 {
		t.Fatalf("%d listeners, %v", len(again), err)
	}
	for _, l := range again {
		_ = l.Close()
	}
}
