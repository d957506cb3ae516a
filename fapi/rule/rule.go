// Package rule is the catalogue of every requirement that code, tests, errors
// and logs cite by id, in our own words, with the clause it comes from. The rules
// that a profile checks by table stand in package profile; Find knows both.
package rule

import (
	"strings"

	"github.com/strongroom-fapi/strongroom/fapi/profile"
)

// Rule is one requirement.
type Rule struct {
	ID     string
	Text   string
	Source string
}

// Find answers what an id stands for: every sentence of it, for some ids have
// several.
func Find(id string) []Rule {
	var found []Rule
	for _, r := range All() {
		if r.ID == id {
			found = append(found, r)
		}
	}
	return found
}

// All is the catalogue followed by the profiles' tables, without repetition.
func All() []Rule {
	all := append([]Rule{}, catalogue...)
	seen := map[Rule]bool{}
	for _, p := range profile.All() {
		for _, r := range p.Rules {
			entry := Rule{ID: r.ID, Text: r.Text, Source: source(p, r)}
			if !seen[entry] {
				seen[entry] = true
				all = append(all, entry)
			}
		}
	}
	return all
}

// source names the profile's document where a rule's source is a section of it.
func source(p *profile.Profile, r profile.Rule) string {
	if !strings.HasPrefix(r.Source, "§") {
		return r.Source
	}
	return p.Title + " " + r.Source
}
