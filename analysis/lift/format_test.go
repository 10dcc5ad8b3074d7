package lift

import (
	"testing"

	"ghostlight/analysis"
)

func between(value, lo, hi float64) analysis.Estimate {
	return analysis.Estimate{Value: value, HasValue: true, HasInterval: true, Interval: analysis.Interval{Lo: lo, Hi: hi, Level: 0.95}}
}

// Half the width of the interval is written to two significant digits, and the
// value and the ends to the same decimal place, never to tens or hundreds.
func TestWrite(t *testing.T) {
	atLeast := analysis.Estimate{HasInterval: true, Interval: analysis.Interval{Lo: 0.2341, HiUnbounded: true}}
	above := analysis.Estimate{Value: 0.3, HasValue: true, HasInterval: true, Interval: analysis.Interval{Lo: 0.12, HiUnbounded: true}}
	atMost := analysis.Estimate{Value: 0.1, HasValue: true, HasInterval: true, Interval: analysis.Interval{Hi: 0.2341, LoUnbounded: true}}
	anywhere := analysis.Estimate{Value: 2, HasValue: true, HasInterval: true, Interval: analysis.Interval{LoUnbounded: true, HiUnbounded: true}}
	conversions, dollars := Count("conversions"), Money("USD")
	tests := []struct {
		name        string
		in          Quantity
		e           analysis.Estimate
		text, rang_ string
	}{
		{"points", Points, between(0.00769245, 0.00587493, 0.00936169), "+0.77 points", "0.59 to 0.94"},
		{"percent", Percent, between(0.430851, 0.2998523, 0.5753006), "+43%", "30% to 58%"},
		{"rate", Rate, between(0.0255466, 0.0251381, 0.0259617), "2.555%", "2.514% to 2.596%"},
		{"ratio", Ratio, between(2.314, 1.71, 2.95), "2.31", "1.71 to 2.95"},

		{"both signs", Points, between(0.001, -0.001, 0.003), "+0.10 points", "−0.10 to +0.30"},
		{"both signs, percent", Percent, between(0.012, -0.0123, 0.0345), "+1.2%", "−1.2% to +3.5%"},
		{"both signs, no change", Ratio, between(0.21, -0.30, 0.72), "0.21", "−0.30 to +0.72"},
		{"negative", Points, between(-0.0031, -0.0050, -0.0012), "−0.31 points", "−0.50 to −0.12"},
		{"negative percent", Percent, between(-0.30, -0.41, -0.18), "−30%", "−41% to −18%"},

		{"count", conversions, between(4342.98, 3316.85, 5285.39), "4,343 conversions", "3,317 to 5,285"},
		{"added count", conversions.AsChange(), between(4342.98, 3316.85, 5285.39), "+4,343 conversions", "3,317 to 5,285"},
		{"large count is whole", Count(""), between(1234567, 1100000, 1360000), "1,234,567", "1,100,000 to 1,360,000"},
		{"count of two digits is whole", Count(""), between(12.34, 1.5, 23.1), "12", "2 to 23"},
		{"count below ten", Count("").AsChange(), between(4.0, 0.4, 8.4), "+4.0", "0.4 to 8.4"},
		{"count below one", Count("").AsChange(), between(0.123, 0.071, 0.18), "+0.123", "0.071 to 0.180"},
		{"whole end must not vanish", Count(""), between(6000, 0.3, 12000), "6,000", "just above 0 to 12,000"},

		{"money", dollars.AsChange(), between(0.769827, 0.485140, 1.054515), "USD +0.77", "0.49 to 1.05"},
		{"money has no single decimal", dollars, between(9.4012, 5.13, 19.42), "USD 9.40", "5.13 to 19.42"},
		{"money without cents", dollars, between(230.4, 190.2, 270.6), "USD 230", "190 to 271"},
		{"money smaller than cents", dollars, between(0.01234, 0.0101, 0.0146), "USD 0.0123", "0.0101 to 0.0146"},
		{"large money", dollars, between(1016.4, 1011.3, 1021.5), "USD 1,016", "1,011 to 1,022"},
		{"large money, narrow", dollars, between(1500.25, 1500.20, 1500.30), "USD 1,500", "1,500 to 1,500"},
		{"money that rounds to 1,000", dollars, between(999.9, 999.8, 999.999), "USD 1,000", "1,000 to 1,000"},
		{"millions", Money("EUR"), between(-12345678, -23456789, 1234567), "EUR −12,345,678", "−23,456,789 to +1,234,567"},

		{"half width rounds up", Points, between(0.002, 0.001004, 0.002996), "+0.20 points", "0.10 to 0.30"},
		{"value rounds to zero", Points, between(0.00001, -0.00498, 0.005), "0.00 points", "−0.50 to +0.50"},
		{"end is zero", Points, between(0.0025, 0, 0.005), "+0.25 points", "0.00 to 0.50"},
		{"end must not vanish", Points, between(0.0025, 0.00002, 0.00498), "+0.250 points", "0.002 to 0.498"},
		{"end must not vanish, percent", Percent, between(0.028, 0.0004, 0.0556), "+2.80%", "0.04% to 5.56%"},
		{"end just above", Points, between(0.0025, 1e-10, 0.00498), "+0.25000 points", "just above 0 to 0.49800"},
		{"end just below", Percent, between(-0.0025, -0.00498, -1e-10), "−0.25000%", "−0.49800% to just below 0%"},
		{"percent is not rounded to tens", Percent, between(0.43, -0.7, 41.5), "+43%", "−70% to +4,150%"},
		{"no width", Rate, between(0.05, 0.05, 0.05), "5.00%", "5.00% to 5.00%"},
		{"zero", Percent, between(0, 0, 0), "0%", "0% to 0%"},
		{"very small", Ratio, between(3e-20, 2e-20, 4e-20), "0.000000000000", "just above 0 to just above 0"},

		{"no upper end, no value", Percent, atLeast, "", "at least 23%, unbounded above"},
		{"no upper end", Percent, above, "+30%", "at least 12%, unbounded above"},
		{"no lower end", Percent, atMost, "+10%", "at most +23%, unbounded below"},
		{"no end", Percent, anywhere, "+200%", "unbounded on both sides"},
		{"no interval", dollars, analysis.Estimate{Value: 1.23456, HasValue: true}, "USD 1.23", ""},
		{"no interval, percent", Percent, analysis.Estimate{Value: 0.3, HasValue: true}, "+30.0%", ""},
		{"nothing", Points, analysis.Estimate{NotEstimable: "no units"}, "", ""},
	}
	for _, tt := range tests {
		if got := tt.in.Write(tt.e); got.Text() != tt.text || got.Range != tt.rang_ {
			t.Errorf("%s: %q, %q; want %q, %q", tt.name, got.Text(), got.Range, tt.text, tt.rang_)
		}
	}
}

