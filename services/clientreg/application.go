package clientreg

import (
	"context"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/registration"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/statement"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/store"
)

// document is what a request to register or to replace brings.
type document interface {
	GetMetadata() []byte
	GetSigned() bool
	GetCertificates() [][]byte
}

// application is what is asked for and who vouches for it.
type application struct {
	asked registration.Asked
	// statement is nil where none came.
	statement *statement.Statement
	// body is nil where the metadata came unsigned.
	body *statement.Body
}

// read takes a request apart: metadata as JSON, or within a JWT.
func read(req document) (application, error) {
	var a application
	text := req.GetMetadata()
	if req.GetSigned() {
		var err error
		if a.body, err = statement.ReadBody(text); err != nil {
			return application{}, err
		}
		text = a.body.Metadata()
	}
	var err error
	a.asked, err = registration.Read(text)
	return a, err
}

// apply reads a request to register, lets it through a gate, and has it as its
// statement says. Signatures are judged before registrations are counted, for it
// is the statement that names the participant.
func (r *registry) apply(ctx context.Context, i *issuer.Issuer, req document, caller caller) (application, error) {
	a, err := read(req)
	if err != nil {
		return application{}, r.counted(ctx, i, caller, err)
	}
	compact, err := a.asked.Statement()
	if err != nil {
		return application{}, r.counted(ctx, i, caller, err)
	}
	if compact != "" {
		if a.statement, err = r.statements.Verify(ctx, i, compact, r.clock.Now()); err != nil {
			return application{}, r.counted(ctx, i, caller, err)
		}
	}
	if err := r.countRegistration(ctx, i, caller, a.statement); err != nil {
		return application{}, err
	}
	if err := r.admit(ctx, i, caller, a.statement); err != nil {
		return application{}, err
	}
	err = r.vouch(ctx, i, &a, caller.certificates)
	return a, err
}

// vouch has what was asked for as the statement says.
func (r *registry) vouch(ctx context.Context, i *issuer.Issuer, a *application, certificates [][]byte) error {
	s := a.statement
	if s == nil {
		if a.body != nil {
			return statement.Missing // nobody says whose keys sign the body
		}
		return nil
	}
	if s.Framework.NeedsCertificate() {
		if err := r.agrees(ctx, i, s, certificates); err != nil {
			return err
		}
	}
	if err := s.Fits(a.body != nil); err != nil {
		return err
	}
	if a.body != nil {
		if err := r.statements.Believe(ctx, i, a.body, s, r.clock.Now()); err != nil {
			return err
		}
	}
	var err error
	a.asked, err = a.asked.Vouched(s)
	return err
}

// Answers to what was used up before, BAD-153.
var (
	errStatementUsed = oauth.New(oauth.CodeInvalidStatement, "software_statement was used before").By("SSA-1")
	errBodyUsed      = oauth.New(oauth.CodeInvalidClientMetadata, "jti of the body was used before").By("DCR-1")
)

// once is something that counts once, and the answer to who brings it again.
type once struct {
	id            string
	issued, until time.Time
	used          error
}

// once is what of an application does.
func (a application) once(i *issuer.Issuer) []once {
	s := a.statement
	if s == nil {
		return nil
	}
	var list []once
	if s.ID != "" {
		list = append(list, once{"statement/" + s.ID, s.Issued, s.Until, errStatementUsed})
	}
	if a.body != nil {
		tolerance := i.Rules().Limits.ClockTolerance
		issued := a.body.Issued(s.Framework.Body.MaxLifetime + tolerance)
		list = append(list, once{"body/" + s.SoftwareID + "/" + a.body.ID(), issued, a.body.Until(tolerance), errBodyUsed})
	}
	return list
}

// useUp uses up what may come once. It is the last step before the client is
// kept: a request that was refused for its metadata may be mended and sent again.
func (r *registry) useUp(ctx context.Context, i *issuer.Issuer, a application) error {
	for _, once := range a.once(i) {
		now := r.clock.Now()
		burnt, err := r.marks.BurnStatement(ctx, i.Name, a.statement.Framework.Name, store.Use{
			ID: once.id, Attempt: rpc.From(ctx).Attempt(), Issued: once.issued, Now: now, Until: later(once.until, now.Add(time.Second)),
		})
		if err != nil {
			return err
		}
		if !burnt {
			return once.used
		}
	}
	return nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
