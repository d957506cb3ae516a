package clientreg

import (
	"errors"
	"fmt"

	"github.com/strongroom-fapi/strongroom/platform/process"
	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/secret"
	"github.com/strongroom-fapi/strongroom/platform/sqlconn"
)

// Config is what the registry is told.
type Config struct {
	// InitialAccessTokens let their bearers register clients, at every issuer
	// (RFC 7591 §3). Default none: registration is closed.
	InitialAccessTokens []InitialAccessToken `yaml:"initial_access_tokens"`
	// CachedClients is how many clients are kept in memory with their keys
	// parsed. Default 4096.
	CachedClients int `yaml:"cached_clients"`
}

// InitialAccessToken is one token and what it opens.
type InitialAccessToken struct {
	// Token is at least 22 characters, as 128 random bits have in base64url.
	// Better written as file:PATH.
	Token secret.Text `yaml:"token"`
	// ResourceServer permits to register resource servers too, by the member
	// resource. Default false: the member is ignored.
	ResourceServer bool `yaml:"resource_server"`
}

// minInitialToken is the shortest token: 128 bits, CRY-4 (FAPI 2.0 §5.4.1-4).
const minInitialToken = 22

const defaultCachedClients = 4096

func (c Config) cachedClients() int {
	if c.CachedClients == 0 {
		return defaultCachedClients
	}
	return c.CachedClients
}

// Validate tells every fault.
func (c Config) Validate() error {
	var faults []error
	for i, t := range c.InitialAccessTokens {
		if len(t.Token.Reveal()) < minInitialToken {
			faults = append(faults, fmt.Errorf("initial_access_tokens[%d].token must have at least %d characters", i, minInitialToken))
		}
	}
	if c.CachedClients < 0 {
		faults = append(faults, errors.New("cached_clients must not be negative"))
	}
	return errors.Join(faults...)
}

// ProcessConfig is the configuration file of strongroom-clientreg.
type ProcessConfig struct {
	process.Config `yaml:",inline"`
	SQL            sqlconn.Config   `yaml:"sql"`
	Redis          redisconn.Config `yaml:"redis"`
	Registry       Config           `yaml:",inline"`
}

// Validate tells every fault.
func (c *ProcessConfig) Validate() error {
	return errors.Join(c.Config.Validate(), c.SQL.Validate(), c.Redis.Validate(), c.Registry.Validate())
}
