package redisconn

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/strongroom-fapi/strongroom/platform/secret"
)

// Config is where a service keeps what expires.
type Config struct {
	// URL is redis://USER:PASSWORD@HOST:PORT/DB for a single Redis,
	// redis+sentinel://HOST:PORT/DB?master_name=NAME for one behind Sentinels, or
	// redis+cluster://USER:PASSWORD@HOST:PORT for a cluster; rediss for TLS. More
	// Sentinels or nodes are added as addr=HOST:PORT; docs/stores.md tells all.
	// Better written as file:PATH of a file that holds it.
	URL secret.Text `yaml:"url"`
	// Roots is a PEM file of authorities that may sign the certificates of Redis.
	// Default those of the operating system.
	Roots string `yaml:"roots,omitempty"`
	// PoolSize is the most connections, to each node of a cluster. Default 16.
	PoolSize int `yaml:"pool_size"`
	// ClientsAhead is how far ahead of the store's the clocks of clients may be.
	// After a store's birth, assertions and DPoP proofs are believed unused only if
	// they were issued later by this much; until then clients are answered 503
	// (docs/stores.md). What is less than the profile's tolerance, down to 0s, lets a
	// client whose clock is ahead by more be replayed once after a birth. Default 30s.
	ClientsAhead *time.Duration `yaml:"clients_ahead,omitempty"`
}

// The tolerance of the profile (SP2-13), and the most that any may have.
const (
	defaultClientsAhead = 30 * time.Second
	mostClientsAhead    = 60 * time.Second
)

func (c Config) clientsAhead() time.Duration {
	if c.ClientsAhead == nil {
		return defaultClientsAhead
	}
	return *c.ClientsAhead
}

const defaultPoolSize = 16

// Every time-out is a second: what cannot be answered by then is answered 503.
const timeout = time.Second

// dials is how often a connection is tried: the library's own five times would be five
// seconds where a machine is gone.
const dials = 1

// none is what the library takes for no retry, and for no second pool, of ten more
// connections, for what goes in one trip.
const none = -1

// Validate tells what is missing.
func (c Config) Validate() error {
	if c.PoolSize < 0 {
		return fmt.Errorf("redis.pool_size must be a number such as 16, not %d", c.PoolSize)
	}
	if ahead := c.clientsAhead(); ahead < 0 || ahead > mostClientsAhead {
		return fmt.Errorf("redis.clients_ahead must be from 0s to %s, not %s", mostClientsAhead, ahead)
	}
	_, err := c.client()
	return err
}

// The form of a deployment of Redis is behind a + in the URL's scheme.
const (
	sentinel = "sentinel"
	cluster  = "cluster"
)

// errURL quotes nothing, for the URL holds a password.
var errURL = errors.New("redis.url must be redis://, redis+sentinel:// or redis+cluster://, or rediss for TLS, as docs/stores.md tells")

// client makes the client that the URL asks for. It connects when first used.
func (c Config) client() (redis.UniversalClient, error) {
	address, form := c.form()
	switch form {
	case "":
		return c.single(address)
	case sentinel:
		return c.behindSentinels(address)
	case cluster:
		return c.ofCluster(address)
	}
	return nil, errURL
}

// form takes the form out of the URL.
func (c Config) form() (address, form string) {
	scheme, rest, _ := strings.Cut(c.URL.Reveal(), "://")
	scheme, form, _ = strings.Cut(scheme, "+")
	return scheme + "://" + rest, form
}

func (c Config) single(address string) (redis.UniversalClient, error) {
	o, err := redis.ParseURL(address)
	if err != nil {
		return nil, errURL
	}
	if err := c.trust(o.TLSConfig); err != nil {
		return nil, err
	}
	o.PoolSize, o.PipelinePoolSize = c.poolSize(), none
	o.MaxRetries, o.DialerRetries, o.DisableIdentity = none, dials, true
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout = timeout, timeout, timeout
	return redis.NewClient(o), nil
}

func (c Config) behindSentinels(address string) (redis.UniversalClient, error) {
	o, err := redis.ParseFailoverURL(address)
	if err != nil || o.ReplicaOnly || o.RouteByLatency || o.RouteRandomly {
		return nil, errURL
	}
	if o.MasterName == "" {
		return nil, errors.New("redis.url: master_name is required with redis+sentinel")
	}
	if err := c.trustEach(o.TLSConfig); err != nil {
		return nil, err
	}
	o.PoolSize, o.PipelinePoolSize = c.poolSize(), none
	o.MaxRetries, o.DialerRetries, o.DisableIdentity = none, dials, true
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout = timeout, timeout, timeout
	return redis.NewFailoverClient(o), nil
}

func (c Config) ofCluster(address string) (redis.UniversalClient, error) {
	o, err := redis.ParseClusterURL(address)
	if err != nil || o.ReadOnly || o.RouteByLatency || o.RouteRandomly {
		return nil, errURL // what is read from a replica may be old
	}
	if err := c.trustEach(o.TLSConfig); err != nil {
		return nil, err
	}
	// MaxRedirects bounds how often a command follows a slot to another node.
	o.PoolSize, o.PipelinePoolSize = c.poolSize(), none
	o.MaxRetries, o.MaxRedirects, o.DialerRetries, o.DisableIdentity = none, 3, dials, true
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout = timeout, timeout, timeout
	client := redis.NewClusterClient(o)
	client.OnNewNode(func(node *redis.Client) { node.AddHook(unrepeated{}) })
	client.AddHook(reloads{client})
	return client, nil
}

func (c Config) poolSize() int {
	if c.PoolSize == 0 {
		return defaultPoolSize
	}
	return c.PoolSize
}

// trustEach lets each node prove the name that it is dialled by, not that of the
// first in the URL.
func (c Config) trustEach(settings *tls.Config) error {
	if settings != nil {
		settings.ServerName = ""
	}
	return c.trust(settings)
}

func (c Config) trust(settings *tls.Config) error {
	if c.Roots == "" {
		return nil
	}
	if settings == nil {
		return errors.New("redis.roots wants rediss in redis.url")
	}
	text, err := os.ReadFile(c.Roots)
	if err != nil {
		return fmt.Errorf("redis.roots: %w", err)
	}
	settings.RootCAs = x509.NewCertPool()
	if !settings.RootCAs.AppendCertsFromPEM(text) {
		return fmt.Errorf("redis.roots: %s holds no certificate in PEM", c.Roots)
	}
	settings.MinVersion = tls.VersionTLS12
	return nil
}
