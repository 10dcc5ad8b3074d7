package source

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Events without a time take that of their file, in every layout, and a file that
// is written anew with the same content is another one.
func TestFileTime(t *testing.T) {
	w := newWorld(t)
	w.write("e.csv", "name\nBuy\n")
	w.write("e.jsonl", `{"name":"Buy"}`+"\n")
	w.parquet("e.parquet", "SELECT 'Buy' AS name")
	written := func(at time.Time) {
		for _, name := range []string{"e.csv", "e.jsonl", "e.parquet"} {
			if err := os.Chtimes(filepath.Join(w.dir, "data", name), at, at); err != nil {
				t.Fatal(err)
			}
		}
	}
	cfg := Config{}
	for _, format := range plainFormats {
		cfg[format] = Source{Table: "event", Format: format, Surface: "server", Files: Globs{"data/e." + format}, Columns: map[string]Column{
			"event_name": {Column: "name"}, "occurred_at": {First: []Column{{Column: "at", Time: Any}, {Column: placeFile, Time: EpochMicro}}},
		}}
	}
	for _, c := range []struct {
		at    time.Time
		state string
	}{
		{modified, StateLoaded},
		{modified, StateSkipped},
		{modified.Add(time.Second), StateRestated},
	} {
		written(c.at)
		got, err := w.load(cfg)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range got {
			if l.State != c.state {
				t.Errorf("%s written at %s: %s, want %s", l.Path, c.at, l.State, c.state)
			}
		}
		at := c.at.String()
		w.equal(`SELECT source, occurred_at FROM clean.event JOIN clean.signal USING (file_id, signal_no) ORDER BY source`, "csv,"+at, "jsonl,"+at, "parquet,"+at)
	}
}
