package operators

import (
	"encoding/base64"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// A page token says behind which client the next page begins, and for which list.
// It opens nothing that the list itself does not, so that it needs no signature; it
// is read as strictly as anything from outside.

// maxToken bounds a page token, in bytes.
const maxToken = 512

var errPage = status.Error(codes.InvalidArgument, "page_token is none that this list gave: keep the filter, or begin anew without it")

// PageToken begins behind a client. List is what chooses the clients.
func PageToken(after string, list ...string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(digest(list) + "/" + after))
}

// After is what [PageToken] was made of; "" for the first page.
func After(token string, list ...string) (string, error) {
	if token == "" {
		return "", nil
	}
	if len(token) > maxToken {
		return "", errPage
	}
	text, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil {
		return "", errPage
	}
	of, after, ok := strings.Cut(string(text), "/")
	if !ok || of != digest(list) || after == "" || strings.ContainsFunc(after, func(c rune) bool { return c < 0x20 || c > 0x7e }) {
		return "", errPage
	}
	return after, nil
}

func digest(list []string) string { return oauth.Hash(strings.Join(list, "\x00"))[:16] }
