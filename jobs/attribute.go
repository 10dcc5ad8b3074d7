package jobs

import (
	"context"

	"ghostlight/jobs/warehouse"
)

// attribute finds the last touch of every conversion and counts what each
// window of the grid would credit, in one pass over the touches.
func attribute(ctx context.Context, r *run) (int64, error) {
	return r.transact(ctx, func(tx *warehouse.Tx) (int64, error) {
		rows, err := replaceAll(ctx, tx, r.params(), "model.last_touch")
		if err != nil {
			return 0, err
		}
		cells, err := tx.ReplaceRun(ctx, "result.window_count", r.id, r.params())
		return rows + cells, err
	})
}
