package clientcert

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/pemfile"
)

// identity is by which certificate a proxy is known.
type identity struct {
	roots    *x509.CertPool
	dnsNames []string
	uris     []string
	clock    clock.Clock

	// verified are leaves that were found good, and until when: a proxy keeps its
	// connections, and each carries many requests.
	mu       sync.Mutex
	verified map[[sha256.Size]byte]time.Time
}

const (
	// recheck is how long a proxy's verified certificate is relied on.
	recheck = 5 * time.Minute
	// maxVerified bounds what is remembered; only good ones are.
	maxVerified = 256
)

func openIdentity(c *PeerCertificate, clk clock.Clock) (*identity, error) {
	if c == nil {
		return nil, nil
	}
	roots, err := pemfile.ReadPool(c.CA)
	if err != nil {
		return nil, fmt.Errorf("certificate.ca: %w", err)
	}
	return &identity{roots: roots, dnsNames: c.DNSNames, uris: c.URIs, clock: clk, verified: map[[sha256.Size]byte]time.Time{}}, nil
}

var (
	errNoPeerCertificate = errors.New("the connection has no certificate, and the proxy's is demanded")
	errPeerName          = errors.New("the connection's certificate bears none of the proxy's names")
	errPeerUntrusted     = errors.New("the connection's certificate is not by the proxy's authority, or not good for it now")
)

// verify tells why a connection is not the proxy's. The listener itself verifies
// no certificate, for it does not know whose it is.
func (i *identity) verify(state *tls.ConnectionState) error {
	if state == nil || len(state.PeerCertificates) == 0 {
		return errNoPeerCertificate
	}
	leaf, now := state.PeerCertificates[0], i.clock.Now()
	if !i.names(leaf) {
		return errPeerName
	}
	key := sha256.Sum256(leaf.Raw)
	if i.known(key, now) {
		return nil
	}
	others := x509.NewCertPool()
	for _, certificate := range state.PeerCertificates[1:] {
		others.AddCert(certificate)
	}
	_, err := leaf.Verify(x509.VerifyOptions{
		Roots: i.roots, Intermediates: others, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	if err != nil {
		return errPeerUntrusted
	}
	i.remember(key, now, leaf.NotAfter)
	return nil
}

func (i *identity) names(leaf *x509.Certificate) bool {
	for _, name := range leaf.DNSNames {
		if slices.Contains(i.dnsNames, name) {
			return true
		}
	}
	for _, uri := range leaf.URIs {
		if slices.Contains(i.uris, uri.String()) {
			return true
		}
	}
	return false
}

func (i *identity) known(key [sha256.Size]byte, now time.Time) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return now.Before(i.verified[key])
}

func (i *identity) remember(key [sha256.Size]byte, now, ends time.Time) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.verified) >= maxVerified {
		clear(i.verified)
	}
	until := now.Add(recheck)
	if ends.Before(until) {
		until = ends
	}
	i.verified[key] = until
}
