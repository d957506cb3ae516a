package binding

import (
	"errors"
	"regexp"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// start is the first second of a nonce period.
var start = time.Unix(1_772_366_400, 0).Truncate(NoncePeriod)

// TestNonceLives: a nonce is accepted in its own period and in the next one
// (DPOP-6), on every replica that has the key.
func TestNonceLives(t *testing.T) {
	here, there := NewNonces([]byte("key"), "as"), NewNonces([]byte("key"), "as")
	for _, row := range []struct {
		name    string
		made    time.Duration // after the start of a period
		checked time.Duration
		want    bool
	}{
		{"at once", 0, 0, true},
		{"at the end of its period", 0, NoncePeriod - time.Second, true},
		{"at the end of the next one", 0, 2*NoncePeriod - time.Second, true},
		{"afterwards", 0, 2 * NoncePeriod, false},
		{"made late, a period later", NoncePeriod - time.Second, 2*NoncePeriod - time.Second, true},
		{"made late, afterwards", NoncePeriod - time.Second, 2 * NoncePeriod, false},
		{"of the future", NoncePeriod, NoncePeriod - time.Second, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := there.Accepts(here.Current(start.Add(row.made)), start.Add(row.checked)); got != row.want {
				t.Errorf("got %t", got)
			}
		})
	}
}

// TestNonceIsOfOneKeyAndUse: an authorization server's nonces are not a resource
// server's, and nobody without the key can make one.
func TestNonceIsOfOneKeyAndUse(t *testing.T) {
	as := NewNonces([]byte("key"), "as")
	for name, other := range map[string]Nonces{
		"another key":                   NewNonces([]byte("yek"), "as"),
		"another use":                   NewNonces([]byte("key"), "rs"),
		"another use that begins alike": NewNonces([]byte("key"), "as\x00"),
		"no use":                        NewNonces([]byte("key"), ""),
	} {
		if as.Accepts(other.Current(start), start) {
			t.Errorf("%s: accepted", name)
		}
	}
	for _, text := range []string{"", "x", as.Current(start)[1:], as.Current(start) + "="} {
		if as.Accepts(text, start) {
			t.Errorf("%q: accepted", text)
		}
	}
}

// TestNonceCharset is NQCHAR of RFC 9449 §8.1.
func TestNonceCharset(t *testing.T) {
	nonces := NewNonces([]byte("key"), "as")
	for n := range 200 {
		if nonce := nonces.Current(start.Add(time.Duration(n) * NoncePeriod)); !regexp.MustCompile(`^[\x21\x23-\x5b\x5d-\x7e]{24}$`).MatchString(nonce) {
			t.Fatalf("%q", nonce)
		}
	}
}

func TestUseNonce(t *testing.T) {
	refusal, ok := oauth.AsError(UseNonce("fresh"))
	if !ok || refusal.Code != oauth.CodeUseDPoPNonce || refusal.Nonce != "fresh" || refusal.HTTPStatus() != 400 || refusal.Rule != "DPOP-6" {
		t.Errorf("%+v", refusal)
	}
	for _, err := range []error{ErrNoProof, ErrReplayed} {
		var refusal *oauth.Error
		if !errors.As(err, &refusal) || refusal.Code != oauth.CodeInvalidDPoPProof || refusal.Nonce != "" || refusal.HTTPStatus() != 400 {
			t.Errorf("%+v", refusal)
		}
	}
}
