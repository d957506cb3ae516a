package issuer

import (
	"net"
	"net/url"
	"slices"
	"strings"
)

// PermitsHost tells whether clients may publish documents at an address, by
// ClientHosts.
func (i *Issuer) PermitsHost(address string) bool {
	if len(i.ClientHosts) == 0 {
		return true
	}
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(i.ClientHosts, func(host string) bool {
		return strings.EqualFold(withPort(host), withPort(u.Host))
	})
}

// withPort writes out the port of https where there is none.
func withPort(host string) string {
	if _, _, err := net.SplitHostPort(host); err == nil {
		return host
	}
	return net.JoinHostPort(strings.Trim(host, "[]"), "443")
}
