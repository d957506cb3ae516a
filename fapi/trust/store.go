// Package trust is the configuration of whose client certificates are trusted: by
// an issuer, or by a trust framework whose participants have authorities of their
// own.
package trust

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/strongroom-fapi/strongroom/fapi/names"
)

// Store is whose client certificates are trusted, and how they are read.
type Store struct {
	// Authorities is a PEM file of the certificates of those who sign clients'; a
	// relative path begins at the folder of the issuer's file. Default none.
	Authorities string `yaml:"authorities"`
	// DNPolicy is how clients write tls_client_auth_subject_dn: rfc4514, the last
	// RDN of the certificate first; either-order, that or the order of the
	// certificate; openfinance-brazil, with the names of RFC 4514 alone and any
	// other attribute as an OID with its DER in hexadecimal. Default rfc4514.
	DNPolicy string `yaml:"dn_policy"`
	// Revocation says what becomes of a certificate about which its authorities
	// cannot be heard (CRL, OCSP): fail_closed refuses it, fail_open lets it in; off
	// never asks. A certificate that is revoked is refused by the first two. Under
	// fail_closed it must name a list or a responder. Default fail_closed.
	Revocation Revocation `yaml:"revocation"`

	// folder is that of the issuer's file; "" where there is none.
	folder string
}

// Revocation is how much is asked about revoked certificates.
type Revocation string

// The choices.
const (
	Off        Revocation = "off"
	FailOpen   Revocation = "fail_open"
	FailClosed Revocation = "fail_closed"
)

// AuthoritiesFile is where Authorities stands; "" where there is none.
func (s Store) AuthoritiesFile() string {
	if s.Authorities == "" || filepath.IsAbs(s.Authorities) {
		return s.Authorities
	}
	return filepath.Join(s.folder, s.Authorities)
}

// In lets a relative path begin at a folder.
func (s Store) In(folder string) Store {
	s.folder = folder
	return s
}

// Subjects is how clients write the subjects of their certificates.
func (s Store) Subjects() names.Policy {
	policy, _ := names.PolicyByName(s.DNPolicy) // validated
	return policy
}

// SetDefaults fills in what was left out.
func (s *Store) SetDefaults() {
	if s.Authorities != "" && s.Revocation == "" {
		s.Revocation = FailClosed
	}
}

// Validate tells every fault.
func (s Store) Validate() error {
	var faults []error
	if _, err := names.PolicyByName(s.DNPolicy); err != nil {
		faults = append(faults, fmt.Errorf("dn_policy: %w", err))
	}
	switch s.Revocation {
	case "", Off, FailOpen, FailClosed:
	default:
		faults = append(faults, fmt.Errorf("revocation must be off, fail_open or fail_closed, not %q", s.Revocation))
	}
	return errors.Join(faults...)
}
