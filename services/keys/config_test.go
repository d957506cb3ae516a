package keys

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/strongroom-fapi/strongroom/platform/config"
	"github.com/strongroom-fapi/strongroom/platform/secret"
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
	const common = "listen: 127.0.0.1:0\nissuers: /etc/strongroom/issuers\nsql:\n  dsn: sqlite:keys.db\n"
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
