package source

import (
	"context"
	"fmt"
	"strings"

	"ghostlight/jobs/warehouse"
)

// ErasedPerson is the rule of a record that is left out because its person was
// erased. It is said without an excerpt, and is no fault of the source.
const ErasedPerson = "erased person"

// erasedKey is the temporary table of the stored keys that the suppression list
// names: id_type, id_key and digest.
const erasedKey = "temp.erased_key"

// Suppressed is an identifier of the suppression list.
type Suppressed struct {
	Type   string `db:"id_type"`
	Digest string `db:"digest"`
	Rules  string `db:"key_rules"`     // of the Keyer
	After  string `db:"after_attempt"` // the newest attempt at a run before the erasure
}

// Erase adds identifiers to the suppression list and deletes every row that
// carries a key of the list, with its further identifiers and what of its lines is
// in quarantine. ids has the digests of each identifier that was asked for; found
// is how many of them any row carried. What was derived from the rows is the
// caller's to delete.
func Erase(ctx context.Context, tx *warehouse.Tx, by string, ids [][]Suppressed) (found int64, removed []Removed, err error) {
	if err := Prepare(ctx, tx); err != nil {
		return 0, nil, err
	}
	if err := suppress(ctx, tx, ids); err != nil {
		return 0, nil, err
	}
	if err := createErasedKey(ctx, tx); err != nil {
		return 0, nil, err
	}
	if err := collect(ctx, tx, "clean.identifier", []keyPlace{{"id_key", "id_type"}}); err != nil {
		return 0, nil, err
	}
	for _, table := range personalTables() {
		if err := collect(ctx, tx, "clean."+table, keyPlaces(table)); err != nil {
			return 0, nil, err
		}
	}
	r := newRemover(tx, byErasure, by)
	for _, table := range personalTables() {
		if err := r.remove(ctx, table, erasedRows(table, "clean.identifier", "AND i.file_id = t.file_id")); err != nil {
			return 0, nil, err
		}
	}
	if found, err = countFound(ctx, tx, ids); err != nil {
		return 0, nil, err
	}
	for _, q := range []string{"DROP TABLE " + erasedKey, "DROP TABLE temp.asked"} {
		if _, err := tx.Exec(ctx, q); err != nil {
			return 0, nil, err
		}
	}
	return found, r.removed(), nil
}

// suppress adds to the list, over what is in it already.
func suppress(ctx context.Context, tx *warehouse.Tx, ids [][]Suppressed) error {
	if _, err := tx.Exec(ctx, `CREATE OR REPLACE TEMP TABLE asked
		(id_no BIGINT, id_type VARCHAR, digest VARCHAR, key_rules VARCHAR, after_attempt VARCHAR)`); err != nil {
		return err
	}
	rows, err := tx.Appender("asked")
	if err != nil {
		return err
	}
	for i, forms := range ids {
		for _, f := range forms {
			if err == nil {
				err = rows.Append(int64(i), f.Type, f.Digest, f.Rules, f.After)
			}
		}
	}
	if closeErr := rows.Close(ctx); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	for _, q := range []string{
		"DELETE FROM ops.suppressed AS s WHERE EXISTS (FROM temp.asked AS a WHERE a.id_type = s.id_type AND a.digest = s.digest)",
		"INSERT INTO ops.suppressed BY NAME SELECT DISTINCT id_type, digest, key_rules, after_attempt FROM temp.asked",
	} {
		if _, err := tx.Exec(ctx, q); err != nil {
			return fmt.Errorf("write suppression list: %w", err)
		}
	}
	return nil
}

// countFound is how many of the identifiers that were asked for a row carried.
func countFound(ctx context.Context, tx *warehouse.Tx, ids [][]Suppressed) (int64, error) {
	rows, err := warehouse.Read[struct {
		N int64 `db:"n"`
	}](ctx, tx, "SELECT count(DISTINCT id_no) AS n FROM temp.asked WHERE digest IN (SELECT digest FROM "+erasedKey+")")
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	return rows[0].N, nil
}

func createErasedKey(ctx context.Context, tx *warehouse.Tx) error {
	_, err := tx.Exec(ctx, "CREATE OR REPLACE TEMP TABLE erased_key (id_type VARCHAR, id_key VARCHAR, digest VARCHAR)")
	return err
}

// collect adds the keys of a table that the suppression list names. Each distinct
// key is hashed once.
func collect(ctx context.Context, tx *warehouse.Tx, table string, places []keyPlace) error {
	any := "'" + strings.Join(anyColumn, "', '") + "'"
	for _, p := range places {
		_, err := tx.Exec(ctx, `INSERT INTO `+erasedKey+`
			SELECT k.id_type, k.id_key, s.digest
			FROM (
				SELECT id_type, id_key, `+digestSQL+` AS digest
				FROM (SELECT DISTINCT `+p.kind+` AS id_type, `+p.column+` AS id_key FROM `+table+` WHERE `+p.column+` IS NOT NULL)
			) AS k
			JOIN ops.suppressed AS s ON s.digest = k.digest AND (s.id_type IN (`+any+`) OR s.id_type = k.id_type)`)
		if err != nil {
			return fmt.Errorf("compare keys of %s with suppression list: %w", table, err)
		}
	}
	return nil
}

