package layout

import (
	"fmt"
	"strings"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/gateway"
	"github.com/strongroom-fapi/strongroom/platform/audit"
	"github.com/strongroom-fapi/strongroom/platform/network"
	"github.com/strongroom-fapi/strongroom/platform/process"
	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	"github.com/strongroom-fapi/strongroom/platform/secret"
	"github.com/strongroom-fapi/strongroom/platform/sqlconn"
	"github.com/strongroom-fapi/strongroom/sandbox/ecosystem"
	"github.com/strongroom-fapi/strongroom/services/authorize"
	"github.com/strongroom-fapi/strongroom/services/clientreg"
	"github.com/strongroom-fapi/strongroom/services/keys"
	"github.com/strongroom-fapi/strongroom/services/par"
	"github.com/strongroom-fapi/strongroom/services/token"
)

// Configs is the configuration of every part.
type Configs struct {
	Keys      keys.ProcessConfig
	ClientReg clientreg.ProcessConfig
	PAR       par.ProcessConfig
	Authorize authorize.ProcessConfig
	Token     token.ProcessConfig
	Gateway   gateway.ProcessConfig
	Bank      ecosystem.BankConfig
	Directory ecosystem.DirectoryConfig
}

// bankName is the bank in its certificate for the interaction API.
const bankName = "bank"

// Configs makes every part's configuration, with the certificates, keys and
// secrets that it names. Redis is the URL in use, which an embedded one tells
// only when it runs; empty for that of the containers.
func (l *Layout) Configs(redis string) (*Configs, error) {
	b := builder{Layout: l}
	if _, err := l.CA.Server(nil); err != nil {
		return nil, err
	}
	c := &Configs{}
	c.Keys.Config, c.Keys.SQL = b.process(rpc.Keys), b.sql(rpc.Keys)
	c.Keys.Keys.KeyEncryptionKey = b.keep(l.secret(keyEncryptionKey, newKey))

	c.ClientReg.Config, c.ClientReg.SQL, c.ClientReg.Redis = b.process(rpc.ClientReg), b.sql(rpc.ClientReg), b.redis(rpc.ClientReg, redis)
	c.ClientReg.Registry.InitialAccessTokens = []clientreg.InitialAccessToken{
		{Token: b.keep(l.secret(InitialAccessToken, newToken))},
		{Token: b.keep(l.secret(resourceServerToken, newToken)), ResourceServer: true},
	}
	c.ClientReg.Registry.Fetch = b.fetch()
	c.ClientReg.Registry.Admin = b.admin()

	c.PAR.Config, c.PAR.Redis = b.process(rpc.PAR, rpc.Keys, rpc.ClientReg), b.redis(rpc.PAR, redis)

	c.Authorize.Config, c.Authorize.SQL, c.Authorize.Redis = b.process(rpc.Authorize, rpc.Keys, rpc.ClientReg, rpc.PAR), b.sql(rpc.Authorize), b.redis(rpc.Authorize, redis)
	c.Authorize.Authorize = b.interaction()

	c.Token.Config, c.Token.SQL, c.Token.Redis = b.process(rpc.Token, rpc.Keys, rpc.ClientReg, rpc.Authorize), b.sql(rpc.Token), b.redis(rpc.Token, redis)

	c.Gateway.Config = b.process(rpc.Gateway, rpc.Keys, rpc.ClientReg, rpc.PAR, rpc.Authorize, rpc.Token)
	c.Gateway.Gateway = gateway.Config{Public: l.Addresses(Public), Mutual: l.Addresses(Mutual), Certificates: b.certificates(), HSTS: sandboxHSTS}

	c.Bank = b.bank()
	c.Directory = ecosystem.DirectoryConfig{
		Listen: l.Addresses(Directory), Certificates: b.certificates(), Authority: l.authority(), Keys: l.File("directory"),
		Issuer: l.URL(Directory), OperatorToken: b.keep(l.secret(operatorToken, newToken)),
	}
	if l.Unlimited {
		c.PAR.PAR.PushesPerMinute = new(0)
		c.Token.Token.RequestsPerMinute = new(0)
		c.ClientReg.Registry.RegistrationsPerMinute = new(0)
		c.ClientReg.Registry.ParticipantRegistrationsPerMinute = new(0)
	}
	return c, b.err
}

// Audits are where each service keeps its audit trail.
func (c *Configs) Audits() map[rpc.Name]audit.Config {
	return map[rpc.Name]audit.Config{
		rpc.Keys: c.Keys.Audit, rpc.ClientReg: c.ClientReg.Audit, rpc.PAR: c.PAR.Audit,
		rpc.Authorize: c.Authorize.Audit, rpc.Token: c.Token.Audit, rpc.Gateway: c.Gateway.Audit,
	}
}

// builder remembers the first error, so that a configuration reads as one.
type builder struct {
	*Layout
	err error
}

