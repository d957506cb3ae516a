package binding

import (
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// FuzzVerifyProof: whatever comes, the answer is a whole proof or one refusal
// that a client may see.
func FuzzVerifyProof(f *testing.F) {
	key := newKey(f)
	for _, seed := range []string{
		forge(header(key, nil), claims(nil), key),
		forge(header(key, nil), claims(object{"nonce": "n", "exp": at(time.Minute), "nbf": 1.5, "ath": "x"}), key),
		forge(header(key, object{"jwk": nil}), claims(nil), key),
		forge(header(key, nil), claims(object{"htu": "https://AS.EXAMPLE:443/%62ank/./token?q#f"}), key),
		"", "..", "e30.e30.", "a.b.c",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, compact string) {
		proof, err := VerifyProof(compact, terms())
		if err != nil {
			if refusal, ok := oauth.AsError(err); !ok || refusal.Code != oauth.CodeInvalidDPoPProof || proof != nil {
				t.Errorf("answered %v, %v", proof, err)
			}
			return
		}
		if !ValidThumbprint(proof.KeyThumbprint) || proof.ReplayID == "" || !proof.Expires.After(start) {
			t.Errorf("proof is %+v", proof)
		}
	})
}
