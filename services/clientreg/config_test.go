package clientreg_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/strongroom-fapi/strongroom/platform/config"
	"github.com/strongroom-fapi/strongroom/platform/secret"
	"github.com/strongroom-fapi/strongroom/services/clientreg"
)

func TestProcessConfigIsReadFromYAML(t *testing.T) {
	file := filepath.Join(t.TempDir(), "clientreg.yaml")
	text := `
listen: localhost:9001
issuers: issuers
sql: {dsn: "sqlite:clients.db"}
redis: {url: "redis://localhost"}
cached_clients: 7
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
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if err := test.cfg.Validate(); (err == nil) != test.good {
				t.Errorf("error is %v", err)
			}
			if _, err := clientreg.New(test.cfg, clientreg.Deps{}); (err == nil) != test.good {
				t.Errorf("New: error is %v", err)
			}
		})
	}
}
