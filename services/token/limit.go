package token

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// limits bounds the token requests of each authenticated client, within this
// replica: it protects the signing keys, whose work is the dearest, and needs no
// trip to a store.
type limits struct {
	perMinute int
	mu        sync.Mutex
	clients   map[string]*rate.Limiter
}

// maxLimited bounds how many clients are remembered; then all begin anew.
const maxLimited = 100_000

func newLimits(perMinute int) *limits {
	return &limits{perMinute: perMinute, clients: map[string]*rate.Limiter{}}
}

// take counts one request and refuses what is over the limit.
func (l *limits) take(issuer, clientID string, now time.Time) error {
	if l.perMinute == 0 || l.of(issuer+"/"+clientID).AllowN(now, 1) {
		return nil
	}
	return oauth.TooMany(retryAfter).By("TOK-8")
}

// retryAfter is when a client that asked too much may try again, in seconds.
const retryAfter = 10

func (l *limits) of(client string) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	limiter, ok := l.clients[client]
	if !ok {
		if len(l.clients) >= maxLimited {
			clear(l.clients)
		}
		limiter = rate.NewLimiter(rate.Limit(float64(l.perMinute)/60), l.perMinute)
		l.clients[client] = limiter
	}
	return limiter
}
