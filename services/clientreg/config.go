package clientreg

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"

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
	// RegistrationsPerMinute is how many clients the bearer of one initial access
	// token may register at one issuer in a minute. 0: any number. Default 600.
	// What is over is answered 429.
	RegistrationsPerMinute *int `yaml:"registrations_per_minute"`
	// ParticipantRegistrationsPerMinute is how many clients one participant of a
	// trust framework may register at one issuer in a minute, by whatever token. 0:
	// any number. Default 60. What is over is answered 429, and harms no other
	// participant.
	ParticipantRegistrationsPerMinute *int `yaml:"participant_registrations_per_minute"`
	// CachedClients is how many clients are kept in memory with their keys
	// parsed, each taking 4 KiB on average at most. Who is not among them is read
	// from SQL when it comes. Default 131072: at most 512 MiB.
	CachedClients int `yaml:"cached_clients"`
	// Fetch is how documents are got that clients and trust frameworks publish.
	Fetch Fetch `yaml:"fetch"`
	// Admin is the listener for operators.
	Admin Admin `yaml:"admin"`
}

// Fetch is the way out to the internet. Without a word here, it leads to hosts
// with a public name and address alone, at port 443.
type Fetch struct {
	// Allow are hosts, host:port, that may have any name, port and address: a
	// directory in the own network, for instance. Default none.
	Allow []string `yaml:"allow"`
	// Roots is a PEM file of authorities that may sign such hosts' certificates,
	// besides those of the operating system. Default none.
	Roots string `yaml:"roots"`
	// ConnectTo says where to connect, host:port, for one of Allow; for where its
	// name does not lead from here. The server must still be who the name says.
	// Default: where the name leads.
	ConnectTo map[string]string `yaml:"connect_to,omitempty"`
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

const (
	defaultCachedClients                     = 131072
	defaultRegistrationsPerMinute            = 600
	defaultParticipantRegistrationsPerMinute = 60
)

// registrationsPerMinute is 0 for any number.
func (c Config) registrationsPerMinute() int {
	if c.RegistrationsPerMinute == nil {
		return defaultRegistrationsPerMinute
	}
	return *c.RegistrationsPerMinute
}

// participantRegistrationsPerMinute is 0 for any number.
func (c Config) participantRegistrationsPerMinute() int {
	if c.ParticipantRegistrationsPerMinute == nil {
		return defaultParticipantRegistrationsPerMinute
	}
	return *c.ParticipantRegistrationsPerMinute
}

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
	if c.registrationsPerMinute() < 0 {
		faults = append(faults, errors.New("registrations_per_minute must not be negative"))
	}
	if c.participantRegistrationsPerMinute() < 0 {
		faults = append(faults, errors.New("participant_registrations_per_minute must not be negative"))
	}
	return errors.Join(append(faults, c.Fetch.validate(), c.Admin.validate())...)
}

func (f Fetch) validate() error {
	var faults []error
	for i, allowed := range f.Allow {
		if !isHostPort(allowed) {
			faults = append(faults, fmt.Errorf("fetch.allow[%d] must be host:port, not %q", i, allowed))
		}
	}
	for from, to := range f.ConnectTo {
		if !slices.Contains(f.Allow, from) || !isHostPort(to) {
			faults = append(faults, fmt.Errorf("fetch.connect_to.%s must lead from one of fetch.allow to a host:port", from))
		}
	}
	return errors.Join(faults...)
}

func isHostPort(text string) bool {
	host, port, err := net.SplitHostPort(text)
	number, parseErr := strconv.ParseUint(port, 10, 16)
	return err == nil && parseErr == nil && number > 0 && host != ""
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
