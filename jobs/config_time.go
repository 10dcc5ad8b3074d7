package jobs

import (
	"errors"
	"strconv"
	"time"
)

// Duration is an elapsed time of whole seconds, written as one number and a
// unit: 90s, 5m, 48h, 7d, 4w. A day is always 86,400 seconds.
type Duration time.Duration

// Day is 86,400 seconds.
const Day = Duration(24 * time.Hour)

const maxDuration = 3650 * Day

var errDuration = errors.New("a duration is a whole number and a unit: s, m, h, d or w, as in 7d")

// UnmarshalText reads a duration of either sign of at most 3650 days.
func (d *Duration) UnmarshalText(text []byte) error {
	s := string(text)
	if len(s) < 2 {
		return errDuration
	}
	unit, ok := map[byte]Duration{
		's': Duration(time.Second), 'm': Duration(time.Minute), 'h': Duration(time.Hour), 'd': Day, 'w': 7 * Day,
	}[s[len(s)-1]]
	if !ok || s[0] == '+' {
		return errDuration
	}
	n, err := strconv.ParseInt(s[:len(s)-1], 10, 64)
	if errors.Is(err, strconv.ErrRange) || n > int64(maxDuration/unit) || n < -int64(maxDuration/unit) {
		return errors.New("a duration is at most 3650d")
	}
	if err != nil {
		return errDuration
	}
	*d = Duration(n) * unit
	return nil
}

// MarshalText writes the duration as String does.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// String writes the duration in the largest unit up to days that divides it.
func (d Duration) String() string {
	for _, u := range []struct {
		size Duration
		name string
	}{{Day, "d"}, {Duration(time.Hour), "h"}, {Duration(time.Minute), "m"}} {
		if d != 0 && d%u.size == 0 {
			return strconv.FormatInt(int64(d/u.size), 10) + u.name
		}
	}
	return strconv.FormatInt(int64(d/Duration(time.Second)), 10) + "s"
}

// Std is the duration as the standard library counts it.
func (d Duration) Std() time.Duration { return time.Duration(d) }

// Micros is the duration in microseconds, as the warehouse counts it.
func (d Duration) Micros() int64 { return time.Duration(d).Microseconds() }

// Time is a point in time in UTC, written as a date (its first moment) or in
// RFC 3339. The zero Time means that none was given.
type Time struct{ time.Time }

// UnmarshalText reads a date or RFC 3339 between the years 1970 and 2200,
// to the microsecond.
func (t *Time) UnmarshalText(text []byte) error {
	parsed, err := time.Parse(time.DateOnly, string(text))
	if err != nil {
		parsed, err = time.Parse(time.RFC3339Nano, string(text))
	}
	if err != nil {
		return errors.New("a time is a date or RFC 3339, as in 2026-09-07 or 2026-09-07T06:00:00Z")
	}
	parsed = parsed.UTC().Truncate(time.Microsecond)
	if parsed.Year() < 1970 || parsed.Year() > 2200 {
		return errors.New("a time lies between the years 1970 and 2200")
	}
	t.Time = parsed
	return nil
}

// MarshalText writes the time as String does.
func (t Time) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// MarshalJSON writes the time as String does.
func (t Time) MarshalJSON() ([]byte, error) { return []byte(`"` + t.String() + `"`), nil }

// UnmarshalJSON reads a string as UnmarshalText does.
func (t *Time) UnmarshalJSON(data []byte) error {
	s, err := strconv.Unquote(string(data))
	if err != nil {
		return errors.New("a time is a JSON string")
	}
	return t.UnmarshalText([]byte(s))
}

// String is a date at midnight UTC, and RFC 3339 otherwise.
func (t Time) String() string {
	if t.Truncate(24 * time.Hour).Equal(t.Time) {
		return t.Format(time.DateOnly)
	}
	return t.Format(time.RFC3339Nano)
}

// Micros is the microseconds since 1970, as the warehouse counts them.
func (t Time) Micros() int64 { return t.UnixMicro() }
