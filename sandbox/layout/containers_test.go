package layout_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/strongroom-fapi/strongroom/sandbox/layout"
)

func writeContainers(t *testing.T, dir string) {
	t.Helper()
	place, err := layout.Open(layout.Options{Dir: dir, Port: 9443, Containers: true})
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := place.Configs(place.Redis)
	if err != nil {
		t.Fatal(err)
	}
	if err := place.WriteContainers(cfg); err != nil {
		t.Fatal(err)
	}
}

// holders are the parts in whose folder a file of that name stands.
func holders(t *testing.T, dir, name string) []string {
	t.Helper()
	var found []string
	root := os.DirFS(filepath.Join(dir, "parts"))
	err := fs.WalkDir(root, ".", func(file string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Name() == name {
			part, _, _ := strings.Cut(file, "/")
			found = append(found, part)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// A container that is broken into must not hand out what another part is.
func TestContainersHoldOnlyTheirOwnSecrets(t *testing.T) {
	dir := t.TempDir()
	writeContainers(t, dir)
	for _, row := range []struct {
		secret string
		in     []string
	}{
		{"internal-ca-key.pem", nil},
		{"ca-key.pem", []string{"client", "directory"}},
		{"operators-ca-key.pem", nil},
		{"admin.key", []string{"client"}},
		{"reader.key", []string{"client"}},
		{"admin-listener-key.pem", []string{"clientreg"}},
		{"key-encryption-key", []string{"keys"}},
		{"initial-access-token", []string{"client", "clientreg"}},
		{"resource-server-token", []string{"bank", "clientreg"}},
		{"postgres-password", []string{"postgres"}},
		{"redis.conf", []string{"redis"}},
		{"redis-operator-password", []string{"redis-operator"}},
		{"redis-url-par", []string{"par"}},
		{"redis-url-token", []string{"token"}},
		{"sql-dsn-keys", []string{"keys"}},
		{"sql-dsn-token", []string{"token"}},
		{"sql-dsn", []string{"authorize-migrate", "clientreg-migrate", "keys-migrate", "token-migrate"}},
		{"stores-ca-key.pem", nil},
		{"stores-ca.pem", []string{"authorize", "clientreg", "keys", "par", "token"}},
		{"service-keys-key.pem", []string{"keys"}},
		{"service-clientreg-key.pem", []string{"clientreg"}},
		{"service-par-key.pem", []string{"par"}},
		{"service-authorize-key.pem", []string{"authorize"}},
		{"service-token-key.pem", []string{"token"}},
		{"service-gateway-key.pem", []string{"gateway"}},
		{"service-bank-key.pem", []string{"bank"}},
		{"server-ec-key.pem", []string{"bank", "directory", "gateway"}},
		{"server-rsa-key.pem", []string{"bank", "directory", "gateway"}},
	} {
		t.Run(row.secret, func(t *testing.T) {
			if got := holders(t, dir, row.secret); !slices.Equal(got, row.in) {
				t.Errorf("it is with %v, want %v", got, row.in)
			}
		})
	}
}

func TestContainersNameEachOther(t *testing.T) {
	dir := t.TempDir()
	writeContainers(t, dir)
	for _, row := range []struct{ name, part, want string }{
		{"a service listens on every address of its container", "par", "listen: :9455"},
		{"a service calls another by its name", "token", "keys: keys:9453"},
		{"operators call every address of clientreg's container", "clientreg", "- :9449"},
		{"the bank calls the interaction API at authorize", "bank", "interaction_address: authorize:9448"},
		{"the issuer stays who it is to a browser on the host", "bank", "issuer: https://localhost:9443/fapi2"},
		{"the bank connects to the gateway for it", "bank", "localhost:9443: gateway:9443"},
		{"files are named where the container has them", "keys", "key: " + dir + "/parts/keys/service-keys-key.pem"},
		{"secrets too", "par", "url: file:" + dir + "/parts/par/redis-url-par"},
	} {
		t.Run(row.name, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join(dir, "parts", row.part, "config.yaml"))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(text), row.want) {
				t.Errorf("%q is not in\n%s", row.want, text)
			}
		})
	}
}

// Containers start again on what PostgreSQL and the clients already know.
func TestContainersKeepTheirSecrets(t *testing.T) {
	dir := t.TempDir()
	kept := []string{"postgres/postgres-password", "redis/redis.conf", "redis/users.acl", "keys/sql-dsn-keys", "keys-migrate/sql-dsn", "keys/key-encryption-key", "client/ca.pem", "gateway/service-gateway-key.pem"}
	read := func() (texts []string) {
		for _, file := range kept {
			text, err := os.ReadFile(filepath.Join(dir, "parts", file))
			if err != nil {
				t.Fatal(err)
			}
			texts = append(texts, string(text))
		}
		return texts
	}
	writeContainers(t, dir)
	before := read()
	writeContainers(t, dir)
	for n, text := range read() {
		if text != before[n] {
			t.Errorf("%s changed at the second start", kept[n])
		}
	}
}
