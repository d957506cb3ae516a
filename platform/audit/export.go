package audit

import (
	"bytes"
	"slices"
	"time"
)

// Filter chooses events; what is empty chooses all.
type Filter struct {
	// ClientID chooses what a client did and what became of it, also where only its
	// grant or authorization is named.
	ClientID string
	// GrantID chooses what happened under a grant, also where only the
	// authorization of the grant is named.
	GrantID       string
	InteractionID string
	Since         time.Time
}

// Found is an event that a filter chose.
type Found struct {
	Line
	Chain Chain
	// Text is the line as it stands in the trail, by which it can be shown to be
	// of the chain.
	Text []byte
}

// Select answers the chosen events of every chain in a folder, in the order of
// time, and what each chain was found to be.
func Select(folder string, f Filter) ([]Found, []Report, error) {
	chains, err := Chains(folder)
	if err != nil {
		return nil, nil, err
	}
	known, err := f.below(chains)
	if err != nil {
		return nil, nil, err
	}
	var found []Found
	var reports []Report
	for _, chain := range chains {
		report, err := Walk(chain, func(l Line, text []byte) {
			if f.chooses(l.Event, known) {
				found = append(found, Found{l, chain, bytes.Clone(text)})
			}
		})
		if err != nil {
			return nil, nil, err
		}
		reports = append(reports, report)
	}
	slices.SortStableFunc(found, func(a, b Found) int { return a.Time.Compare(b.Time) })
	return found, reports, nil
}

// below is what stands under the client or the grant asked for, by id.
type below struct{ grants, authorizations map[string]bool }

// below finds what other lines tell of the client or the grant, earlier or later ones:
// the service that revokes a token knows the authorization and not the grant, and a
// grant is made under an authorization that was decided before.
func (f Filter) below(chains []Chain) (below, error) {
	known := below{map[string]bool{}, map[string]bool{}}
	if f.GrantID == "" && f.ClientID == "" {
		return known, nil
	}
	for _, chain := range chains {
		_, err := Walk(chain, func(l Line, _ []byte) {
			if f.GrantID != "" && l.GrantID != f.GrantID || f.GrantID == "" && l.ClientID != f.ClientID {
				return
			}
			known.grants[l.GrantID], known.authorizations[l.AuthorizationID] = true, true
		})
		if err != nil {
			return known, err
		}
	}
	delete(known.grants, "")
	delete(known.authorizations, "")
	return known, nil
}

func (f Filter) chooses(e Event, known below) bool {
	under := known.grants[e.GrantID] || known.authorizations[e.AuthorizationID]
	switch {
	case f.ClientID != "" && e.ClientID != f.ClientID && (e.ClientID != "" || !under),
		f.InteractionID != "" && e.InteractionID != f.InteractionID,
		f.GrantID != "" && e.GrantID != f.GrantID && !under,
		e.Time.Before(f.Since):
		return false
	}
	return true
}
