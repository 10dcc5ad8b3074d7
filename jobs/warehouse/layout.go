package warehouse

import "context"

// layout numbers the columns of the tables that outlive a run, those of ops, clean and
// result. It is raised with any change of them, so that a file of another layout is
// refused when it is opened and not in the middle of a run.
const layout = 6

// refuseOtherLayout fails on a warehouse whose tables have other columns.
func (tx *Tx) refuseOtherLayout(ctx context.Context) error {
	var noted bool
	err := tx.conn.QueryRowContext(ctx, `SELECT EXISTS (FROM duckdb_columns()
		WHERE database_name = current_database() AND schema_name = 'ops' AND table_name = 'meta' AND column_name = 'layout')`).Scan(&noted)
	if err != nil {
		return err
	}
	found := int64(1) // before it was noted
	if noted {
		if err := tx.conn.QueryRowContext(ctx, "SELECT coalesce(max(layout), 1) FROM ops.meta").Scan(&found); err != nil {
			return err
		}
	}
	if found == layout {
		return nil
	}
	return broken("read", metaTable, "use the version of ghostlight that made it; or put the file aside and run again, which loads every source anew: then erase again who was erased",
		"the tables of the warehouse are of layout %d, this version of ghostlight has layout %d", found, layout)
}
