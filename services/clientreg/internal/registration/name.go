package registration

import (
	"strings"
	"unicode"
)

// maxName bounds client_name, in characters: a consent page has one line for it.
const maxName = 128

// publicName makes client_name fit to be shown: without control characters and
// without those that turn the direction of text, so that a name cannot rewrite
// the page around it (BAD-94). It remains text, to be escaped wherever it is
// shown. RFC 7591 §3.2.1 lets a server replace a value; the answer says so.
func publicName(r *registration) error {
	name := strings.Map(func(c rune) rune {
		if unicode.In(c, unicode.Cc, unicode.Zl, unicode.Zp, unicode.Bidi_Control) {
			return -1
		}
		return c
	}, r.metadata.ClientName)
	characters := []rune(strings.TrimSpace(name))
	r.metadata.ClientName = string(characters[:min(len(characters), maxName)])
	return nil
}
