// Package framework is the configuration of trust frameworks: who vouches for
// clients by software statements (RFC 7591 §2.3), and what such a statement must
// say to be believed. An ecosystem is data here, not code.
package framework

import (
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/qcstatement"
	"github.com/strongroom-fapi/strongroom/fapi/trust"
)

// Framework is one authority whose software statements an issuer takes.
type Framework struct {
	// Name is how logs, clients' records and operators call it: lower-case
	// letters, digits and dashes.
	Name string `yaml:"name"`
	// Issuer is the iss of its statements, compared byte for byte.
	Issuer string `yaml:"issuer"`
	// JWKSURI is where it publishes the keys of its statements: https, and within
	// what clientreg's fetch lets through. Exactly one of jwks_uri and jwks_file.
	JWKSURI string `yaml:"jwks_uri,omitempty"`
	// JWKSFile is a JWK set in a file instead; a relative path begins at the folder
	// of the issuer's file. Only clientreg reads it, at its start.
	JWKSFile string `yaml:"jwks_file,omitempty"`
	// Algorithms that may sign a statement. Default PS256.
	Algorithms []jose.Algorithm `yaml:"algs"`
	// MaxAge is how long ago a statement may have been issued, by its iat, which
	// it must then have. Default any age. One of max_age and max_lifetime is
	// required, so that every statement ends.
	MaxAge time.Duration `yaml:"max_age"`
	// MaxLifetime is how far exp may lie behind iat; a statement must then have
	// both. Default any; an exp that is there counts in any case.
	MaxLifetime time.Duration `yaml:"max_lifetime"`
	// RequiredClaims must be there and not be empty, besides iss and
	// software_claim. Default none.
	RequiredClaims []string `yaml:"required_claims"`
	// AcceptedValues are the only values that a claim may have, which must then be
	// there: a status, for instance. Another is answered
	// unapproved_software_statement. Default none.
	AcceptedValues map[string][]string `yaml:"accepted_values"`
	// SoftwareClaim names the software. Default software_id.
	SoftwareClaim string `yaml:"software_claim"`
	// ParticipantClaim names the organisation that the software is of; its
	// registrations are counted together. Default org_id.
	ParticipantClaim string `yaml:"participant_claim"`
	// Claims tell what a claim of the statement means for client metadata. A claim
	// that bears the name of a member and is not listed here replaces that member
	// (RFC 7591 §2.3).
	Claims []Claim `yaml:"claims"`
	// RefusedMembers must not come in a request: jwks, where keys are the
	// directory's. Default none.
	RefusedMembers []string `yaml:"refused_members"`
	// Roles bound the scope of a client by what its software may do. Default: the
	// scopes of the issuer.
	Roles *Roles `yaml:"roles,omitempty"`
	// CertificateRoles bound the scope by the roles of a payment service provider
	// that the client's certificate has, each with what it opens: PSP_AS, PSP_PI,
	// PSP_AI, PSP_IC (ETSI TS 119 495). Certificate is then required, for the roles
	// must be the software's own. A role that is not here opens nothing. With roles too, both must open a scope.
	// Default: the certificate bounds nothing.
	CertificateRoles map[qcstatement.Role][]string `yaml:"certificate_roles,omitempty"`
	// Certificate says what in the client's certificate must agree with the
	// statement; all must. With one or more here, a registration needs a
	// certificate. Default none.
	Certificate []Binding `yaml:"certificate"`
	// ClientCertificates says whose certificates the framework's participants have.
	// Default: those of the issuer.
	ClientCertificates trust.Store `yaml:"client_certificates"`
	// ManagementCertificate demands, beside the registration access token, a
	// certificate that agrees with the statement (RFC 7592). Default false.
	ManagementCertificate bool `yaml:"management_certificate"`
	// Duplicates is allow or refuse: whether software that is registered may
	// register again. Default allow.
	Duplicates Duplicates `yaml:"duplicates"`
	// StatementOnce demands a jti that was not used before at this issuer. Default
	// false: a statement may come again.
	StatementOnce bool `yaml:"statement_once"`
	// Body is how the metadata comes.
	Body Body `yaml:"body"`
	// Participants is where the framework says who takes part at the moment.
	// Default: a statement that was good once stays good.
	Participants *Participants `yaml:"participants,omitempty"`

	// folder is that of the issuer's file; "" where there is none.
	folder string
}

// Claim is what one claim of a statement means.
type Claim struct {
	// Claim is its name in the statement.
	Claim string `yaml:"claim"`
	// Member is the client metadata that it speaks of. Default: the same name.
	Member string `yaml:"member"`
	// Rule is replaces: the statement's value beats the request's; bounds: the
	// request may choose among the statement's values, and has all of them where
	// it chooses none; or equals: the request says the same or nothing. Default
	// replaces.
	Rule ClaimRule `yaml:"rule"`
}

// ClaimRule is how a claim and a member of the request go together.
type ClaimRule string

// The rules.
const (
	Replaces ClaimRule = "replaces"
	Bounds   ClaimRule = "bounds"
	Equals   ClaimRule = "equals"
)

// Roles is what software may ask for.
type Roles struct {
	// Claim holds the roles, a list of texts. Default software_roles.
	Claim string `yaml:"claim"`
	// Scopes of each role. A role that is not here opens nothing.
	Scopes map[string][]string `yaml:"scopes"`
}

// Binding ties a certificate to a statement.
type Binding struct {
	// Attributes of the certificate's subject, each a short name of RFC 4514 or a
	// dotted OID. One of them must have the value, as ecosystems moved from one to
	// another.
	Attributes []string `yaml:"attributes"`
	// Claim has the value.
	Claim string `yaml:"claim"`
	// Prefix stands before it in the certificate. Default none.
	Prefix string `yaml:"prefix"`
}

// Duplicates is what becomes of software that registers again.
type Duplicates string

// The policies.
const (
	Allow  Duplicates = "allow"
	Refuse Duplicates = "refuse"
)

// BodyType is a form that client metadata comes in.
type BodyType string

// The forms.
const (
	// JSON is application/json, RFC 7591 §3.1.
	JSON BodyType = "json"
	// JWT is application/jwt or application/jose, signed by a key of the software.
	JWT BodyType = "jwt"
)

// Body is how client metadata comes.
type Body struct {
	// Types are json, jwt or both. Default json.
	Types []BodyType `yaml:"types"`
	// Audience is the aud of a signed body. Default: the issuer identifier.
	Audience string `yaml:"audience"`
	// MaxLifetime is how far ahead the exp of a signed body may lie. Default 10m.
	MaxLifetime time.Duration `yaml:"max_lifetime"`
}

// Participants is a document, JSON, that lists organisations: an array of
// objects, or an object with such an array in it.
type Participants struct {
	// URI is where it is: https, and within what clientreg's fetch lets through.
	URI string `yaml:"uri"`
	// Interval is how often it is asked for, 1s to 24h: how long it takes at most
	// until a suspension is noticed. Default 1m.
	Interval time.Duration `yaml:"interval"`
	// MaxBytes bounds the document, 1024 to 67108864. A longer one is not believed.
	// Default 16777216, 16 MiB: national directories have some megabytes.
	MaxBytes int64 `yaml:"max_bytes"`
	// List is the member that holds the array. Default: the document is the array.
	List string `yaml:"list"`
	// ID is the member of an entry that equals participant_claim. Default org_id.
	ID string `yaml:"id"`
	// Status is the member that tells how it stands. Default status.
	Status string `yaml:"status"`
	// Active are the values of status of who takes part. Who has another, or is
	// not in the list, is suspended with all its clients. Default active.
	Active []string `yaml:"active"`
}
