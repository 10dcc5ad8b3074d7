package jobs

import (
	"context"

	"ghostlight/jobs/warehouse"
)

// coverageRow is one row of result.coverage.
type coverageRow struct {
	SurfaceNo   int64  `db:"surface_no"`
	Platform    string `db:"platform"`
	EventNo     int64  `db:"event_no"`
	Records     int64  `db:"records"`
	WithEventID int64  `db:"with_event_id"`
	WithOrderID int64  `db:"with_order_id"`
	WithEither  int64  `db:"with_either"`
	Conversions int64  `db:"conversions"`
	InPixel     int64  `db:"in_pixel"`
	InServer    int64  `db:"in_server"`
	InApp       int64  `db:"in_app"`
	InAnalytics int64  `db:"in_analytics"`
	InCRM       int64  `db:"in_crm"`
}

// recoveryRow is one row of result.recovery.
type recoveryRow struct {
	EventNo         int64  `db:"event_no"`
	Device          string `db:"device_family"`
	Browser         string `db:"browser_family"`
	Pixel           int64  `db:"pixel"`
	PixelAndServer  int64  `db:"pixel_and_server"`
	ServerOnly      int64  `db:"server_only"`
	ServerOnlyInCRM int64  `db:"server_only_in_crm"`
}

// dedupCount is one row of result.dedup_count.
type dedupCount struct {
	EventNo     int64 `db:"event_no"`
	Records     int64 `db:"records"`
	Conversions int64 `db:"conversions"`
}

// measureCoverage counts what each list has of the conversions of the others, and what the
// server adds to the pixel.
func (r *run) measureCoverage(ctx context.Context, tx *warehouse.Tx) (written int64, err error) {
	for _, table := range []string{"result.coverage", "result.recovery", "result.dedup_count"} {
		rows, err := tx.ReplaceRun(ctx, table, r.id, r.params())
		if err != nil {
			return 0, err
		}
		written += rows
	}
	return written, nil
}

func readCoverage(ctx context.Context, tx *warehouse.Tx, runID string) ([]coverageRow, error) {
	return warehouse.Read[coverageRow](ctx, tx, `SELECT surface_no, platform, event_no, records, with_event_id, with_order_id, with_either,
			conversions, in_pixel, in_server, in_app, in_analytics, in_crm
		FROM result.coverage WHERE run_id = ? ORDER BY event_no, surface_no, platform`, runID)
}

func readRecovery(ctx context.Context, tx *warehouse.Tx, runID string) ([]recoveryRow, error) {
	return warehouse.Read[recoveryRow](ctx, tx, `SELECT event_no, device_family, browser_family, pixel, pixel_and_server, server_only, server_only_in_crm
		FROM result.recovery WHERE run_id = ? AND pixel + server_only > 0 ORDER BY event_no, device_family, browser_family`, runID)
}

func readDedupCounts(ctx context.Context, tx *warehouse.Tx, runID string) ([]dedupCount, error) {
	return warehouse.Read[dedupCount](ctx, tx, `SELECT event_no, records, conversions
		FROM result.dedup_count WHERE run_id = ? ORDER BY event_no`, runID)
}
