package layout

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"os"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/secret"
)

// The secrets of a sandbox, each in a file of its own.
const (
	// InitialAccessToken lets its bearer register clients.
	InitialAccessToken = "initial-access-token"
	// resourceServerToken also lets its bearer register resource servers.
	resourceServerToken = "resource-server-token"
	// operatorToken lets its bearer suspend participants of the directory.
	operatorToken    = "directory-operator-token"
	keyEncryptionKey = "key-encryption-key"
	redisURL         = "redis-url"
	sqlDSN           = "sql-dsn"
)

// secret reads a secret's file, or makes it.
func (l *Layout) secret(name string, fresh func() string) (secret.Text, error) {
	path := l.File(name)
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		if err := os.WriteFile(path, []byte(fresh()+"\n"), 0o600); err != nil {
			return secret.Text{}, err
		}
	}
	return secret.FromFile(path)
}

// given keeps a secret that the user gave in a file, for processes to read.
func (l *Layout) given(name, value string) (secret.Text, error) {
	if err := os.WriteFile(l.File(name), []byte(value+"\n"), 0o600); err != nil {
		return secret.Text{}, err
	}
	return secret.FromFile(l.File(name))
}

func newToken() string { return oauth.NewSecret() }

func newKey() string {
	key := make([]byte, 32)
	rand.Read(key) // never fails
	return base64.StdEncoding.EncodeToString(key)
}
