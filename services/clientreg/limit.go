package clientreg

import (
	"context"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/statement"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/store"
)

// limits are numbers per minute and issuer, 0 for any: of registrations by a token or
// of a participant, and of an operator's checks.
type limits struct{ perToken, perParticipant, perOperator int }

// period is what they are counted in.
const period = time.Minute

// countRegistration bounds how fast somebody fills the registry (THR-11): the
// participant that a statement is of, and nobody who shares a token with it; else
// the bearer of the token. Refused attempts count too: to judge metadata costs more
// than to store it.
func (r *registry) countRegistration(ctx context.Context, i *issuer.Issuer, c caller, s *statement.Statement) error {
	by, most := c.token.hash, r.limits.perToken
	if s != nil {
		by, most = oauth.Hash("participant/"+s.Framework.Name+"/"+s.Participant), r.limits.perParticipant
	}
	if by == "" {
		return nil
	}
	wait, err := r.count(ctx, i, store.Registrations, by, most)
	if err != nil || wait == 0 {
		return err
	}
	return oauth.TooMany(wait).By("THR-11")
}

// countCheck bounds how often an operator has hosts asked that are named by a document
// which anybody may have written.
func (r *registry) countCheck(ctx context.Context, operator string) error {
	wait, err := r.count(ctx, here(ctx), store.Checks, oauth.Hash("operator/"+operator), r.limits.perOperator)
	if err != nil || wait == 0 {
		return err
	}
	return oauth.TooMany(wait)
}

// count adds one, and answers for how many seconds more is over the limit; 0 where it
// is not.
func (r *registry) count(ctx context.Context, i *issuer.Issuer, of store.Counted, by string, most int) (wait int, err error) {
	if most == 0 {
		return 0, nil
	}
	now := r.clock.Now().Unix()
	seconds := int64(period / time.Second)
	count, err := r.marks.Count(ctx, i.Name, of, by, now/seconds)
	if err != nil || count <= int64(most) {
		return 0, err
	}
	return int(seconds - now%seconds), nil
}

// counted is a refusal that came before anybody was vouched for: it counts for the
// bearer of the token.
func (r *registry) counted(ctx context.Context, i *issuer.Issuer, c caller, refusal error) error {
	if err := r.countRegistration(ctx, i, c, nil); err != nil {
		return err
	}
	return refusal
}
