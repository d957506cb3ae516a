package clientreg

import (
	"crypto/x509"
	"fmt"
	"os"

	"github.com/strongroom-fapi/strongroom/fapi/framework"
	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/names"
	"github.com/strongroom-fapi/strongroom/fapi/trust"
	"github.com/strongroom-fapi/strongroom/platform/pemfile"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/certificate"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/directory"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/revocation"
)

// trustStores reads whose client certificates each issuer trusts, and each of its
// frameworks that has authorities of its own.
func trustStores(set *issuer.Set, checker *revocation.Checker) (map[string]certificate.Store, error) {
	stores := map[string]certificate.Store{}
	read := func(of string, configured trust.Store) error {
		file := configured.AuthoritiesFile()
		if file == "" {
			return nil
		}
		pool, err := pemfile.ReadPool(file)
		if err != nil {
			return fmt.Errorf("issuer %q: client_certificates.authorities: %w", of, err)
		}
		store := certificate.Store{Authorities: pool, Revocation: configured.Revocation}
		if store.Revocation != trust.Off {
			store.Checker = checker
		}
		stores[of] = store
		return nil
	}
	for _, i := range set.All() {
		if err := read(i.Name, i.ClientCertificates); err != nil {
			return nil, err
		}
		for n := range i.TrustFrameworks {
			f := &i.TrustFrameworks[n]
			if err := read(trustStore(i, f), f.ClientCertificates); err != nil {
				return nil, err
			}
		}
	}
	return stores, nil
}

// trustStore is whose authorities judge certificates of a framework's
// participants: its own, where it has some. No issuer's name has a slash.
func trustStore(i *issuer.Issuer, f *framework.Framework) string {
	if f == nil || f.ClientCertificates.Authorities == "" {
		return i.Name
	}
	return i.Name + "/" + f.Name
}

// subjects tells how clients of each issuer write the subjects of their
// certificates.
func subjects(set *issuer.Set) directory.Subjects {
	return func(name string) names.Policy {
		if known, ok := set.ByName(name); ok {
			return known.ClientCertificates.Subjects()
		}
		return names.Policy{}
	}
}

// roots are the operating system's authorities and those of the file. Nil, where
// there is no file, stands for the operating system's alone.
func (f Fetch) roots() (*x509.CertPool, error) {
	if f.Roots == "" {
		return nil, nil
	}
	text, err := os.ReadFile(f.Roots)
	if err != nil {
		return nil, fmt.Errorf("fetch.roots: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool() // a machine without any, as a container from scratch
	}
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("fetch.roots: %s holds no PEM certificate", f.Roots)
	}
	return pool, nil
}
