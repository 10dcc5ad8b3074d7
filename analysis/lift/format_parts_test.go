package lift

import "testing"

func TestFormatParts(t *testing.T) {
	for micros, want := range map[int64]string{
		0: "0", 2_000_000: "2", 750_000: "0.75", 1_016_500_000: "1,016.5", 4_999: "0", 5_000: "0.01", 999_995_000: "1,000", -1_250_000: "−1.25", 100_000: "0.1",
	} {
		if got := FormatParts(micros); got != want {
			t.Errorf("%d: %q, want %q", micros, got, want)
		}
	}
}
