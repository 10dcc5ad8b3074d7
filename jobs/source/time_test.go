package source

import (
	"testing"
	"time"
)

func TestClock(t *testing.T) {
	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		unit TimeFormat
		zone *time.Location
		in   string
		want string // RFC 3339, or the rule
	}{
		{ISO, nil, "2026-09-07T10:00:00Z", "2026-09-07T10:00:00Z"},
		{ISO, nil, " 2026-09-07 10:00Z ", "2026-09-07T10:00:00Z"},
		{ISO, nil, "2026-09-07T10:00:00.1234567+05:30", "2026-09-07T04:30:00.123456Z"},
		{ISO, nil, "2024-11-02 10:33:06 -0500", "2024-11-02T15:33:06Z"},
		{ISO, nil, "2024-11-02 10:33:06 UTC", "2024-11-02T10:33:06Z"},
		{ISO, nil, "2026-09-07 10:00:00+00", "2026-09-07T10:00:00Z"},
		{ISO, nil, "2026-09-07T10:00:00", "time has no zone and the source declares none"},
		{ISO, time.UTC, "2026-09-07T10:00:00", "2026-09-07T10:00:00Z"},
		{ISO, newYork, "2026-07-01T10:00:00", "2026-07-01T14:00:00Z"},
		{ISO, newYork, "2026-07-01T10:00:00Z", "2026-07-01T10:00:00Z"},
		{ISO, newYork, "2026-03-08T02:30:00", "no such local time: the zone's clocks skip it"},
		{ISO, newYork, "2026-11-01T01:30:00", "2026-11-01T05:30:00Z"}, // the first of two
		{ISO, nil, "2026-02-29T10:00:00Z", "not an ISO 8601 time"},
		{ISO, nil, "2026-13-01T10:00:00Z", "not an ISO 8601 time"},
		{ISO, nil, "2026-09-07T24:00:00Z", "not an ISO 8601 time"},
		{ISO, nil, "2026-09-07T10:00:00+0:30", "not an ISO 8601 time"},
		{ISO, nil, "2026-09-07T10:00:00.Z", "not an ISO 8601 time"},
		{ISO, nil, "2026-09-07T10:00:", "not an ISO 8601 time"},
		{ISO, nil, "2026-09-07", "a date without a time of day (declare time: date)"},
		{ISO, nil, "1999-12-31T23:59:59Z", "time is outside the years 2000 to 2100"},
		{ISO, nil, "1757203200", "not an ISO 8601 time"},
		{ISO, nil, "not-a-date", "not an ISO 8601 time"},
		{Date, nil, "2026-09-07", "2026-09-07T00:00:00Z"},
		{Date, newYork, "2026-09-07", "2026-09-07T04:00:00Z"},
		{Date, nil, "2026-09-31", "not a date as YYYY-MM-DD"},
		{Date, nil, "2026-09-07T00:00:00Z", "not a date as YYYY-MM-DD"},
		{EpochSecond, nil, "1757203200", "2025-09-07T00:00:00Z"},
		{EpochSecond, nil, "1757203200.25", "2025-09-07T00:00:00.25Z"},
		{EpochSecond, nil, "1757203200000", "time is epoch_ms by its size, declared epoch_s"},
		{EpochMilli, nil, "1757203200", "time is epoch_s by its size, declared epoch_ms"},
		{EpochMilli, nil, "1757203200123", "2025-09-07T00:00:00.123Z"},
		{EpochMilli, nil, "1757203200123.5", "2025-09-07T00:00:00.1235Z"},
		{EpochMicro, nil, "1757203200123456", "2025-09-07T00:00:00.123456Z"},
		{EpochMicro, nil, "1757203200123", "time is epoch_ms by its size, declared epoch_us"},
		{EpochSecond, nil, "0", "time is outside the years 2000 to 2100"},
		{EpochSecond, nil, "-1757203200", "not a count of epoch_s"},
		{EpochSecond, nil, "+1757203200", "not a count of epoch_s"},
		{EpochSecond, nil, "1.757e9", "time is outside the years 2000 to 2100"},
		{EpochSecond, nil, "17572032001757203200", "not a count of epoch_s"},
		{Any, nil, "1757203200123", "2025-09-07T00:00:00.123Z"},
		{Any, nil, "2026-09-07T10:00:00Z", "2026-09-07T10:00:00Z"},
		{Any, nil, "2023-01-03", "2023-01-03T00:00:00Z"},
		{Any, newYork, "2026-09-07", "2026-09-07T04:00:00Z"},
		{Any, nil, "12", "time is outside the years 2000 to 2100"},
	} {
		us, rule := clock{unit: string(c.unit), zone: c.zone}.micros(c.in)
		got := rule
		if rule == "" {
			got = time.UnixMicro(us).UTC().Format(time.RFC3339Nano)
		}
		if got != c.want {
			t.Errorf("%s %q: got %s, want %s", c.unit, c.in, got, c.want)
		}
	}
}

// FuzzTime: what is read is plausible, and what RFC 3339 says of a text that both
// read is what is read here. The library also takes hours of one digit.
func FuzzTime(f *testing.F) {
	for _, s := range []string{"2026-09-07T10:00:00.5Z", "2026-09-07 10:00", "1757203200.5", "2026-11-01T01:30:00"} {
		f.Add(s, uint8(0))
		f.Add(s, uint8(3))
	}
	units := []TimeFormat{ISO, Date, EpochSecond, EpochMilli, EpochMicro, Any}
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string, u uint8) {
		c := clock{unit: string(units[int(u)%len(units)]), zone: zone}
		us, rule := c.micros(s)
		if rule == "" && !plausible(us) {
			t.Fatalf("%s %q: %d", c.unit, s, us)
		}
		if want, err := time.Parse(time.RFC3339, s); err == nil && s[13] == ':' && c.unit == string(ISO) && plausible(want.UnixMicro()) && want.Second() < 60 {
			if _, off := want.Zone(); off%60 == 0 && off <= 18*3600 && off >= -18*3600 && len(s) < 36 && us != want.UnixMicro() {
				t.Fatalf("%q: got %d %s, want %d", s, us, rule, want.UnixMicro())
			}
		}
	})
}
