package clientcert

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"

	"golang.org/x/net/http/httpguts"
)

// Proxy is one kind of proxy in front of the listener for mutual TLS: which form
// it writes certificates in, and how it is known.
type Proxy struct {
	// Form is how it writes a client's certificate: rfc9440, envoy, nginx,
	// haproxy, traefik or aws-alb. Each is described in docs/proxies.md.
	Form string `yaml:"form"`
	// Peers are the addresses that it connects from: an address, or a range such
	// as 10.0.3.0/24.
	Peers []string `yaml:"peers"`
	// Certificate is what the proxy itself must bring in TLS, besides its address.
	// Default: the address is enough, so nothing else may be able to connect from
	// there.
	Certificate *PeerCertificate `yaml:"certificate,omitempty"`
	// Header is where the certificate stands. Default: what the form itself says,
	// or for nginx and haproxy X-SSL-Client-Cert.
	Header string `yaml:"header,omitempty"`
	// ChainHeader is where the certificates behind it stand, for rfc9440 and
	// haproxy. Default: Client-Cert-Chain, or for haproxy none.
	ChainHeader string `yaml:"chain_header,omitempty"`
	// Hops is for envoy: how many of them a request passes, each of which adds an
	// element. The first one's counts. Default 1.
	Hops int `yaml:"hops,omitempty"`
}

// PeerCertificate is by which certificate a proxy is known in TLS.
type PeerCertificate struct {
	// CA is the PEM certificates of those who sign it.
	CA string `yaml:"ca"`
	// DNSNames: the certificate bears one of these alternative names, or one of
	// uris, exactly. Default none.
	DNSNames []string `yaml:"dns_names,omitempty"`
	// URIs: the same for names that are URIs, such as SPIFFE IDs. Default none.
	URIs []string `yaml:"uris,omitempty"`
}

// Validate tells every fault.
func (p Proxy) Validate() error {
	var faults []error
	f, ok := forms[p.Form]
	if !ok {
		faults = append(faults, fmt.Errorf("form must be one of %v, not %q", Forms(), p.Form))
	}
	if len(p.Peers) == 0 {
		faults = append(faults, errors.New("peers is required: the addresses that the proxy connects from"))
	}
	for _, text := range p.Peers {
		if _, err := peers(text); err != nil {
			faults = append(faults, err)
		}
	}
	for member, name := range map[string]string{"header": p.Header, "chain_header": p.ChainHeader} {
		if name != "" && !httpguts.ValidHeaderFieldName(name) {
			faults = append(faults, fmt.Errorf("%s is no name of a header: %q", member, name))
		}
	}
	if ok && p.ChainHeader != "" && !f.chained {
		faults = append(faults, fmt.Errorf("chain_header means nothing for %s", p.Form))
	}
	if p.Hops < 0 || p.Hops > maxHops || (p.Hops > 0 && p.Form != formEnvoy) {
		faults = append(faults, fmt.Errorf("hops is for envoy, 1 to %d", maxHops))
	}
	return errors.Join(append(faults, p.Certificate.validate())...)
}

func (c *PeerCertificate) validate() error {
	switch {
	case c == nil:
		return nil
	case c.CA == "":
		return errors.New("certificate.ca is required: who signs the proxy's certificate")
	case len(c.DNSNames)+len(c.URIs) == 0:
		return errors.New("certificate needs dns_names or uris: an authority signs for others too")
	}
	return nil
}

// peers reads an address or a range. One that holds every address would let
// anybody speak for any client.
func peers(text string) (netip.Prefix, error) {
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		var address netip.Addr
		if address, err = netip.ParseAddr(text); err == nil {
			address = address.Unmap()
			prefix = netip.PrefixFrom(address, address.BitLen())
		}
	}
	switch {
	case err != nil:
		return netip.Prefix{}, fmt.Errorf("peers must be addresses or ranges such as 10.0.3.0/24, not %q", text)
	case prefix.Bits() == 0:
		return netip.Prefix{}, fmt.Errorf("peers must not be everybody: %q", text)
	case prefix.Addr().Is4In6() || prefix.Addr().Zone() != "":
		return netip.Prefix{}, fmt.Errorf("peers are IPv4 or IPv6 ranges without zone, not %q", text)
	}
	return prefix.Masked(), nil
}

// headerNames are the canonical names of a proxy's headers; chain is empty where
// it has none.
func (p Proxy) headerNames(f form) (certificate, chain string) {
	certificate, chain = f.header, f.chainHeader
	if p.Header != "" {
		certificate = p.Header
	}
	if p.ChainHeader != "" {
		chain = p.ChainHeader
	}
	return http.CanonicalHeaderKey(certificate), http.CanonicalHeaderKey(chain)
}
