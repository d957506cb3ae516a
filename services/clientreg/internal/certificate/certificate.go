// Package certificate reads what a client presents in TLS: whether a trusted
// authority vouches for it, and for which names (RFC 8705 §2).
package certificate

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"slices"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/names"
	"github.com/strongroom-fapi/strongroom/fapi/trust"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/lru"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/revocation"
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
	stores   map[string]Store
	verified *lru.Cache[leafKey, verified]
}

// Store is whom an issuer trusts.
type Store struct {
	Authorities *x509.CertPool
	// Revocation is what becomes of a certificate whose authority cannot be heard.
	Revocation trust.Revocation
	// Checker hears them; nil where Revocation is off.
	Checker *revocation.Checker
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
	// path asks whether it was revoked; nil where nobody wants to know.
	path *revocation.Path
}

// New makes a reader. Stores are by issuer name; an issuer without one trusts
// nobody.
func New(stores map[string]Store) *Reader {
	return &Reader{stores, lru.New[leafKey, verified](maxCached, maxCachedBytes)}
}

// Read judges a chain in DER, leaf first, at a time of the caller's clock. Of a
// chain that was read before it asks only whether it was revoked, in memory; of a
// new one it may have to ask the authorities, until ctx ends.
func (r *Reader) Read(ctx context.Context, issuer string, chain [][]byte, now time.Time) Evidence {
	known := r.verify(issuer, chain, now)
	if known.path == nil {
		return known.evidence
	}
	if err := r.revoked(known.path.Status(ctx), r.stores[issuer].Revocation); err != nil {
		return Evidence{Leaf: known.evidence.Leaf, Untrusted: err}
	}
	return known.evidence
}

// Revocation is what is known of a chain that an issuer trusts, for an operator:
// off where nobody asks, "" where the chain is not trusted.
func (r *Reader) Revocation(ctx context.Context, issuer string, chain [][]byte, now time.Time) string {
	known := r.verify(issuer, chain, now)
	switch {
	case known.evidence.Untrusted != nil:
		return ""
	case known.path == nil:
		return string(trust.Off)
	}
	return known.path.Status(ctx).String()
}

// ErrUnsure is why a certificate is untrusted about which its authorities cannot be
// heard at the moment.
var ErrUnsure = errors.New("whether the certificate was revoked cannot be learnt")

// revoked is BAD-31: what a status means under an issuer's choice.
func (r *Reader) revoked(status revocation.Status, choice trust.Revocation) error {
	switch {
	case status == revocation.Revoked:
		return errors.New("certificate was revoked, or one of its authorities")
	case status == revocation.Good, choice == trust.FailOpen:
		return nil
	case status == revocation.Unnamed:
		return errors.New("certificate, or one of its authorities, names neither a revocation list nor an OCSP responder")
	}
	return ErrUnsure
}

// verify is all but revocation. Only what is trusted is remembered.
func (r *Reader) verify(issuer string, chain [][]byte, now time.Time) verified {
	if len(chain) == 0 {
		return verified{evidence: faulty(nil, "no certificate")}
	}
	key := leafKey{issuer, sha256.Sum256(chain[0])}
	if known, ok := r.verified.Get(key); ok && !now.Before(known.since) && now.Before(known.until) {
		return known
	}
	leaf, err := x509.ParseCertificate(chain[0])
	switch {
	case err != nil:
		return verified{evidence: faulty(chain[0], "certificate is malformed")}
	case weak(leaf.PublicKey):
		return verified{evidence: faulty(chain[0], "certificate has a weak key, or of an unknown kind")} // CRY-2
	case now.Before(leaf.NotBefore):
		return verified{evidence: faulty(chain[0], "certificate is not yet valid")}
	case now.After(leaf.NotAfter):
		return verified{evidence: faulty(chain[0], "certificate has expired")}
	}
	path, err := r.lead(issuer, leaf, chain[1:], now)
	if err != nil {
		return verified{evidence: Evidence{Leaf: chain[0], Untrusted: err}}
	}
	known := verified{
		evidence: Evidence{Leaf: chain[0], Names: names.Of(leaf)},
		since:    now, until: earlier(ends(path), now.Add(recheck)),
	}
	if checker := r.stores[issuer].Checker; checker != nil {
		known.path = checker.Path(path)
	}
	r.verified.Put(key, known, 2*len(chain[0]))
	return known
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
