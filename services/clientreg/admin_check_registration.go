package clientreg

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"

	"github.com/strongroom-fapi/strongroom/fapi/framework"
	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	adminv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/admin/v1"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/statement"
)

// CheckRegistration is a dry run of Register that goes on behind a refusal and
// tells all of them. It registers nothing, counts nothing and uses nothing up; what
// was used up before is told. Documents that the request names are fetched, as a
// registration would.
func (a *admin) CheckRegistration(ctx context.Context, req *adminv1.CheckRegistrationRequest) (*adminv1.CheckRegistrationResponse, error) {
	request, err := hand(req.GetMetadata(), req.GetSigned(), req.GetCertificates())
	if err != nil {
		return nil, err
	}
	d := &dryRun{registry: a.registry, issuer: here(ctx), request: request, response: &adminv1.CheckRegistrationResponse{}}
	if err := d.run(ctx); err != nil {
		return nil, err
	}
	d.response.Ok = len(d.response.Faults) == 0
	if !d.response.Ok {
		d.response.EffectiveMetadata = ""
	}
	return d.response, nil
}

// dryRun is one dry run.
type dryRun struct {
	*registry
	issuer   *issuer.Issuer
	request  handed
	response *adminv1.CheckRegistrationResponse
	// application is as far as it could be read.
	application application
	// believed tells that the statement is, by itself.
	believed bool
}

// run goes through the steps of Register in their order.
func (d *dryRun) run(ctx context.Context) error {
	var err error
	if d.application, err = read(d.request); err != nil {
		d.tell(err)
		return nil // there is nothing to judge
	}
	compact, err := d.application.asked.Statement()
	d.tell(err)
	if compact != "" {
		d.verify(ctx, compact)
	}
	d.ways(ctx)
	d.judge(ctx)
	return d.usedUp(ctx)
}

func (d *dryRun) verify(ctx context.Context, compact string) {
	s, faults := d.statements.Diagnose(ctx, d.issuer, compact, d.clock.Now())
	d.tell(faults...)
	d.believed = s != nil && len(faults) == 0
	if d.application.statement = s; s != nil {
		d.response.Framework, d.response.Participant = s.Framework.Name, s.Participant
	}
}

// judge is vouch and Accept.
func (d *dryRun) judge(ctx context.Context) {
	a := &d.application
	if a.body != nil && a.statement == nil {
		d.tell(statement.Missing)
	}
	if s := a.statement; s != nil {
		d.certificate(ctx, s)
		d.tell(s.Fits(a.body != nil))
		if a.body != nil {
			d.tell(d.statements.Disbelieves(ctx, d.issuer, a.body, s, d.clock.Now())...)
		}
		var faults []error
		a.asked, faults = a.asked.Diagnosed(s)
		d.tell(faults...)
	}
	rules := d.rules(ctx, d.issuer, frameworkOf(a.statement), true)
	accepted, faults := rules.Diagnose(a.asked)
	d.tell(faults...)
	if len(accepted.SharedKeyIDs) > 0 {
		d.note(fmt.Sprintf("several keys bear the kid %q (CRY-5)", accepted.SharedKeyIDs))
	}
	if accepted.Metadata.Resource != "" {
		d.note("the member resource makes a resource server: only an initial access token that permits it, or an operator, registers one; for all others it is ignored")
	}
	if uri := accepted.Metadata.JWKSURI; uri != "" && rules.Fetchable(uri) == nil {
		d.published(ctx, uri)
	}
	if text, err := json.Marshal(accepted.Metadata); err == nil {
		d.response.EffectiveMetadata = string(text)
	}
}

// published tells what a jwks_uri answers. A registration does not ask: the client
// may publish later.
func (d *dryRun) published(ctx context.Context, uri string) {
	detail, ok := d.keysAt(ctx, uri)
	if !ok {
		detail = "nothing can be verified until it does: " + detail
	}
	d.note("jwks_uri: " + detail)
}

// certificate judges what the framework wants of one.
func (d *dryRun) certificate(ctx context.Context, s *statement.Statement) {
	if !s.Framework.NeedsCertificate() {
		return
	}
	leaf, err := d.trusted(ctx, d.issuer, s, d.request.certificates)
	if err != nil {
		d.tell(err)
		return
	}
	d.tell(s.Disagreements(leaf)...)
	s.Certificate = leaf // it may have roles
}

// ways tells of each gate what the request does not bring.
func (d *dryRun) ways(ctx context.Context) {
	for _, gate := range d.issuer.Registration.Gates {
		way := &adminv1.Way{}
		for _, credential := range gate.Require {
			way.Require = append(way.Require, string(credential))
			missing := false
			switch credential {
			case issuer.Statement:
				missing = !d.believed
			case issuer.Certificate:
				_, err := d.trusted(ctx, d.issuer, d.application.statement, d.request.certificates)
				missing = err != nil
			}
			if missing {
				way.Missing = append(way.Missing, string(credential))
			}
		}
		d.response.Ways = append(d.response.Ways, way)
	}
}

// usedUp tells what came before and may come once.
func (d *dryRun) usedUp(ctx context.Context) error {
	s := d.application.statement
	if s == nil {
		return nil
	}
	if s.Framework.Duplicates == framework.Refuse && s.SoftwareID != "" {
		there, err := d.clients.Registered(ctx, d.issuer.Name, s.Framework.Name, s.SoftwareID)
		if err != nil {
			return err
		}
		if there {
			d.tell(errDuplicate)
		}
	}
	for _, once := range d.application.once(d.issuer) {
		used, err := d.marks.StatementBurnt(ctx, d.issuer.Name, s.Framework.Name, once.id, once.issued)
		d.tell(err)
		if used {
			d.tell(once.used)
		}
	}
	return nil
}

// tell adds refusals, each with its rule.
func (d *dryRun) tell(faults ...error) {
	for _, fault := range faults {
		if fault == nil {
			continue
		}
		told := &adminv1.Fault{Error: oauth.CodeServerError, Description: "it could not be judged"}
		if refusal, ok := oauth.AsError(fault); ok {
			told = &adminv1.Fault{Error: refusal.Code, Description: refusal.Description, Rule: cited(refusal.Rule)}
		}
		if cause := errors.Unwrap(fault); cause != nil {
			told.Cause = cause.Error()
		}
		d.response.Faults = append(d.response.Faults, told)
	}
}

func (d *dryRun) note(text string) { d.response.Notes = append(d.response.Notes, text) }
