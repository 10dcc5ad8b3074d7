package lift

import (
	"fmt"
	"strings"
)

// FormatParts writes a count given in millionths, as of conversions that are shared out,
// with two decimals at most: "12", "0.75", "1,016.5".
func FormatParts(micros int64) string {
	if micros < 0 {
		return "−" + FormatParts(-micros)
	}
	hundredths := (micros + 5_000) / 10_000
	text := FormatCount(hundredths / 100)
	if rest := hundredths % 100; rest > 0 {
		text += strings.TrimSuffix(fmt.Sprintf(".%02d", rest), "0")
	}
	return text
}
