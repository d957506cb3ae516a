// Package certificate reads what a client presents in TLS: whether a trusted
// authority vouches for it, and for which names (RFC 8705 §2).
package certificate

import (
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"slices"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/names"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/lru"
)

const (
	// maxIntermediates bounds what is read of a chain behind its leaf.
	maxIntermediates = 8
	// maxCached and maxCachedBytes bound the chains remembered as verified. Only
	// good ones are, so that nobody drives them out with certificates of their own.
	maxCached      = 32768
	maxCachedBytes = 64 << 20
	// recheck is how long a verified chain is relied on.
	recheck = 5 * time.Minute
)

// Evidence is what a presented chain shows at one moment.
type Evidence struct {
	// Leaf is the client's own certificate, DER.
	Leaf []byte
	// Fault tells why the leaf is no good whoever made it: unreadable, weak,
	// expired or not yet valid. Nil for none.
	Fault error
	// Untrusted tells why no trusted authority vouches for it. Nil where one does.
	Untrusted error
	// Names that a trusted authority vouches for. None where Untrusted.
	Names []names.Name
}

// Has tells whether a trusted authority vouches for a name.
func (e Evidence) Has(name names.Name) bool { return slices.Contains(e.Names, name) }

// Reader reads chains and remembers the verified ones: a client's connection
// brings the same chain with each request.
type Reader struct {
	authorities map[string]*x509.CertPool
	verified    *lru.Cache[leafKey, verified]
}

// leafKey begins with the issuer: each trusts authorities of its own (BAD-30).
type leafKey struct {
	issuer string
	leaf   [sha256.Size]byte
}

// verified is good evidence and the time that it was seen in.
type verified struct {
	evidence     Evidence
	since, until time.Time
}

// New makes a reader. Authorities are by issuer name; an issuer without any
// trusts nobody.
func New(authorities map[string]*x509.CertPool) *Reader {
	return &Reader{authorities, lru.New[leafKey, verified](maxCached, maxCachedBytes)}
}

// Read judges a chain in DER, leaf first, at a time of the caller's clock.
func (r *Reader) Read(issuer string, chain [][]byte, now time.Time) Evidence {
	if len(chain) == 0 {
		return faulty(nil, "no certificate")
	}
	key := leafKey{issuer, sha256.Sum256(chain[0])}
	if known, ok := r.verified.Get(key); ok && !now.Before(known.since) && now.Before(known.until) {
		return known.evidence
	}
	leaf, err := x509.ParseCertificate(chain[0])
	switch {
	case err != nil:
		return faulty(chain[0], "certificate is malformed")
	case weak(leaf.PublicKey):
		return faulty(chain[0], "certificate has a weak key, or of an unknown kind") // CRY-2
	case now.Before(leaf.NotBefore):
		return faulty(chain[0], "certificate is not yet valid")
	case now.After(leaf.NotAfter):
		return faulty(chain[0], "certificate has expired")
	}
	ends, err := r.verify(issuer, leaf, chain[1:], now)
	if err != nil {
		return Evidence{Leaf: chain[0], Untrusted: err}
	}
	known := verified{Evidence{Leaf: chain[0], Names: names.Of(leaf)}, now, earlier(ends, now.Add(recheck))}
	r.verified.Put(key, known, 2*len(chain[0]))
	return known.evidence
}

func faulty(leaf []byte, why string) Evidence {
	fault := errors.New(why)
	return Evidence{Leaf: leaf, Fault: fault, Untrusted: fault}
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
