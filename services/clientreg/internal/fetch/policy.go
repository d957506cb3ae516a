package fetch

import (
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// maxURL bounds an address, in bytes.
const maxURL = 2048

// nameSyntax is a host name of at least two labels whose last one is none of a
// number: "127.1", "0x7f.1" and "2130706433" are addresses to some resolvers.
// Names beyond ASCII come in their encoded form, xn--.
var nameSyntax = regexp.MustCompile(`^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]$`)

// inner are names that stay within a machine or a network (RFC 6761, RFC 6762,
// RFC 8375, ICANN's .internal).
var inner = []string{".localhost", ".local", ".internal", ".home.arpa", ".localdomain"}

// Check judges an address without asking the network: what is refused here can
// never be fetched. The error wraps ErrPolicy.
func (c *Client) Check(address string) error { return c.check(JSON, address) }

func (c *Client) check(kind *Kind, address string) error {
	if len(address) > maxURL || strings.ContainsFunc(address, func(r rune) bool { return r <= 0x20 || r > 0x7e || r == '\\' }) {
		return because(ErrPolicy, "a URL has at most 2048 characters of printable ASCII")
	}
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Opaque != "" || u.Hostname() == "" || strings.HasSuffix(u.Host, ":"):
		return because(ErrPolicy, "not an absolute URL with a host")
	case u.Scheme != "https" && (u.Scheme != "http" || !kind.plain):
		return because(ErrPolicy, "the scheme is not https")
	case u.User != nil:
		return because(ErrPolicy, "it has userinfo")
	case strings.Contains(address, "#"):
		return because(ErrPolicy, "it has a fragment")
	case c.allowed[hostPort(u)] != "":
		return nil
	case port(u) != usualPort(u):
		return because(ErrPolicy, "the port is not the usual one")
	}
	return publicName(strings.ToLower(u.Hostname()))
}

func publicName(host string) error {
	if len(host) > 253 || !nameSyntax.MatchString(host) {
		return because(ErrPolicy, "the host is not a name on the internet") // nor is an IP address
	}
	for _, suffix := range inner {
		if strings.HasSuffix(host, suffix) {
			return because(ErrPolicy, "the host is of an inner network")
		}
	}
	return nil
}

func port(u *url.URL) string {
	if u.Port() == "" {
		return usualPort(u)
	}
	return u.Port()
}

func usualPort(u *url.URL) string {
	if u.Scheme == "http" {
		return "80"
	}
	return "443"
}

// hostPort is the host in lower case and the port, as in Options.Allow.
func hostPort(u *url.URL) string { return strings.ToLower(net.JoinHostPort(u.Hostname(), port(u))) }

// inside are the addresses that are not on the internet, or lead back from it:
// the IANA special-purpose registries of both versions, and what clouds serve
// their machines' metadata at. Of version 6 only 2000::/3 is given out at all.
var inside = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
	"192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
	"192.31.196.0/24", "192.52.193.0/24", "192.175.48.0/24", // AS112 and AMT: whoever is nearest answers
	"224.0.0.0/4", "240.0.0.0/4", // multicast, reserved, broadcast
	"168.63.129.16/32",                                                          // Azure's wire server; the others' are link-local or ULA
	"2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20", // Teredo and other protocols, documentation, 6to4, AS112
)

var globalUnicast = netip.MustParsePrefix("2000::/3")

func prefixes(texts ...string) []netip.Prefix {
	parsed := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		parsed[i] = netip.MustParsePrefix(text)
	}
	return parsed
}

// onInternet judges one address. An IPv4 address within an IPv6 one, mapped or
// by NAT64, is refused: no honest name resolves to it.
func onInternet(address netip.Addr) bool {
	if !address.IsValid() || address.Zone() != "" || address.Is6() && !globalUnicast.Contains(address) {
		return false
	}
	for _, prefix := range inside {
		if prefix.Contains(address) {
			return false
		}
	}
	return true
}

func allOnInternet(addresses []netip.Addr) bool {
	return !slices.ContainsFunc(addresses, func(a netip.Addr) bool { return !onInternet(a) })
}
