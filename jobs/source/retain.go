package source

import (
	"context"
	"fmt"

	"ghostlight/jobs/warehouse"
)

// QuarantineTable is the name under which Retain knows ops.quarantine.
const QuarantineTable = "quarantine"

// Retain deletes, of each table, the rows whose own time lies before the cut-off,
// in epoch microseconds, and of QuarantineTable what a run with an as-of before it
// refused. The files stay registered, so that they are not loaded again. by is
// the attempt that does it.
func Retain(ctx context.Context, tx *warehouse.Tx, by string, before map[string]int64) ([]Removed, error) {
	if err := tx.Ensure(ctx, "ops.run"); err != nil {
		return nil, fmt.Errorf("delete by age: %w", err)
	}
	r := newRemover(tx, byRetention, by)
	for _, table := range sortedKeys(before) {
		if table == QuarantineTable {
			err := r.unquarantine(ctx, `file_id IN (
				SELECT l.file_id FROM ops.load AS l JOIN ops.run AS a ON a.attempt_id = l.run_id
				WHERE epoch_us(a.as_of) < CAST(? AS BIGINT))`, before[table])
			if err != nil {
				return nil, fmt.Errorf("delete by age: %w", err)
			}
			continue
		}
		if err := r.remove(ctx, table, ownTime(table)+" < CAST(? AS BIGINT)", before[table]); err != nil {
			return nil, fmt.Errorf("delete by age: %w", err)
		}
	}
	return r.removed(), nil
}

// RetentionReached is the newest own time of the rows of each table that were
// deleted by age, by table.
func RetentionReached(ctx context.Context, tx *warehouse.Tx) (map[string]int64, error) {
	rows, err := warehouse.Read[struct {
		Table  string `db:"table_name"`
		LastUS int64  `db:"last_us"`
	}](ctx, tx, `SELECT replace(table_name, 'clean.', '') AS table_name, max(last_us) AS last_us
		FROM ops.removed WHERE reason = ? AND last_us IS NOT NULL GROUP BY table_name ORDER BY table_name`, byRetention)
	if err != nil {
		return nil, fmt.Errorf("read what was deleted by age: %w", err)
	}
	reached := map[string]int64{}
	for _, row := range rows {
		reached[row.Table] = row.LastUS
	}
	return reached, nil
}

// RemovalPrint describes, in lines, what is missing of the registered files, so
// that runs over what is left are not taken for runs over all of it. Without
// erasures and retention it is empty.
func RemovalPrint(ctx context.Context, tx *warehouse.Tx) ([]string, error) {
	rows, err := warehouse.Read[struct {
		Text string `db:"text"`
	}](ctx, tx, `SELECT text FROM (
			SELECT 'suppressed ' || sha256(string_agg(id_type || ' ' || digest, chr(10) ORDER BY id_type, digest)) AS text
			FROM ops.suppressed HAVING count(*) > 0
			UNION ALL
			SELECT 'expired ' || l.source || ' ' || l.sha256 || ' ' || r.table_name || ' ' || CAST(sum(r.records) AS VARCHAR) AS text
			FROM ops.removed AS r JOIN ops.load AS l ON l.file_id = r.file_id
			WHERE r.reason = 'retention' AND r.table_name <> 'ops.quarantine'
			GROUP BY l.file_id, l.source, l.sha256, r.table_name
		) ORDER BY text`)
	if err != nil {
		return nil, fmt.Errorf("describe removed rows: %w", err)
	}
	var lines []string
	for _, row := range rows {
		lines = append(lines, row.Text)
	}
	return lines, nil
}
