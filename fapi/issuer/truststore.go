package issuer

import "github.com/strongroom-fapi/strongroom/fapi/trust"

// TrustStore is whose certificates clients have that came through a trust
// framework, or through none, "": the framework's own authorities, where it has
// some, else those of the issuer. The name tells stores of a suite apart. A
// framework that is configured no longer trusts nobody: its clients are not taken
// for another ecosystem's (BAD-30).
func (i *Issuer) TrustStore(framework string) (name string, store trust.Store) {
	if framework == "" {
		return i.Name, i.ClientCertificates
	}
	f, ok := i.Framework(framework)
	switch {
	case !ok:
		return i.Name + "/" + framework, trust.Store{}
	case f.ClientCertificates.Authorities == "":
		return i.Name, i.ClientCertificates
	}
	return i.Name + "/" + framework, f.ClientCertificates
}

// TrustStores are all stores that certificates of the issuer's clients may be
// judged by, by name.
func (i *Issuer) TrustStores() map[string]trust.Store {
	stores := map[string]trust.Store{i.Name: i.ClientCertificates}
	for n := range i.TrustFrameworks {
		name, store := i.TrustStore(i.TrustFrameworks[n].Name)
		stores[name] = store
	}
	return stores
}
