package statement

import (
	"context"
	"errors"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/framework"
	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/fetch"
)

// KeySource answers the keys at an address; *jwks.Source is one.
type KeySource interface {
	Keys(ctx context.Context, address string) (keys *jose.KeySet, fresh bool, err error)
	Again(ctx context.Context, address string) (keys *jose.KeySet, fetched bool, err error)
}

// Standing tells whether a participant takes part at the moment;
// *participants.Watch does.
type Standing interface {
	Active(ctx context.Context, f *framework.Framework, participant string) (bool, error)
}

// Verifier verifies.
type Verifier struct {
	Keys KeySource
	// Files are the key sets of frameworks that have them in a file, by path.
	Files    map[string]*jose.KeySet
	Standing Standing
}

// Verify believes a statement or says why not. What anyone may know is judged
// first, then the signature, then what the framework demands.
func (v *Verifier) Verify(ctx context.Context, i *issuer.Issuer, compact string, now time.Time) (*Statement, error) {
	p, f, err := known(i, compact)
	if err != nil {
		return nil, err
	}
	if err := first(v.refusals(ctx, i, f, p, now)); err != nil {
		return nil, err
	}
	return fresh(i, f, p), nil
}

// Diagnose is Verify with everything that is wrong. The statement is nil where it
// cannot be read, or nobody here takes it.
func (v *Verifier) Diagnose(ctx context.Context, i *issuer.Issuer, compact string, now time.Time) (*Statement, []error) {
	p, f, err := known(i, compact)
	if err != nil {
		return nil, []error{err}
	}
	return fresh(i, f, p), slices.Collect(v.refusals(ctx, i, f, p, now))
}

// refusals are why a statement that comes now is not believed.
func (v *Verifier) refusals(ctx context.Context, i *issuer.Issuer, f *framework.Framework, p *parsed, now time.Time) iter.Seq[error] {
	return each(
		one(func() error { return v.signature(ctx, f, p.signed) }),
		untimely(f, p.times, now, i.Rules().Limits.ClockTolerance),
		v.unmet(ctx, f, p),
		faults(fault{f.StatementOnce && (p.times.ID == "" || len(p.times.ID) > maxID), "jti of the software_statement must be 1 to 256 bytes"}),
	)
}

// fresh is a statement that comes now.
func fresh(i *issuer.Issuer, f *framework.Framework, p *parsed) *Statement {
	s := p.of(f)
	s.Until = ends(f, p.times).Add(i.Rules().Limits.ClockTolerance)
	if f.StatementOnce {
		s.ID, s.Issued = p.times.ID, p.times.IssuedAt.Time()
	}
	return s
}

// maxID bounds a jti, in bytes.
const maxID = 256

// Kept judges a statement that was verified when it came and has been kept since:
// its time may be over, but what it says must still be good.
func (v *Verifier) Kept(ctx context.Context, i *issuer.Issuer, compact string) (*Statement, error) {
	p, f, err := known(i, compact)
	if err != nil {
		return nil, err
	}
	if err := first(v.unmet(ctx, f, p)); err != nil {
		return nil, err
	}
	return p.of(f), nil
}

// known takes a statement apart that a framework of the issuer may have made.
func known(i *issuer.Issuer, compact string) (*parsed, *framework.Framework, error) {
	p, err := parse(compact)
	if err != nil {
		return nil, nil, err
	}
	f, err := frameworkOf(i, p)
	return p, f, err
}

func frameworkOf(i *issuer.Issuer, p *parsed) (*framework.Framework, error) {
	if p.times.Issuer == "" {
		return nil, invalid("iss is required in the software_statement") // RFC 7591 §2.3
	}
	// A JWT of another explicit type, such as a token of the same issuer, is not
	// meant as a statement (RFC 8725 §3.11).
	if typ := p.signed.Header.Type; typ != "" && !strings.EqualFold(typ, "JWT") {
		return nil, invalid("typ of the software_statement must be absent or JWT")
	}
	f, ok := i.FrameworkOf(p.times.Issuer)
	if !ok {
		return nil, unapproved("the iss of the software_statement is not one that is trusted here")
	}
	return f, nil
}

// signature verifies with the framework's keys, fetched anew where the one that is
// named is missing: a directory rotates its keys.
func (v *Verifier) signature(ctx context.Context, f *framework.Framework, signed *jose.Signed) error {
	if file := f.KeysFile(); file != "" {
		return unsigned(signed.Verify(v.Files[file], f.Algorithms...))
	}
	keys, fresh, err := v.Keys.Keys(ctx, f.JWKSURI)
	if err != nil {
		return err
	}
	if keys == nil && !fresh { // remembered as missing: the directory may be back
		if keys, fresh, err = v.Keys.Again(ctx, f.JWKSURI); err != nil {
			return err
		}
	}
	if keys == nil {
		return oauth.Unavailable(fetch.RetryAfter).By("SSA-1").Because(errors.New("the framework's jwks_uri cannot be had"))
	}
	refusal := signed.Verify(keys, f.Algorithms...)
	if fresh || !errors.Is(refusal, jose.ErrKey) {
		return unsigned(refusal)
	}
	keys, fetched, err := v.Keys.Again(ctx, f.JWKSURI)
	if err != nil {
		return err
	}
	if fetched && keys != nil {
		refusal = signed.Verify(keys, f.Algorithms...)
	}
	return unsigned(refusal)
}

func unsigned(refusal error) error {
	if refusal == nil {
		return nil
	}
	return invalid("software_statement is not signed by its issuer, or not by an algorithm that its issuer uses").Because(refusal)
}

// unmet is what a framework demands of a statement that is its own, and does not
// find. The participant's standing is asked for last.
func (v *Verifier) unmet(ctx context.Context, f *framework.Framework, p *parsed) iter.Seq[error] {
	return func(yield func(error) bool) {
		for _, claim := range append([]string{f.SoftwareClaim, f.ParticipantClaim}, f.RequiredClaims...) {
			if empty(p.claims[claim]) && !yield(invalid(claim+" is required in the software_statement")) {
				return
			}
		}
		software, okSoftware := text(p.claims[f.SoftwareClaim])
		participant, okParticipant := text(p.claims[f.ParticipantClaim])
		if !okSoftware || !okParticipant || len(software) > maxID || len(participant) > maxID {
			if !yield(invalid(f.SoftwareClaim + " and " + f.ParticipantClaim + " of the software_statement must be text of at most 256 bytes")) {
				return
			}
		}
		for _, claim := range slices.Sorted(maps.Keys(f.AcceptedValues)) {
			if value, ok := text(p.claims[claim]); !ok || !slices.Contains(f.AcceptedValues[claim], value) {
				if !yield(unapproved("the software_statement does not say by " + claim + " that its software is in good standing")) {
					return
				}
			}
		}
		if !okParticipant {
			return // whose standing would be asked for
		}
		if err := v.standing(ctx, f, participant); err != nil {
			yield(err)
		}
	}
}

func (v *Verifier) standing(ctx context.Context, f *framework.Framework, participant string) error {
	active, err := v.Standing.Active(ctx, f, participant)
	if err == nil && !active {
		return unapproved("the participant is not in good standing with its trust framework")
	}
	return err
}

// of is what a statement says.
func (p *parsed) of(f *framework.Framework) *Statement {
	software, _ := text(p.claims[f.SoftwareClaim])
	participant, _ := text(p.claims[f.ParticipantClaim])
	return &Statement{Framework: f, Text: p.text, SoftwareID: software, Participant: participant, Claims: p.claims}
}
