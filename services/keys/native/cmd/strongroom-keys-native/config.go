package main

import (
	"errors"

	"github.com/strongroom-fapi/strongroom/services/keys"
	"github.com/strongroom-fapi/strongroom/services/keys/native/openssl"
	"github.com/strongroom-fapi/strongroom/services/keys/native/pkcs11"
)

// ProcessConfig is the configuration file of strongroom-keys-native: that of
// strongroom-keys, and what needs native libraries.
type ProcessConfig struct {
	keys.ProcessConfig `yaml:",inline"`
	// OpenSSL signs PS256 of software keys with the system's libcrypto, which is
	// faster at RSA than Go (docs/keys.md). Default false.
	OpenSSL bool `yaml:"openssl"`
	// PKCS11 is the token that backend pkcs11 keeps keys in. Default none.
	PKCS11 pkcs11.Config `yaml:"pkcs11"`
}

// Validate tells every fault.
func (c *ProcessConfig) Validate() error {
	faults := []error{c.ProcessConfig.Validate()}
	if c.usesToken() {
		faults = append(faults, c.PKCS11.Validate())
	}
	return errors.Join(faults...)
}

// usesToken tells whether there is a token: to make keys in, or to open those that
// were made in it before.
func (c *ProcessConfig) usesToken() bool {
	return c.Keys.Backend == pkcs11.Name || c.PKCS11 != pkcs11.Config{}
}

// native opens what the configuration asks for. What cannot be had is an error:
// nothing else is taken in its place.
func (c *ProcessConfig) native() (keys.Native, func(), error) {
	var native keys.Native
	if c.OpenSSL {
		if _, err := openssl.Version(); err != nil {
			return native, nil, err
		}
		native.RSA = openssl.RSA
	}
	if !c.usesToken() {
		return native, func() {}, nil
	}
	token, err := pkcs11.New(c.PKCS11, c.Keys.RSASize())
	if err != nil {
		return native, nil, err
	}
	native.Backends = append(native.Backends, token)
	return native, token.Close, nil
}
