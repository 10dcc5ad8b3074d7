package lift

import (
	"strings"
	"testing"

	"ghostlight/analysis"
)

// headline compares converters of two arms.
func headline(t *testing.T, treatment, control Proportion, grade analysis.Grade) Headline {
	t.Helper()
	o := Options{Level: 0.95, Grade: grade}
	absolute := must[estimate](t)(DifferenceMN(treatment, control, o))
	return Headline{
		Arm: "CTV ads", Control: "Holdout (ghost)", Metric: "Purchases",
		Absolute:    absolute,
		Relative:    RelativeLift(must[estimate](t)(RatioKoopman(treatment, control, o))),
		Incremental: Incremental(absolute),
		AbsoluteIn:  Points, IncrementalIn: Count("incremental conversions"),
		TreatmentConversions: treatment.X, ControlConversions: control.X, MinConversions: 100,
	}
}

func TestJudge(t *testing.T) {
	ad, psa := Proportion{14423, 564577}, Proportion{420, 23524}
	blocked := headline(t, ad, psa, analysis.Randomized)
	blocked.Blocking = []string{"the arms do not have the sizes that the design gave them", "no orders were loaded for the last week"}

	mean := func(treatment, control Moments) Headline {
		absolute := must[WelchTest](t)(Welch(treatment, control, DefaultOptions())).Estimate
		return Headline{
			Arm: "Mens e-mail", Control: "No e-mail", Metric: "Revenue per customer",
			Absolute:    absolute,
			Relative:    must[FiellerSet](t)(Fieller(treatment, control, DefaultOptions())).Estimate,
			Incremental: Incremental(absolute),
			AbsoluteIn:  Money("USD"), IncrementalIn: Money("USD"),
			TreatmentConversions: 267, ControlConversions: 122, MinConversions: 100,
		}
	}
	crm := headline(t, ad, psa, analysis.Randomized)
	crm.Metric, crm.Relative, crm.Incremental = "CRM orders", analysis.Estimate{}, analysis.Estimate{}

	tests := []struct {
		name     string
		in       Headline
		state    State
		sentence string
	}{
		{"increase", headline(t, ad, psa, analysis.Randomized), ClearIncrease,
			"CTV ads increased purchases: +0.77 points (95% interval 0.59 to 0.94; p < 0.001). Against holdout (ghost) that is +43% (30% to 58%), or +4,343 incremental conversions (3,317 to 5,285) in total."},
		{"decrease", headline(t, Proportion{100, 1000}, Proportion{150, 1000}, analysis.Randomized), ClearDecrease,
			"CTV ads decreased purchases: −5.0 points (95% interval −7.9 to −2.1; p < 0.001). Against holdout (ghost) that is −33% (−47% to −16%), or −50 incremental conversions (−79 to −21) in total."},
		{"inconclusive", headline(t, Proportion{110, 1000}, Proportion{100, 1000}, analysis.Randomized), Inconclusive,
			"Inconclusive: the data are compatible with an effect of CTV ads on purchases anywhere in the range −1.7 to +3.7 points (95% interval; estimate +1.0 points; p = 0.47)."},
		{"too small", headline(t, Proportion{60, 1000}, Proportion{1, 1000}, analysis.Randomized), TooSmall,
			"Too small to say: 61 conversions in both arms together, and this study asks for at least 100 before a verdict on purchases."},
		{"one conversion", headline(t, Proportion{1, 1000}, Proportion{0, 1000}, analysis.Randomized), TooSmall,
			"Too small to say: 1 conversion in both arms together, and this study asks for at least 100 before a verdict on purchases."},
		{"blocked", blocked, NotTrustworthy,
			"Not trustworthy: the arms do not have the sizes that the design gave them; no orders were loaded for the last week. Do not use the numbers on purchases until this is resolved."},
		{"no holdout", headline(t, ad, Proportion{}, analysis.Randomized), NotEstimable,
			"The effect of CTV ads on purchases cannot be estimated: the control arm has no units, so there is nothing to compare with."},
		{"no comparison", Headline{Arm: "CTV ads", Metric: "Purchases"}, NotEstimable,
			"The effect of CTV ads on purchases cannot be estimated: no comparison was made."},
		{"no spread", mean(Moments{N: 10, Mean: 1}, Moments{N: 10, Mean: 1}), NotEstimable,
			"The effect of Mens e-mail on revenue per customer cannot be estimated: all units of an arm have the same value, in both arms, so there is no spread to make an interval from."},
		{"none in control", headline(t, Proportion{500, 1000}, Proportion{0, 1000}, analysis.Randomized), ClearIncrease,
			"CTV ads increased purchases: +50.0 points (95% interval 46.9 to 53.1; p < 0.001). Against holdout (ghost) that is at least 12,966%, unbounded above, or +500 incremental conversions (469 to 531) in total."},
		{"revenue", mean(hillstromMens(t), hillstromNone(t)), ClearIncrease,
			"Mens e-mail increased revenue per customer: USD +0.77 (95% interval 0.49 to 1.05; p < 0.001). Against no e-mail that is +118% (64% to 198%), or USD +16,403 (10,337 to 22,469) in total."},
		{"relative refused", mean(Moments{1000, 2, 9}, Moments{1000, -1, 9}), ClearIncrease,
			"Mens e-mail increased revenue per customer: USD +3.00 (95% interval 2.74 to 3.26; p < 0.001). Against no e-mail that is USD +3,000 (2,737 to 3,263) in total. A relative lift cannot be given: the control mean is negative, so a relative lift has no meaning; read the absolute difference."},
		{"relative unbounded", mean(Moments{1000, 2, 9}, Moments{1000, 0.1, 9}), ClearIncrease,
			"Mens e-mail increased revenue per customer: USD +1.90 (95% interval 1.64 to 2.16; p < 0.001). Against no e-mail that is USD +1,900 (1,637 to 2,163) in total. The relative lift is unbounded on both sides."},
		{"acronym, absolute only", crm, ClearIncrease,
			"CTV ads increased CRM orders: +0.77 points (95% interval 0.59 to 0.94; p < 0.001)."},
		{"descriptive", headline(t, ad, psa, analysis.Descriptive), ClearIncrease,
			"Observed increase in purchases with CTV ads: +0.77 points (95% interval 0.59 to 0.94; p < 0.001). This comparison is descriptive, not randomized, and does not show a cause. Against holdout (ghost) that is +43% (30% to 58%), or +4,343 incremental conversions (3,317 to 5,285) in total."},
	}
	for _, tt := range tests {
		got := Judge(tt.in)
		if got.State != tt.state || got.Sentence != tt.sentence {
			t.Errorf("%s:\n got %s: %s\nwant %s: %s", tt.name, got.State, got.Sentence, tt.state, tt.sentence)
		}
		if len(got.Reasons) == 0 || got.Reasons[0] == "" {
			t.Errorf("%s: no reason for the verdict", tt.name)
		}
	}
}

