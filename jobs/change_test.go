package jobs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ghostlight/reports"
)

// edit replaces a text in a file of a workspace.
func edit(t *testing.T, path, old, now string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), old) {
		t.Fatalf("%s holds no %q", path, old)
	}
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(text), old, now)), 0o644); err != nil {
		t.Fatal(err)
	}
}

// shownChanges are the lines of a change log.
func shownChanges(r reports.Report) (lines []string) {
	for _, c := range r.Changes {
		line := c.At.Format("01-02") + " " + c.Origin + " " + c.Kind + ": " + c.What
		if c.Source != "" {
			line += " (" + c.Source + ")"
		}
		if c.Old+c.New != "" {
			line += ", " + c.Old + " -> " + c.New
		}
		if c.IsNew {
			line += ", new"
		}
		lines = append(lines, line)
	}
	return lines
}

func wantChanges(t *testing.T, r reports.Report, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, shownChanges(r)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	isNew := false
	for _, c := range r.Changes {
		isNew = isNew || c.IsNew
	}
	warned := false
	for _, w := range r.Warnings {
		warned = warned || w.Code == "measurement_changed"
	}
	if isNew != warned {
		t.Errorf("new changes: %t, a warning: %t", isNew, warned)
	}
}

// changingWorkspace has a source of identity links beside what a scenario of reconciliation has.
func changingWorkspace(t *testing.T) (dir, study string) {
	t.Helper()
	dir = t.TempDir()
	layScenario(t, dir, "../fixtures/reconciliation/workspace.txtar", "../fixtures/reconciliation/retry_mints_a_new_id.txtar")
	edit(t, filepath.Join(dir, "ghostlight.yaml"), "sources:\n", `sources:
  links:
    {table: identity_link, format: csv, files: data/links*.csv, optional: true, columns: {id_type: type, id_key: id,
      household_key: household, first_seen_at: seen, last_seen_at: seen}}
`)
	return dir, filepath.Join(dir, "studies", "shop.yaml")
}

// TestChangeLog: what was changed between two reports is found once, stands in every later
// report, and not in one of an earlier as-of.
func TestChangeLog(t *testing.T) {
	dir, study := changingWorkspace(t)
	wantChanges(t, runStudy(t, dir, "shop", "2026-10-05"))
	wantChanges(t, runStudy(t, dir, "shop", "2026-10-12"))

	edit(t, study, "attribution: {", "dedup: {span: 1d}\nattribution: {windows: [1d, 3d], primary: 3d, ")
	edit(t, filepath.Join(dir, "events.yaml"), "required: [value, currency, event_id]", "required: [value, currency]")
	edit(t, filepath.Join(dir, "ghostlight.yaml"), "files: data/pixel.csv", "files: data/pixel*.csv")
	if err := os.WriteFile(filepath.Join(dir, "data", "links1.csv"), []byte("type,id,household,seen\nemail,a@example.com,h1,2026-09-01T00:00:00Z\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	third := []string{
		"10-19 found dedup_rule: study.dedup.span, 2d -> 1d",
		"10-19 found dictionary_version: event purchase, required, [currency, event_id, value] -> [currency, value]",
		"10-19 found graph_refresh: files of identity links (links), 0 files, links: 0 -> 1 file, links: 1",
		"10-19 found other: sources.pixel.files (pixel), [data/pixel.csv] -> [data/pixel*.csv]",
		"10-19 found window_edit: study.attribution.primary, 7d -> 3d",
		"10-19 found window_edit: study.attribution.windows, [1d, 7d, 14d, 28d] -> [1d, 3d]",
	}
	asNew := func(lines []string) (marked []string) {
		for _, line := range lines {
			marked = append(marked, line+", new")
		}
		return marked
	}
	wantChanges(t, runStudy(t, dir, "shop", "2026-10-19"), asNew(third)...)

	if err := os.WriteFile(study, []byte(readText(t, study)+`changes:
  - {at: 2026-09-12, kind: tag_release, what: "pixel 4.2 in the app", source: pixel}
  - {at: 2026-10-20T06:00:00Z, kind: other, what: "a consent banner"}
title: Another title
`), 0o644); err != nil {
		t.Fatal(err)
	}
	recorded := "09-12 recorded tag_release: pixel 4.2 in the app (pixel)"
	wantChanges(t, runStudy(t, dir, "shop", "2026-10-26"), append(append([]string{recorded}, third...), "10-20 recorded other: a consent banner")...)
	wantChanges(t, runStudy(t, dir, "shop", "2026-09-10")) // before anything was known
}

// TestChangeLogIsRepeatable: a run that is made again lists what it listed, whatever was run
// in between, and nothing is logged twice.
func TestChangeLogIsRepeatable(t *testing.T) {
	dir, study := changingWorkspace(t)
	runStudy(t, dir, "shop", "2026-10-05")
	before := readText(t, study)
	edit(t, study, "attribution: {", "dedup: {span: 1d}\nattribution: {")
	after := readText(t, study)
	const found = "10-12 found dedup_rule: study.dedup.span, 2d -> 1d, new"
	wantChanges(t, runStudy(t, dir, "shop", "2026-10-12"), found)
	first := tree(t, filepath.Join(dir, outFolder, "shop"))

	wantChanges(t, runStudy(t, dir, "shop", "2026-10-05")) // the first report again, with the new rule: nothing was changed since
	wantChanges(t, runStudy(t, dir, "shop", "2026-10-12"), found)
	for name, text := range first {
		if again := tree(t, filepath.Join(dir, outFolder, "shop"))[name]; again != text {
			t.Errorf("%s has other bytes", name)
		}
	}
	if err := os.WriteFile(study, []byte(before), 0o644); err != nil {
		t.Fatal(err)
	}
	wantChanges(t, runStudy(t, dir, "shop", "2026-10-12"), "10-12 found dedup_rule: study.dedup.span, 1d -> 2d, new") // the last report of the week before has 1d
	if err := os.WriteFile(study, []byte(after), 0o644); err != nil {
		t.Fatal(err)
	}
	wantChanges(t, runStudy(t, dir, "shop", "2026-10-19"), // 1d, and the last of 10-12 has 2d
		"10-12 found dedup_rule: study.dedup.span, 1d -> 2d", "10-19 found dedup_rule: study.dedup.span, 2d -> 1d, new")
}

func readText(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
