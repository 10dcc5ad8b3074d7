package lift

import "fmt"

// spans are the units of a duration, in microseconds, the largest first.
var spans = []struct {
	us   uint64
	name string
}{{86_400_000_000, "day"}, {3_600_000_000, "h"}, {60_000_000, "min"}, {1_000_000, "s"}}

// FormatDuration writes microseconds in their largest unit and the next smaller
// one, rounded to that, half up: "7 days", "2 days 4 h", "3 h 5 min", "45 s",
// "340 ms". A day is 86,400 s. Below a second there are only milliseconds, and
// what is less than one of those is "under 1 ms".
func FormatDuration(us int64) string {
	sign, n := "", uint64(us)
	if us < 0 {
		sign, n = minus, -n
	}
	if n == 0 {
		return "0 s"
	}
	if n < 1000 {
		return "under 1 ms" // on either side of none
	}
	if n+500 < 1_000_000 {
		return sign + counted((n+500)/1000, "ms")
	}
	for i, span := range spans {
		small := spans[min(i+1, len(spans)-1)]
		rounded := (n + small.us/2) / small.us * small.us
		if rounded < span.us {
			continue
		}
		text := counted(rounded/span.us, span.name)
		if rest := rounded % span.us / small.us; rest > 0 {
			text += " " + counted(rest, small.name)
		}
		return sign + text
	}
	return ""
}

func counted(n uint64, unit string) string {
	if unit == "day" && n != 1 {
		unit = "days"
	}
	return fmt.Sprintf("%s %s", FormatCount(int64(n)), unit)
}
