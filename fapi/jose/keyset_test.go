package jose

import (
	"slices"
	"strings"
	"testing"
)

func TestParseKeySet(t *testing.T) {
	ec := ecJWK(&ecPrivate.PublicKey, `,"kid":"a"`)
	other := ecJWK(&ecOther.PublicKey, `,"kid":"a"`)
	p384 := ecJWK(&p384Private.PublicKey, `,"kid":"p"`)
	many := func(n int) string { return `{"keys":[` + strings.TrimSuffix(strings.Repeat(ec+",", n), ",") + `]}` }
	tests := []struct {
		name, set  string
		keys       int
		duplicates []string
		want       error
	}{
		{"one", `{"keys":[` + ec + `]}`, 1, nil, nil},
		{"none", `{"keys":[]}`, 0, nil, nil},
		{"unknown members are ignored", `{"keys":[` + ec + `],"issuer":{"a":1}}`, 1, nil, nil},
		{"P-384 is passed over", `{"keys":[` + p384 + `,` + ec + `]}`, 1, nil, nil},
		{"Ed448 is passed over", `{"keys":[{"kty":"OKP","crv":"Ed448","x":"AA"},` + ec + `]}`, 1, nil, nil},
		{"unknown kty is passed over", `{"keys":[{"kty":"AKP","alg":"ML-DSA-44","pub":"AA"},` + ec + `]}`, 1, nil, nil},
		{"RS256 is passed over", `{"keys":[` + rsaJWK(rsaPrivate.N, "AQAB", `,"alg":"RS256"`) + `,` + ec + `]}`, 1, nil, nil},
		{"use tls is passed over", `{"keys":[` + ecJWK(&ecPrivate.PublicKey, `,"use":"tls"`) + `,` + ec + `]}`, 1, nil, nil},
		{"encryption key is kept", `{"keys":[` + ecJWK(&ecPrivate.PublicKey, `,"use":"enc","alg":"ECDH-ES"`) + `]}`, 1, nil, nil},
		{"CRY-6 duplicate kid is reported", `{"keys":[` + ec + `,` + other + `]}`, 2, []string{"a"}, nil},
		{"64 keys", many(64), 64, []string{"a"}, nil},
		{"65 keys", many(65), 0, nil, ErrMalformed},
		{"private key beside a public one", `{"keys":[` + ec + `,` + ecJWK(&ecOther.PublicKey, `,"d":"AAAA"`) + `]}`, 0, nil, ErrKey},
		{"private key of a curve passed over", `{"keys":[` + ecJWK(&p384Private.PublicKey, `,"d":"AAAA"`) + `]}`, 0, nil, ErrKey},
		{"symmetric key", `{"keys":[` + ec + `,{"kty":"oct","k":"AAAA"}]}`, 0, nil, ErrKey},
		{"symmetric key without its k", `{"keys":[{"kty":"oct"}]}`, 0, nil, ErrKey},
		{"private key of a kty passed over", `{"keys":[{"kty":"AKP","alg":"ML-DSA-44","pub":"AA","priv":"AAAA"}]}`, 0, nil, ErrKey},
		{"BAD-18 RSA of 1024 bits", `{"keys":[` + ec + `,` + rsaJWK(odd(1024), "AQAB", "") + `]}`, 0, nil, ErrKey},
		{"keys missing", `{}`, 0, nil, ErrMalformed},
		{"keys null", `{"keys":null}`, 0, nil, ErrMalformed},
		{"keys an object", `{"keys":{}}`, 0, nil, ErrMalformed},
		{"keys twice", `{"keys":[],"keys":[` + ec + `]}`, 0, nil, ErrMalformed},
		{"THR-19 Keys", `{"Keys":[` + ec + `]}`, 0, nil, ErrMalformed},
		{"a key null", `{"keys":[null]}`, 0, nil, ErrMalformed},
		{"a key with a repeated member", `{"keys":[` + ecJWK(&ecPrivate.PublicKey, `,"use":"sig","use":"enc"`) + `]}`, 0, nil, ErrMalformed},
		{"a bare key", ec, 0, nil, ErrMalformed},
		{"longer than 256 KiB", `{"keys":[],"pad":"` + strings.Repeat("a", MaxKeySet) + `"}`, 0, nil, ErrMalformed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			set, err := ParseKeySet([]byte(test.set))
			wantError(t, err, test.want, "AAAA")
			if err != nil {
				return
			}
			if len(set.Keys()) != test.keys || !slices.Equal(set.DuplicateIDs(), test.duplicates) {
				t.Errorf("%d keys, duplicates %q", len(set.Keys()), set.DuplicateIDs())
			}
		})
	}
}

