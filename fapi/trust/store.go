// Package trust is the configuration of whose client certificates are trusted: by
// an issuer, or by a trust framework whose participants have authorities of their
// own.
package trust

import (
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

	// folder is that of the issuer's file; "" where there is none.
	folder string
}

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

// Validate tells what is wrong.
func (s Store) Validate() error {
	if _, err := names.PolicyByName(s.DNPolicy); err != nil {
		return fmt.Errorf("dn_policy: %w", err)
	}
	return nil
}
