package reports

import (
	"fmt"
	"testing"
	"time"
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
	if len(one) != 1 || !one[0].HasBar || !one[0].HasAttributed || one[0].Baseline != "10,080" || one[0].Caused != "4,340" || one[0].Total != "14,423" {
		t.Errorf("%+v", one)
	}
	r := sample()
	n := &r.Metrics[0].Contrasts[0].Incremental
	n.Estimate, n.Lo = ptr(-12), ptr(-40)
	if v := r.causedViews()[0]; v.HasBar || v.Caused != "−10" {
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
