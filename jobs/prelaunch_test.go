package jobs

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"ghostlight/reports"
)

// TestPrelaunch: each scenario of fixtures/prelaunch is not ready in the lines that it says,
// for what it says, and ready in all others.
func TestPrelaunch(t *testing.T) {
	const folder = "../fixtures/prelaunch"
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
			all, err := Prelaunch(t.Context(), dir, nil, time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), testOptions())
			if len(all) != 1 {
				t.Fatalf("%d studies, %v", len(all), err)
			}
			got := shownReadiness(all[0])
			if code, want := ExitCode(err), map[string]int{reports.Ready: ExitOK, reports.LineFailed: ExitData, reports.LineNotTestable: ExitPartial}[all[0].State]; code != want {
				t.Errorf("exit code %d of %v, want %d", code, err, want)
			}
			want := &scenario.Files[len(scenario.Files)-1]
			if *update {
				want.Data = []byte(got)
				if err := os.WriteFile(path, txtar.Format(scenario), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(want.Data), got); diff != "" || want.Name != "want" {
				t.Errorf("%s (-want +got):\n%s", want.Name, diff)
			}
		})
	}
}

// shownReadiness lists the lines of a readiness, and what is behind those that did not pass,
// as the scenarios write it.
func shownReadiness(r reports.Readiness) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d test records, %d other events\n", r.State, r.TestRecords, r.OtherEvents)
	for _, l := range r.Lines {
		fmt.Fprintf(&b, "%s %s\n", l.Name, l.Status)
		for _, text := range l.Failures {
			fmt.Fprintf(&b, "  failed: %s\n", text)
		}
		for _, text := range l.Missing {
			fmt.Fprintf(&b, "  not seen: %s\n", text)
		}
		if r.State == reports.Ready {
			for _, text := range l.Evidence {
				fmt.Fprintf(&b, "  %s\n", text)
			}
		}
		for _, p := range l.Places {
			fmt.Fprintf(&b, "  %s\n", p)
		}
	}
	return b.String()
}