// erasedRows is the condition on rows t of a table that one of their keys, or one
// of their further identifiers, is in erasedKey.
func erasedRows(table, identifiers, sameFile string) string {
	var any []string
	for _, p := range keyPlaces(table) {
		any = append(any, "EXISTS (FROM "+erasedKey+" AS e WHERE e.id_type = "+p.qualified()+" AND e.id_key = t."+p.column+")")
	}
	if hasRowKey(table) && identifiers != "" {
		any = append(any, "EXISTS (FROM "+identifiers+" AS i JOIN "+erasedKey+" AS e ON e.id_type = i.id_type AND e.id_key = i.id_key WHERE i.table_name = "+
			quoteText(table)+" AND i.row_key = t.row_key "+sameFile+")")
	}
	return "(" + strings.Join(any, " OR ") + ")"
}

func (p keyPlace) qualified() string {
	if strings.HasPrefix(p.kind, "'") {
		return p.kind
	}
	return "t." + p.kind
}

// keepsOut tells whether some person is kept out of what the file holds.
func (s *staging) keepsOut(ctx context.Context) (bool, error) {
	list, err := s.scalar(ctx, "SELECT count(*) FROM ops.suppressed")
	return list > 0 && keyPlaces(s.req.Source.Table) != nil, err
}

// suppress sends the records of erased persons to quarantine, before any of them
// is loaded. Nothing of the record goes with them.
func (s *staging) suppress(ctx context.Context) error {
	if !s.erasing {
		return nil
	}
	if err := createErasedKey(ctx, s.tx); err != nil {
		return err
	}
	problem := wholeRecord + ": " + ErasedPerson
	if s.native { // its rows stand in the file; its keys do not
		if err := collect(ctx, s.tx, "temp."+parquetKeys, []keyPlace{{"key", "'household'"}}); err != nil {
			return err
		}
		n, err := s.tx.Exec(ctx, "UPDATE temp."+parquetKeys+" SET problem = ?, excerpt = NULL WHERE key IN (SELECT id_key FROM "+erasedKey+")", problem)
		if err != nil {
			return fmt.Errorf("suppress erased persons: %w", err)
		}
		return s.noteSuppressed(ctx, n > 0)
	}
	table, identifiers := s.req.Source.Table, ""
	if err := collect(ctx, s.tx, s.table, keyPlaces(table)); err != nil {
		return err
	}
	if s.mapper.further {
		identifiers = "temp.stage_" + furtherTable
		if err := collect(ctx, s.tx, identifiers, []keyPlace{{"id_key", "id_type"}}); err != nil {
			return err
		}
	}
	n, err := s.tx.Exec(ctx, "UPDATE "+s.table+" AS t SET problem = ?, excerpt = NULL WHERE problem IS NULL AND "+erasedRows(table, identifiers, ""), problem)
	if err != nil {
		return fmt.Errorf("suppress erased persons: %w", err)
	}
	s.out.Quarantined += n
	if identifiers != "" && n > 0 {
		_, err := s.tx.Exec(ctx, "DELETE FROM "+identifiers+" WHERE row_key IN (SELECT row_key FROM "+s.table+" WHERE problem = ?)", problem)
		if err != nil {
			return fmt.Errorf("suppress erased persons: %w", err)
		}
	}
	return s.noteSuppressed(ctx, n > 0)
}

// noteSuppressed counts the records of erased persons, which are no fault of the
// source and do not count against its tolerance.
func (s *staging) noteSuppressed(ctx context.Context, some bool) (err error) {
	if some {
		s.out.Suppressed, err = s.scalar(ctx, "SELECT count(*) FROM "+s.table+" WHERE problem = ?", wholeRecord+": "+ErasedPerson)
		if err != nil {
			return err
		}
		r := newRemover(s.tx, bySuppression, s.req.RunID)
		if err := r.note(ctx, "ops.quarantine", "SELECT CAST(? AS BIGINT), CAST(? AS BIGINT), NULL", s.out.ID, s.out.Suppressed); err != nil {
			return err
		}
	}
	_, err = s.tx.Exec(ctx, "DROP TABLE "+erasedKey)
	return err
}

// SuppressedRows is how many records of the loaded files were left out because their
// person was erased.
func SuppressedRows(ctx context.Context, tx *warehouse.Tx) (int64, error) {
	rows, err := warehouse.Read[struct {
		N int64 `db:"n"`
	}](ctx, tx, "SELECT CAST(COALESCE(sum(records), 0) AS BIGINT) AS n FROM ops.removed WHERE reason = ?", bySuppression)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	return rows[0].N, nil
}
