package clientreg

import (
	"crypto/x509"
	"fmt"
	"maps"
	"os"
	"slices"

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
	for _, i := range set.All() {
		for name, configured := range i.TrustStores() {
			file := configured.AuthoritiesFile()
			if file == "" {
				continue
			}
			pool, err := pemfile.ReadPool(file)
			if err != nil {
				return nil, fmt.Errorf("issuer %q: client_certificates.authorities: %w", name, err)
			}
			store := certificate.Store{Authorities: pool, Revocation: configured.Revocation}
			if store.Revocation != trust.Off {
				store.Checker = checker
			}
			stores[name] = store
		}
	}
	return stores, nil
}

// trustStoreNames are those that a client's certificate may be judged by, by
// issuer.
func trustStoreNames(set *issuer.Set) map[string][]string {
	names := map[string][]string{}
	for _, i := range set.All() {
		names[i.Name] = slices.Sorted(maps.Keys(i.TrustStores()))
	}
	return names
}

// whose tells how certificates of an issuer's clients are judged and written, by
// the framework that they came through.
func whose(set *issuer.Set) directory.Whose {
	return func(name, framework string) (string, names.Policy) {
		known, ok := set.ByName(name)
		if !ok {
			return name, names.Policy{}
		}
		store, configured := known.TrustStore(framework)
		return store, configured.Subjects()
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
