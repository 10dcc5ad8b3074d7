package jobs

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"ghostlight/analysis/simulate"
	"ghostlight/reports"
)

// TestReconciliation: of each scenario of fixtures/reconciliation, what its files plant
// is found as the cause it is, and the causes make the whole difference (the report is
// refused otherwise).
func TestReconciliation(t *testing.T) {
	runScenarios(t, "../fixtures/reconciliation", shownGaps)
}

// runScenarios runs each scenario of a folder over the workspace there, and compares what
// is shown of its report with what the scenario wants.
func runScenarios(t *testing.T, folder string, shown func(reports.Report) string) {
	t.Helper()
	base := filepath.Join(folder, "workspace.txtar")
	paths, err := filepath.Glob(filepath.Join(folder, "*.txtar"))
	if err != nil || len(paths) < 2 {
		t.Fatalf("%d scenarios, %v", len(paths), err)
	}
	for _, path := range paths {
		if path == base {
			continue
		}
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			scenario := layScenario(t, dir, base, path)
			got := shown(runStudy(t, dir, "shop", "2026-11-01"))
			want := slices.IndexFunc(scenario.Files, func(f txtar.File) bool { return f.Name == "want" })
			if want < 0 {
				t.Fatal("the scenario has no want")
			}
			if *update {
				scenario.Files[want].Data = []byte(got)
				if err := os.WriteFile(path, txtar.Format(scenario), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(scenario.Files[want].Data), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// layScenario writes the files of a workspace and of a scenario over it into a folder, and
// returns the scenario.
func layScenario(t *testing.T, dir, base, path string) (scenario *txtar.Archive) {
	t.Helper()
	if err := os.Mkdir(filepath.Join(dir, "data"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{base, path} {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range archive.Files {
			switch f.Name {
			case "want":
				continue
			case "traffic":
				writeTraffic(t, dir, f.Data)
				continue
			}
			if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, f.Name)), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		scenario = archive
	}
	return scenario
}

// shownGaps lists the differences of a report as the scenarios write them.
func shownGaps(r reports.Report) string {
	var b strings.Builder
	for _, g := range r.Reconciliation.Gaps {
		fmt.Fprintf(&b, "%s | %s | %s: %d and %d, %d in both, %s\n", g.First, g.Second, g.Event, g.FirstUnits, g.SecondUnits, g.BothUnits, g.Status)
		for _, c := range g.Causes {
			fmt.Fprintf(&b, "  %s %d %d\n", c.Category, c.First, c.Second)
		}
	}
	return b.String()
}

// wantCauses compares what was planted in the server's log with the causes of its
// difference from the orders, and the sales that all three lists tell of.
func wantCauses(t *testing.T, report reports.Report, truth simulate.Truth) {
	t.Helper()
	cause := func(first, second, event, category string) (n int64) {
		for _, g := range report.Reconciliation.Gaps {
			if g.First != first || g.Second != second || event != "" && g.Event != event {
				continue
			}
			for _, c := range g.Causes {
				if c.Category == category {
					n += c.First + c.Second
				}
			}
		}
		return n
	}
	const crm, server, pixel, undefined = "crm", "server (meta)", "pixel (generic)", "not in the dictionary"
	c, planted := truth.Conversions, truth.Planted
	for _, w := range []struct {
		what      string
		got, want int64
	}{
		{"staging events of the server", cause(crm, server, "", "environment"), planted.Staging.Server},
		{"staging events of the pixel that are purchases or undefined", cause(crm, pixel, "", "environment"), planted.Staging.Pixel},
		{"retries of the server", cause(crm, server, "purchase", "duplicate"), planted.Duplicates.ServerRetries},
		{"purchases of the server without a parameter", cause(crm, server, "purchase", "missing_parameters"), planted.Missing.Server},
		{"purchases of the pixel without a parameter", cause(crm, pixel, "purchase", "missing_parameters"), planted.Missing.Pixel},
		{"purchases whose order is not paid", cause(crm, server, "purchase", "definition_mismatch"), c.Unpaid},
		{"events of the server that are not in the dictionary", cause(crm, server, undefined, "definition_mismatch"), planted.Undefined.Server},
		{"purchases of the server without an order", cause(crm, server, "purchase", "phantom"), c.NoOrder.Server},
		{"sales that did not reach the server", cause(crm, server, "purchase", "delivery_loss"), c.CRM + c.PixelCRM},
		{"unexplained", cause(crm, server, "", "unexplained") + cause(crm, pixel, "", "unexplained"), 0},
	} {
		if w.got != w.want {
			t.Errorf("%s: found %d, planted %d", w.what, w.got, w.want)
		}
	}
	if both := truth.Conversions.All + truth.Conversions.PixelServer; !slices.ContainsFunc(report.Reconciliation.Gaps, func(g reports.Gap) bool {
		return g.First == server && g.Second == pixel && g.Event == "purchase" && g.BothUnits == both
	}) {
		t.Errorf("server and pixel do not share the %d purchases that were planted in both", both)
	}
}
