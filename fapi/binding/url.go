package binding

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// maxURL bounds an htu, in bytes.
const maxURL = 2048

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
	if len(text) > maxURL {
		return "", false
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme == "" || u.Hostname() == "" || u.User != nil || u.Opaque != "" {
		return "", false
	}
	scheme, host := strings.ToLower(u.Scheme), strings.ToLower(u.Hostname())
	if strings.Contains(host, ":") { // IPv6
		host = "[" + host + "]"
	}
	if port := u.Port(); port != "" && (scheme != "https" || port != "443") {
		host += ":" + port
	}
	return scheme + "://" + host + withoutDots(normalEscapes(u.EscapedPath())), true
}

var escape = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)

// unreserved is RFC 3986 §2.3: these mean the same escaped or not. Any other
// escape stays one, so that %2F never becomes a slash.
var unreserved = regexp.MustCompile(`^[A-Za-z0-9._~-]$`)

func normalEscapes(path string) string {
	return escape.ReplaceAllStringFunc(path, func(escaped string) string {
		octet, _ := strconv.ParseUint(escaped[1:], 16, 8) // two hex digits
		if plain := string(rune(octet)); unreserved.MatchString(plain) {
			return plain
		}
		return strings.ToUpper(escaped)
	})
}

// withoutDots removes the segments "." and ".." (RFC 3986 §5.2.4); an empty path
// is "/".
func withoutDots(path string) string {
	segments := strings.Split(strings.TrimPrefix(path, "/"), "/")
	var kept []string
	for n, segment := range segments {
		if segment != "." && segment != ".." {
			kept = append(kept, segment)
			continue
		}
		if segment == ".." && len(kept) > 0 {
			kept = kept[:len(kept)-1]
		}
		if n == len(segments)-1 { // "/a/." is the folder "/a/"
			kept = append(kept, "")
		}
	}
	return "/" + strings.Join(kept, "/")
}
