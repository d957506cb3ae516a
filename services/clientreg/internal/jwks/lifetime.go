package jwks

import (
	"strconv"
	"strings"
	"time"
)

// How long a set is used, whatever its host asks for. Below the lowest, each
// request could cost a fetch; beyond the highest, a key that its owner withdrew
// would live on.
const (
	minLifetime     = time.Minute
	defaultLifetime = 5 * time.Minute
	maxLifetime     = time.Hour
)

// lifetime reads Cache-Control, RFC 9111 §5.2.2: max-age, and no-store or no-cache
// as the shortest time there is.
func lifetime(cacheControl string) time.Duration {
	asked := defaultLifetime
	for directive := range strings.SplitSeq(cacheControl, ",") {
		name, value, _ := strings.Cut(strings.ToLower(strings.TrimSpace(directive)), "=")
		switch name {
		case "no-store", "no-cache":
			return minLifetime
		case "max-age":
			if seconds, err := strconv.ParseInt(strings.Trim(value, `"`), 10, 32); err == nil && seconds >= 0 {
				asked = time.Duration(seconds) * time.Second
			}
		}
	}
	return min(max(asked, minLifetime), maxLifetime)
}
