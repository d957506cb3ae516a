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
	// minute at one replica. 0: any number. Default 3000. What is over is
	// answered 429.
	RequestsPerMinute *int `yaml:"token_requests_per_minute"`
}

const defaultRequestsPerMinute = 3000

// limit is the most a minute, or 0 for any number.
func (c Config) limit() int {
	if c.RequestsPerMinute == nil {
		return defaultRequestsPerMinute
	}
	return *c.RequestsPerMinute
}

// Validate tells every fault.
func (c Config) Validate() error {
	if c.limit() < 0 {
		return errors.New("token_requests_per_minute must not be negative; 0 is any number")
	}
	return nil
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
	return errors.Join(c.Config.Validate(), c.Token.Validate(), c.SQL.Validate(), c.Redis.Validate())
}
