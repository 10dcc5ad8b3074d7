package reports

import "testing"

func number(est, lo, hi float64, unit string) Number {
	return Number{Estimate: &est, Lo: &lo, Hi: &hi, Level: 0.95, Method: "test", Grade: "randomized", Unit: unit}
}

// A unit and the place that a number stands in settle how it is written; the
// digits are those of analysis/lift.
func TestFigureIsWrittenByItsUnit(t *testing.T) {
	tests := []struct {
		name       string
		n          Number
		in         slot
		value, rng string
	}{
		{"points", number(0.00769245, 0.00587493, 0.00936169, "points"), slotChange, "+0.77 points", "0.59 to 0.94"},
		{"a rate as a difference", number(0.00769245, 0.00587493, 0.00936169, "rate"), slotChange, "+0.77 points", "0.59 to 0.94"},
		{"a rate by itself", number(0.0222, 0.0182, 0.0269, "rate"), slotPlain, "2.22%", "1.82% to 2.69%"},
		{"lift", number(0.430851, 0.2998523, 0.5753006, "lift"), slotLift, "+43%", "30% to 58%"},
		{"a ratio as lift", number(0.430851, 0.2998523, 0.5753006, "ratio"), slotLift, "+43%", "30% to 58%"},
		{"a ratio by itself", number(2.314, 1.71, 2.95, "ratio"), slotPlain, "2.31", "1.71 to 2.95"},
		{"a ratio named incremental", number(10.6, 4.5, 16.7, "ratio"), slotChange, "10.6", "4.5 to 16.7"},
		{"added count", number(4342.98, 3316.85, 5285.4, "count"), slotChange, "+4,343", "3,317 to 5,285"},
		{"count", number(10080.02, 9137.6, 11106.15, "count"), slotPlain, "10,080", "9,138 to 11,106"},
		{"added money", number(0.769827, 0.485140, 1.054515, "USD"), slotChange, "USD +0.77", "0.49 to 1.05"},
		{"cost", number(9.4012, 5.13, 19.42, "USD"), slotPlain, "USD 9.40", "5.13 to 19.42"},
	}
	for _, tt := range tests {
		if f := tt.n.figure(tt.in); f.Written.Text() != tt.value || f.Range != tt.rng {
			t.Errorf("%s: %q, %q; want %q, %q", tt.name, f.Written.Text(), f.Range, tt.value, tt.rng)
		}
	}
}

func TestFigureWithoutEverything(t *testing.T) {
	lo, hi, est := 0.12, 0.58, 0.3
	tests := []struct {
		name        string
		n           Number
		text, short string
	}{
		{"no estimate", Number{Unit: "lift", Level: 0.95, NotEstimable: "the holdout has no conversions"},
			"not estimable: the holdout has no conversions", "not estimable"},
		{"no estimate, one end", Number{Lo: &lo, HiUnbounded: true, Unit: "lift", Level: 0.95, NotEstimable: "the holdout has no conversions"},
			"not estimable, 95% interval at least 12%, unbounded above: the holdout has no conversions", "not estimable  (at least 12%, unbounded above)"},
		{"no interval", Number{Estimate: &est, Unit: "lift", Level: 0.95, NotEstimable: "one unit"},
			"+30.0%, no interval: one unit", "+30.0%"},
		{"unbounded above", Number{Estimate: &est, Lo: &lo, HiUnbounded: true, Unit: "lift", Level: 0.95},
			"+30%, 95% interval at least 12%, unbounded above", "+30%  (at least 12%, unbounded above)"},
		{"unbounded below", Number{Estimate: &est, Hi: &hi, LoUnbounded: true, Unit: "lift", Level: 0.9},
			"+30%, 90% interval at most +58%, unbounded below", "+30%  (at most +58%, unbounded below)"},
		{"unbounded", Number{Estimate: &est, LoUnbounded: true, HiUnbounded: true, Unit: "lift", Level: 0.975},
			"+30.0%, 97.5% interval unbounded on both sides", "+30.0%  (unbounded on both sides)"},
	}
	for _, tt := range tests {
		f := tt.n.figure(slotLift)
		if f.Text() != tt.text || f.Short() != tt.short {
			t.Errorf("%s: %q, %q; want %q, %q", tt.name, f.Text(), f.Short(), tt.text, tt.short)
		}
	}
}

func TestProbabilityForAColumn(t *testing.T) {
	for p, want := range map[float64]string{0: "< 0.001", 0.0015: "0.0015", 0.068: "0.068", 0.05: "0.050", 1: "> 0.99"} {
		if got := (Number{P: &p}).figure(slotPlain).Probability(); got != want {
			t.Errorf("%v: %q, want %q", p, got, want)
		}
	}
	if got := (Number{}).figure(slotPlain).Probability(); got != "" {
		t.Errorf("without a p-value: %q", got)
	}
}

func TestNamesAreShortened(t *testing.T) {
	if got := short("äöüß", 3); got != "äö…" {
		t.Errorf("got %q", got)
	}
	if got := letter(0) + letter(25) + letter(26); got != "azaa" {
		t.Errorf("got %q", got)
	}
}
