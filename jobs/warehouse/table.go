package warehouse

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
)

// Replace makes the table anew from its file and returns its rows, after the
// table's checks. The old rows are there until the transaction commits.
func (tx *Tx) Replace(ctx context.Context, table string, p Params) (int64, error) {
	f, args, err := tx.prepare(table, p)
	if err != nil {
		return 0, failed("replace", table, err)
	}
	if err := tx.run(ctx, "CREATE OR REPLACE TABLE "+table+" AS\n"+f.Text, args...); err != nil {
		return 0, failed("replace", table, err)
	}
	tx.made(table)
	rows, err := tx.count(ctx, table)
	if err != nil {
		return 0, failed("count", table, err)
	}
	return rows, tx.checkSelected(ctx, f, p, scope{}.of(rows))
}

// Append adds the rows of the table's file, making the table when it is missing,
// and returns the rows added. When file_id is part of the key and a parameter of
// the file, the checks look at the rows of that file_id only.
func (tx *Tx) Append(ctx context.Context, table string, p Params) (int64, error) {
	rows, err := tx.Add(ctx, table, p)
	if err != nil {
		return 0, err
	}
	return rows, tx.Verify(ctx, table, p, rows, "")
}

// Add is Append without its checks, for rows that come in parts: Verify makes them
// once for all.
func (tx *Tx) Add(ctx context.Context, table string, p Params) (int64, error) {
	f, args, err := tx.prepare(table, p)
	if err != nil {
		return 0, failed("append", table, err)
	}
	if err := tx.create(ctx, f, args); err != nil {
		return 0, failed("append", table, err)
	}
	rows, err := tx.insertSelect(ctx, f, args)
	return rows, failed("append", table, err)
}

// Verify makes the checks of Append after so many rows were added. Where the caller
// knows that keys differ but for some, doubtful is a SELECT of these, without file_id,
// and only their rows are counted; it is empty where nothing is known.
func (tx *Tx) Verify(ctx context.Context, table string, p Params, rows int64, doubtful string) error {
	f, err := tx.db.catalog.table(table)
	if err != nil {
		return failed("verify", table, err)
	}
	if id, given := p["file_id"]; given && slices.Contains(f.Params, "file_id") && slices.Contains(f.Key, "file_id") {
		written := scopeOf(f, "file_id", id).of(rows)
		written.doubtful = doubtful
		return tx.checkSelected(ctx, f, p, written)
	}
	return tx.check(ctx, f, p, scope{}, false)
}

// ReplaceRun replaces the rows of one run by those of the table's file, making
// the table when it is missing, and returns the rows added. The table must have a
// column run_id; $run_id is set for the file.
func (tx *Tx) ReplaceRun(ctx context.Context, table, runID string, p Params) (int64, error) {
	p = p.with("run_id", runID)
	f, args, err := tx.prepare(table, p)
	if err != nil {
		return 0, failed("replace run", table, err)
	}
	rows, err := tx.replaceRun(ctx, f, runID, args)
	if err != nil {
		return 0, failed("replace run", table, err)
	}
	return rows, tx.checkSelected(ctx, f, p, runScope(f, runID, rows))
}

func (tx *Tx) replaceRun(ctx context.Context, f *File, runID string, args []any) (int64, error) {
	exists, err := tx.exists(ctx, f.Table)
	if err != nil {
		return 0, err
	}
	if !exists && len(f.Raw) == 0 { // planned once, not once to make it and once to fill it
		if err := tx.run(ctx, "CREATE TABLE "+f.Table+" AS\n"+f.Text, args...); err != nil {
			return 0, err
		}
		tx.made(f.Table)
		return tx.count(ctx, f.Table)
	}
	if err := tx.create(ctx, f, args); err != nil {
		return 0, err
	}
	if err := tx.deleteRun(ctx, f.Table, runID); err != nil {
		return 0, err
	}
	return tx.insertSelect(ctx, f, args)
}

