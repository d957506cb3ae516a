package oauth

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// maxRedirectURI bounds a redirect URI, in bytes.
const maxRedirectURI = 2048

// hostSyntax is host and port after percent-decoding. What else could be encoded
// there, browsers read as dots (BAD-79) or as a zone of the reader's own machine.
var hostSyntax = regexp.MustCompile(`^[A-Za-z0-9.:\[\]_-]+$`)

// ValidRedirectURI tells whether a URI may be registered: absolute https with a
// host, without fragment, userinfo or wildcard, and written so that no parser
// can read another host out of it (BAD-77 to BAD-80, THR-9). Native
// applications may also use http on a loopback address, never the name
// localhost (RFC 8252 §7.3, §8.3).
func ValidRedirectURI(uri string, native bool) bool {
	if uri == "" || len(uri) > maxRedirectURI || !plainASCII(uri) || strings.ContainsAny(uri, `\*#`) {
		return false
	}
	u, err := url.Parse(uri)
	if err != nil || u.Opaque != "" || u.User != nil || u.Hostname() == "" || !hostSyntax.MatchString(u.Host) || dotSegments(u.EscapedPath()) {
		return false
	}
	switch u.Scheme {
	case "https":
		return true
	case "http":
		return native && loopback(u.Hostname())
	}
	return false
}

// dotSegments tells whether a path has "." or ".." segments, also percent-encoded.
func dotSegments(path string) bool {
	path = strings.NewReplacer("%2e", ".", "%2E", ".", "%2f", "/", "%2F", "/", "%5c", "/", "%5C", "/").Replace(path)
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "." || segment == ".." {
			return true
		}
	}
	return false
}

func plainASCII(s string) bool {
	for i := range len(s) {
		if s[i] <= 0x20 || s[i] > 0x7e {
			return false
		}
	}
	return true
}

func loopback(host string) bool { return host == "127.0.0.1" || host == "::1" }

// MatchRedirectURI tells whether uri is one of the registered ones: by exact
// comparison of strings (BCP-1: RFC 9700 §4.1.3), but for the port of a
// loopback address (RFC 8252 §7.3).
func MatchRedirectURI(uri string, registered []string) bool {
	if slices.Contains(registered, uri) {
		return true
	}
	plain, ok := withoutLoopbackPort(uri)
	if !ok {
		return false
	}
	return slices.ContainsFunc(registered, func(candidate string) bool {
		other, ok := withoutLoopbackPort(candidate)
		return ok && other == plain
	})
}

// withoutLoopbackPort is an http loopback URI without scheme and port, all else
// as it was written.
func withoutLoopbackPort(uri string) (string, bool) {
	if !ValidRedirectURI(uri, true) || !strings.HasPrefix(uri, "http://") {
		return "", false
	}
	u, _ := url.Parse(uri)
	behind := strings.TrimPrefix(uri, "http://"+u.Host)
	return u.Hostname() + behind, true
}

// AddToRedirect puts response parameters behind a redirect URI and keeps the
// URI's own query (AZ-3, RFC 6749 §3.1.2).
func AddToRedirect(redirectURI string, params url.Values) string {
	separator := "?"
	if strings.Contains(redirectURI, "?") {
		separator = "&"
	}
	if strings.HasSuffix(redirectURI, "?") || strings.HasSuffix(redirectURI, "&") {
		separator = ""
	}
	return redirectURI + separator + params.Encode()
}
