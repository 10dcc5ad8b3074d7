package jobs

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ghostlight/jobs/source"
	"ghostlight/jobs/warehouse"
)

// TestDetectParquet: of Parquet the names of the columns alone tell the format, so that
// what two packs share is refused.
func TestDetectParquet(t *testing.T) {
	dir := t.TempDir()
	db, err := warehouse.Open(t.Context(), "", warehouse.DefaultConfig(), warehouse.Options{Dirs: []string{dir}})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, c := range []struct{ query, want string }{
		{"SELECT 'i' AS impression_id, 1757203200 AS exposed_at, 1 AS video_first_quartile, 0 AS video_complete", "impression_counters"},
		{"SELECT 'a' AS auction_id, 1 AS bid_time_epoch_in_usecs, 1 AS win_cost_micros_usd, 1 AS line_item_id", "beeswax_wins"},
		{"SELECT 'a' AS auction_id, 1 AS bid_time_epoch_in_usecs, 1 AS win_cost_micros_usd, 1 AS line_item_id, 7 AS test_group_id", ""},
	} {
		file := filepath.Join(dir, "file.parquet")
		err := db.Transact(t.Context(), func(tx *warehouse.Tx) error {
			_, err := tx.Exec(t.Context(), "COPY ("+c.query+") TO '"+strings.ReplaceAll(file, "'", "''")+"' (FORMAT parquet)")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		got, err := Detect(t.Context(), dir, file)
		var unclear *source.DetectError
		if got.Format != c.want || got.Layout != "parquet" || (err != nil) != (c.want == "") || err != nil && !errors.As(err, &unclear) {
			t.Errorf("%s: got %+v, %v, want %q", c.query, got, err, c.want)
		}
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
}
