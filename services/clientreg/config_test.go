package clientreg_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/config"
	"github.com/strongroom-fapi/strongroom/platform/network"
	"github.com/strongroom-fapi/strongroom/platform/secret"
	"github.com/strongroom-fapi/strongroom/services/clientreg"
)

func TestProcessConfigIsReadFromYAML(t *testing.T) {
	file := filepath.Join(t.TempDir(), "clientreg.yaml")
	text := `
listen: localhost:9001
tls: {certificate: service.pem, key: service-key.pem, ca: services-ca.pem}
issuers: issuers
sql: {dsn: "sqlite:clients.db"}
redis: {url: "redis://localhost"}
cached_clients: 7
registrations_per_minute: 0
fetch: {allow: ["directory.example:8443"], roots: ca.pem}
initial_access_tokens:
  - {token: 0123456789012345678901, resource_server: true}
`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var cfg clientreg.ProcessConfig
	if err := config.Load(file, &cfg); err != nil {
		t.Fatal(err)
	}
	tokens := cfg.Registry.InitialAccessTokens
	if cfg.Listen != "localhost:9001" || cfg.Registry.CachedClients != 7 || len(tokens) != 1 || !tokens[0].ResourceServer || len(tokens[0].Token.Reveal()) != 22 {
		t.Errorf("configuration is %+v", cfg)
	}
	if limit := cfg.Registry.RegistrationsPerMinute; limit == nil || *limit != 0 || cfg.Registry.Fetch.Allow[0] != "directory.example:8443" || cfg.Registry.Fetch.Roots != "ca.pem" {
		t.Errorf("configuration is %+v", cfg.Registry)
	}
}

func TestConfigValidate(t *testing.T) {
	tests := []struct {
		name string
		cfg  clientreg.Config
		good bool
	}{
		{"nothing: registration is closed", clientreg.Config{}, true},
		{"CRY-4 token of 128 bits", clientreg.Config{InitialAccessTokens: []clientreg.InitialAccessToken{{Token: secret.New(text(22))}}}, true},
		{"CRY-4 shorter token", clientreg.Config{InitialAccessTokens: []clientreg.InitialAccessToken{{Token: secret.New(text(21))}}}, false},
		{"negative cache", clientreg.Config{CachedClients: -1}, false},
		{"no limit of registrations", clientreg.Config{RegistrationsPerMinute: new(0)}, true},
		{"negative limit of registrations", clientreg.Config{RegistrationsPerMinute: new(-1)}, false},
		{"an admin API", clientreg.Config{Admin: adminConfig(func(*clientreg.Admin) {})}, true},
		{"an admin API without a limit of checks", clientreg.Config{Admin: adminConfig(func(a *clientreg.Admin) { a.ChecksPerMinute = new(0) })}, true},
		{"a negative limit of checks", clientreg.Config{Admin: adminConfig(func(a *clientreg.Admin) { a.ChecksPerMinute = new(-1) })}, false},
		{"an admin API without callers", clientreg.Config{Admin: adminConfig(func(a *clientreg.Admin) { a.Callers = nil })}, false},
		{"callers without an admin API", clientreg.Config{Admin: adminConfig(func(a *clientreg.Admin) { a.Listen = nil })}, false},
		{"an admin API without a CA", clientreg.Config{Admin: adminConfig(func(a *clientreg.Admin) { a.TLS.CA = "" })}, false},
		{"issuers that were forgotten, which are not all", clientreg.Config{Admin: adminConfig(func(a *clientreg.Admin) { a.Callers[0].Issuers = nil })}, false},
		{"issuers that are none", clientreg.Config{Admin: adminConfig(func(a *clientreg.Admin) { a.Callers[0].Issuers = []string{} })}, false},
		{"all issuers and one", clientreg.Config{Admin: adminConfig(func(a *clientreg.Admin) { a.Callers[0].Issuers = []string{"*", "bank"} })}, false},
		{"a role of nobody's", clientreg.Config{Admin: adminConfig(func(a *clientreg.Admin) { a.Callers[0].Role = "root" })}, false},
		{"a name without its kind", clientreg.Config{Admin: adminConfig(func(a *clientreg.Admin) { a.Callers[0].Name = "admin" })}, false},
		{"a name that is never compared so", clientreg.Config{Admin: adminConfig(func(a *clientreg.Admin) { a.Callers[0].Name = "dns:Admin" })}, false},
		{"two roles for one name", clientreg.Config{Admin: adminConfig(func(a *clientreg.Admin) {
			a.Callers = append(a.Callers, clientreg.AdminCaller{Name: "dns:admin", Role: "reader", Issuers: []string{"*"}})
		})}, false},
		{"host allowed and elsewhere", clientreg.Config{Fetch: clientreg.Fetch{
			Allow: []string{"localhost:9447"}, ConnectTo: map[string]string{"localhost:9447": "directory:9447"}}}, true},
		{"host elsewhere that is not allowed", clientreg.Config{Fetch: clientreg.Fetch{ConnectTo: map[string]string{"localhost:9447": "directory:9447"}}}, false},
		{"host elsewhere without a port", clientreg.Config{Fetch: clientreg.Fetch{
			Allow: []string{"localhost:9447"}, ConnectTo: map[string]string{"localhost:9447": "directory"}}}, false},
		{"hosts allowed", clientreg.Config{Fetch: clientreg.Fetch{Allow: []string{"localhost:9447", "[::1]:443"}}}, true},
		{"host allowed without a port", clientreg.Config{Fetch: clientreg.Fetch{Allow: []string{"localhost"}}}, false},
		{"host allowed with a port by name", clientreg.Config{Fetch: clientreg.Fetch{Allow: []string{"localhost:https"}}}, false},
		{"any host allowed", clientreg.Config{Fetch: clientreg.Fetch{Allow: []string{":443"}}}, false},
		{"URL allowed", clientreg.Config{Fetch: clientreg.Fetch{Allow: []string{"https://localhost:443"}}}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if err := test.cfg.Validate(); (err == nil) != test.good {
				t.Errorf("error is %v", err)
			}
			if err := start(test.cfg, newIssuer("bank")); (err == nil) != test.good {
				t.Errorf("New: error is %v", err)
			}
		})
	}
}

// start makes a service of one issuer, which reads the files that it is told of.
func start(cfg clientreg.Config, i issuer.Issuer) error {
	_, err := clientreg.New(cfg, clientreg.Deps{Issuers: must(issuer.NewSet(i)), Clock: clock.System})
	return err
}

func TestNewReadsAuthorities(t *testing.T) {
	good, empty := bankCA.file(t), filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	for file, accepted := range map[string]bool{good: true, empty: false, empty + ".missing": false} {
		trusting := newIssuer("bank")
		trusting.ClientCertificates.Authorities = file
		if err := start(clientreg.Config{}, trusting); (err == nil) != accepted {
			t.Errorf("client_certificates.authorities: %v", err)
		}
		if err := start(clientreg.Config{Fetch: clientreg.Fetch{Roots: file}}, newIssuer("bank")); (err == nil) != accepted {
			t.Errorf("fetch.roots: %v", err)
		}
	}
}

func adminConfig(change func(*clientreg.Admin)) clientreg.Admin {
	a := clientreg.Admin{
		Listen: []string{"localhost:9449"}, TLS: network.Identity{Certificate: "a.pem", Key: "a.key", CA: "ca.pem"},
		Callers: []clientreg.AdminCaller{{Name: "dns:admin", Role: "operator", Issuers: []string{"*"}}},
	}
	change(&a)
	return a
}
