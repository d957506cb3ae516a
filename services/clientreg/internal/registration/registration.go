// Package registration turns what a client says of itself into the metadata in
// effect, or says why not (RFC 7591, DCR-2).
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

// check is one step: it refuses, or leaves the registration nearer to effect.
type check func(*registration) error

// checks in order: what is written first, what it means afterwards, and the
// profile last, which judges metadata that is complete.
var checks = []check{
	resourceServer,
	withinBounds,
	linksAreHTTPS,
	publicName,
	defaults,
	servedValues,
	keysByValue,
	profileRules,
	ownKeys,
}

type registration struct {
	issuer       *issuer.Issuer
	mayServe     bool // resource servers are let in
	metadata     metadata.Client
	sharedKeyIDs []string
}

// Accept reads RFC 7591 metadata, JSON of at most 1 MiB. Where mayServe is
// false the member resource is ignored, as any unknown one.
func Accept(body []byte, i *issuer.Issuer, mayServe bool) (Accepted, error) {
	read, err := decode(body)
	if err != nil {
		return Accepted{}, err
	}
	r := &registration{issuer: i, mayServe: mayServe, metadata: read}
	for _, check := range checks {
		if err := check(r); err != nil {
			return Accepted{}, err
		}
	}
	return Accepted{Metadata: r.metadata, SharedKeyIDs: r.sharedKeyIDs}, nil
}

func profileRules(r *registration) error {
	facts := r.issuer.Facts()
	facts.Metadata = r.metadata
	return r.issuer.Rules().Check(profile.Register, facts)
}

// invalid is invalid_client_metadata, RFC 7591 §3.2.2.
func invalid(description string) *oauth.Error {
	return oauth.New(oauth.CodeInvalidClientMetadata, description).By("DCR-2")
}
