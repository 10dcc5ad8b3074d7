package jobs

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ghostlight/jobs/warehouse"
)

// TestSampleFolder: a workspace that points at a folder with an archive of every
// platform loads all of it by detection, loses no record, and loads nothing again.
func TestSampleFolder(t *testing.T) {
	samples, err := filepath.Glob("../../shared/data/capi-samples/*.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	if len(samples) == 0 {
		t.Skip("left out: ../../shared/data/capi-samples is not there")
	}
	dir := filepath.Join(t.TempDir(), "a")
	smallWorld(t, dir, 90)
	for _, sample := range samples {
		text, err := os.ReadFile(sample)
		if err != nil {
			t.Fatal(err)
		}
		writeData(t, dir, "archive/"+filepath.Base(sample), string(text))
	}
	path := filepath.Join(dir, workspaceFile)
	config, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const sources = "\nsources:\n"
	if !strings.Contains(string(config), sources) {
		t.Fatal("no sources in the workspace")
	}
	with := strings.Replace(string(config), sources, sources+"  archive: {format: auto, files: data/archive/*}\n", 1)
	if err := os.WriteFile(path, []byte(with), 0o644); err != nil {
		t.Fatal(err)
	}
	type file struct {
		Path        string `db:"path"`
		Pack        string `db:"pack"`
		State       string `db:"state"`
		Records     int64  `db:"records"`
		Loaded      int64  `db:"loaded"`
		Quarantined int64  `db:"quarantined"`
		RunID       string `db:"run_id"`
	}
	load := func() (files []file) {
		engine, err := Open(context.Background(), dir, testOptions())
		if err != nil {
			t.Fatal(err)
		}
		defer engine.Close()
		if _, err := engine.Run(context.Background(), RunRequest{Study: "ctv_known_effect", AsOf: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)}); err != nil {
			t.Fatal(err)
		}
		err = engine.db.Transact(context.Background(), func(tx *warehouse.Tx) error {
			files, err = warehouse.Read[file](context.Background(), tx,
				"SELECT path, pack, state, records, loaded, quarantined, run_id FROM ops.load WHERE source = 'archive' ORDER BY path")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return files
	}
	first := load()
	if len(first) != len(samples) {
		t.Errorf("%d of %d files are loaded", len(first), len(samples))
	}
	for _, f := range first {
		if f.Loaded != f.Records || f.Records == 0 || f.Quarantined != 0 {
			t.Errorf("%s as %s: %d of %d records loaded, %d quarantined", f.Path, f.Pack, f.Loaded, f.Records, f.Quarantined)
		}
	}
	for i, f := range load() {
		if f != first[i] {
			t.Errorf("loaded again: %+v, before %+v", f, first[i])
		}
	}
}
