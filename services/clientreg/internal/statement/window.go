package statement

import (
	"iter"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/framework"
)

// untimely is what is wrong with the window in which a statement may come
// (BAD-153).
func untimely(f *framework.Framework, t times, now time.Time, tolerance time.Duration) iter.Seq[error] {
	latest, earliest := now.Add(tolerance), now.Add(-tolerance)
	return faults(
		fault{f.MaxAge > 0 && !t.IssuedAt.Present(), "iat is required in the software_statement"},
		fault{f.MaxLifetime > 0 && (!t.IssuedAt.Present() || !t.Expires.Present()), "iat and exp are required in the software_statement"},
		fault{t.IssuedAt.Present() && t.IssuedAt.Time().After(latest) || t.NotBefore.Present() && t.NotBefore.Time().After(latest),
			"iat or nbf of the software_statement is ahead of time"},
		fault{t.Expires.Present() && !t.Expires.Time().After(earliest), "software_statement has expired"},
		fault{f.MaxAge > 0 && t.IssuedAt.Present() && t.IssuedAt.Time().Add(f.MaxAge).Before(earliest), "software_statement was issued too long ago"},
		fault{f.MaxLifetime > 0 && t.IssuedAt.Present() && t.Expires.Present() && t.Expires.Time().Sub(t.IssuedAt.Time()) > f.MaxLifetime,
			"software_statement lives longer than its issuer's may"},
	)
}

// ends is when a statement can come no more.
func ends(f *framework.Framework, t times) time.Time {
	byAge := t.IssuedAt.Time().Add(f.MaxAge)
	if f.MaxAge == 0 || t.Expires.Present() && t.Expires.Time().Before(byAge) {
		return t.Expires.Time()
	}
	return byAge
}