// The gate counts conversions of both arms, and a study without one has no gate.
func TestJudgeGate(t *testing.T) {
	h := headline(t, Proportion{60, 1000}, Proportion{1, 1000}, analysis.Randomized)
	for minimum, want := range map[int64]State{0: ClearIncrease, 61: ClearIncrease, 62: TooSmall} {
		h.MinConversions = minimum
		if got := Judge(h).State; got != want {
			t.Errorf("61 conversions, minimum %d: %s, want %s", minimum, got, want)
		}
	}
}

// TestJudgeUnfinished: a look before the end gives no verdict, however clear the
// interval seems, but a failed check comes first.
func TestJudgeUnfinished(t *testing.T) {
	h := Headline{
		Arm: "CTV ads", Control: "the holdout", Metric: "Purchases", AbsoluteIn: Points, IncrementalIn: Count("conversions"),
		Absolute: analysis.Estimate{
			Value: 0.02, HasValue: true, HasInterval: true, Interval: analysis.Interval{Lo: 0.01, Hi: 0.03, Level: 0.95}, Grade: analysis.Randomized,
		},
		TreatmentConversions: 900, ControlConversions: 100,
		Unfinished: "312 of 8,000 households still have an open outcome window",
	}
	if v := Judge(h); v.State != TooEarly || !strings.Contains(v.Sentence, h.Unfinished) {
		t.Errorf("an early look gives %+v", v)
	}
	h.Blocking = []string{"the arms do not have the sizes that the design gave them"}
	if v := Judge(h); v.State != NotTrustworthy {
		t.Errorf("a failed check on an early look gives %+v", v)
	}
	h.Blocking, h.Unfinished = nil, ""
	if v := Judge(h); v.State != ClearIncrease {
		t.Errorf("at the end: %+v", v)
	}
}
