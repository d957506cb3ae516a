// Package revocation tells whether the authorities of a certificate have revoked
// it, by what they publish: OCSP (RFC 6960) first, which is the newer word, then
// revocation lists (RFC 5280 §5). What they said is kept in memory and asked for
// anew, in the background, before it ends: a request waits only where an authority
// was never asked before.
//
// Only authorities that a trusted root vouches for are asked, by what certificates
// that they signed say: hand in verified chains alone.
package revocation

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"log/slog"
	"math/big"
	"strings"

	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/fetch"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/lru"
)

// Status is what is known of a certificate.
type Status int

// The statuses, the worst last.
const (
	// Good: its authority says that it is not revoked.
	Good Status = iota
	// Unnamed: the certificate does not say where that would be told.
	Unnamed
	// Unknown: it does, and no answer can be had that is signed, of this
	// certificate and in its time.
	Unknown
	// Revoked, or on hold.
	Revoked
)

// String is the status as an operator reads it.
func (s Status) String() string { return [...]string{"good", "unnamed", "unknown", "revoked"}[s] }

// Getter is the way out; *fetch.Client is one.
type Getter interface {
	Fetch(ctx context.Context, kind *fetch.Kind, address string, body []byte) (fetch.Document, error)
}

const (
	// maxSources is how many addresses of one kind are read from a certificate.
	maxSources = 3
	// maxIssuers is how many authorities' certificates are kept.
	maxIssuers = 1024
)

// Checker asks and remembers.
type Checker struct {
	said *memory
	// issuers are shared by the paths that lead through them.
	issuers *lru.Cache[[sha256.Size]byte, *x509.Certificate]
}

// New makes a checker that knows nothing yet.
func New(get Getter, clk clock.Clock, log *slog.Logger) *Checker {
	return &Checker{
		said:    newMemory(get, clk, log),
		issuers: lru.New[[sha256.Size]byte, *x509.Certificate](maxIssuers, maxIssuers),
	}
}

// Path is a verified chain, with what it takes to ask about each certificate in
// it but the root.
type Path struct {
	said  *memory
	links []link
}

// link is one certificate.
type link struct {
	serial  string
	sources []source
}

// source is one address where an authority tells of a certificate.
type source struct {
	// key is the same for certificates that one answer can speak of.
	key     string
	address string
	issuer  *x509.Certificate
	// serial is set for OCSP alone.
	serial *big.Int
	// points are all addresses of lists that the certificate names.
	points []string
	// authority tells that the certificate is one of an authority.
	authority bool
}

// Path prepares a chain, leaf first and root last.
func (c *Checker) Path(chain []*x509.Certificate) *Path {
	p := &Path{said: c.said}
	for i := range len(chain) - 1 {
		p.links = append(p.links, c.link(chain[i], c.shared(chain[i+1])))
	}
	return p
}

func (c *Checker) shared(certificate *x509.Certificate) *x509.Certificate {
	key := sha256.Sum256(certificate.Raw)
	if known, ok := c.issuers.Get(key); ok {
		return known
	}
	c.issuers.Put(key, certificate, 1)
	return certificate
}

func (c *Checker) link(certificate, issuer *x509.Certificate) link {
	l := link{serial: string(certificate.SerialNumber.Bytes())}
	of := sha256.Sum256(issuer.Raw)
	for _, address := range web(certificate.OCSPServer) {
		l.sources = append(l.sources, source{
			key:     "ocsp\x00" + string(of[:]) + l.serial + "\x00" + address,
			address: address, issuer: issuer, serial: certificate.SerialNumber,
		})
	}
	points := web(certificate.CRLDistributionPoints)
	kind := "user"
	if certificate.IsCA {
		kind = "authority"
	}
	for _, address := range points {
		l.sources = append(l.sources, source{
			key:     "crl\x00" + kind + string(of[:]) + address + "\x00" + strings.Join(points, "\x00"),
			address: address, issuer: issuer, points: points, authority: certificate.IsCA,
		})
	}
	return l
}

// web are the addresses that can be fetched from; others are of directories
// (LDAP).
func web(addresses []string) []string {
	var found []string
	for _, address := range addresses {
		if lower := strings.ToLower(address); strings.HasPrefix(lower, "http://") || strings.HasPrefix(lower, "https://") {
			found = append(found, address)
		}
	}
	return found[:min(len(found), maxSources)]
}

// Status is that of the certificate of the path that stands worst.
func (p *Path) Status(ctx context.Context) Status {
	worst := Good
	for _, l := range p.links {
		worst = max(worst, p.status(ctx, l))
	}
	return worst
}

// status is by the first source that has an answer.
func (p *Path) status(ctx context.Context, l link) Status {
	if len(l.sources) == 0 {
		return Unnamed
	}
	for i := range l.sources {
		said := p.said.of(ctx, &l.sources[i])
		if said == nil {
			continue
		}
		if _, ok := said.revoked[l.serial]; ok {
			return Revoked
		}
		return Good
	}
	return Unknown
}
