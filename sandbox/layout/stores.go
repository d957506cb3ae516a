package layout

import (
	"errors"
	"net"
	"net/url"
	"strconv"

	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	"github.com/strongroom-fapi/strongroom/platform/sqlconn"
)

// The stores of the containers. Each service has a user of its own at Redis, and
// two roles at PostgreSQL, with passwords that nobody else has.
const (
	redisPort    = "6379"
	postgresPart = "postgres"
	postgresPort = "5432"
	// rolesPart has what makes the roles: a folder that PostgreSQL's image runs
	// when it makes the database.
	rolesPart = "postgres-roles"
	// databaseName is the database, and the superuser, whom no service knows.
	databaseName = "strongroom"

	postgresPassword      = "postgres-password"
	redisOperatorPassword = "redis-operator-password"
)

// redisUsers and sqlUsers are the services that have something there.
var (
	redisUsers = []rpc.Name{rpc.ClientReg, rpc.PAR, rpc.Authorize, rpc.Token}
	sqlUsers   = []rpc.Name{rpc.Keys, rpc.ClientReg, rpc.Authorize, rpc.Token}
)

// redisParts are the nodes of Redis, as containers are named.
func (l *Layout) redisParts() []string {
	parts := []string{"redis"}
	for n := 2; n <= l.RedisNodes; n++ {
		parts = append(parts, "redis-"+strconv.Itoa(n))
	}
	return parts
}

// containerRedis is how a service reaches the containers' Redis.
func (b *builder) containerRedis(service rpc.Name) redisconn.Config {
	password := b.keep(b.secret("redis-password-"+string(service), newToken))
	nodes := b.redisParts()
	address := url.URL{Scheme: "rediss", User: url.UserPassword(string(service), password.Reveal()), Host: net.JoinHostPort(nodes[0], redisPort)}
	if b.RedisNodes > 0 {
		address.Scheme = "rediss+cluster"
		more := url.Values{}
		for _, node := range nodes[1:] {
			more.Add("addr", net.JoinHostPort(node, redisPort))
		}
		address.RawQuery = more.Encode()
	}
	return redisconn.Config{URL: b.keep(b.given(redisURL+"-"+string(service), address.String())), Roots: b.storesCA(), ClientsAhead: oneClock()}
}

// containerSQL is how a service reaches the containers' PostgreSQL, in the role
// that reads and writes rows and changes no table.
func (b *builder) containerSQL(service rpc.Name) sqlconn.Config {
	return sqlconn.Config{DSN: b.keep(b.given(b.dsn(string(service)))), Roots: b.storesCA()}
}

// dsn is the file and the text of how a role reaches PostgreSQL.
func (b *builder) dsn(role string) (file, text string) {
	password := b.keep(b.secret("sql-password-"+role, newToken))
	address := url.URL{Scheme: "postgres", User: url.UserPassword(role, password.Reveal()), Host: net.JoinHostPort(postgresPart, postgresPort), Path: databaseName}
	return sqlDSN + "-" + role, address.String()
}

// storesCA is the file of the authority that signs who is a store.
func (b *builder) storesCA() string {
	file, err := b.CA.StoresFile()
	b.fail(err)
	return file
}

// ownerOf is the role that owns a service's schema and migrates it.
func ownerOf(service rpc.Name) string { return string(service) + "-owner" }

// migrator is the part that migrates a service's schema.
func migrator(service rpc.Name) string { return string(service) + "-migrate" }

// writeStores writes what the containers' Redis and PostgreSQL are configured by,
// each store's in its own part, and a part that migrates for each schema.
func (l *Layout) writeStores() error {
	b := builder{Layout: l}
	var faults []error
	if l.Redis == "" {
		faults = append(faults, b.writeRedis())
	}
	if l.SQL == "" {
		faults = append(faults, b.writePostgres())
	}
	return errors.Join(append(faults, b.err)...)
}

// storeCertificate puts a store's certificate, server.pem and server-key.pem, and
// the authority, ca.pem, into its part.
func (b *builder) storeCertificate(part string) error {
	files, err := b.CA.Store(part)
	if err != nil {
		return err
	}
	return errors.Join(
		copyTree(files.Certificate, b.part(part, "server.pem")),
		copyTree(files.Key, b.part(part, "server-key.pem")),
		copyTree(b.storesCA(), b.part(part, "ca.pem")),
	)
}
