package jobs_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ghostlight/jobs"
)

// TestInit writes a workspace that the program itself accepts, with no secret in
// it and the engine's folder for its owner alone.
func TestInit(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "workspace")
	files, err := jobs.Init(dir)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"ghostlight.yaml", "events.yaml", "studies/example.yaml", "data/README.md"}; !slices.Equal(files, want) {
		t.Errorf("wrote %v, want %v", files, want)
	}
	workspace, err := jobs.LoadWorkspace(dir)
	if err != nil {
		t.Fatalf("the scaffold is no valid workspace:\n%v", err)
	}
	readme, err := os.ReadFile(filepath.Join(dir, "data", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for name, source := range workspace.Sources {
		for _, glob := range source.Files {
			if glob = strings.TrimPrefix(glob, "data/"); !strings.Contains(string(readme), "| `"+glob+"` |") {
				t.Errorf("data/README.md does not name %s of source %s", glob, name)
			}
		}
		for canonical, column := range source.Columns {
			if column.Column != "" && !strings.Contains(string(readme), "`"+column.Column+"`") {
				t.Errorf("data/README.md does not name column %s of source %s, which is %s", column.Column, name, canonical)
			}
		}
	}
	info, err := os.Stat(filepath.Join(dir, ".ghostlight"))
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode().Perm(); mode != 0o700 {
		t.Errorf("mode of .ghostlight is %04o", mode)
	}
}

// TestInitLeavesNothing takes away what it wrote when it cannot write the rest.
func TestInitLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "data"), []byte("a file"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := jobs.Init(dir); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("error %v", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 || entries[0].Name() != "data" {
		t.Errorf("left %v", entries)
	}
}
