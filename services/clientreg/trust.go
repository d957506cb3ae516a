package clientreg

import (
	"crypto/x509"
	"fmt"
	"os"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/names"
	"github.com/strongroom-fapi/strongroom/platform/network"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/directory"
)

// clientAuthorities reads whose client certificates each issuer trusts.
func clientAuthorities(set *issuer.Set) (map[string]*x509.CertPool, error) {
	authorities := map[string]*x509.CertPool{}
	for _, i := range set.All() {
		file := i.ClientCertificates.AuthoritiesFile()
		if file == "" {
			continue
		}
		pool, err := network.ReadPool(file)
		if err != nil {
			return nil, fmt.Errorf("issuer %q: client_certificates.authorities: %w", i.Name, err)
		}
		authorities[i.Name] = pool
	}
	return authorities, nil
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
