package jobs

import (
	"context"

	"ghostlight/jobs/warehouse"
)

// matchTables are what match makes, in their order.
var matchTables = []string{"model.conversion_key", "model.match", "model.uncounted", "model.attributable"}

// modelledRow is the row of ops.modelled: what model.* holds.
type modelledRow struct {
	Study        string `db:"study"`
	AsOfUS       int64  `db:"as_of_us"`
	ConfigSHA256 string `db:"config_sha256"`
	InputsSHA256 string `db:"inputs_sha256"`
}

// match leads every conversion to a household, by identity alone and the same
// way in every arm. With it the model of the study is whole.
func match(ctx context.Context, r *run) (int64, error) {
	return r.transact(ctx, func(tx *warehouse.Tx) (int64, error) {
		rows, err := replaceAll(ctx, tx, r.params(), matchTables...)
		if err != nil {
			return 0, err
		}
		_, err = tx.Fill(ctx, "ops.modelled", []modelledRow{r.modelled()})
		return rows, err
	})
}

func (r *run) modelled() modelledRow {
	return modelledRow{r.study.Name, r.asOf.UnixMicro(), r.Workspace.Hash(r.study.Name), r.inputs}
}
