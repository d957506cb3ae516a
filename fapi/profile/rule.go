package profile

import (
	"iter"

	"github.com/strongroom-fapi/strongroom/fapi/metadata"
	"github.com/strongroom-fapi/strongroom/fapi/names"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// Stage is the moment of a flow at which a rule is checked.
type Stage string

// The stages, in the order of a flow.
const (
	Register Stage = "register"
	Push     Stage = "push"
	Begin    Stage = "begin"
	Exchange Stage = "exchange"
)

// Rule is one requirement: what must hold, where it is written, and what a
// client is told that breaks it.
type Rule struct {
	// ID is stable and is cited in errors, logs and tests.
	ID    string
	Stage Stage
	// Text is the requirement in one sentence.
	Text string
	// Source is document and clause.
	Source string
	Holds  func(Facts) bool
	Fail   *oauth.Error
}

// Client is what rules may ask of a registered client.
type Client interface {
	GetRedirectUris() []string
	GetGrantTypes() []string
	GetScopes() []string
	GetDpopBoundAccessTokens() bool
	GetTlsClientCertificateBoundAccessTokens() bool
}

// Facts is what is known when a stage is checked. Rules of a stage read only
// what that stage fills.
type Facts struct {
	// Profile whose rules are checked.
	Profile *Profile
	// Scopes that the issuer serves. All stages.
	Scopes []string
	// Params of the request, without credentials. Push, Begin, Exchange.
	Params map[string]string
	// Client, authenticated. Push, Exchange.
	Client Client
	// Certificate and Proof tell what came to bind a token to. Exchange.
	Certificate bool
	Proof       bool
	// ProofKey is the thumbprint of the DPoP proof's key; empty without one.
	// Push.
	ProofKey string
	// Subjects is how the subject of a certificate is written. Register.
	Subjects names.Policy
	// Metadata as asked for, with defaults filled in. Register.
	Metadata metadata.Client
}

// Check applies the rules of one stage in the table's order and answers the
// first refusal, or nil.
func (p *Profile) Check(stage Stage, facts Facts) error {
	for refusal := range p.Refusals(stage, facts) {
		return refusal
	}
	return nil
}

// Refusals are those of every rule of a stage that does not hold, in the table's
// order.
func (p *Profile) Refusals(stage Stage, facts Facts) iter.Seq[error] {
	facts.Profile = p
	return func(yield func(error) bool) {
		for i := range p.Rules {
			rule := &p.Rules[i]
			if rule.Stage == stage && !rule.Holds(facts) && !yield(rule.Fail.By(rule.ID)) {
				return
			}
		}
	}
}
