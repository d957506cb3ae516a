package keys

import (
	"crypto"
	"crypto/rsa"
	"fmt"

	"github.com/strongroom-fapi/strongroom/services/keys/backend"
	"github.com/strongroom-fapi/strongroom/services/keys/backend/software"
)

// Native is what a program brings beside pure Go. strongroom-keys brings nothing,
// so that its image stays static; strongroom-keys-native (services/keys/native)
// brings PKCS #11 and OpenSSL.
type Native struct {
	// Backends keep keys elsewhere than in this process.
	Backends []backend.Backend
	// RSA signs in the place of Go's own RSA. Default none.
	RSA func(*rsa.PrivateKey) (crypto.Signer, error)
}

// backendsOf are all backends of this program by name. The software one is always
// there: it opens the keys that were made before another was configured.
func backendsOf(kek []byte, cfg Config, native Native) (map[string]backend.Backend, error) {
	wrapping, err := software.New(kek, software.Options{RSABits: cfg.RSABits, RSA: native.RSA})
	if err != nil {
		return nil, err
	}
	backends := map[string]backend.Backend{wrapping.Name(): wrapping}
	for _, b := range native.Backends {
		backends[b.Name()] = b
	}
	return backends, nil
}

func errBackend(name, known string) error {
	return fmt.Errorf("backend: this program has no backend %q, only %s; pkcs11 needs strongroom-keys-native and its section pkcs11", name, known)
}