// Ensure makes the table, empty, when it is missing, and before it every table
// that its file reads. Parameters are NULL, so a column that is a bare parameter
// must be CAST to its type in the file.
func (tx *Tx) Ensure(ctx context.Context, table string) error {
	exists, err := tx.exists(ctx, table)
	if err != nil || exists {
		return failed("ensure", table, err)
	}
	f, err := tx.db.catalog.table(table)
	if err != nil {
		return failed("ensure", table, err)
	}
	for _, upstream := range f.Reads {
		if strings.HasPrefix(upstream, stagePrefix) {
			made, err := tx.ensureStage(ctx, upstream)
			if err != nil {
				return failed("ensure", table, err)
			}
			if made {
				defer func() { _ = tx.run(ctx, "DROP TABLE temp."+upstream) }()
			}
		} else if err := tx.Ensure(ctx, upstream); err != nil {
			return failed("ensure", table, err)
		}
	}
	return failed("ensure", table, tx.create(ctx, f, nullArgs(f)))
}

func nullArgs(f *File) []any {
	args := make([]any, len(f.Params))
	for i, name := range f.Params {
		args[i] = sql.Named(name, nil)
	}
	return args
}

func (tx *Tx) prepare(table string, p Params) (*File, []any, error) {
	f, err := tx.db.catalog.table(table)
	if err != nil {
		return nil, nil, err
	}
	args, err := p.args(f)
	return f, args, err
}

// create makes the table, empty, when it is missing.
func (tx *Tx) create(ctx context.Context, f *File, args []any) error {
	exists, err := tx.exists(ctx, f.Table)
	if err != nil || exists {
		return err
	}
	err = tx.run(ctx, "CREATE TABLE IF NOT EXISTS "+f.Table+" AS\n"+f.Text+"\nWITH NO DATA", args...)
	if err != nil {
		return err
	}
	tx.made(f.Table)
	if len(f.Raw) == 0 {
		return nil
	}
	columns, err := tx.columns(ctx, f.Table)
	if err != nil {
		return err
	}
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = c.Name + " " + c.Type
		if slices.Contains(f.Raw, c.Name) {
			list[i] += " USING COMPRESSION 'uncompressed'"
		}
	}
	return tx.run(ctx, "CREATE OR REPLACE TABLE "+f.Table+" ("+strings.Join(list, ", ")+")")
}

func (tx *Tx) insertSelect(ctx context.Context, f *File, args []any) (int64, error) {
	result, err := tx.conn.ExecContext(ctx, "INSERT INTO "+f.Table+" BY NAME\n"+f.Text, args...)
	if err != nil {
		return 0, fmt.Errorf("sql/%s: %w", f.Path, err)
	}
	return result.RowsAffected()
}

func (tx *Tx) deleteRun(ctx context.Context, table, runID string) error {
	return tx.run(ctx, "DELETE FROM "+table+" WHERE run_id = ?", runID)
}

func (tx *Tx) run(ctx context.Context, query string, args ...any) error {
	_, err := tx.conn.ExecContext(ctx, query, args...)
	return err
}

func (tx *Tx) count(ctx context.Context, table string) (n int64, err error) {
	err = tx.conn.QueryRowContext(ctx, "SELECT count(*) FROM "+table).Scan(&n)
	return n, err
}

// exists asks once which tables there are and keeps count of those that are made: the
// engine's own list is made anew for every question, and the longer the more there are.
func (tx *Tx) exists(ctx context.Context, table string) (bool, error) {
	if tx.tables == nil {
		_, rows, err := tx.texts(ctx, "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE database_name = current_database() ORDER BY ALL", nil)
		if err != nil {
			return false, err
		}
		tx.tables = map[string]bool{}
		for _, row := range rows {
			tx.tables[row[0]] = true
		}
	}
	return tx.tables[table], nil
}

// made notes that a table exists now.
func (tx *Tx) made(table string) {
	if tx.tables != nil {
		tx.tables[table] = true
	}
}
