package clientreg

import (
	"context"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/statement"
)

// limits are numbers of registrations per minute and issuer, 0 for any.
type limits struct{ perToken, perParticipant int }

// period is what registrations are counted in.
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
	if most == 0 || by == "" {
		return nil
	}
	now := r.clock.Now().Unix()
	seconds := int64(period / time.Second)
	count, err := r.marks.CountRegistration(ctx, i.Name, by, now/seconds)
	if err != nil {
		return err
	}
	if count > int64(most) {
		return oauth.TooMany(int(seconds - now%seconds)).By("THR-11")
	}
	return nil
}

// counted is a refusal that came before anybody was vouched for: it counts for the
// bearer of the token.
func (r *registry) counted(ctx context.Context, i *issuer.Issuer, c caller, refusal error) error {
	if err := r.countRegistration(ctx, i, c, nil); err != nil {
		return err
	}
	return refusal
}
