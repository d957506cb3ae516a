package clientreg

import (
	"crypto/x509"
	"fmt"
	"os"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/names"
	"github.com/strongroom-fapi/strongroom/fapi/trust"
	"github.com/strongroom-fapi/strongroom/platform/pemfile"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/certificate"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/directory"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/revocation"
)

// trustStores reads whose client certificates each issuer trusts.
func trustStores(set *issuer.Set, checker *revocation.Checker) (map[string]certificate.Store, error) {
	stores := map[string]certificate.Store{}
	for _, i := range set.All() {
		file := i.ClientCertificates.AuthoritiesFile()
		if file == "" {
			continue
		}
		pool, err := pemfile.ReadPool(file)
		if err != nil {
			return nil, fmt.Errorf("issuer %q: client_certificates.authorities: %w", i.Name, err)
		}
		store := certificate.Store{Authorities: pool, Revocation: i.ClientCertificates.Revocation}
		if store.Revocation != trust.Off {
			store.Checker = checker
		}
		stores[i.Name] = store
	}
	return stores, nil
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
