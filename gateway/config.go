package gateway

import (
	"errors"
	"fmt"
	"time"

	"github.com/strongroom-fapi/strongroom/platform/clientcert"
	"github.com/strongroom-fapi/strongroom/platform/process"
)

// Config is the gateway's own configuration.
type Config struct {
	// Public are the addresses for browsers and for clients without a
	// certificate, host:port.
	Public []string `yaml:"public"`
	// Mutual are the addresses that ask for a client certificate: what
	// mtls_endpoint_aliases name.
	Mutual []string `yaml:"mutual"`
	// Certificates are the server's, one for each kind of key.
	Certificates []Certificate `yaml:"certificates"`
	// Proxies in front of the mutual listener may speak for their clients: each by
	// the headers of its form, from its own addresses alone (docs/proxies.md). A
	// request takes the first that it fits. Default none: every header that names a
	// certificate counts for nothing.
	Proxies []clientcert.Proxy `yaml:"proxies,omitempty"`
	// HSTS is the max-age of Strict-Transport-Security. Default 8760h, one
	// year, which NET-8 (FAPI 2.0 section 5.2.3) is met by.
	HSTS time.Duration `yaml:"hsts"`
	// Timeout bounds one HTTP request, with every call that it causes. Default
	// 5s.
	Timeout time.Duration `yaml:"timeout"`
	// Linger is how long, after it was asked to end, the gateway still takes
	// requests while /healthz answers 503: as long as a load balancer needs to
	// notice. Default 0s.
	Linger time.Duration `yaml:"linger"`
	// MaxConnections are open at once at each address; more wait to be accepted.
	// Default 4096.
	MaxConnections int `yaml:"max_connections"`
	// Admission protects the services behind from more than they can bear.
	Admission Admission `yaml:"admission"`
}

// Certificate is a PEM chain, leaf first, and its key.
type Certificate struct {
	// Certificate is the PEM chain.
	Certificate string `yaml:"certificate"`
	// Key is the PEM private key.
	Key string `yaml:"key"`
}

func (c Config) withDefaults() Config {
	if c.HSTS == 0 {
		c.HSTS = 365 * 24 * time.Hour
	}
	if c.Timeout == 0 {
		c.Timeout = 5 * time.Second
	}
	return c
}

// Validate tells every fault.
func (c Config) Validate() error {
	var faults []error
	if len(c.Public) == 0 || len(c.Mutual) == 0 || len(c.Certificates) == 0 {
		faults = append(faults, errors.New("public, mutual and certificates are required: the addresses, host:port, of the listener that asks no client certificate and of the one that does, and their server certificates"))
	}
	for n, proxy := range c.Proxies {
		if err := proxy.Validate(); err != nil {
			faults = append(faults, fmt.Errorf("proxies[%d]: %w", n, err))
		}
	}
	for _, member := range []struct {
		name  string
		value time.Duration
	}{{"hsts", c.HSTS}, {"timeout", c.Timeout}, {"linger", c.Linger}} {
		if member.value < 0 {
			faults = append(faults, fmt.Errorf("%s must be a duration such as 5s, not %s", member.name, member.value))
		}
	}
	if c.MaxConnections < 0 {
		faults = append(faults, fmt.Errorf("max_connections must be a number such as 4096, not %d", c.MaxConnections))
	}
	return errors.Join(append(faults, c.Admission.validate())...)
}

// ProcessConfig is the configuration file of strongroom-gateway.
type ProcessConfig struct {
	process.Config `yaml:",inline"`
	Gateway        Config `yaml:",inline"`
}

// Validate tells every fault.
func (c *ProcessConfig) Validate() error {
	return errors.Join(c.Config.Validate(), c.Gateway.Validate())
}
