package resource

import (
	"crypto/ecdsa"
	"encoding/json"
	"maps"
	"net/http"
	"testing"

	"github.com/strongroom-fapi/strongroom/fapi/binding"
	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// takesDPoP has the API called where its clients do not find this server: the
// Host header of every test names another.
func takesDPoP(config *Config, _ *Deps) { config.BaseURL = accountsAPI + "/" }

func demandsNonces(_ *Config, deps *Deps) { deps.Nonces = serverNonces }

var serverNonces = binding.NewNonces([]byte("key"), "rs")

// dpopBank is a bank whose holder has a DPoP key.
type dpopBank struct {
	*bank
	key *ecdsa.PrivateKey
}

func newDPoPBank(t testing.TB, mode Mode, introspect func(*bank) Introspector, changes ...func(*Config, *Deps)) *dpopBank {
	t.Helper()
	all := append([]func(*Config, *Deps){takesDPoP}, changes...)
	return &dpopBank{bank: newBank(t, mode, introspect, all...), key: newECKey(t)}
}

// bound is a good token that is bound to the holder's key, but for the changes.
func (b *dpopBank) bound(changes map[string]any) string {
	b.t.Helper()
	all := map[string]any{"cnf": map[string]any{"jkt": jkt(b.t, b.key)}}
	maps.Copy(all, changes)
	return b.token(all)
}

func jkt(t testing.TB, key *ecdsa.PrivateKey) string {
	t.Helper()
	public, err := jose.NewKey(key.Public(), "")
	if err != nil {
		t.Fatal(err)
	}
	return public.Thumbprint()
}

// proof is a good proof for GET / with a token, but for the changes.
func (b *dpopBank) proof(token string, changes map[string]any) string {
	b.t.Helper()
	return b.proofBy(b.key, token, changes)
}

func (b *dpopBank) proofBy(key *ecdsa.PrivateKey, token string, changes map[string]any) string {
	b.t.Helper()
	claims := map[string]any{
		"jti": oauth.NewID(), "htm": http.MethodGet, "htu": accountsAPI + "/",
		"iat": b.clock.Now().Unix(), "ath": oauth.Hash(token),
	}
	maps.Copy(claims, changes)
	maps.DeleteFunc(claims, func(_ string, value any) bool { return value == nil })
	payload, err := json.Marshal(claims)
	if err != nil {
		b.t.Fatal(err)
	}
	proof, err := jose.SignProof(jose.ES256, "dpop+jwt", payload, key)
	if err != nil {
		b.t.Fatal(err)
	}
	return proof
}

// show calls GET / with a token under DPoP and a proof.
func (b *dpopBank) show(token, proof string) reply {
	b.t.Helper()
	return b.get("/", dpopHeader(token, proof))
}

func dpopHeader(token string, proofs ...string) http.Header {
	return http.Header{"Authorization": {"DPoP " + token}, "Dpop": proofs}
}
