package statement

import (
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/framework"
)

// inTime judges the window in which a statement may come (BAD-153).
func inTime(f *framework.Framework, t times, now time.Time, tolerance time.Duration) error {
	latest, earliest := now.Add(tolerance), now.Add(-tolerance)
	switch {
	case f.MaxAge > 0 && !t.IssuedAt.Present():
		return invalid("iat is required in the software_statement")
	case f.MaxLifetime > 0 && (!t.IssuedAt.Present() || !t.Expires.Present()):
		return invalid("iat and exp are required in the software_statement")
	case t.IssuedAt.Present() && t.IssuedAt.Time().After(latest), t.NotBefore.Present() && t.NotBefore.Time().After(latest):
		return invalid("iat or nbf of the software_statement is ahead of time")
	case t.Expires.Present() && !t.Expires.Time().After(earliest):
		return invalid("software_statement has expired")
	case f.MaxAge > 0 && t.IssuedAt.Time().Add(f.MaxAge).Before(earliest):
		return invalid("software_statement was issued too long ago")
	case f.MaxLifetime > 0 && t.Expires.Time().Sub(t.IssuedAt.Time()) > f.MaxLifetime:
		return invalid("software_statement lives longer than its issuer's may")
	}
	return nil
}

// ends is when a statement can come no more.
func ends(f *framework.Framework, t times) time.Time {
	byAge := t.IssuedAt.Time().Add(f.MaxAge)
	if f.MaxAge == 0 || t.Expires.Present() && t.Expires.Time().Before(byAge) {
		return t.Expires.Time()
	}
	return byAge
}
