package jobs

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

var (
	windowSigns = regexp.MustCompile(`[\s,;/&+_-]+`)
	windowPart  = regexp.MustCompile(`^(?:(\d{1,3}) ?(d|day|days|h|hour|hours) (?:after )?(click|clicks|click through|view|views|view through|engaged view|engagement|impression)|` +
		`(click|view|impression) (\d{1,3}) ?(d|day|days|h|hour|hours))(?: |$)`)
)

// statedWindow reads an attribution window in a platform's words, as in "7d_click_1d_view",
// "7-day click or 1-day view" and "click 7d": the widest of its parts. Words that are not
// known make no window: ok is false.
//
// A click has an impression before it, so that a conversion without any touch in the widest
// part cannot have been counted in any of them.
func statedWindow(words string) (widest Duration, ok bool) {
	rest := windowSigns.ReplaceAllString(strings.ToLower(strings.TrimSpace(words)), " ")
	for rest != "" {
		for _, joint := range []string{"or ", "and "} {
			if ok {
				rest = strings.TrimPrefix(rest, joint)
			}
		}
		part := windowPart.FindStringSubmatch(rest)
		if part == nil {
			return 0, false
		}
		rest = rest[len(part[0]):]
		number, unit := part[1]+part[5], part[2]+part[6]
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil || n == 0 {
			return 0, false
		}
		size := Day
		if unit[0] == 'h' {
			size = Duration(time.Hour)
		}
		widest, ok = max(widest, Duration(n)*size), true
	}
	return widest, ok
}
