package keys

import (
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/strongroom-fapi/strongroom/platform/process"
	"github.com/strongroom-fapi/strongroom/platform/secret"
	"github.com/strongroom-fapi/strongroom/platform/sqlconn"
	"github.com/strongroom-fapi/strongroom/services/keys/backend/software"
)

// Config is how private keys are kept. Which keys there are follows from the
// issuers.
type Config struct {
	// KeyEncryptionKey wraps every private key in the store: 32 random bytes,
	// base64. Better written as file:PATH of a file that holds it. No default:
	// whoever loses it loses all keys.
	KeyEncryptionKey secret.Text `yaml:"key_encryption_key"`
}

// Validate tells what is missing.
func (c Config) Validate() error {
	_, err := c.kek()
	return err
}

// kek is the key-encryption key. Errors do not repeat what was configured.
func (c Config) kek() ([]byte, error) {
	if c.KeyEncryptionKey.Empty() {
		return nil, errors.New("key_encryption_key is required: 32 random bytes, base64")
	}
	kek, err := base64.StdEncoding.DecodeString(c.KeyEncryptionKey.Reveal())
	if err != nil {
		return nil, errors.New("key_encryption_key is not base64")
	}
	if len(kek) != software.KeyLength {
		return nil, fmt.Errorf("key_encryption_key has %d bytes, not %d", len(kek), software.KeyLength)
	}
	return kek, nil
}

// ProcessConfig is the configuration file of strongroom-keys.
type ProcessConfig struct {
	process.Config `yaml:",inline"`
	SQL            sqlconn.Config `yaml:"sql"`
	Keys           Config         `yaml:",inline"`
}

// Validate tells every fault.
func (c *ProcessConfig) Validate() error {
	return errors.Join(c.Config.Validate(), c.SQL.Validate(), c.Keys.Validate())
}
