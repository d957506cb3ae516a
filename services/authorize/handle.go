package authorize

import (
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

// cookiePrefix begins the name of every session cookie. __Host- makes browsers
// insist on Secure, on no Domain and on Path=/, so that no neighbouring host can
// plant one (BAD-88).
const cookiePrefix = "__Host-strongroom-"

// cookieName is a name for each session, so that two tabs do not overwrite each
// other's (BAD-89). It tells nothing of the session's id.
func cookieName(session string) string { return cookiePrefix + oauth.Hash(session)[:16] }
