package audit

import (
	"bytes"
	"slices"
	"time"
)

// Filter chooses events; what is empty chooses all.
type Filter struct {
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
	authorizations, err := f.authorizations(chains)
	if err != nil {
		return nil, nil, err
	}
	var found []Found
	var reports []Report
	for _, chain := range chains {
		report, err := Walk(chain, func(l Line, text []byte) {
			if f.chooses(l.Event, authorizations) {
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

// authorizations are those under the grant asked for: a token is revoked by the
// service that knows the authorization and not the grant.
func (f Filter) authorizations(chains []Chain) (map[string]bool, error) {
	of := map[string]bool{}
	if f.GrantID == "" {
		return of, nil
	}
	for _, chain := range chains {
		_, err := Walk(chain, func(l Line, _ []byte) {
			if l.GrantID == f.GrantID && l.AuthorizationID != "" {
				of[l.AuthorizationID] = true
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return of, nil
}

func (f Filter) chooses(e Event, authorizations map[string]bool) bool {
	switch {
	case f.ClientID != "" && e.ClientID != f.ClientID,
		f.InteractionID != "" && e.InteractionID != f.InteractionID,
		f.GrantID != "" && e.GrantID != f.GrantID && !authorizations[e.AuthorizationID],
		e.Time.Before(f.Since):
		return false
	}
	return true
}
