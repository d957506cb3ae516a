package token

import (
	"errors"

	"github.com/strongroom-fapi/strongroom/platform/process"
	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/sqlconn"
)

// Config is the service's own configuration.
type Config struct {
	// RequestsPerMinute is how many token requests one client may make in a
	// minute at one replica; 0 is the default of 3000, -1 is without a limit.
	// What is over is answered 429.
	RequestsPerMinute int `yaml:"token_requests_per_minute"`
}

const defaultRequestsPerMinute = 3000

// limit is the most token requests a minute, or 0 for no limit.
func (c Config) limit() int {
	switch {
	case c.RequestsPerMinute == 0:
		return defaultRequestsPerMinute
	case c.RequestsPerMinute < 0:
		return 0
	}
	return c.RequestsPerMinute
}

// ProcessConfig is the configuration file of strongroom-token. How long tokens
// live, and how they are signed, is the issuer's to say.
type ProcessConfig struct {
	process.Config `yaml:",inline"`
	Token          Config           `yaml:",inline"`
	SQL            sqlconn.Config   `yaml:"sql"`
	Redis          redisconn.Config `yaml:"redis"`
}

// Validate tells every fault.
func (c *ProcessConfig) Validate() error {
	return errors.Join(c.Config.Validate(), c.SQL.Validate(), c.Redis.Validate())
}
