package reports

import "testing"

func number(est, lo, hi float64, unit string) Number {
	return Number{Estimate: &est, Lo: &lo, Hi: &hi, Level: 0.95, Method: "test", Grade: "randomized", Unit: unit}
}

// The half-width of the interval is shown to two significant digits, and the
// estimate and the ends to the same decimal place (reports-ux 1.2).
func TestFigureRounding(t *testing.T) {
	tests := []struct {
		name       string
		n          Number
		in         slot
		value, rng string
	}{
		{"ad/PSA difference", number(0.00769245, 0.00587493, 0.00936169, "points"), slotAbsolute, "+0.77", "0.59 to 0.94"},
		{"a rate as a difference", number(0.00769245, 0.00587493, 0.00936169, "rate"), slotAbsolute, "+0.77", "0.59 to 0.94"},
		{"ad/PSA lift", number(0.430851, 0.2998523, 0.5753006, "lift"), slotRelative, "+43%", "30% to 58%"},
		{"a ratio as lift", number(0.430851, 0.2998523, 0.5753006, "ratio"), slotRelative, "+43%", "30% to 58%"},
		{"a ratio by itself", number(2.314, 1.71, 2.95, "ratio"), slotPlain, "2.31", "1.71 to 2.95"},
		{"crosses zero", number(0.012, -0.0123, 0.0345, "lift"), slotRelative, "+1.2%", "−1.2% to +3.5%"},
		{"below zero", number(-0.30, -0.41, -0.18, "lift"), slotRelative, "−30%", "−41% to −18%"},
		{"count to tens", number(4342.98, 3316.85, 5285.4, "count"), slotPlain, "4,340", "3,320 to 5,290"},
		{"count to thousands", number(1234567, 1100000, 1360000, "count"), slotPlain, "1,230,000", "1,100,000 to 1,360,000"},
		{"count is whole", number(12.3, 9.1, 15.5, "count"), slotPlain, "12", "9 to 16"},
		{"small count keeps decimals", number(0.123, 0.071, 0.18, "count"), slotAbsolute, "+0.123", "0.071 to 0.180"},
		{"money", number(0.769827, 0.485140, 1.054515, "USD"), slotAbsolute, "+0.77", "0.49 to 1.05"},
		{"money above 1,000 has no cents", number(1500.25, 1500.20, 1500.30, "USD"), slotPlain, "1,500", "1,500 to 1,500"},
		{"half-width that rounds up a digit", number(1, 0.9004, 1.0996, "ratio"), slotPlain, "1.00", "0.90 to 1.10"},
		{"a bound is not rounded onto zero", number(0.028, 0.0004, 0.0556, "lift"), slotRelative, "+2.80%", "0.04% to 5.56%"},
		{"nor a large estimate", number(0.43, -0.7, 41.5, "lift"), slotRelative, "+40%", "−70% to +4,150%"},
		{"no width", number(0.05, 0.05, 0.05, "rate"), slotPlain, "5.00%", "5.00% to 5.00%"},
		{"zero", number(0, 0, 0, "lift"), slotRelative, "0%", "0% to 0%"},
		{"zero inside", number(0, -0.02, 0.02, "lift"), slotRelative, "0.0%", "−2.0% to +2.0%"},
	}
	for _, tt := range tests {
		f := tt.n.figure(tt.in)
		if f.Value != tt.value || f.Range != tt.rng {
			t.Errorf("%s: %q, %q; want %q, %q", tt.name, f.Value, f.Range, tt.value, tt.rng)
		}
	}
}

func TestFigureWithoutEverything(t *testing.T) {
	lo, hi, est := 0.12, 0.58, 0.3
	tests := []struct {
		name string
		n    Number
		text string
	}{
		{"no estimate", Number{Unit: "lift", Level: 0.95, NotEstimable: "the holdout has no conversions"}, "not estimable: the holdout has no conversions"},
		{"no interval", Number{Estimate: &est, Unit: "lift", Level: 0.95, NotEstimable: "one unit"}, "+30.0%, no interval: one unit"},
		{"unbounded above", Number{Estimate: &est, Lo: &lo, HiUnbounded: true, Unit: "lift", Level: 0.95}, "+30%, 95% CI 12% and up, unbounded above"},
		{"unbounded below", Number{Estimate: &est, Hi: &hi, LoUnbounded: true, Unit: "lift", Level: 0.9}, "+30%, 90% CI unbounded below, up to +58%"},
		{"unbounded", Number{Estimate: &est, LoUnbounded: true, HiUnbounded: true, Unit: "lift", Level: 0.975}, "+30.0%, 97.5% CI unbounded on both sides"},
	}
	for _, tt := range tests {
		if got := tt.n.figure(slotRelative).Text(); got != tt.text {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.text)
		}
	}
}

func TestSmallForms(t *testing.T) {
	for got, want := range map[string]string{
		pText(0):                                 "< 0.001",
		pText(0.00099):                           "< 0.001",
		pText(0.0314):                            "0.031",
		pText(0.9037):                            "0.90",
		count(-1234567):                          "−1,234,567",
		count(999):                               "999",
		money(999_990_000):                       "999.99",
		money(1_234_567_890):                     "1,235",
		money(-5_000_000):                        "−5.00",
		share(0, 0):                              "none",
		share(1, 100000):                         "< 0.1%",
		share(99999, 100000):                     "> 99.9%",
		share(1, 3):                              "33.3%",
		percent(0.96):                            "96%",
		percent(0.9599998):                       "96%",
		exact(ptr(0.43085), styleLift):           "43.085%",
		exact(nil, styleLift):                    "",
		exact(ptr(-0.0001234567891), styleRatio): "−0.0001234568",
		letter(0) + letter(25) + letter(26):      "azaa",
		short("äöüß", 3):                         "äö…",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestAxisHoldsWhatItShows(t *testing.T) {
	for _, r := range []Report{sample(), mixed()} {
		p := newPlot("", r.liftRows(), slotRelative)
		if p.Axis.Min > 0 || p.Axis.Max < 0 || p.Axis.Zero == "" {
			t.Errorf("%s: zero is not on the axis %v to %v", r.Study, p.Axis.Min, p.Axis.Max)
		}
		for _, row := range p.Rows {
			if e := row.Number.Estimate; e != nil && (*e*100 < p.Axis.Min || *e*100 > p.Axis.Max) {
				t.Errorf("%s: the estimate %v is off the axis", r.Study, *e*100)
			}
			m := row.Mark
			n := row.Number
			if n.HiUnbounded && (!m.HiArrow || m.Hi != "100%") {
				t.Errorf("%s: an unbounded end is not an arrow at the edge: %+v", r.Study, m)
			}
			if n.Hi != nil && *n.Hi*100 > p.Axis.Max && !m.HiArrow {
				t.Errorf("%s: an end beyond the axis is not an arrow: %+v", r.Study, m)
			}
			if n.Estimate == nil && (m.Has || m.HasInterval) {
				t.Errorf("%s: something is drawn where nothing can be estimated", r.Study)
			}
		}
		if n := len(p.Axis.Ticks); n < 3 || n > 9 {
			t.Errorf("%s: %d ticks", r.Study, n)
		}
	}
	if p := newPlot("", nil, slotRelative); p.Axis.Zero != "50%" {
		t.Errorf("an empty plot has zero at %q", p.Axis.Zero)
	}
}
