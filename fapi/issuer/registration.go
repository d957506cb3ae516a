package issuer

import (
	"fmt"
	"slices"

	"github.com/strongroom-fapi/strongroom/fapi/framework"
	"github.com/strongroom-fapi/strongroom/fapi/profile"
)

// RegistrationPolicy is who may register clients (RFC 7591 §3).
type RegistrationPolicy struct {
	// Gates are the ways in; a request needs all of what one of them asks for.
	// Default one, of an initial access token.
	Gates []Gate `yaml:"gates"`
}

// Gate is one way in.
type Gate struct {
	// Require is initial_access_token, certificate (one that an authority vouches
	// for whom the statement's framework trusts, else the issuer), statement (of
	// one of trust_frameworks), or several of them.
	Require []Credential `yaml:"require"`
}

// Credential is what a request to register brings.
type Credential string

// The credentials.
const (
	InitialAccessToken Credential = "initial_access_token"
	Certificate        Credential = "certificate"
	Statement          Credential = "statement"
)

func (i *Issuer) setRegistrationDefaults() {
	if len(i.Registration.Gates) == 0 {
		i.Registration.Gates = []Gate{{Require: []Credential{InitialAccessToken}}}
	}
	i.TrustFrameworks = slices.Clone(i.TrustFrameworks)
	for n := range i.TrustFrameworks {
		i.TrustFrameworks[n].SetDefaults()
	}
}

func (i *Issuer) validateRegistration(p *profile.Profile) []error {
	var faults []error
	refuse := func(bad bool, format string, args ...any) {
		if bad {
			faults = append(faults, fmt.Errorf(format, args...))
		}
	}
	for n, gate := range i.Registration.Gates {
		refuse(len(gate.Require) == 0, "registration.gates[%d].require must not be empty: it would let everybody in", n)
		for _, credential := range gate.Require {
			refuse(credential != InitialAccessToken && credential != Certificate && credential != Statement,
				"registration.gates[%d].require must be initial_access_token, certificate or statement, not %q", n, credential)
		}
		refuse(slices.Contains(gate.Require, Statement) && len(i.TrustFrameworks) == 0,
			"registration.gates[%d] requires a statement, and trust_frameworks is empty", n)
		refuse(slices.Contains(gate.Require, Certificate) && !i.trustsCertificates(),
			"registration.gates[%d] requires a certificate, and client_certificates trusts none", n)
	}
	for n := range i.TrustFrameworks {
		f := &i.TrustFrameworks[n]
		if err := f.Validate(p.SigningAlgorithms, i.ScopeNames()); err != nil {
			faults = append(faults, fmt.Errorf("trust_frameworks[%d]: %w", n, err))
		}
		refuse(f.NeedsCertificate() && f.ClientCertificates.Authorities == "" && i.ClientCertificates.Authorities == "",
			"trust_frameworks[%d].certificate needs client_certificates.authorities, there or at the issuer", n)
		for _, other := range i.TrustFrameworks[:n] {
			refuse(other.Name == f.Name || other.Issuer == f.Issuer, "trust_frameworks[%d]: name or issuer is another framework's", n)
		}
	}
	return faults
}

func (i *Issuer) trustsCertificates() bool {
	return i.ClientCertificates.Authorities != "" ||
		slices.ContainsFunc(i.TrustFrameworks, func(f framework.Framework) bool { return f.ClientCertificates.Authorities != "" })
}

// in lets relative paths begin at the folder of the issuer's file.
func (i *Issuer) in(folder string) {
	i.ClientCertificates = i.ClientCertificates.In(folder)
	for n, f := range i.TrustFrameworks {
		i.TrustFrameworks[n] = f.In(folder)
	}
}

// FrameworkOf is the trust framework whose statements have an iss.
func (i *Issuer) FrameworkOf(iss string) (*framework.Framework, bool) {
	return i.find(func(f framework.Framework) bool { return f.Issuer == iss })
}

// Framework is the trust framework of a name.
func (i *Issuer) Framework(name string) (*framework.Framework, bool) {
	return i.find(func(f framework.Framework) bool { return f.Name == name })
}

func (i *Issuer) find(is func(framework.Framework) bool) (*framework.Framework, bool) {
	n := slices.IndexFunc(i.TrustFrameworks, is)
	if n < 0 {
		return nil, false
	}
	return &i.TrustFrameworks[n], true
}