// A range without its value keeps the unit, and the unit stands by the number.
func TestWriteRangeAlone(t *testing.T) {
	i := func(lo, hi float64, below, above bool) analysis.Estimate {
		return analysis.Estimate{HasInterval: true, Interval: analysis.Interval{Lo: lo, Hi: hi, LoUnbounded: below, HiUnbounded: above}}
	}
	for _, tt := range []struct {
		in   Quantity
		e    analysis.Estimate
		want string
	}{
		{Points, i(-0.017, 0.037, false, false), "−1.7 to +3.7 points"},
		{Percent, i(0.3, 0.58, false, false), "30% to 58%"},
		{Money("USD"), i(-0.49, 1.05, false, false), "USD −0.49 to +1.05"},
		{Points, i(0.023, 0, false, true), "at least 2.3 points, unbounded above"},
		{Money("USD"), i(0, 1234, true, false), "at most USD +1,234, unbounded below"},
		{Points, i(0, 0, true, true), "unbounded on both sides"},
	} {
		if got := tt.in.Write(tt.e).RangeAlone; got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}

func TestSmallForms(t *testing.T) {
	for _, tt := range []struct{ got, want string }{
		{Rate.Within(0.0255466, 0.00041), "2.555%"},
		{Rate.Within(0.0178541, 0.0017), "1.79%"},
		{Rate.Within(0.0001, 0.0002), "0.010%"}, // an end of 0 or below is no reason for decimals
		{Rate.Within(0, 0), "0%"},
		{Money("USD").Within(6.002, 0.71), "6.00"},
		{Money("USD").Within(1234.5, 0.5), "1,234"},
		{Ratio.Within(1.4445, 0), "1.44"},
		{Percent.Exact(0.43085), "+43.085%"},
		{Percent.Exact(-0.3), "−30%"},
		{Ratio.Exact(-0.0001234567891), "−0.0001234568"},
		{Count("").Exact(4342.98123), "4,342.981"},
		{Money("USD").Exact(2412408.2), "2,412,408"},
		{Points.Exact(0), "0"},
		{FormatShare(0, 0), "none"},
		{FormatShare(0, 7), "0%"},
		{FormatShare(7, 7), "100%"},
		{FormatShare(1, 100000), "< 0.1%"},
		{FormatShare(99999, 100000), "> 99.9%"},
		{FormatShare(1, 3), "33.3%"},
		{FormatFraction(0.96), "96%"},
		{FormatFraction(0.9599998), "96%"},
		{FormatFraction(0.80537), "80.54%"},
		{FormatMoney(999_990_000), "999.99"},
		{FormatMoney(999_996_000), "1,000"},
		{FormatMoney(1_234_567_890), "1,235"},
		{FormatMoney(405_640_000), "405.64"},
		{FormatMoney(-5_000_000), "−5.00"},
		{FormatLevel(0.95), "95%"},
		{FormatLevel(0.9), "90%"},
		{FormatLevel(0.975), "97.5%"},
		{FormatLevel(0.999), "99.9%"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

func TestFormatP(t *testing.T) {
	for p, want := range map[float64]string{
		0: "p < 0.001", 1.7e-13: "p < 0.001", 0.000999: "p < 0.001", 0.001: "p = 0.0010", 0.0015: "p = 0.0015", 0.0023: "p = 0.0023",
		0.0123: "p = 0.012", 0.0314: "p = 0.031", 0.05: "p = 0.050", 0.0496: "p = 0.0496", 0.0504: "p = 0.0504", 0.04999: "p = 0.04999",
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

func TestInSentence(t *testing.T) {
	for in, want := range map[string]string{"Purchases": "purchases", "CRM orders": "CRM orders", "Öffnungen": "öffnungen", "": "", "A": "a"} {
		if got := InSentence(in); got != want {
			t.Errorf("InSentence(%q) = %q, want %q", in, got, want)
		}
	}
}
