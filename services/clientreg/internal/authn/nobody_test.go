package authn

import (
	"encoding/base64"
	"errors"
	"testing"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/profile"
)

// TestNobodyHasAKeyForEveryAlgorithm: otherwise an unknown client is refused
// sooner than a bad signature (CA-1).
func TestNobodyHasAKeyForEveryAlgorithm(t *testing.T) {
	for _, algorithm := range profile.FAPI2Security.SigningAlgorithms {
		key, err := jose.NewKey(nobody[algorithm], "any")
		if err != nil {
			t.Errorf("%s: %v", algorithm, err)
			continue
		}
		signed, err := jose.Parse(base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"`+string(algorithm)+`","kid":"any"}`)) + ".e30." +
			base64.RawURLEncoding.EncodeToString(make([]byte, 64)))
		if err != nil {
			t.Fatal(err)
		}
		if err := signed.Verify(jose.NewKeySet(key), algorithm); !errors.Is(err, jose.ErrSignature) {
			t.Errorf("%s: no signature was checked: %v", algorithm, err)
		}
	}
}
