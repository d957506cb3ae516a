package keys

import (
	"context"

	"github.com/strongroom-fapi/strongroom/platform/audit"
	"github.com/strongroom-fapi/strongroom/services/keys/backend"
)

// used tells the audit trail of one use of a key. Without it nothing is given out.
func (s *Service) used(ctx context.Context, u use, k *key) error {
	return s.audit.Record(ctx, audit.Event{
		Kind: audit.KeyUsed, Issuer: u.issuer, Purpose: u.purpose, Algorithm: string(u.algorithm), KeyID: k.public.ID(),
	})
}

// tell records what became of a key, by whose hand: that of an operator, or
// nobody's, by schedule.
func (s *Service) tell(ctx context.Context, kind audit.Kind, label backend.Label, actor string) error {
	return s.audit.Record(ctx, audit.Event{
		Kind: kind, Issuer: label.Issuer, Actor: actor, Purpose: label.Purpose, Algorithm: string(label.Algorithm), KeyID: label.KeyID,
	})
}

// Who acts on keys.
const (
	schedule = "schedule"
	operator = "operator"
)
