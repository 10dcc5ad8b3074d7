package lift

import (
	"testing"

	"ghostlight/analysis"
)

func between(value, lo, hi float64) analysis.Estimate {
	return analysis.Estimate{Value: value, HasValue: true, HasInterval: true, Interval: analysis.Interval{Lo: lo, Hi: hi, Level: 0.95}}
}

func TestWrite(t *testing.T) {
	atLeast := analysis.Estimate{HasInterval: true, Interval: analysis.Interval{Lo: 0.2341, HiUnbounded: true}}
	atMost := analysis.Estimate{Value: 0.1, HasValue: true, HasInterval: true, Interval: analysis.Interval{Hi: 0.2341, LoUnbounded: true}}
	anywhere := analysis.Estimate{Value: 2, HasValue: true, HasInterval: true, Interval: analysis.Interval{LoUnbounded: true, HiUnbounded: true}}
	tests := []struct {
		name                    string
		in                      Quantity
		e                       analysis.Estimate
		value, estimate, range_ string
	}{
		{"points", Points, between(0.00769245, 0.00587493, 0.00936169), "+0.77", "0.77", "0.59 to 0.94"},
		{"percent", Percent, between(0.430851, 0.2998523, 0.5753006), "+43", "43", "30 to 58"},
		{"count", Count("conversions"), between(4342.98, 3316.85, 5285.39), "+4,343", "4,343", "3,317 to 5,285"},
		{"small count", Count("conversions"), between(12.34, 1.5, 23.1), "+12", "12", "2 to 23"},
		{"money", Money("USD"), between(0.769827, 0.485140, 1.054515), "+0.77", "0.77", "0.49 to 1.05"},
		{"large money", Money("USD"), between(1016.4, 1011.3, 1021.5), "+1,016", "1,016", "1,011 to 1,022"},
		{"millions", Money("EUR"), between(-12345678, -23456789, 1234567), "−12,345,678", "−12,345,678", "−23,456,789 to +1,234,567"},
		{"both signs", Points, between(0.001, -0.001, 0.003), "+0.10", "0.10", "−0.10 to +0.30"},
		{"negative", Points, between(-0.0031, -0.0050, -0.0012), "−0.31", "−0.31", "−0.50 to −0.12"},
		{"half width rounds up", Points, between(0.002, 0.001004, 0.002996), "+0.20", "0.20", "0.10 to 0.30"},
		{"value rounds to zero", Points, between(0.00001, -0.00498, 0.005), "0.00", "0.00", "−0.50 to +0.50"},
		{"end is zero", Points, between(0.0025, 0, 0.005), "+0.25", "0.25", "0.00 to 0.50"},
		{"end must not vanish", Points, between(0.0025, 0.00002, 0.00498), "+0.250", "0.250", "0.002 to 0.498"},
		{"end just above", Points, between(0.0025, 1e-10, 0.00498), "+0.25000", "0.25000", "just above 0 to 0.49800"},
		{"end just below", Points, between(-0.0025, -0.00498, -1e-10), "−0.25000", "−0.25000", "−0.49800 to just below 0"},
		{"no upper end, no value", Percent, atLeast, "", "", "at least 23"},
		{"no lower end", Percent, atMost, "+10", "10", "at most 23"},
		{"no end", Percent, anywhere, "+200", "200", "no bound either way"},
		{"no interval", Money("USD"), analysis.Estimate{Value: 1.23456, HasValue: true}, "+1.23", "1.23", ""},
		{"nothing", Points, analysis.Estimate{NotEstimable: "no units"}, "", "", ""},
	}
	for _, tt := range tests {
		want := Written{Value: tt.value, Estimate: tt.estimate, Range: tt.range_, Unit: tt.in.Unit}
		if got := tt.in.Write(tt.e); got != want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, want)
		}
	}
}

func TestFormatP(t *testing.T) {
	for p, want := range map[float64]string{
		0: "p < 0.001", 1.7e-13: "p < 0.001", 0.000999: "p < 0.001", 0.001: "p = 0.0010", 0.0023: "p = 0.0023",
		0.0123: "p = 0.012", 0.05: "p = 0.050", 0.0496: "p = 0.0496", 0.0504: "p = 0.0504", 0.04999: "p = 0.04999",
		0.0999: "p = 0.0999", 0.33: "p = 0.33", 0.9037: "p = 0.90", 0.995: "p > 0.99", 1: "p > 0.99",
	} {
		if got := FormatP(p); got != want {
			t.Errorf("FormatP(%v) = %q, want %q", p, got, want)
		}
	}
}

func TestFormatCount(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0", 7: "7", 999: "999", 1000: "1,000", 588101: "588,101", -1234: "−1,234",
		1234567890: "1,234,567,890", -9223372036854775808: "−9,223,372,036,854,775,808",
	} {
		if got := FormatCount(n); got != want {
			t.Errorf("FormatCount(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestFormatLevel(t *testing.T) {
	for level, want := range map[float64]string{0.95: "95%", 0.9: "90%", 0.999: "99.9%", 0.99: "99%"} {
		if got := FormatLevel(level); got != want {
			t.Errorf("FormatLevel(%v) = %q, want %q", level, got, want)
		}
	}
}