// TestParsePublishedKeySet: of a set that its owner publishes the good keys serve,
// whatever stands beside them (RFC 7517 §5); what is no set is none.
func TestParsePublishedKeySet(t *testing.T) {
	ec := ecJWK(&ecPrivate.PublicKey, `,"kid":"a"`)
	for _, row := range []struct {
		name, beside string
		refused      int
		want         error
	}{
		{"P-384, which is not served", ecJWK(&p384Private.PublicKey, ""), 0, nil},
		{"an unknown kty", `{"kty":"AKP","alg":"ML-DSA-44","pub":"AA"}`, 0, nil},
		{"BAD-18 RSA of 1024 bits", rsaJWK(odd(1024), "AQAB", `,"kid":"a"`), 1, nil},
		{"BAD-133 a private key", ecJWK(&ecOther.PublicKey, `,"kid":"a","d":"AAAA"`), 1, nil},
		{"a symmetric key", `{"kty":"oct","k":"AAAA"}`, 1, nil},
		{"a point off the curve", `{"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"}`, 1, nil},
		{"a required member missing", `{"kty":"EC","crv":"P-256"}`, 1, nil},
		{"a member of another type", `{"kty":"EC","crv":"P-256","x":5,"y":[]}`, 1, nil},
		{"THR-19 a member in another case", `{"KTY":"EC"}`, 1, nil},
		{"null", `null`, 1, nil},
		{"no object", `"key"`, 1, nil},
		{"a repeated member", `{"kty":"EC","kty":"RSA"}`, 0, ErrMalformed},
		{"no JSON", `{`, 0, ErrMalformed},
	} {
		t.Run(row.name, func(t *testing.T) {
			set, refused, err := ParsePublishedKeySet([]byte(`{"keys":[` + row.beside + `,` + ec + `]}`))
			if wantError(t, err, row.want, "AAAA"); err != nil {
				return
			}
			if len(refused) != row.refused || len(set.Keys()) != 1 || set.Keys()[0].Thumbprint() != must(ParseKey([]byte(ec))).Thumbprint() {
				t.Errorf("%d keys, refused %v", len(set.Keys()), refused)
			}
		})
	}
	for _, none := range []string{`{}`, `{"keys":null}`, `{"keys":{}}`, `{"keys":[],"keys":[]}`, `{"Keys":[]}`, ec, `[` + ec + `]`,
		`{"keys":[` + strings.TrimSuffix(strings.Repeat(ec+",", 65), ",") + `]}`, `{"keys":[],"pad":"` + strings.Repeat("a", MaxKeySet) + `"}`} {
		if _, _, err := ParsePublishedKeySet([]byte(none)); err == nil {
			t.Errorf("%.40s: was taken", none)
		}
	}
}

// TestKeySetWritesPublicMembersOnly is BAD-191 for what the server publishes.
func TestKeySetWritesPublicMembersOnly(t *testing.T) {
	raw := must(NewKeySet(edKeyPublic).MarshalJSON())
	want := `{"keys":[{"kty":"OKP","crv":"Ed25519","x":"` + b64(string(edKey())) + `","kid":"ed","use":"sig","alg":"EdDSA"}]}`
	if string(raw) != want {
		t.Errorf("set is %s\nwant   %s", raw, want)
	}
	if empty := must(NewKeySet().MarshalJSON()); string(empty) != `{"keys":[]}` {
		t.Errorf("empty set is %s", empty)
	}
	again, err := ParseKeySet(must(allKeys.MarshalJSON()))
	if err != nil {
		t.Fatal(err)
	}
	for i, key := range again.Keys() {
		if want := allKeys.Keys()[i]; key.Thumbprint() != want.Thumbprint() || key.ID() != want.ID() {
			t.Errorf("key %d came back as %s", i, key.ID())
		}
	}
}
