package clientreg

import (
	"errors"
	"fmt"
	"os"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/jose"
)

// frameworkKeys reads the key sets that stand in files, by path.
func frameworkKeys(set *issuer.Set) (map[string]*jose.KeySet, error) {
	sets := map[string]*jose.KeySet{}
	for _, i := range set.All() {
		for n := range i.TrustFrameworks {
			file := i.TrustFrameworks[n].KeysFile()
			if file == "" {
				continue
			}
			text, err := os.ReadFile(file)
			if err == nil {
				sets[file], err = jose.ParseKeySet(text)
			}
			if err != nil {
				return nil, fmt.Errorf("issuer %q: trust_frameworks[%d].jwks_file: %s: %w", i.Name, n, file, err)
			}
		}
	}
	return sets, nil
}

// reachable tells at the start what could never be fetched later.
func reachable(set *issuer.Set, check func(address string) error) error {
	var faults []error
	for _, i := range set.All() {
		for n := range i.TrustFrameworks {
			f := &i.TrustFrameworks[n]
			addresses := map[string]string{"jwks_uri": f.JWKSURI}
			if f.Participants != nil {
				addresses["participants.uri"] = f.Participants.URI
			}
			for member, address := range addresses {
				if address == "" {
					continue
				}
				if err := check(address); err != nil {
					faults = append(faults, fmt.Errorf("issuer %q: trust_frameworks[%d].%s: %q is never fetched unless fetch.allow of clientreg lists its host:port: %w", i.Name, n, member, address, err))
				}
			}
		}
	}
	return errors.Join(faults...)
}
