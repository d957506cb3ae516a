package framework

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/metadata"
	"github.com/strongroom-fapi/strongroom/fapi/names"
	"github.com/strongroom-fapi/strongroom/fapi/qcstatement"
)

// Bounds of Participants.Interval: often enough to be of use, seldom enough for a
// directory that many ask.
const (
	minInterval = time.Second
	maxInterval = 24 * time.Hour
)

// Bounds of Participants.MaxBytes: the whole document is in memory while it is read.
const (
	minParticipants = 1 << 10
	maxParticipants = 64 << 20
)

var nameSyntax = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

// faults collects what is wrong, so that a file is mended in one go.
type faults []error

func (f *faults) add(bad bool, format string, args ...any) {
	if bad {
		*f = append(*f, fmt.Errorf(format, args...))
	}
}

// Validate tells every fault with its key and what was expected. Algorithms are
// those that the issuer's profile allows, scopes those that the issuer serves.
// Call [Framework.SetDefaults] before.
func (f *Framework) Validate(algorithms []jose.Algorithm, scopes []string) error {
	var found faults
	found.add(!nameSyntax.MatchString(f.Name), "name must be lower-case letters, digits and dashes, not %q", f.Name)
	found.add(f.Issuer == "", "issuer must be the iss of the framework's statements")
	found.add((f.JWKSURI == "") == (f.JWKSFile == ""), "exactly one of jwks_uri and jwks_file is needed")
	found.add(f.JWKSURI != "" && !isHTTPS(f.JWKSURI), "jwks_uri must be an https URL, not %q", f.JWKSURI)
	for _, algorithm := range f.Algorithms {
		found.add(!slices.Contains(algorithms, algorithm), "algs: %q is not one of the profile's", algorithm)
	}
	found.add(f.MaxAge < 0 || f.MaxLifetime < 0, "max_age and max_lifetime must not be negative")
	found.add(f.MaxAge == 0 && f.MaxLifetime == 0, "one of max_age and max_lifetime is needed, so that every statement ends")
	found.add(f.Duplicates != Allow && f.Duplicates != Refuse, "duplicates must be allow or refuse, not %q", f.Duplicates)
	found.add(f.ManagementCertificate && len(f.Certificate) == 0, "management_certificate needs certificate, which says what must agree")
	for claim, values := range f.AcceptedValues {
		found.add(claim == "" || len(values) == 0, "accepted_values.%s must list one value or more", claim)
	}
	if err := f.ClientCertificates.Validate(); err != nil {
		found.add(true, "client_certificates.%w", err)
	}
	f.validateClaims(&found)
	f.validateCertificate(&found)
	f.validateBody(&found)
	f.Roles.validate(&found, scopes)
	f.validateCertificateRoles(&found, scopes)
	f.Participants.validate(&found)
	return errors.Join(found...)
}

// reserved are members that no statement may set: the statement itself, and what
// only an operator grants.
var reserved = []string{"software_statement", "resource"}

func settable(member string) bool {
	return slices.Contains(metadata.Members(), member) && !slices.Contains(reserved, member)
}

func (f *Framework) validateClaims(found *faults) {
	seen := map[string]bool{}
	for n, c := range f.Claims {
		found.add(c.Claim == "", "claims[%d].claim must name a claim of the statement", n)
		found.add(!settable(c.Member), "claims[%d].member must be client metadata that a statement can set, not %q", n, c.Member)
		found.add(seen[c.Member], "claims[%d].member: %q is there twice", n, c.Member)
		seen[c.Member] = true
		found.add(c.Rule != Replaces && c.Rule != Bounds && c.Rule != Equals, "claims[%d].rule must be replaces, bounds or equals, not %q", n, c.Rule)
	}
	for n, member := range f.RefusedMembers {
		found.add(!settable(member), "refused_members[%d] must be client metadata, not %q", n, member)
	}
}

func (f *Framework) validateCertificate(found *faults) {
	for n, b := range f.Certificate {
		found.add(b.Claim == "", "certificate[%d].claim must name a claim of the statement", n)
		found.add(len(b.Attributes) == 0, "certificate[%d].attributes must name one attribute or more", n)
		for _, attribute := range b.Attributes {
			_, err := names.AttributeType(attribute)
			found.add(err != nil, "certificate[%d].attributes: %q is no attribute type: write a short name of RFC 4514 or a dotted OID", n, attribute)
		}
	}
}

func (f *Framework) validateBody(found *faults) {
	for _, form := range f.Body.Types {
		found.add(form != JSON && form != JWT, "body.types must be json or jwt, not %q", form)
	}
	found.add(f.Body.MaxLifetime < time.Second, "body.max_lifetime must be at least 1s, not %s", f.Body.MaxLifetime)
}

func (r *Roles) validate(found *faults, scopes []string) {
	if r == nil {
		return
	}
	found.add(len(r.Scopes) == 0, "roles.scopes must say what each role opens")
	for role, opened := range r.Scopes {
		for _, scope := range opened {
			found.add(!slices.Contains(scopes, scope), "roles.scopes.%s: %q is not one of the issuer's scopes", role, scope)
		}
	}
}

func (f *Framework) validateCertificateRoles(found *faults, scopes []string) {
	found.add(len(f.CertificateRoles) > 0 && len(f.Certificate) == 0, "certificate_roles needs certificate, which says what must agree: else another's certificate would open its scopes")
	for role, opened := range f.CertificateRoles {
		found.add(!slices.Contains(qcstatement.Roles, role), "certificate_roles: %q is none of %q", role, qcstatement.Roles)
		for _, scope := range opened {
			found.add(!slices.Contains(scopes, scope), "certificate_roles.%s: %q is not one of the issuer's scopes", role, scope)
		}
	}
}

func (p *Participants) validate(found *faults) {
	if p == nil {
		return
	}
	found.add(!isHTTPS(p.URI), "participants.uri must be an https URL, not %q", p.URI)
	found.add(p.MaxBytes < minParticipants || p.MaxBytes > maxParticipants, "participants.max_bytes must be between %d and %d, not %d", minParticipants, maxParticipants, p.MaxBytes)
	found.add(p.Interval < minInterval || p.Interval > maxInterval, "participants.interval must be between %s and %s, not %s", minInterval, maxInterval, p.Interval)
}

func isHTTPS(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "https" && u.Hostname() != "" && u.User == nil && !strings.Contains(address, "#")
}
