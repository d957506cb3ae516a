package authorize

import (
	"errors"

	"github.com/strongroom-fapi/strongroom/platform/network"
	"github.com/strongroom-fapi/strongroom/platform/process"
	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/sqlconn"
)

// Config is the service's own configuration.
type Config struct {
	Interaction Interaction `yaml:"interaction"`
}

// Interaction is the listener on which a bank's login and consent app reads and
// answers interactions.
type Interaction struct {
	// Listen are its addresses, host:port. They are never public ones.
	Listen []string `yaml:"listen"`
	// TLS is the listener's certificate, and the CA of those who may call.
	TLS network.Identity `yaml:"tls"`
	// Callers may use the API.
	Callers []InteractionCaller `yaml:"callers"`
}

// InteractionCaller is one login and consent app.
type InteractionCaller struct {
	// DNSName is the only DNS name in the app's certificate.
	DNSName string `yaml:"dns_name"`
	// Issuers are the names of the issuers whose interactions it may see.
	Issuers []string `yaml:"issuers"`
}

// Validate tells every fault.
func (c Config) Validate() error {
	if len(c.Interaction.Listen) == 0 || len(c.Interaction.Callers) == 0 {
		return errors.New("interaction.listen and interaction.callers are required: without them no user can log in")
	}
	return nil
}

// ProcessConfig is the configuration file of strongroom-authorize.
type ProcessConfig struct {
	process.Config `yaml:",inline"`
	Authorize      Config           `yaml:",inline"`
	Redis          redisconn.Config `yaml:"redis"`
	SQL            sqlconn.Config   `yaml:"sql"`
}

// Validate tells every fault.
func (c *ProcessConfig) Validate() error {
	return errors.Join(c.Config.Validate(), c.Authorize.Validate(), c.Redis.Validate(), c.SQL.Validate())
}
