// Package registration turns what a client says of itself into the metadata in
// effect, or says why not (RFC 7591, RFC 7592, DCR-2).
package registration

import (
	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/metadata"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/fapi/profile"
)

// Accepted is a registration without fault.
type Accepted struct {
	// Metadata in effect, defaults filled in.
	Metadata metadata.Client
	// SharedKeyIDs are the kids that several of the client's keys bear: worth a
	// line in the log (CRY-5), no fault.
	SharedKeyIDs []string
}

// Rules are what a registration is judged by.
type Rules struct {
	Issuer *issuer.Issuer
	// Fetchable tells why an address could never be fetched from; nil for none.
	Fetchable func(address string) error
	// Fetch gets a JSON document from an address that is fetchable.
	Fetch func(address string) ([]byte, error)
	// Framework is the trust framework that vouches for the client; "" for none.
	Framework string
	// ResourceServers are let in. Otherwise the member resource is ignored, as any
	// unknown one.
	ResourceServers bool
}

// check is one step: it refuses, or leaves the registration nearer to effect.
type check func(*registration) error

// checks in order: what is written first, what it means afterwards, and the
// profile last, which judges metadata that is complete.
var checks = []check{
	resourceServer,
	compliant,
	withinBounds,
	linksAreHTTPS,
	publicName,
	defaults,
	servedTypes,
	servedSubjects,
	servedUserinfo,
	servedAlgorithms,
	oneKeySource,
	profileRules,
	servedMethod,
	ownCertificateName,
	ownKeys,
	ownSector,
}

type registration struct {
	Rules
	metadata     metadata.Client
	sharedKeyIDs []string
	// diagnosed asks a check of several rules for the others, behind the first.
	diagnosed bool
	others    []error
}

// Accept judges what was asked for.
func (r Rules) Accept(asked Asked) (Accepted, error) {
	var read metadata.Client
	if err := decode(asked.body, &read); err != nil {
		return Accepted{}, err
	}
	return r.judge(read)
}

// Diagnose is Accept for who wants to know all that is wrong, and not the first
// alone: at most one fault of each check, and one of each rule of the profile. What
// follows from a fault may be told as another.
func (r Rules) Diagnose(asked Asked) (Accepted, []error) {
	var read metadata.Client
	if err := decode(asked.body, &read); err != nil {
		return Accepted{}, []error{err}
	}
	judged := r.begin(read)
	judged.diagnosed = true
	var faults []error
	for _, check := range checks {
		if err := check(judged); err != nil {
			faults = append(append(faults, err), judged.others...)
			judged.others = nil
		}
	}
	return judged.accepted(), faults
}

func (r Rules) begin(read metadata.Client) *registration {
	return &registration{Rules: r, metadata: read}
}

func (r Rules) judge(read metadata.Client) (Accepted, error) {
	asked := r.begin(read)
	for _, check := range checks {
		if err := check(asked); err != nil {
			return Accepted{}, err
		}
	}
	return asked.accepted(), nil
}

func (r *registration) accepted() Accepted {
	return Accepted{Metadata: r.metadata, SharedKeyIDs: r.sharedKeyIDs}
}

func profileRules(r *registration) (first error) {
	facts := r.Issuer.Facts()
	_, store := r.Issuer.TrustStore(r.Framework)
	facts.Metadata, facts.Subjects = r.metadata, store.Subjects()
	for refusal := range r.Issuer.Rules().Refusals(profile.Register, facts) {
		switch {
		case first != nil:
			r.others = append(r.others, refusal)
		case r.diagnosed:
			first = refusal
		default:
			return refusal
		}
	}
	return first
}

// invalid is invalid_client_metadata, RFC 7591 §3.2.2.
func invalid(description string) *oauth.Error {
	return oauth.New(oauth.CodeInvalidClientMetadata, description).By("DCR-2")
}