func (b *builder) keep(t secret.Text, err error) secret.Text {
	b.fail(err)
	return t
}

func (b *builder) fail(err error) {
	if b.err == nil {
		b.err = err
	}
}

func (b *builder) identity(name string) network.Identity {
	identity, err := b.CA.Service(name)
	b.fail(err)
	return identity
}

func (b *builder) process(self rpc.Name, callees ...rpc.Name) process.Config {
	c := process.Config{
		Listen:   b.listen(b.servicePort(self)),
		TLS:      b.identity(string(self)),
		Issuers:  b.File("issuers"),
		Services: network.Addresses{},
	}
	c.Audit = audit.Config{Folder: b.AuditFolder(), Instance: auditInstance}
	if b.Containers { // each replica is an instance of its own, by its host's name
		c.Audit = audit.Config{Folder: containerAudit}
	}
	for _, callee := range callees {
		c.Services[callee] = b.at(string(callee), b.servicePort(callee))
	}
	return c
}

func (b *builder) servicePort(name rpc.Name) Port {
	for n, service := range rpc.Names {
		if service == name {
			return firstService + Port(n)
		}
	}
	b.fail(fmt.Errorf("%s is no service", name))
	return 0
}

// oneClock is how far clients' clocks are ahead: everybody here has that of one
// machine.
func oneClock() *time.Duration { return new(time.Duration(0)) }

func (b *builder) redis(service rpc.Name, address string) redisconn.Config {
	if address == "" && b.Containers {
		return b.containerRedis(service)
	}
	return redisconn.Config{URL: b.keep(b.given(redisURL, address)), ClientsAhead: oneClock()}
}

func (b *builder) sql(service rpc.Name) sqlconn.Config {
	switch {
	case b.SQL == "" && b.Containers:
		return b.containerSQL(service)
	case b.SQL != "":
		return sqlconn.Config{DSN: b.keep(b.given(sqlDSN, b.SQL)), Migrate: new(true)}
	}
	return sqlconn.Config{DSN: b.keep(b.given(sqlDSN+"-"+string(service), "sqlite:"+b.File(string(service)+".db")))}
}

func (b *builder) certificates() []gateway.Certificate {
	return []gateway.Certificate{
		{Certificate: b.File("server-ec.pem"), Key: b.File("server-ec-key.pem")},
		{Certificate: b.File("server-rsa.pem"), Key: b.File("server-rsa-key.pem")},
	}
}

// fetch lets the suite reach the directory, which is on no internet, and what the
// user allows.
func (b *builder) fetch() clientreg.Fetch {
	directory := strings.TrimPrefix(b.URL(Directory), "https://")
	fetch := clientreg.Fetch{Allow: append([]string{directory}, b.FetchAllow...), Roots: b.CA.File()}
	if b.Containers {
		fetch.ConnectTo = map[string]string{directory: b.at("directory", Directory)}
	}
	return fetch
}

func (b *builder) interaction() authorize.Config {
	return authorize.Config{Interaction: authorize.Interaction{
		Listen:  b.Addresses(Interaction),
		TLS:     b.identity(string(rpc.Authorize)),
		Callers: []authorize.InteractionCaller{{DNSName: bankName, Issuers: b.issuerNames()}},
	}}
}

func (b *builder) issuerNames() []string {
	set, err := b.Issuers()
	if err != nil {
		b.fail(err)
		return nil
	}
	var names []string
	for _, i := range set.All() {
		names = append(names, i.Name)
	}
	return names
}

func (b *builder) bank() ecosystem.BankConfig {
	return ecosystem.BankConfig{
		Pages:               b.Addresses(BankPages),
		API:                 b.Addresses(BankAPI),
		Certificates:        b.certificates(),
		TrustedCA:           b.CA.File(),
		InteractionAddress:  b.at(string(rpc.Authorize), Interaction),
		InteractionIdentity: b.identity(bankName),
		Issuers:             b.bankIssuers(),
		ConnectTo:           b.connectTo(),
		Resource:            b.URL(BankAPI),
		InitialAccessToken:  b.keep(b.secret(resourceServerToken, newToken)),
	}
}

// bankIssuers are all issuers, as the bank's API must know them.
func (b *builder) bankIssuers() []ecosystem.BankIssuer {
	set, err := b.Issuers()
	if err != nil {
		b.fail(err)
		return nil
	}
	var list []ecosystem.BankIssuer
	for _, i := range set.All() {
		list = append(list, ecosystem.BankIssuer{
			Issuer:     i.Identifier,
			DPoPNonces: i.DPoPNonces,
			Opaque:     i.AccessTokenFormat == issuer.FormatOpaque,
			Credential: b.bankCredential(i.Name),
		})
	}
	return list
}

func (b *builder) bankCredential(issuerName string) string {
	if issuerName == firstIssuer {
		return b.File("resource-servers", "bank.json")
	}
	return b.File("resource-servers", "bank-"+issuerName+".json")
}
