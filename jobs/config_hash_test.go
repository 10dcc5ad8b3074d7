package jobs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ghostlight/jobs/source"
)

// hashOf is the hash of study autumn in the good workspace after one
// replacement in one of its files.
func hashOf(t *testing.T, file, old, now string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(goodConfig)); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, file)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), old) {
		t.Fatalf("%s holds no %q", file, old)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(data), old, now, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	w, err := LoadWorkspace(dir)
	if err != nil {
		t.Fatal(err)
	}
	return w.Hash("autumn")
}

func TestHash(t *testing.T) {
	want := loadGood(t).Hash("autumn")
	if len(want) != 64 {
		t.Fatalf("hash %q", want)
	}
	for _, same := range []struct{ name, file, old, now string }{
		{"threads", workspaceFile, "threads: 2", "threads: 8"},
		{"memory", workspaceFile, "4GB", "1GB"},
		{"key", workspaceFile, "file:.ghostlight/key", "env:KEY"},
		{"roots", workspaceFile, "[data]", "[data, more]"},
		{"comment", workspaceFile, "roots:", "# where\nroots:"},
		{"explicit default", workspaceFile, "{column: hh, id: opaque}", "hh"},
		{"schedule", "studies/autumn.yaml", "0 6 * * 1", "0 7 * * 1"},
		{"unit of a duration", "studies/autumn.yaml", "span: 48h", "span: 2d"},
		{"order of windows", "studies/autumn.yaml", "[1d, 7d, 14d, 28d]", "[28d, 1d, 7d, 14d]"},
		{"a default left out", "studies/autumn.yaml", "headline: purchase\n", ""},
		{"order of aliases", "events.yaml", "[purchase, order_completed]", "[order_completed, purchase]"},
		{"another study", "studies/small.yaml", "2026-10-19", "2026-10-20"},
	} {
		if got := hashOf(t, same.file, same.old, same.now); got != want {
			t.Errorf("%s changes the hash", same.name)
		}
	}
	for _, differs := range []struct{ name, file, old, now string }{
		{"files", workspaceFile, "data/exposures/*.csv", "data/exposures/a.csv"},
		{"identifier rule", workspaceFile, "id: opaque", "id: device"},
		{"retention", workspaceFile, "roots: [data]", "roots: [data]\nretention: {orders: 800d}"},
		{"alias", "events.yaml", "order_completed", "ordered"},
		{"surface of an alias", "events.yaml", "meta/app", "meta/server"},
		{"range", "events.yaml", "max: 5000", "max: 5001"},
		{"window", "studies/autumn.yaml", "window: 28d", "window: 27d"},
		{"match window", "studies/autumn.yaml", "ip: 30d", "ip: 29d"},
		{"share", "studies/autumn.yaml", "share: 0.1}", "share: 0.1000001}"},
		{"label", "studies/autumn.yaml", "name: holdout, label: Holdout (ghost)", "name: holdout, label: Ghost"},
		{"level", "studies/autumn.yaml", "level: 0.95", "level: 0.9"},
	} {
		if got := hashOf(t, differs.file, differs.old, differs.now); got == want {
			t.Errorf("%s does not change the hash", differs.name)
		}
	}
	if got := loadGood(t).Hash("nowhere"); got != "" {
		t.Errorf("hash of an unknown study: %q", got)
	}
}

// TestHashIsStable: runs are found again by the hash, so a program that
// computes another one for the same files must do so knowingly.
func TestHashIsStable(t *testing.T) {
	checkGolden(t, "testdata/config/hash", loadGood(t).Hash("autumn")+"\n")
}

// TestHashOfPacks: an own pack that a source uses, by name or because it may fit, is
// part of the hash; one that no source uses is not.
func TestHashOfPacks(t *testing.T) {
	hash := func(format, zone string) string {
		t.Helper()
		dir := t.TempDir()
		if err := os.CopyFS(dir, os.DirFS(goodConfig)); err != nil {
			t.Fatal(err)
		}
		for file, swap := range map[string][2]string{
			workspaceFile:     {"format: shopify_orders", "format: " + format},
			"packs/till.yaml": {"zone: UTC", "zone: " + zone},
		} {
			path := filepath.Join(dir, file)
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			text := strings.Replace(string(data), swap[0], swap[1], 1)
			if format == source.AutoFormat && file == workspaceFile {
				text = strings.Replace(text, "    table: crm_order\n", "", 1)
			}
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		w, err := LoadWorkspace(dir)
		if err != nil {
			t.Fatal(err)
		}
		return w.Hash("autumn")
	}
	for format, differs := range map[string]bool{"till": true, source.AutoFormat: true, "shopify_orders": false} {
		if got := hash(format, "UTC") != hash(format, "Europe/Berlin"); got != differs {
			t.Errorf("format %s: a change of the pack changes the hash: %t, want %t", format, got, differs)
		}
	}
}
