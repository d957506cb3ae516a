// Package pkcs11 keeps keys in a device that speaks PKCS #11: they are made in it,
// used in it, and never leave it. It needs cgo, for the device's library is C.
package pkcs11

import (
	"errors"

	"github.com/strongroom-fapi/strongroom/platform/secret"
)

// Config is how to reach a token.
type Config struct {
	// Module is the path of the device's PKCS #11 library, such as
	// /usr/lib/softhsm/libsofthsm2.so.
	Module string `yaml:"module"`
	// Token is the label of the token.
	Token string `yaml:"token"`
	// PIN of the user, not of the security officer. Better written as file:PATH of
	// a file that only this service can read.
	PIN secret.Text `yaml:"pin"`
	// Sessions is how many operations are in the device at once. Default 8.
	Sessions int `yaml:"sessions"`
}

// Validate tells every fault.
func (c Config) Validate() error {
	faults := []error{c.PIN.CheckFile("pkcs11.pin")}
	if c.Module == "" {
		faults = append(faults, errors.New("pkcs11.module is required: the path of the device's library"))
	}
	if c.Token == "" {
		faults = append(faults, errors.New("pkcs11.token is required: the label of the token"))
	}
	if c.PIN.Empty() {
		faults = append(faults, errors.New("pkcs11.pin is required: best as file:PATH"))
	}
	if c.Sessions < 0 || c.Sessions > 1024 {
		faults = append(faults, errors.New("pkcs11.sessions must be between 1 and 1024"))
	}
	return errors.Join(faults...)
}

// defaultSessions keep two cores of a device busy.
const defaultSessions = 8
