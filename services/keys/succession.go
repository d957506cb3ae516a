package keys

import (
	"time"

	"github.com/strongroom-fapi/strongroom/services/keys/internal/store"
)

// State is where a key is in its life.
type State string

// The states of a key, which follow from the time and from the keys after it.
const (
	// Next keys are published and not used yet: everybody shall know a key before
	// something is signed with it (CRY-8).
	Next State = "next"
	// Active keys sign: one for each issuer, purpose and algorithm.
	Active State = "active"
	// Retired keys sign no more; what they signed still verifies, and what was
	// encrypted to them is still decrypted.
	Retired State = "retired"
	// Expired keys are retired ones that nothing needs any more.
	Expired State = "expired"
	// Withdrawn keys were compromised: they are not published and do nothing.
	Withdrawn State = "withdrawn"
)

// succession is the records of one use, in the order of their generations.
type succession []store.Record

// state is that of the nth record at a moment.
func (s succession) state(n int, now time.Time, retention time.Duration) State {
	switch {
	case !s[n].Withdrawn.IsZero():
		return Withdrawn
	case s[n].Begins.After(now):
		return Next
	}
	over, ended := s.ends(n, now)
	switch {
	case !over:
		return Active
	case now.Before(ended.Add(retention)):
		return Retired
	}
	return Expired
}

// ends is when a later generation took over from the nth record, if one did: also
// one that has been withdrawn since, for a key that has retired never comes back.
// One that was withdrawn before it began took over from nobody.
func (s succession) ends(n int, now time.Time) (over bool, at time.Time) {
	for _, later := range s[n+1:] {
		began := later.Withdrawn.IsZero() || !later.Withdrawn.Before(later.Begins)
		if began && !later.Begins.After(now) && (!over || later.Begins.Before(at)) {
			over, at = true, later.Begins
		}
	}
	return over, at
}

// active is the key of the succession that is in use; nil of none.
func (s succession) active(now time.Time) *store.Record {
	for n := range s {
		if s.state(n, now, 0) == Active {
			return &s[n]
		}
	}
	return nil
}

// last is the highest generation; nil of none.
func (s succession) last() *store.Record {
	if len(s) == 0 {
		return nil
	}
	return &s[len(s)-1]
}

// successions sorts records, which come in the order of generations, by use.
func successions(records []store.Record) map[use]succession {
	sorted := map[use]succession{}
	for _, r := range records {
		u := useOf(r)
		sorted[u] = append(sorted[u], r)
	}
	return sorted
}

func useOf(r store.Record) use { return use{r.Issuer, r.Purpose, r.Algorithm} }
