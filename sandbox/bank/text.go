package bank

import (
	"strings"
	"unicode"
)

const (
	// maxClientName bounds a client's name on a page, in characters.
	maxClientName = 60
	// maxMarks is how many combining marks may stand on one character; more pile
	// up over the lines around it.
	maxMarks = 3
)

// plain makes what a client registered fit to be read by a person: one line of at
// most limit characters, without controls, without marks that turn the direction
// of text or hide in it, and without lookalikes of nothing (BAD-94). It is not an
// escape: the templates do that.
func plain(text string, limit int) string {
	var b strings.Builder
	marks, length, space := 0, 0, false
	for _, r := range text {
		switch {
		case unicode.IsSpace(r):
			space = length > 0
			continue
		case !unicode.IsPrint(r), unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r), unicode.Is(unicode.Variation_Selector, r):
			continue
		}
		switch {
		case !unicode.Is(unicode.M, r):
			marks = 0
		case marks == maxMarks || length == 0:
			continue
		default:
			marks++
		}
		if space {
			b.WriteByte(' ')
			length++
			space = false
		}
		if length++; length > limit {
			return strings.TrimSpace(b.String()) + "…"
		}
		b.WriteRune(r)
	}
	return b.String()
}
