package keys

import (
	"database/sql"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/platform/config"
	"github.com/strongroom-fapi/strongroom/platform/secret"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
)

func TestKeyEncryptionKey(t *testing.T) {
	encoded := func(length int) string {
		return base64.StdEncoding.EncodeToString([]byte(strings.Repeat("q", length)))
	}
	tests := []struct {
		name, value, want string
	}{
		{"32 bytes", encoded(32), ""},
		{"missing", "", "required"},
		{"16 bytes", encoded(16), "16 bytes"},
		{"33 bytes", encoded(33), "33 bytes"},
		{"hexadecimal of 32 bytes", strings.Repeat("71", 32), "48 bytes"},
		{"not base64", "qqqq-not-base64!", "not base64"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := Config{KeyEncryptionKey: secret.New(test.value)}.Validate()
			switch {
			case test.want == "" && err != nil:
				t.Error(err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("got %v, want %q", err, test.want)
			case err != nil && test.value != "" && strings.Contains(err.Error(), test.value[:8]):
				t.Errorf("%q repeats the secret", err)
			}
		})
	}
}

func TestProcessConfigFile(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	kek := write("kek", configWith("k").KeyEncryptionKey.Reveal()+"\n")
	const common = "listen: 127.0.0.1:0\ntls: {certificate: a.pem, key: a.key, ca: ca.pem}\nissuers: /etc/strongroom/issuers\nsql:\n  dsn: sqlite:keys.db\n"
	var cfg ProcessConfig
	if err := config.Load(write("good.yaml", common+"key_encryption_key: file:"+kek+"\n"), &cfg); err != nil {
		t.Fatal(err)
	}
	if cfg.Issuers != "/etc/strongroom/issuers" || cfg.SQL.DSN.Reveal() != "sqlite:keys.db" || cfg.Keys.KeyEncryptionKey.Reveal() != configWith("k").KeyEncryptionKey.Reveal() {
		t.Errorf("read %+v", cfg)
	}
	err := config.Load(write("empty.yaml", ""), &ProcessConfig{})
	for _, member := range []string{"issuers", "sql.dsn", "key_encryption_key"} {
		if err == nil || !strings.Contains(err.Error(), member) {
			t.Errorf("%v does not name %s", err, member)
		}
	}
}

// TestSecretInALooseFile is a key-encryption key that others on the machine can read.
func TestSecretInALooseFile(t *testing.T) {
	for mode, refused := range map[os.FileMode]bool{0o600: false, 0o400: false, 0o640: false, 0o644: true, 0o604: true, 0o660: true, 0o602: true} {
		path := filepath.Join(t.TempDir(), "kek")
		if err := os.WriteFile(path, []byte(configWith("k").KeyEncryptionKey.Reveal()), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		kek, err := secret.FromFile(path)
		if err != nil {
			t.Fatal(err)
		}
		err = Config{KeyEncryptionKey: kek}.Validate()
		if (err != nil) != refused {
			t.Errorf("mode %04o: %v", mode, err)
		}
		if err != nil && (!strings.Contains(err.Error(), "chmod 600") || !strings.Contains(err.Error(), "key_encryption_key")) {
			t.Errorf("%q does not say what to do", err)
		}
	}
}

func TestRotationConfig(t *testing.T) {
	tests := []struct {
		name string
		cfg  Config
		want string
	}{
		{"defaults", Config{}, ""},
		{"the least", Config{Rotation: Rotation{Every: 12 * time.Minute, Lead: 6 * time.Minute, Retain: 6 * time.Minute}}, ""},
		{"a lead shorter than JWK sets are kept", Config{Rotation: Rotation{Lead: 5 * time.Minute}}, "rotation.lead"},
		{"a successor before the key is used", Config{Rotation: Rotation{Every: 90 * time.Minute}}, "rotation.every"},
		{"forgotten at once", Config{Rotation: Rotation{Retain: time.Second}}, "rotation.retain"},
		{"negative", Config{Rotation: Rotation{Every: -time.Hour}}, "rotation.every"},
		{"RSA of 1024 bits (CRY-2)", Config{RSABits: 1024}, "rsa_bits"},
		{"RSA of 4096 bits", Config{RSABits: 4096}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.cfg.KeyEncryptionKey = configWith("k").KeyEncryptionKey
			err := test.cfg.Validate()
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// TestUnknownBackend: a backend that this program does not have is named, with those
// that it has; nothing else is taken in its place.
func TestUnknownBackend(t *testing.T) {
	storetest.EachSQL(t, Migrations, func(t *testing.T, db *sql.DB) {
		cfg := configWith("k")
		cfg.Backend = "pkcs11"
		_, err := New(t.Context(), cfg, depsOf(db, quick(t)))
		if err == nil || !strings.Contains(err.Error(), "strongroom-keys-native") || !strings.Contains(err.Error(), "software") {
			t.Errorf("got %v", err)
		}
	})
}
