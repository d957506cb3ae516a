package par

import (
	"errors"

	"github.com/strongroom-fapi/strongroom/platform/process"
	"github.com/strongroom-fapi/strongroom/platform/redisconn"
)

// Config is the service's own configuration.
type Config struct {
	// PushesPerMinute is how many requests one client may push in a minute. 0: any
	// number. Default 3000. What is over is answered 429.
	PushesPerMinute *int `yaml:"pushes_per_minute"`
}

const defaultPushesPerMinute = 3000

// limit is the most a minute, or 0 for any number.
func (c Config) limit() int {
	if c.PushesPerMinute == nil {
		return defaultPushesPerMinute
	}
	return *c.PushesPerMinute
}

// Validate tells every fault.
func (c Config) Validate() error {
	if c.limit() < 0 {
		return errors.New("pushes_per_minute must not be negative; 0 is any number")
	}
	return nil
}

// ProcessConfig is the configuration file of strongroom-par. How long a request
// is kept is the issuer's to say.
type ProcessConfig struct {
	process.Config `yaml:",inline"`
	PAR            Config           `yaml:",inline"`
	Redis          redisconn.Config `yaml:"redis"`
}

// Validate tells every fault.
func (c *ProcessConfig) Validate() error {
	return errors.Join(c.Config.Validate(), c.PAR.Validate(), c.Redis.Validate())
}
