package authorize

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// Tickets and handles are SESSION.SECRET: the first half finds the session, the
// second proves the right to it.

func join(id, secret string) string { return id + "." + secret }

// split takes a ticket or handle apart; id is empty where it is neither.
func split(text string) (id, secret string) {
	id, secret, ok := strings.Cut(text, ".")
	if !ok || len(id) != 43 || len(secret) != 43 {
		return "", ""
	}
	return id, secret
}

// handleOf is the handle of an answer: the ticket's session, and a secret that follows
// from the ticket and the seed that the answer was kept with. So the same answer leads
// back the same way, while who has the ticket alone, as whoever mailed the page's URL
// does (BAD-99), knows nothing of it, and nor does who reads the store.
func handleOf(ticket, seed string) string {
	id, secret := split(ticket)
	return join(id, derived(secret, "handle "+seed))
}

// derived is a secret that follows from another, of 256 bits.
func derived(secret, text string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = mac.Write([]byte(text)) // a hash takes everything
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// cookiePrefix begins the name of every session cookie. __Host- makes browsers
// insist on Secure, on no Domain and on Path=/, so that no neighbouring host can
// plant one (BAD-88).
const cookiePrefix = "__Host-strongroom-"

// cookieName is a name for each session, so that two tabs do not overwrite each
// other's (BAD-89). It tells nothing of the session's id.
func cookieName(session string) string { return cookiePrefix + oauth.Hash(session)[:16] }
