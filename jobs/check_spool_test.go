package jobs

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// TestCheckKeepsRowsInside: what a check fetches lies below .ghostlight, where its
// owner alone can read it, and goes with it. Another check leaves it alone.
func TestCheckKeepsRowsInside(t *testing.T) {
	dir := tinyWorkspace(t, "{}")
	t.Setenv("TMPDIR", filepath.Join(dir, "no such folder"))
	backend := s3mem.New()
	store := gofakes3.New(backend, gofakes3.WithLogger(gofakes3.DiscardLog())).Server()
	state := filepath.Join(dir, stateFolder)
	var seen []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, ".csv") {
			if err := sweepChecks(state); err != nil {
				t.Error(err)
			}
			folders, _ := filepath.Glob(filepath.Join(state, checkFolder, spoolFolder, "*"))
			for _, f := range folders {
				info, err := os.Stat(filepath.Dir(filepath.Dir(f)))
				if err != nil || info.Mode().Perm() != 0o700 {
					t.Errorf("%s: %v, %v", f, info, err)
				}
			}
			seen = append(seen, folders...)
		}
		store.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	if err := backend.CreateBucket("lake"); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "data", "orders.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := backend.PutObject("lake", "orders.csv", map[string]string{}, strings.NewReader(string(text)), int64(len(text)), nil); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, workspaceFile)
	replaceIn(t, path, "files: data/orders*.csv", "files: \"s3://lake/orders.csv\"\n    connection: lake")
	replaceIn(t, path, "sources:\n", "connections:\n  lake: {type: s3, endpoint: \""+server.URL+"\", region: us-east-1, path_style: true, anonymous: true}\nsources:\n")
	if _, err := Check(t.Context(), dir, nil, testOptions()); err != nil {
		t.Fatal(err)
	}
	if len(seen) != 1 {
		t.Errorf("fetched into %v", seen)
	}
	if left, err := os.ReadDir(state); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}
