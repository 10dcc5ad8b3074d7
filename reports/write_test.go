package reports

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// listing is every path below dir, folders ending in a slash.
func listing(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err != nil || path == dir {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		if info.IsDir() {
			name += "/"
		}
		out = append(out, filepath.ToSlash(name))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func mustWrite(t *testing.T, dir string, r Report) {
	t.Helper()
	if err := Write(dir, r); err != nil {
		t.Fatal(err)
	}
}

func TestWriteMakesTheWholeReport(t *testing.T) {
	out := t.TempDir()
	dir := filepath.Join(out, "ad_psa", "run1")
	mustWrite(t, dir, sample())
	want := "ad_psa/ ad_psa/run1/ ad_psa/run1/report.html ad_psa/run1/results.json ad_psa/run1/tables/ " +
		"ad_psa/run1/tables/acceptance.csv ad_psa/run1/tables/arm_metrics.csv ad_psa/run1/tables/arms.csv ad_psa/run1/tables/changes.csv ad_psa/run1/tables/checks.csv " +
		"ad_psa/run1/tables/completeness.csv ad_psa/run1/tables/completeness_versions.csv ad_psa/run1/tables/consent.csv ad_psa/run1/tables/consent_units.csv ad_psa/run1/tables/conversion_costs.csv " +
		"ad_psa/run1/tables/coverage.csv ad_psa/run1/tables/creatives.csv ad_psa/run1/tables/currencies.csv ad_psa/run1/tables/dedup.csv ad_psa/run1/tables/dedup_findings.csv " +
		"ad_psa/run1/tables/dedup_samples.csv ad_psa/run1/tables/excess_refunds.csv ad_psa/run1/tables/freshness.csv ad_psa/run1/tables/gap_days.csv ad_psa/run1/tables/gap_samples.csv " +
		"ad_psa/run1/tables/gaps.csv ad_psa/run1/tables/inputs.csv ad_psa/run1/tables/match_quality.csv ad_psa/run1/tables/match_weeks.csv ad_psa/run1/tables/metrics.csv " +
		"ad_psa/run1/tables/overlap.csv ad_psa/run1/tables/platform_claim_days.csv ad_psa/run1/tables/platform_claim_samples.csv ad_psa/run1/tables/platform_claims.csv ad_psa/run1/tables/reconciliation.csv ad_psa/run1/tables/recovery.csv ad_psa/run1/tables/refused_fields.csv " +
		"ad_psa/run1/tables/silences.csv ad_psa/run1/tables/stream_checks.csv ad_psa/run1/tables/stream_days.csv ad_psa/run1/tables/stream_steps.csv ad_psa/run1/tables/streams.csv " +
		"ad_psa/run1/tables/test_traffic.csv ad_psa/run1/tables/undefined_events.csv ad_psa/run1/tables/value_range_samples.csv ad_psa/run1/tables/value_ranges.csv ad_psa/run1/tables/verification.csv " +
		"ad_psa/run1/tables/verified_lists.csv ad_psa/run1/tables/windows.csv"
	if got := strings.Join(listing(t, out), " "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestWriteAgain(t *testing.T) {
	out := t.TempDir()
	dir := filepath.Join(out, "run1")
	mustWrite(t, dir, sample())
	page := filepath.Join(dir, "report.html")
	old := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	if err := os.Chtimes(page, old, old); err != nil {
		t.Fatal(err)
	}
	mustWrite(t, dir, sample())
	if info, err := os.Stat(page); err != nil || !info.ModTime().Equal(old) {
		t.Errorf("equal bytes were written again (%v, %v)", info.ModTime(), err)
	}

	changed := sample()
	changed.Verdict.Sentence = "Another sentence."
	// A table that an older program wrote, and what a killed process left.
	for _, name := range []string{"run1/tables/old_table.csv", ".run1.new/report.html", ".run1.old/report.html"} {
		path := filepath.Join(out, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	mustWrite(t, dir, changed)
	data, err := os.ReadFile(page)
	if err != nil || !strings.Contains(string(data), "Another sentence.") {
		t.Errorf("the report was not replaced (%v)", err)
	}
	for _, name := range listing(t, out) {
		if strings.HasPrefix(name, ".") || strings.Contains(name, "old_table") {
			t.Errorf("%s is left", name)
		}
	}
}

func TestWriteFinishesACutSwap(t *testing.T) {
	out := t.TempDir()
	dir := filepath.Join(out, "run1")
	mustWrite(t, dir, sample())
	if err := os.Rename(dir, filepath.Join(out, ".run1.old")); err != nil {
		t.Fatal(err)
	}
	broken := sample()
	broken.Run.ID = "another"
	if err := Write(dir, broken); !errors.Is(err, ErrOccupied) {
		t.Errorf("got %v", err)
	}
	if _, err := ReadJSON(filepath.Join(dir, "results.json")); err != nil {
		t.Errorf("the old report did not come back: %v", err)
	}
}

func TestSwapByTwoRenames(t *testing.T) {
	out := t.TempDir()
	for _, name := range []string{"dir", "fresh"} {
		if err := os.MkdirAll(filepath.Join(out, name, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := swap(filepath.Join(out, "dir"), filepath.Join(out, "fresh"), filepath.Join(out, "old")); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(out, "dir", "fresh")); err != nil {
		t.Errorf("the fresh folder is not in place: %v", err)
	}
}

func TestWriteLeavesOtherThingsAlone(t *testing.T) {
	other := sample()
	other.Run.ID = "another run"
	for name, tt := range map[string]struct {
		before func(t *testing.T, dir string)
		want   string
	}{
		"symbolic link": {func(t *testing.T, dir string) {
			if err := os.Symlink(t.TempDir(), dir); err != nil {
				t.Fatal(err)
			}
		}, "it is a symbolic link"},
		"dangling link": {func(t *testing.T, dir string) {
			if err := os.Symlink("nowhere", dir); err != nil {
				t.Fatal(err)
			}
		}, "it is a symbolic link"},
		"file": {func(t *testing.T, dir string) {
			if err := os.WriteFile(dir, []byte("mine"), 0o644); err != nil {
				t.Fatal(err)
			}
		}, "it is a file"},
		"someone's notes": {func(t *testing.T, dir string) {
			mustWrite(t, dir, sample())
			if err := os.WriteFile(filepath.Join(dir, "notes.txt"), []byte("mine"), 0o644); err != nil {
				t.Fatal(err)
			}
		}, "notes.txt in it is not part of a report"},
		"another run": {func(t *testing.T, dir string) { mustWrite(t, dir, other) }, `it holds run "another run", not "20261026-8f3a2c71"`},
		"broken results": {func(t *testing.T, dir string) {
			mustWrite(t, dir, other)
			if err := os.WriteFile(filepath.Join(dir, "results.json"), []byte("{"), 0o644); err != nil {
				t.Fatal(err)
			}
		}, "cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			out := t.TempDir()
			dir := filepath.Join(out, "run")
			tt.before(t, dir)
			before := strings.Join(listing(t, out), " ")
			changed := sample()
			changed.Title = "changed"
			err := Write(dir, changed)
			if !errors.Is(err, ErrOccupied) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if after := strings.Join(listing(t, out), " "); after != before {
				t.Errorf("before %s\nafter  %s", before, after)
			}
		})
	}
}

func TestWriteIntoAnEmptyFolder(t *testing.T) {
	dir := t.TempDir()
	mustWrite(t, dir, sample())
	if _, err := os.Stat(filepath.Join(dir, "report.html")); err != nil {
		t.Error(err)
	}
}
