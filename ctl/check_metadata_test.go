package ctl

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/strongroom-fapi/strongroom/fapi/metadata"
)

// TestNullIsJudgedAsAbsent, without a server as a server does it.
func TestNullIsJudgedAsAbsent(t *testing.T) {
	file := filepath.Join(t.TempDir(), "issuer.yaml")
	if err := os.WriteFile(file, []byte(issuerText), 0o600); err != nil {
		t.Fatal(err)
	}
	i, err := readIssuer(file)
	if err != nil {
		t.Fatal(err)
	}
	written := func(change func(map[string]any)) []byte {
		members := map[string]any{
			"redirect_uris": []string{"https://client.example/cb"}, "jwks_uri": "https://client.example/jwks",
			"dpop_bound_access_tokens": true,
		}
		change(members)
		text, err := json.Marshal(members)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	for _, member := range metadata.Members() {
		absent := judge(i, written(func(m map[string]any) { delete(m, member) }))
		null := judge(i, written(func(m map[string]any) { m[member] = nil }))
		if len(null) != len(absent) || len(null) > 0 && null[0].GetDescription() != absent[0].GetDescription() {
			t.Errorf("%s null: %v; absent: %v", member, null, absent)
		}
	}
}

const issuerText = `
name: bank
issuer: https://as.example/bank
mtls_base: https://mtls.as.example/bank
profile: fapi2-security
interaction_url: https://bank.example/login
resource: https://api.bank.example/
scopes: [{name: accounts}]
`
