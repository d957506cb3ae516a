package binding

import (
	"net/url"
	"path"
	"strings"
)

// sameURL compares an htu with a configured URL: scheme and host without case,
// without the default port, dot segments and percent-encodings normalised, query
// and fragment left out (RFC 9449 §4.3, RFC 3986 §6.2.2 and §6.2.3).
func sameURL(htu, configured string) bool {
	normal, ok := normalURL(htu)
	if !ok {
		return false
	}
	want, ok := normalURL(configured)
	return ok && normal == want
}

func normalURL(text string) (string, bool) {
	if len(text) > 2048 {
		return "", false
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || u.Opaque != "" {
		return "", false
	}
	scheme, host := strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	if scheme == "https" {
		host = strings.TrimSuffix(host, ":443")
	}
	// u.Path is decoded; an encoded slash in it would become a real one, so
	// such a URL is no URL of ours.
	if strings.Contains(strings.ToLower(u.RawPath), "%2f") {
		return "", false
	}
	clean := path.Clean("/" + u.Path)
	if strings.HasSuffix(u.Path, "/") && clean != "/" {
		clean += "/"
	}
	return scheme + "://" + host + clean, true
}
