package par

import (
	"errors"

	"github.com/strongroom-fapi/strongroom/platform/process"
	"github.com/strongroom-fapi/strongroom/platform/redisconn"
)

// ProcessConfig is the configuration file of strongroom-par. How long a request
// is kept is the issuer's to say.
type ProcessConfig struct {
	process.Config `yaml:",inline"`
	Redis          redisconn.Config `yaml:"redis"`
}

// Validate tells every fault.
func (c *ProcessConfig) Validate() error {
	return errors.Join(c.Config.Validate(), c.Redis.Validate())
}
