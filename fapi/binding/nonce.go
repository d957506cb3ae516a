package binding

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// NoncePeriod is how long one nonce is handed out. A nonce is accepted in its
// own period and in the next one, so it lives for one to two periods.
const NoncePeriod = 2 * time.Minute

// Nonces makes DPoP nonces from a key (RFC 9449 §8): unpredictable, equal on
// every replica that has the key, and kept nowhere.
type Nonces struct {
	key []byte
	// use keeps the nonces of one use apart from those of another: an
	// authorization server's are not a resource server's (DPOP-6).
	use string
}

// NewNonces makes nonces of one use.
func NewNonces(key []byte, use string) Nonces { return Nonces{key, use} }

// Current is the nonce to hand out.
func (n Nonces) Current(now time.Time) string { return n.of(period(now)) }

// Accepts tells whether a nonce was handed out in this period or the one before.
func (n Nonces) Accepts(nonce string, now time.Time) bool {
	this := period(now)
	current, previous := oauth.Equal(nonce, n.of(this)), oauth.Equal(nonce, n.of(this-1))
	return current || previous
}

func period(now time.Time) uint64 { return uint64(now.Unix()) / uint64(NoncePeriod/time.Second) }

func (n Nonces) of(period uint64) string {
	mac := hmac.New(sha256.New, n.key)
	mac.Write([]byte(n.use))
	mac.Write(binary.BigEndian.AppendUint64([]byte{0}, period))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:18])
}

// UseNonce is the answer to a proof without a recent nonce; the fresh one goes
// with it.
func UseNonce(fresh string) error {
	refusal := oauth.New(oauth.CodeUseDPoPNonce, "the DPoP proof needs the nonce in the DPoP-Nonce header").By("DPOP-6")
	refusal.Nonce = fresh
	return refusal
}
