package rig

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/metadata"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// publisher is where clients of this rig publish their keys: a host that the
// suite may fetch a jwks_uri from.
type publisher struct {
	listener  net.Listener
	mu        sync.Mutex
	documents map[string]*Document
}

// Document is what one client publishes.
type Document struct {
	// URL is its address, a jwks_uri.
	URL string

	mu     sync.Mutex
	answer http.HandlerFunc
	calls  int
}

// openPublisher listens; serve answers, when there are certificates.
func (s *Suite) openPublisher() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s.publisher = &publisher{listener: listener, documents: map[string]*Document{}}
	s.later(func() error {
		if err := listener.Close(); !errors.Is(err, net.ErrClosed) {
			return err
		}
		return nil
	})
	return nil
}

// host is its name and port.
func (p *publisher) host() string {
	_, port, _ := net.SplitHostPort(p.listener.Addr().String())
	return "localhost:" + port
}

func (s *Suite) publish() error {
	certificates, err := s.Layout.CA.Server(nil)
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler: s.publisher, ReadHeaderTimeout: 5 * time.Second, ErrorLog: log.New(io.Discard, "", 0),
		TLSConfig: &tls.Config{Certificates: certificates, MinVersion: tls.VersionTLS12},
	}
	go func() { _ = server.ServeTLS(s.publisher.listener, "", "") }()
	s.later(func() error { return server.Shutdown(context.Background()) })
	return nil
}

func (p *publisher) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	document, ok := p.documents[r.URL.Path]
	p.mu.Unlock()
	if !ok {
		http.NotFound(w, r)
		return
	}
	document.mu.Lock()
	document.calls++
	answer := document.answer
	document.mu.Unlock()
	answer(w, r)
}

// Document publishes a new one.
func (s *Suite) Document(answer http.HandlerFunc) *Document {
	path := "/" + oauth.NewID()
	d := &Document{URL: "https://" + s.publisher.host() + path, answer: answer}
	s.publisher.mu.Lock()
	defer s.publisher.mu.Unlock()
	s.publisher.documents[path] = d
	return d
}

// Set answers otherwise from now on.
func (d *Document) Set(answer http.HandlerFunc) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.answer = answer
}

// Calls is how often it was asked for.
func (d *Document) Calls() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.calls
}

// Keys answers a JWK set.
func Keys(set []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/jwk-set+json")
		_, _ = w.Write(set) // whoever asked may be gone
	}
}

// Publishing registers the address of the client's keys in place of the keys.
func Publishing(d *Document) Option {
	return Registered(func(m *metadata.Client) { m.JWKSURI = d.URL })
}

// WeakJWKS is a set of a good key and one of 1024 bits, as no library would write
// it.
func WeakJWKS(good, weak Key) []byte {
	key := weak.JWK()
	key["kid"], key["use"] = weak.ID, "sig"
	text := string(JWKS(good))
	return []byte(strings.Replace(text, `{"keys":[`, `{"keys":[`+string(must(json.Marshal(key)))+",", 1))
}
