package token

import (
	"errors"

	"github.com/strongroom-fapi/strongroom/platform/process"
	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/sqlconn"
)

// ProcessConfig is the configuration file of strongroom-token. How long tokens
// live, and how they are signed, is the issuer's to say.
type ProcessConfig struct {
	process.Config `yaml:",inline"`
	SQL            sqlconn.Config   `yaml:"sql"`
	Redis          redisconn.Config `yaml:"redis"`
}

// Validate tells every fault.
func (c *ProcessConfig) Validate() error {
	return errors.Join(c.Config.Validate(), c.SQL.Validate(), c.Redis.Validate())
}
