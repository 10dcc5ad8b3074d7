package jobs

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// TestCompareArchives: the same journey in staging and production differs in what
// fixtures/journey plants, and in nothing else.
func TestCompareArchives(t *testing.T) {
	paths, err := filepath.Glob("../fixtures/journey/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("%d journeys, %v", len(paths), err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			journey, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			dir, want := t.TempDir(), -1
			for i, f := range journey.Files {
				if f.Name == "want" {
					want = i
					continue
				}
				file := filepath.Join(dir, f.Name)
				if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, f.Data, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			c, err := CompareArchives(t.Context(), dir, filepath.Join(dir, "staging"), filepath.Join(dir, "production"))
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, change := range c.Changes {
				got += change.String() + "\n"
			}
			if *update {
				journey.Files[want].Data = []byte(got)
				if err := os.WriteFile(path, txtar.Format(journey), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(journey.Files[want].Data), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if same := DiffObserved(c.Production, c.Production); len(same) != 0 {
				t.Errorf("production differs from itself: %v", same)
			}
		})
	}
}
