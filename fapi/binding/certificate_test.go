package binding

import (
	"encoding/json"
	"testing"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

func TestThumbprint(t *testing.T) {
	// SHA-256 of the three bytes "abc", FIPS 180-2 B.1, as base64url.
	if got := Thumbprint([]byte("abc")); got != "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0" {
		t.Errorf("got %s", got)
	}
}

func TestHeldByCertificate(t *testing.T) {
	ours, other := []byte("our certificate"), []byte("another")
	bound := Confirmation{CertificateThumbprint: Thumbprint(ours)}
	for _, row := range []struct {
		name         string
		confirmation Confirmation
		certificate  []byte
		want         bool
	}{
		{"our certificate", bound, ours, true},
		{"another certificate (MTLS-5)", bound, other, false},
		{"no certificate", bound, nil, false},
		{"a token that is bound to a key", Confirmation{KeyThumbprint: Thumbprint(ours)}, ours, false},
		{"a token that is not bound", Confirmation{}, ours, false},
		{"neither bound nor brought", Confirmation{}, nil, false},
		{"bound to the hash of nothing, nothing brought", Confirmation{CertificateThumbprint: Thumbprint(nil)}, nil, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := row.confirmation.HeldByCertificate(row.certificate); got != row.want {
				t.Errorf("got %t", got)
			}
		})
	}
}

func TestHeldByKey(t *testing.T) {
	bound := Confirmation{KeyThumbprint: "key-1"}
	for _, row := range []struct {
		name         string
		confirmation Confirmation
		proof        *Proof
		want         bool
	}{
		{"the key", bound, &Proof{KeyThumbprint: "key-1"}, true},
		{"another key (BAD-141)", bound, &Proof{KeyThumbprint: "key-2"}, false},
		{"no proof", bound, nil, false},
		{"a token that is bound to a certificate", Confirmation{CertificateThumbprint: "key-1"}, &Proof{KeyThumbprint: "key-1"}, false},
		{"neither bound nor named", Confirmation{}, &Proof{}, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := row.confirmation.HeldByKey(row.proof); got != row.want {
				t.Errorf("got %t", got)
			}
		})
	}
}

// TestConfirmationSpelling is the cnf of RFC 8705 §3.1 and RFC 9449 §6.1: one
// member, spelled as there.
func TestConfirmationSpelling(t *testing.T) {
	for _, row := range []struct {
		confirmation Confirmation
		json, scheme string
	}{
		{Confirmation{CertificateThumbprint: "a"}, `{"x5t#S256":"a"}`, oauth.TokenTypeBearer},
		{Confirmation{KeyThumbprint: "b"}, `{"jkt":"b"}`, oauth.TokenTypeDPoP},
	} {
		if got, err := json.Marshal(row.confirmation); err != nil || string(got) != row.json {
			t.Errorf("got %s, %v, want %s", got, err, row.json)
		}
		if got := row.confirmation.Scheme(); got != row.scheme {
			t.Errorf("%s: the token_type is %s (DPOP-7)", row.json, got)
		}
	}
}
