package jose

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
)

// respelled encodes the parts of an accepted form anew; a form with one spelling comes
// back the same.
func respelled(t *testing.T, compact string, signed *Signed) string {
	t.Helper()
	header, err := base64.RawURLEncoding.DecodeString(strings.Split(compact, ".")[0])
	if err != nil {
		t.Fatalf("accepted a header that is not base64url: %v", err)
	}
	return b64(string(header)) + "." + b64(string(signed.payload)) + "." + b64(string(signed.signature))
}

func seedCompact(f *testing.F) {
	f.Add(forge(`{"alg":"ES256","kid":"ec","typ":"JWT"}`, samplePayload))
	f.Add(forge(withJWK(ecJWK(&ecPrivate.PublicKey, "")), samplePayload))
	f.Add(forge(withJWK(okpJWK(edKey(), `,"d":"AAAA"`)), samplePayload))
	f.Add(forge(`{"alg":"ES256","crit":["exp"]}`, samplePayload))
	f.Add(forge(`{"alg":"none","ALG":"ES256"}`, samplePayload))
	f.Add("eyJhbGciOiJFUzI1NiJ9.e30.AB")
	f.Add("..")
	f.Add(`{"payload":"e30"}`)
}

func FuzzParse(f *testing.F) {
	seedCompact(f)
	f.Fuzz(func(t *testing.T, compact string) {
		signed, err := Parse(compact)
		if err != nil {
			return
		}
		if respelled(t, compact, signed) != compact {
			t.Errorf("%q has another spelling", compact)
		}
		if signed.Header.Key != nil || signed.Header.Algorithm == "" {
			t.Errorf("header is %+v", signed.Header)
		}
		_ = signed.Verify(allKeys, everyAlg...)
	})
}

func FuzzParseProof(f *testing.F) {
	seedCompact(f)
	f.Fuzz(func(t *testing.T, compact string) {
		proof, err := ParseProof(compact)
		if err != nil {
			return
		}
		if respelled(t, compact, proof) != compact {
			t.Errorf("%q has another spelling", compact)
		}
		if _, err := Parse(compact); err == nil {
			t.Error("Parse took a header with jwk")
		}
		_ = proof.VerifyWithOwnKey(everyAlg...)
	})
}

func FuzzParseKeySet(f *testing.F) {
	f.Add(must(allKeys.MarshalJSON()))
	f.Add([]byte(`{"keys":[]}`))
	f.Add([]byte(`{"keys":[{"kty":"oct","k":"AAAA"}]}`))
	f.Add([]byte(`{"keys":[` + ecJWK(&ecPrivate.PublicKey, `,"use":"enc","alg":"ECDH-ES","x5c":["AAAA"]`) + `]}`))
	f.Add([]byte(`{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"}],"Keys":1}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		set, err := ParseKeySet(raw)
		if err != nil {
			return
		}
		published, refused, err := ParsePublishedKeySet(raw)
		if len(raw) <= maxKeyBytes && (err != nil || len(refused) > 0 || len(published.keys) != len(set.keys)) {
			t.Fatalf("a set without fault is read otherwise where it is published: %v, %v", refused, err)
		}
		again, err := ParseKeySet(must(set.MarshalJSON()))
		if err != nil || len(again.keys) != len(set.keys) {
			t.Fatalf("does not read what it wrote: %v", err)
		}
		for i, key := range set.keys {
			if again.keys[i].Thumbprint() != key.Thumbprint() || again.keys[i].ID() != key.ID() {
				t.Errorf("key %d changed", i)
			}
		}
	})
}

// FuzzClaims holds the strict reader against encoding/json: what we take, it takes too,
// and reads as the same.
func FuzzClaims(f *testing.F) {
	for _, payload := range []string{
		samplePayload, `{"aud":["a","b"],"exp":1.5}`, `{"aud":"a","aud":"b"}`, `{"AUD":"a"}`, `{"cnf":{"jkt":"a"}}`,
		`{"requested":{"a":null,"b":{"essential":true}}}`, `{"authorization_details":[{"type":"a"}]}`, `{"x":[[[{}]]]}`, `{"\u0061ud":"\ud83d\ude00"}`, `{"exp":1e30}`, `[]`, `{`,
	} {
		f.Add([]byte(payload))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		var ours, theirs sampleClaims
		if (&Signed{payload: payload}).Claims(&ours) != nil {
			return
		}
		if err := json.Unmarshal(payload, &theirs); err != nil {
			t.Fatalf("encoding/json refuses what we took: %v", err)
		}
		if ours.Issuer != theirs.Issuer || ours.Expires != theirs.Expires || ours.MaxAge != theirs.MaxAge ||
			len(ours.Details) != len(theirs.Details) || len(ours.Requested) != len(theirs.Requested) {
			t.Errorf("read differently: %+v and %+v", ours, theirs)
		}
	})
}
