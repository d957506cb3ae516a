package registration

import (
	"fmt"
	"net/url"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// Bounds on what a registration holds. Real ones stay far below; without them
// anyone who may register fills the store (THR-11).
const (
	maxRedirectURIs = 100
	maxValues       = 20   // of any other list
	maxValue        = 256  // bytes of any short text
	maxScope        = 2048 // bytes, as in a request
	maxURI          = 2048 // bytes
)

// withinBounds counts; redirect URIs and key sets bound their own length.
func withinBounds(r *registration) error {
	m := &r.metadata
	if len(m.RedirectURIs) > maxRedirectURIs {
		return oauth.New(oauth.CodeInvalidRedirectURI, fmt.Sprintf("redirect_uris holds more than %d", maxRedirectURIs)).By("DCR-2")
	}
	for member, values := range map[string][]string{
		"grant_types": m.GrantTypes, "response_types": m.ResponseTypes, "contacts": m.Contacts,
	} {
		if len(values) > maxValues {
			return invalid(fmt.Sprintf("%s holds more than %d", member, maxValues))
		}
		for _, value := range values {
			if value == "" || len(value) > maxValue {
				return invalid(fmt.Sprintf("%s holds a value that is empty or longer than %d bytes", member, maxValue))
			}
		}
	}
	for member, text := range map[string]struct {
		value string
		most  int
	}{
		"scope": {m.Scope, maxScope}, "software_id": {m.SoftwareID, maxValue}, "software_version": {m.SoftwareVersion, maxValue},
	} {
		if len(text.value) > text.most {
			return invalid(fmt.Sprintf("%s is longer than %d bytes", member, text.most))
		}
	}
	return nil
}

// linksAreHTTPS lets through what a page may link to, and nothing that runs
// there, such as javascript: (BAD-94). Nothing here is ever fetched.
func linksAreHTTPS(r *registration) error {
	m := &r.metadata
	for member, link := range map[string]string{
		"client_uri": m.ClientURI, "logo_uri": m.LogoURI, "tos_uri": m.TOSURI, "policy_uri": m.PolicyURI,
	} {
		if link != "" && !absoluteHTTPS(link) {
			return invalid(member + " must be an absolute https URI")
		}
	}
	return nil
}

// absoluteHTTPS tells whether a text is an https URI with a host, without
// userinfo, of printable ASCII.
func absoluteHTTPS(text string) bool {
	for i := range len(text) {
		if text[i] <= 0x20 || text[i] > 0x7e {
			return false
		}
	}
	u, err := url.Parse(text)
	return err == nil && len(text) <= maxURI && u.Scheme == "https" && u.Hostname() != "" && u.User == nil
}
