package reports

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ghostlight/analysis"
	"ghostlight/analysis/lift"
)

func TestStepsOfAllFlowsKeepTheirOrder(t *testing.T) {
	flow := func(categories ...string) Flow {
		f := Flow{}
		for _, c := range categories {
			f.Steps = append(f.Steps, Step{Category: c})
		}
		return f
	}
	r := Report{Reconciliation: Reconciliation{Flows: []Flow{
		flow("test", "unknown", "counted"),
		flow("test", "missing", "duplicate", "counted"),
		flow("late", "duplicate", "outside"),
	}}}
	var got []string
	colours := map[int]bool{}
	for _, k := range r.stepKeys() {
		got = append(got, k.Label)
		colours[k.Index] = true
		if (k.Category == "counted") != (k.Index == 0) {
			t.Errorf("%s has colour %d", k.Category, k.Index)
		}
	}
	if want := "[test unknown missing late duplicate counted outside]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
	if len(colours) != len(got) {
		t.Errorf("%d colours for %d categories", len(colours), len(got))
	}
}

func TestSumsArePrinted(t *testing.T) {
	flows, _ := mixed().flowViews()
	for i, want := range []string{"Adds up", "Off by 7", "Adds up"} {
		if flows[i].Balance != want || flows[i].Balanced != (want == "Adds up") {
			t.Errorf("flow %d: %q, want %q", i, flows[i].Balance, want)
		}
	}
	r := sample()
	r.Provenance.Inputs[1].Loaded -= 3
	inputs, _ := r.inputViews()
	if inputs[0].Sum != "Adds up" || inputs[1].Sum != "Off by 3" || inputs[1].Balanced {
		t.Errorf("inputs: %q, %q", inputs[0].Sum, inputs[1].Sum)
	}
}

