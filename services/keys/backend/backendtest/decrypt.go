package backendtest

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/jose/josetest"
	"github.com/strongroom-fapi/strongroom/services/keys/backend"
)

// decrypted encrypts to the public half, decrypts with the private one, and has a
// damaged copy refused as the sender's fault, not the device's.
func decrypted(t *testing.T, public *jose.Key, key backend.Key) error {
	t.Helper()
	payload := []byte("a request object")
	compact := josetest.Encrypt(t, public, "A256GCM", payload)
	encrypted, err := jose.ParseEncrypted(compact)
	if err != nil {
		return err
	}
	plain, err := encrypted.Decrypt(key)
	if err != nil {
		return err
	}
	if !bytes.Equal(plain, payload) {
		return fmt.Errorf("decrypted to %q", plain)
	}
	parts := strings.Split(compact, ".")
	if parts[1] == "" {
		return nil // ECDH-ES has no encrypted key to damage
	}
	parts[1] = strings.Repeat("A", len(parts[1]))
	if encrypted, err = jose.ParseEncrypted(strings.Join(parts, ".")); err != nil {
		return err
	}
	if _, err := encrypted.Decrypt(key); !errors.Is(err, jose.ErrDecryption) {
		return fmt.Errorf("a damaged key: %w, want ErrDecryption", err)
	}
	return nil
}
