// Package pki is a development certificate authority for the sandbox: everything
// is signed on this machine, for this machine.
//
// It is five authorities, and they must stay five. The public one signs what the
// outside may have: server certificates of the public listeners, and whatever
// client certificate somebody asks the directory for, with any name in it. The
// internal one signs who a service is. Were they one, a certificate that the
// directory issued with the DNS name "token" would be the token service. The one of
// participants signs for whom the directory enrolled, with the name that it gave
// them: were it the public one, anybody could ask for another participant's name.
// The one of operators signs for who may call the admin API: were it the internal
// one, every service could be an operator that bears its name.
// The one of stores signs who is a Redis or a PostgreSQL, where those are by TLS: a
// store that is broken into is no service. It is made when the first store asks.
package pki

import (
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/strongroom-fapi/strongroom/platform/clock"
)

const (
	// authorityLife is how long an authority's own certificate lasts, in days.
	authorityLife = 10 * 365
	// leafLife is how long every other certificate lasts, in days; clients and
	// browsers refuse much longer ones.
	leafLife = 365
	// renewBefore is how long before its end a kept certificate is renewed, in
	// days: a sandbox is seldom restarted just in time.
	renewBefore = 30
	day         = 24 * time.Hour
	// backdate lets a peer's clock lag a little.
	backdate = 5 * time.Minute
)

// CA is the authorities and the folder that keeps them.
type CA struct {
	dir      string
	clock    clock.Clock
	public   *authority
	internal *authority
	// participants signs for participants of the trust framework.
	participants *authority
	// operators signs for who may call the admin API.
	operators *authority
}

// Open loads the authorities kept in dir, or makes them: ca.pem and ca-key.pem,
// internal-ca.pem and internal-ca-key.pem, and so participants-ca and operators-ca.
// Every file is for its owner alone.
func Open(dir string) (*CA, error) { return open(dir, clock.System) }

func open(dir string, clk clock.Clock) (*CA, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	ca := &CA{dir: dir, clock: clk}
	var err error
	if ca.public, err = openAuthority(ca.files("ca"), "Strongroom sandbox CA", clk.Now()); err != nil {
		return nil, err
	}
	if ca.internal, err = openAuthority(ca.files("internal-ca"), "Strongroom sandbox internal CA", clk.Now()); err != nil {
		return nil, err
	}
	if ca.participants, err = openAuthority(ca.files("participants-ca"), "Strongroom sandbox participants CA", clk.Now()); err != nil {
		return nil, err
	}
	if ca.operators, err = openAuthority(ca.files("operators-ca"), "Strongroom sandbox operators CA", clk.Now()); err != nil {
		return nil, err
	}
	return ca, nil
}

// OperatorsFile is the certificate of the authority that signs for operators.
func (ca *CA) OperatorsFile() string { return ca.operators.files.Certificate }

// ParticipantsFile is the certificate of the authority that signs for participants
// of the trust framework, and for nobody else.
func (ca *CA) ParticipantsFile() string { return ca.participants.files.Certificate }

// File is where the public authority's certificate stands, ca.pem: give it to
// whoever is to trust the sandbox's servers.
func (ca *CA) File() string { return ca.public.files.Certificate }

// Pool is the public authority: it signs servers' certificates and those that
// the directory issues to clients.
func (ca *CA) Pool() *x509.CertPool { return ca.public.pool() }

// InternalPool is the authority that tells who is a service of the suite, or may
// call its interaction API.
func (ca *CA) InternalPool() *x509.CertPool { return ca.internal.pool() }

// Files are a certificate and its key, both PEM.
type Files struct {
	// Certificate holds the leaf; the authority's certificate is its parent.
	Certificate string
	// Key holds the private key as PKCS #8.
	Key string
}

// files are the names <name>.pem and <name>-key.pem in the folder.
func (ca *CA) files(name string) Files {
	return Files{
		Certificate: filepath.Join(ca.dir, name+".pem"),
		Key:         filepath.Join(ca.dir, name+"-key.pem"),
	}
}

// checkName refuses what could leave the folder.
func checkName(name string) error {
	if name == "" || len(name) > 63 {
		return fmt.Errorf("%q cannot name a certificate: 1 to 63 characters", name)
	}
	for _, c := range name {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return fmt.Errorf("%q cannot name a certificate: a-z, 0-9 and - only", name)
		}
	}
	return nil
}
