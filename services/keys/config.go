package keys

import (
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/metadata"
	"github.com/strongroom-fapi/strongroom/platform/process"
	"github.com/strongroom-fapi/strongroom/platform/secret"
	"github.com/strongroom-fapi/strongroom/platform/sqlconn"
	"github.com/strongroom-fapi/strongroom/services/keys/backend/software"
)

// Config is how private keys are kept and follow each other. Which keys there are
// follows from the issuers.
type Config struct {
	// KeyEncryptionKey wraps every software key in the store, and the secret
	// behind DPoP nonces follows from it: 32 random bytes, base64. Better written
	// as file:PATH of a file that only this service can read. No default: whoever
	// loses it loses all software keys.
	KeyEncryptionKey secret.Text `yaml:"key_encryption_key"`
	// Backend makes new keys: software, or in strongroom-keys-native pkcs11. After
	// a change each key is followed by one of the new backend. Default software.
	Backend string `yaml:"backend"`
	// RSABits is the size of new RSA keys: 2048, 3072 or 4096. A signature costs
	// about eight times as much for each doubling. Default 2048.
	RSABits  int      `yaml:"rsa_bits"`
	Rotation Rotation `yaml:"rotation"`
}

// Rotation is when keys take over from each other.
type Rotation struct {
	// Every is how long a key signs. Default 2160h, 90 days.
	Every time.Duration `yaml:"every"`
	// Lead is how long a key is published before it signs, so that everybody has
	// it by then: at least 6m, for a JWK set may be kept for 5m. Default 1h.
	Lead time.Duration `yaml:"lead"`
	// Retain is how long a key stays published, or decrypts, after it signed
	// last. It is prolonged to what it signed can live. Default 24h.
	Retain time.Duration `yaml:"retain"`
}

// leastLead is a JWK set's max-age, and a minute for replicas and the edge to read
// a new key.
const leastLead = metadata.JWKSMaxAge + time.Minute

func (c Config) withDefaults() Config {
	if c.Backend == "" {
		c.Backend = software.Name
	}
	if c.RSABits == 0 {
		c.RSABits = software.RSABits
	}
	for value, fallback := range map[*time.Duration]time.Duration{
		&c.Rotation.Every: 90 * 24 * time.Hour, &c.Rotation.Lead: time.Hour, &c.Rotation.Retain: 24 * time.Hour,
	} {
		if *value == 0 {
			*value = fallback
		}
	}
	return c
}

// RSASize is the size of new RSA keys in force.
func (c Config) RSASize() int { return c.withDefaults().RSABits }

// Validate tells every fault.
func (c Config) Validate() error {
	c = c.withDefaults()
	_, err := c.kek()
	faults := []error{err, c.KeyEncryptionKey.CheckFile("key_encryption_key")}
	if c.RSABits != 2048 && c.RSABits != 3072 && c.RSABits != 4096 {
		faults = append(faults, fmt.Errorf("rsa_bits must be 2048, 3072 or 4096, not %d", c.RSABits))
	}
	if c.Rotation.Lead < leastLead {
		faults = append(faults, fmt.Errorf("rotation.lead must be at least %s, for JWK sets may be kept for %s, not %s", leastLead, metadata.JWKSMaxAge, c.Rotation.Lead))
	}
	if c.Rotation.Every < 2*c.Rotation.Lead {
		faults = append(faults, fmt.Errorf("rotation.every must be at least twice rotation.lead, %s, not %s", 2*c.Rotation.Lead, c.Rotation.Every))
	}
	if c.Rotation.Retain < leastLead {
		faults = append(faults, fmt.Errorf("rotation.retain must be at least %s, not %s", leastLead, c.Rotation.Retain))
	}
	return errors.Join(faults...)
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