func TestPeriod(t *testing.T) {
	at := func(s string) time.Time {
		v, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, tt := range []struct {
		from, until, want string
	}{
		{"2026-09-07T00:00:00Z", "2026-10-19T00:00:00Z", "7 September 2026 to 18 October 2026"},
		{"2026-09-07T00:00:00+02:00", "2026-10-19T12:00:00Z", "6 September 2026, 22:00 UTC to 19 October 2026, 12:00 UTC"},
		{"2026-09-07T00:00:30Z", "2026-10-19T12:00:00Z", "7 September 2026, 00:00:30 UTC to 19 October 2026, 12:00 UTC"},
	} {
		if got := period(Run{PeriodStart: at(tt.from), PeriodEnd: at(tt.until)}); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
	if got := period(Run{}); got != "not stated" {
		t.Errorf("no period: %q", got)
	}
}

// The bar that splits an arm's conversions is only drawn where the parts add up
// to the whole, and attribution stands beside it only for the same event.
func TestCausedBeside(t *testing.T) {
	one := sample().causedViews()
	if len(one) != 1 || !one[0].HasBar || !one[0].HasAttributed || one[0].Total != "14,423" ||
		one[0].Baseline.Text() != "10,080, 95% interval 9,138 to 11,106" || one[0].Caused.Text() != "+4,343, 95% interval 3,317 to 5,285" {
		t.Errorf("%+v", one)
	}
	r := sample()
	n := &r.Metrics[0].Contrasts[0].Incremental
	n.Estimate, n.Lo = ptr(-12), ptr(-40)
	if v := r.causedViews()[0]; v.HasBar || v.Caused.Value != "−12" {
		t.Errorf("a negative effect: %+v", v)
	}
	r = sample()
	r.Windows.Event = "visit"
	if r.causedViews()[0].HasAttributed {
		t.Error("attributed visits stand beside caused purchases")
	}
	if v := noHoldout().causedViews(); len(v) != 0 {
		t.Errorf("without a holdout: %+v", v)
	}
}

func TestCreativeNotesAreShared(t *testing.T) {
	r := mixed()
	r.Creatives[3].Lift.NotEstimable = "another reason"
	views, notes, _ := r.creativeViews()
	if len(notes) != 2 || notes[0].Mark != "a" || notes[1].Text != "another reason" {
		t.Errorf("notes %+v", notes)
	}
	got := ""
	for _, v := range views {
		got += v.Note + ";"
	}
	if got != ";a;a;b;" {
		t.Errorf("marks %q", got)
	}
}

// The first sentence of a verdict is set large, but with several arms each has
// its claim.
func TestClaim(t *testing.T) {
	r := sample()
	r.Verdict.Sentence = "Ads increased purchases: +0.77 points (95% interval 0.59 to 0.94; p < 0.001). Against the holdout that is +43% (30% to 58%)."
	claim, more := r.claim()
	if claim != "Ads increased purchases: +0.77 points (95% interval 0.59 to 0.94; p < 0.001)." || more != "Against the holdout that is +43% (30% to 58%)." {
		t.Errorf("%q, %q", claim, more)
	}
	r.Metrics[0].Contrasts = append(r.Metrics[0].Contrasts, r.Metrics[0].Contrasts[0])
	if claim, more := r.claim(); claim != r.Verdict.Sentence || more != "" {
		t.Errorf("two arms: %q, %q", claim, more)
	}
	r.Verdict.Sentence = "Too small to say."
	if claim, more := r.claim(); claim != "Too small to say." || more != "" {
		t.Errorf("%q, %q", claim, more)
	}
}

// What one place of the page says, another does not say again.
func TestNothingIsSaidTwice(t *testing.T) {
	r := broken()
	r.Verdict.Sentence = "Not trustworthy: the arms do not have the sizes that the design gave them (p < 0.001). Do not use the numbers."
	r.Verdict.Reasons = []string{"The arms do not have the sizes that the design gave them (p < 0.001).", "Another reason."}
	r.Warnings = []Warning{{Severity: "stop", Text: r.Trust[0].Detail}, {Severity: "info", Text: "News."}}
	p, _ := r.page()
	if len(p.Reasons) != 1 || p.Reasons[0] != "Another reason." {
		t.Errorf("reasons %q", p.Reasons)
	}
	if len(p.Warnings) != 1 || p.Warnings[0].Text != "News." {
		t.Errorf("warnings %+v", p.Warnings)
	}
}

func TestDuration(t *testing.T) {
	for in, want := range map[string]string{"28d": "28 days", "1d": "1 day", "36h": "36 hours", "1h": "1 hour", "90m": "90m", "": "", "d": "d"} {
		if got := duration(in); got != want {
			t.Errorf("duration(%q) = %q, want %q", in, got, want)
		}
	}
}

// The sentence of the verdict and the page write the same number alike.
func TestSentenceAndPageAgree(t *testing.T) {
	c := sample().Metrics[0].Contrasts[0]
	v := lift.Judge(lift.Headline{
		Arm: "Ads", Control: "Public-service ads", Metric: "Purchases",
		Absolute: withP(c.Absolute), Relative: withP(c.Relative), Incremental: withP(c.Incremental),
		AbsoluteIn: lift.Points, IncrementalIn: lift.Count("conversions"),
	})
	for _, f := range []figure{c.Absolute.figure(slotChange), c.Relative.figure(slotLift), c.Incremental.figure(slotChange)} {
		for _, want := range []string{f.Written.Text(), f.Range, c.Absolute.figure(slotChange).Level, c.Absolute.figure(slotChange).P} {
			if !strings.Contains(v.Sentence, want) {
				t.Errorf("the page writes %q, the sentence does not: %s", want, v.Sentence)
			}
		}
	}
}

func withP(n Number) analysis.Estimate {
	e := n.AsEstimate()
	e.P, e.HasP, e.Grade = *n.P, true, analysis.Grade(n.Grade)
	return e
}

// What a run prints is what its report calls attention to, once.
func TestAttention(t *testing.T) {
	r := Report{
		Trust: []Check{
			{Status: "green", Detail: "Fine."}, {Status: "amber", Detail: "Some records came late."}, {Status: "red", Detail: "The holdout saw ads."},
		},
		Warnings: []Warning{
			{Severity: "info", Text: "The sizes agree."}, {Severity: "caution", Text: "Some records came late."}, {Severity: "stop", Text: "The holdout saw ads."},
			{Severity: "caution", Text: "A look before\nthe end."},
		},
	}
	want := []string{
		"Needs attention: Some records came late.", "Failed: The holdout saw ads.", "Caution: A look before the end.", "Note: The sizes agree.",
	}
	if diff := cmp.Diff(want, r.Attention()); diff != "" {
		t.Errorf("attention (-want +got):\n%s", diff)
	}
}
