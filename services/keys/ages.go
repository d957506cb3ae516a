package keys

import (
	"time"

	"github.com/strongroom-fapi/strongroom/platform/telemetry"
	"github.com/strongroom-fapi/strongroom/services/keys/internal/store"
)

// Ages tells of the key that each use has: how long it has been in use, and when the
// next one is to be published, as this replica last read the records.
func (s *Service) Ages() []telemetry.KeyAge {
	now, known := s.clock.Now(), successions(s.ring.Load().records)
	var ages []telemetry.KeyAge
	for _, u := range s.uses {
		keys := known[u]
		if active := keys.active(now); active != nil {
			ages = append(ages, telemetry.KeyAge{
				Issuer: u.issuer, Purpose: u.purpose, Algorithm: string(u.algorithm),
				Age: now.Sub(active.Begins), Due: s.dueAt(*keys.last()).Sub(now),
			})
		}
	}
	return ages
}

// Rotates tells whether it is this replica that makes new keys.
func (s *Service) Rotates() bool { return s.rotating.Held() }

// dueAt is when the successor of the last key of a use must be published: when its time
// is nearly up, when another backend was configured, or when it was withdrawn before it
// began.
func (s *Service) dueAt(last store.Record) time.Time {
	switch {
	case !last.Withdrawn.IsZero():
		return last.Withdrawn
	case last.Backend != s.making.Name():
		return later(last.Begins, s.configured)
	}
	return last.Begins.Add(s.rotation.Every - s.rotation.Lead)
}
