package lift

import (
	"math"
	"testing"
)

func TestFormatDuration(t *testing.T) {
	const second, minute, hour, day = 1_000_000, 60_000_000, 3_600_000_000, 86_400_000_000
	for us, want := range map[int64]string{
		0:                           "0 s",
		1:                           "under 1 ms",
		-999:                        "under 1 ms",
		1000:                        "1 ms",
		340_400:                     "340 ms",
		999_499:                     "999 ms",
		999_500:                     "1 s",
		45 * second:                 "45 s",
		59*second + 500_000:         "1 min",
		12*minute + 3*second:        "12 min 3 s",
		hour - 1:                    "1 h",
		3*hour + 5*minute:           "3 h 5 min",
		-(3*hour + 5*minute):        "−3 h 5 min",
		day - 1:                     "1 day",
		7 * day:                     "7 days",
		2*day + 4*hour + 29*minute:  "2 days 4 h",
		2*day + 23*hour + 45*minute: "3 days",
		1500 * day:                  "1,500 days",
		math.MinInt64:               "−106,751,991 days 4 h",
	} {
		if got := FormatDuration(us); got != want {
			t.Errorf("%d: %q, want %q", us, got, want)
		}
	}
}
