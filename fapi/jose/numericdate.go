package jose

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// maxDate is 9999-12-31T23:59:59Z in seconds since the epoch; time.Time prints no later
// year in RFC 3339.
const maxDate = 253402300799

// maxNumber bounds the text of a number, in bytes; a date with nanoseconds has 22.
const maxNumber = 32

// NumericDate is seconds since 1970-01-01T00:00:00Z (RFC 7519 §2): a JSON number of 0 to
// 253402300799, a fraction allowed. A string, null, a negative and 1e30 are refused
// (BAD-11). The zero value is an absent date, which differs from a date of 0; write such
// fields with the option omitzero.
type NumericDate struct {
	present bool
	seconds int64
	nanos   int32
}

// NumericDateOf is a date to write, cut to whole seconds. A time before 1970 or after
// 9999 has no NumericDate: writing it fails.
func NumericDateOf(t time.Time) NumericDate {
	return NumericDate{present: true, seconds: t.Unix()}
}

// Present tells a date, even one of 0, from no date.
func (d NumericDate) Present() bool { return d.present }

// IsZero is the opposite of Present; the json option omitzero asks it.
func (d NumericDate) IsZero() bool { return !d.present }

// Time is the date in UTC; the zero time.Time if absent. Ask Present first.
func (d NumericDate) Time() time.Time {
	if !d.present {
		return time.Time{}
	}
	return time.Unix(d.seconds, int64(d.nanos)).UTC()
}

// UnmarshalJSON reads a whole number exactly and any other to the precision of float64,
// which is better than a microsecond for centuries to come.
func (d *NumericDate) UnmarshalJSON(raw []byte) error {
	text := string(raw)
	if jsontext.Value(raw).Kind() != '0' || len(text) > maxNumber || text[0] == '-' {
		return errDate
	}
	if !strings.ContainsAny(text, ".eE") {
		seconds, err := strconv.ParseInt(text, 10, 64)
		if err != nil || seconds > maxDate {
			return errDate
		}
		*d = NumericDate{present: true, seconds: seconds}
		return nil
	}
	value, err := strconv.ParseFloat(text, 64)
	if err != nil || value > maxDate {
		return errDate
	}
	whole, fraction := math.Modf(value)
	*d = NumericDate{present: true, seconds: int64(whole), nanos: int32(fraction * 1e9)}
	return nil
}

// MarshalJSON writes a number, whole if the date is.
func (d NumericDate) MarshalJSON() ([]byte, error) {
	if !d.present || d.seconds < 0 || d.seconds > maxDate {
		return nil, errDate
	}
	raw := strconv.AppendInt(nil, d.seconds, 10)
	if d.nanos == 0 {
		return raw, nil
	}
	fraction := strconv.Itoa(int(d.nanos) + 1e9)[1:] // nine digits
	return append(append(raw, '.'), strings.TrimRight(fraction, "0")...), nil
}

var errDate = errors.New("jose: not a NumericDate of 0 to 253402300799")
