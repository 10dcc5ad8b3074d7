package jobs

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ghostlight/jobs/source"
	"ghostlight/reports"
)

// TestDedup runs each scenario of fixtures/dedup: its records are joined as its rules say,
// and what is odd about their ids is found.
func TestDedup(t *testing.T) { runScenarios(t, "../fixtures/dedup", shownDedup) }

// shownDedup lists how records were joined, the conversions by who has them, and what is odd.
func shownDedup(r reports.Report) string {
	var b strings.Builder
	for _, l := range r.Dedup.Lists {
		fmt.Fprintf(&b, "%s | %s: %d alone, %d paired, %d repeated, %d by an identifier, %d dropped\n",
			l.List, l.Event, l.Alone, l.Paired, l.Repeated, l.ByIdentifier, l.Dropped)
	}
	for _, o := range r.Reconciliation.Overlap {
		fmt.Fprintf(&b, "%d %s of %s\n", o.Conversions, o.Event, o.Surfaces)
	}
	for _, f := range r.Reconciliation.Flows {
		for _, s := range f.Steps {
			if s.Category == "consent_denied" || s.Category == "unproven" {
				fmt.Fprintf(&b, "%s %s %s %d\n", f.Surface, f.Event, s.Category, s.Records)
			}
		}
	}
	for _, f := range r.Dedup.Findings {
		fmt.Fprintf(&b, "%s %s %d:", f.Event, f.Finding, f.Records)
		for _, s := range f.Samples {
			fmt.Fprintf(&b, " %s %d", s.Path, s.Line)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// TestDedupPresets: every preset is complete, dated and sourced, and its words are those
// that a rule may have.
func TestDedupPresets(t *testing.T) {
	presets, err := DedupPresets()
	if err != nil {
		t.Fatal(err)
	}
	for _, platform := range []string{"meta", "tiktok", "snap", "pinterest", "reddit", "linkedin", "amazon", "google", "ecapi"} {
		p, ok := presets[platform]
		if !ok {
			t.Errorf("there is no preset %s", platform)
			continue
		}
		study := Study{Dedup: defaultDedup()}
		study.Dedup.Rules = []DedupRule{{
			First: "pixel", Second: "server", Platform: platform, Keys: p.Keys, Span: p.Span, Winner: p.Winner,
			WinnerWithin: p.WinnerWithin, OnMatch: p.OnMatch, MergeWithin: p.MergeWithin,
		}}
		d := newDocument("preset")
		studyValidation{document: d, study: study}.dedup(study.Dedup)
		if len(d.problems) > 0 {
			t.Errorf("preset %s: %v", platform, d.problems)
		}
		if p.Date == "" || p.Source == "" || p.Note == "" || p.Span == 0 || len(p.Keys) == 0 || p.Winner == "" || p.OnMatch == "" {
			t.Errorf("preset %s is not complete: %+v", platform, p)
		}
	}
}

// TestDedupRuleOfPair: the rule of two lists is that of their platform, then the one for
// every platform, then the default; and a surface wins only against another.
func TestDedupRuleOfPair(t *testing.T) {
	meta, tiktok, generic := "meta", "tiktok", "generic"
	lists := []dedupList{
		{ListNo: 1, SurfaceNo: crmSurface, Surface: "crm"},
		{ListNo: 2, SurfaceNo: 1, Surface: "pixel", Platform: &generic},
		{ListNo: 3, SurfaceNo: 2, Surface: "server", Platform: &meta},
		{ListNo: 4, SurfaceNo: 2, Surface: "server", Platform: &tiktok},
	}
	d := defaultDedup()
	d.Rules = []DedupRule{
		{First: "server", Second: "pixel", Platform: "meta", Preset: "meta"},
		{First: "pixel", Second: "server", Span: Day, Winner: "server", OnMatch: "drop"},
		{First: "pixel", Second: "pixel", Span: Day},
	}
	rules, keys, err := d.pairs(lists)
	if err != nil {
		t.Fatal(err)
	}
	minute, day := Duration(60_000_000_000).Micros(), Day.Micros()
	rule := func(first, second, dataset, span, winner, within, drops int64) dedupRuleRow {
		return dedupRuleRow{First: first, Second: second, UseEventID: 1, SameDataset: dataset, SpanUS: span, WinnerListNo: winner, WinnerWithinUS: within, Drops: drops}
	}
	want := []dedupRuleRow{ // 2 and 3 tell their own datasets apart too, as the rule between them does
		rule(2, 2, 1, day, 0, unlimited, 0), rule(2, 3, 1, 2*day, 2, 5*minute, 0), rule(2, 4, 0, day, 4, unlimited, 1),
		rule(3, 2, 1, 2*day, 2, 5*minute, 0), rule(3, 3, 1, 2*day, 0, unlimited, 0), rule(3, 4, 0, 2*day, 0, unlimited, 0),
		rule(4, 2, 0, day, 4, unlimited, 1), rule(4, 3, 0, 2*day, 0, unlimited, 0), rule(4, 4, 0, 2*day, 0, unlimited, 0),
	}
	if diff := cmp.Diff(want, rules); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]dedupKeyRow{{2, 3, 2, "cookie"}, {2, 3, 3, "customer"}, {3, 2, 2, "cookie"}, {3, 2, 3, "customer"}}, keys); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	if len(source.Surfaces()) != len(surfaceNames)-2 {
		t.Error("a surface has no number")
	}
}
