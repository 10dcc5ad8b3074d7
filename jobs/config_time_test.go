package jobs

import (
	"testing"
	"time"
)

func TestDuration(t *testing.T) {
	for _, c := range []struct {
		text string
		want time.Duration
		out  string
	}{
		{"90s", 90 * time.Second, "90s"},
		{"120s", 2 * time.Minute, "2m"},
		{"5m", 5 * time.Minute, "5m"},
		{"48h", 48 * time.Hour, "2d"},
		{"36h", 36 * time.Hour, "36h"},
		{"7d", 168 * time.Hour, "7d"},
		{"4w", 28 * 24 * time.Hour, "28d"},
		{"0d", 0, "0s"},
		{"-1d", -24 * time.Hour, "-1d"},
		{"3650d", 3650 * 24 * time.Hour, "3650d"},
	} {
		var d Duration
		if err := d.UnmarshalText([]byte(c.text)); err != nil || d.Std() != c.want || d.String() != c.out {
			t.Errorf("%s: %v %v %v", c.text, d.Std(), d, err)
		}
		if d.Micros() != c.want.Microseconds() {
			t.Errorf("%s: %d microseconds", c.text, d.Micros())
		}
	}
	for _, text := range []string{"", "d", "7", "7 d", "1.5d", "+7d", "7D", "1d12h", "3651d", "522w", "-3651d", "٣d", "99999999999999999999s", "0x7d", "1_0d"} {
		var d Duration
		if err := d.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is taken as %v", text, d)
		}
	}
}

func TestTime(t *testing.T) {
	for _, c := range []struct{ text, out string }{
		{"2026-09-07", "2026-09-07"},
		{"2026-09-07T00:00:00Z", "2026-09-07"},
		{"2026-09-07T02:00:00+02:00", "2026-09-07"},
		{"2026-09-07T06:30:00Z", "2026-09-07T06:30:00Z"},
		{"2026-09-07T06:30:00.1234567Z", "2026-09-07T06:30:00.123456Z"},
	} {
		var v Time
		if err := v.UnmarshalText([]byte(c.text)); err != nil || v.String() != c.out {
			t.Errorf("%s: %v %v", c.text, v, err)
		}
		data, err := v.MarshalJSON()
		var back Time
		if err2 := back.UnmarshalJSON(data); err != nil || err2 != nil || !back.Equal(v.Time) {
			t.Errorf("%s: %s comes back as %v: %v %v", c.text, data, back, err, err2)
		}
	}
	for _, text := range []string{"", "2026-9-7", "2026-02-30", "2026-09-07 06:00", "2026-09-07T06:00:00", "0001-01-01", "2201-01-01", "now"} {
		var v Time
		if err := v.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is taken as %v", text, v)
		}
	}
}

func TestCheckCron(t *testing.T) {
	for _, spec := range []string{"0 6 * * 1", "@weekly", "CRON_TZ=UTC 0 6 * * 1", "0 0 29 2 *"} {
		if err := checkCron(spec); err != nil {
			t.Errorf("%q: %v", spec, err)
		}
	}
	for _, spec := range []string{"TZ=UTC", "CRON_TZ=", "TZ=Europe/Berlin 0 6 * * 1", "@every 1h", "0 0 31 2 *", "60 * * * *", "x", " "} {
		if err := checkCron(spec); err == nil {
			t.Errorf("%q is taken", spec)
		}
	}
}
