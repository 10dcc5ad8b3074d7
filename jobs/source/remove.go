package source

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"ghostlight/jobs/warehouse"
)

// Reasons for which records are not stored any more, as ops.removed calls them.
const (
	byErasure     = "erasure"
	byRetention   = "retention"
	bySuppression = "suppression"
)

// Removed says how many rows of a table were removed.
type Removed struct {
	Table string `json:"table"`
	Rows  int64  `json:"rows"`
}

// keyPlace is a column that holds keys, and the type of its identifiers, an
// expression of SQL.
type keyPlace struct{ column, kind string }

// keyPlaces are the columns of a table that hold keys of identifiers.
func keyPlaces(table string) []keyPlace {
	var places []keyPlace
	for _, c := range warehouse.StageColumns(table) {
		kind, isKey := strings.CutSuffix(c.Name, "_key")
		switch {
		case !isKey || c.Name == "row_key":
		case c.Name == "id_key":
			places = append(places, keyPlace{c.Name, "id_type"})
		default:
			places = append(places, keyPlace{c.Name, quoteText(kind)})
		}
	}
	return places
}

// personalTables are the tables whose rows carry keys of persons.
func personalTables() []string {
	return slices.DeleteFunc(Tables(), func(table string) bool { return keyPlaces(table) == nil })
}

// hasRowKey tells whether the rows of a table have a key of their content, by
// which clean.identifier knows them.
func hasRowKey(table string) bool {
	return slices.ContainsFunc(warehouse.StageColumns(table), func(c warehouse.Column) bool { return c.Name == "row_key" })
}

// remover deletes rows of loaded files and writes down how many.
type remover struct {
	tx     *warehouse.Tx
	reason string
	by     string // attempt or erasure
	counts map[string]int64
}

func newRemover(tx *warehouse.Tx, reason, by string) *remover {
	return &remover{tx: tx, reason: reason, by: by, counts: map[string]int64{}}
}

// removed lists what was removed, by table.
func (r *remover) removed() []Removed {
	list := []Removed{}
	for _, table := range sortedKeys(r.counts) {
		list = append(list, Removed{table, r.counts[table]})
	}
	return list
}

// doomed is the temporary table of the rows that are about to go.
const doomed = "temp.doomed_row"

// remove deletes the rows of clean.<table> that a condition names, and with them
// their further identifiers, the words that no other row of the file has, and, for an erasure, what of their lines is in
// quarantine.
func (r *remover) remove(ctx context.Context, table, condition string, args ...any) error {
	rowKey := "CAST(NULL AS VARCHAR) AS row_key"
	if hasRowKey(table) {
		rowKey = "row_key"
	}
	_, err := r.tx.Exec(ctx, "CREATE OR REPLACE TEMP TABLE doomed_row AS SELECT rowid AS row_id, file_id, line_no, "+rowKey+", "+
		ownTime(table)+" AS own_us FROM clean."+table+" AS t WHERE "+condition, args...)
	if err != nil {
		return fmt.Errorf("find rows of clean.%s: %w", table, err)
	}
	last := "NULL" // of an erased person not even a time is kept
	if r.reason == byRetention {
		last = "max(own_us)"
	}
	if err := r.note(ctx, "clean."+table, "SELECT file_id, count(*), "+last+" FROM "+doomed+" GROUP BY file_id"); err != nil {
		return err
	}
	if r.reason == byErasure {
		if err := r.unquarantine(ctx, "EXISTS (FROM "+doomed+" AS d WHERE d.file_id = q.file_id AND d.line_no = q.line_no)"); err != nil {
			return err
		}
	}
	further, err := r.tx.Exec(ctx, "DELETE FROM clean.identifier AS i WHERE table_name = ? AND EXISTS (FROM "+doomed+
		" AS d WHERE d.file_id = i.file_id AND d.row_key = i.row_key)", table)
	if err != nil {
		return fmt.Errorf("remove identifiers of clean.%s: %w", table, err)
	}
	rows, err := r.tx.Exec(ctx, "DELETE FROM clean."+table+" WHERE rowid IN (SELECT row_id FROM "+doomed+")")
	if err != nil {
		return fmt.Errorf("remove rows of clean.%s: %w", table, err)
	}
	if err := forgetWords(ctx, r.tx, table, "w.file_id IN (SELECT file_id FROM "+doomed+")"); err != nil {
		return err
	}
	r.counts["clean.identifier"] += further
	r.counts["clean."+table] += rows
	_, err = r.tx.Exec(ctx, "DROP TABLE "+doomed)
	return err
}

// unquarantine deletes refused records that a condition on q names.
func (r *remover) unquarantine(ctx context.Context, condition string, args ...any) error {
	err := r.note(ctx, "ops.quarantine", "SELECT file_id, count(*), NULL FROM ops.quarantine AS q WHERE "+condition+" GROUP BY file_id", args...)
	if err != nil {
		return err
	}
	rows, err := r.tx.Exec(ctx, "DELETE FROM ops.quarantine AS q WHERE "+condition, args...)
	if err != nil {
		return fmt.Errorf("remove refused records: %w", err)
	}
	r.counts["ops.quarantine"] += rows
	return nil
}

// note writes down how many records of each file go: query gives file_id, records
// and their newest time.
func (r *remover) note(ctx context.Context, table, query string, args ...any) error {
	_, err := r.tx.Exec(ctx, `CREATE OR REPLACE TEMP TABLE noted AS
		SELECT file_id, CAST(? AS VARCHAR) AS table_name, CAST(? AS VARCHAR) AS reason, CAST(? AS VARCHAR) AS removed_by,
			CAST(sum(records) AS BIGINT) AS records, CAST(max(last_us) AS BIGINT) AS last_us
		FROM (
			SELECT * FROM (`+query+`) AS n (file_id, records, last_us)
			UNION ALL
			SELECT file_id, records, last_us FROM ops.removed WHERE table_name = ? AND reason = ? AND removed_by = ?
		) GROUP BY file_id`, append(append([]any{table, r.reason, r.by}, args...), table, r.reason, r.by)...)
	if err != nil {
		return fmt.Errorf("count removed records: %w", err)
	}
	for _, q := range []string{
		`DELETE FROM ops.removed AS r WHERE EXISTS (FROM temp.noted AS n WHERE n.file_id = r.file_id
			AND n.table_name = r.table_name AND n.reason = r.reason AND n.removed_by = r.removed_by)`,
		"INSERT INTO ops.removed BY NAME FROM temp.noted",
		"DROP TABLE temp.noted",
	} {
		if _, err := r.tx.Exec(ctx, q); err != nil {
			return fmt.Errorf("note removed records: %w", err)
		}
	}
	return nil
}
