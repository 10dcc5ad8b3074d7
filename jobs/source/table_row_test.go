package source

import (
	"context"
	"fmt"
	"slices"

	"ghostlight/jobs/warehouse"
)

// tableRow is a row with the names of its columns.
type tableRow struct {
	columns []string
	values  []any
}

func (r tableRow) find(column string) (any, bool) {
	i := slices.Index(r.columns, column)
	if i < 0 {
		return nil, false
	}
	return r.values[i], r.values[i] != nil
}

func (r tableRow) value(column string) any { v, _ := r.find(column); return v }

func (r tableRow) text(column string) string { return fmt.Sprint(r.value(column)) }

// rows are the rows of a query.
func (w *world) rows(query string, args ...any) []tableRow {
	w.t.Helper()
	var out []tableRow
	err := w.db.Transact(context.WithoutCancel(w.t.Context()), func(tx *warehouse.Tx) error {
		rows, err := tx.Conn().QueryContext(w.t.Context(), query, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		columns, err := rows.Columns()
		if err != nil {
			return err
		}
		for rows.Next() {
			r := tableRow{columns, make([]any, len(columns))}
			targets := make([]any, len(columns))
			for i := range targets {
				targets[i] = &r.values[i]
			}
			if err := rows.Scan(targets...); err != nil {
				return err
			}
			out = append(out, r)
		}
		return rows.Err()
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}
