// Package profile keeps the FAPI profiles as data: limits, allowed methods and
// algorithms, and a table of rules. Services ask a profile; they never branch
// on its name.
package profile

import (
	"fmt"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
)

// Profile is one set of rules that an issuer follows.
type Profile struct {
	// Name as in an issuer's configuration.
	Name string
	// Title and Source say which document it is.
	Title  string
	Source string

	Limits            Limits
	AuthMethods       []string
	SigningAlgorithms []jose.Algorithm
	ResponseTypes     []string
	ResponseModes     []string
	GrantTypes        []string
	Prompts           []string
	Rules             []Rule
}

// Limits are the numbers of a profile. Lifetimes are the longest that an issuer
// may configure.
type Limits struct {
	RequestURILifetime  time.Duration
	CodeLifetime        time.Duration
	AccessTokenLifetime time.Duration
	// AssertionLifetime is how far ahead a client assertion's exp may lie.
	AssertionLifetime time.Duration
	// ClockTolerance is how far ahead of our clock a client's iat and nbf may
	// be, and how long an exp may be past.
	ClockTolerance time.Duration
	// ProofAge is how old a DPoP proof may be.
	ProofAge time.Duration
	// NonceLength and StateLength are the longest values accepted, in bytes.
	NonceLength int
	StateLength int
}

// all is every profile that an issuer can name.
var all = []*Profile{FAPI2Security}

// All is every profile that an issuer can name.
func All() []*Profile { return all }

// ByName finds a profile.
func ByName(name string) (*Profile, error) {
	for _, p := range all {
		if p.Name == name {
			return p, nil
		}
	}
	return nil, fmt.Errorf("profile %q is unknown: known is %s", name, known())
}

func known() string {
	list := ""
	for _, p := range all {
		list += " " + p.Name
	}
	return list[1:]
}
