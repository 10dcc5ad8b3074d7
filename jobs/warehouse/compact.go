package warehouse

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/duckdb/duckdb-go/v2"
)

// compactSuffix of the file that Compact writes before it takes the old one's
// place. What a killed process left of it goes at the next Open.
const compactSuffix = ".compact"

// Compact writes the warehouse at path, which must be closed, into a new file
// that takes the old one's place, so that nothing of deleted rows is left in the
// free blocks of the file: the engine marks such blocks as free and does not wipe
// them. It needs as much free disk as the file holds rows.
//
// At every moment path is the whole old file or the whole new one, also after a
// kill. Hold [Lock]. step is told what is done next (copy, sync, swap, swapped);
// it may be nil.
func Compact(ctx context.Context, path string, cfg Config, tempDir string, step func(string)) error {
	if step == nil {
		step = func(string) {}
	}
	if err := compact(ctx, path, cfg, tempDir, step); err != nil {
		return failed("compact warehouse", "", fmt.Errorf("%s: %w", path, err))
	}
	return nil
}

func compact(ctx context.Context, path string, cfg Config, tempDir string, step func(string)) (err error) {
	path, err = preparePath(path, true)
	if err != nil {
		return err
	}
	path = realPath(path)
	if _, err := os.Stat(path + ".wal"); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("its log is not folded into it: open and close it first")
	}
	fresh := path + compactSuffix
	if err := removeCompact(path); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, removeCompact(path))
		}
	}()
	defer privateFiles()()
	step("copy")
	if err := copyDatabase(ctx, path, fresh, cfg, tempDir); err != nil {
		return err
	}
	step("sync")
	if err := errors.Join(os.Chmod(fresh, 0o600), syncPath(fresh)); err != nil {
		return err
	}
	step("swap")
	if err := os.Rename(fresh, path); err != nil {
		return err
	}
	step("swapped")
	return syncPath(filepath.Dir(path))
}

// realPath is what a link at path leads to, so that the file and not the link is
// replaced; path itself when nothing is there.
func realPath(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}

// removeCompact deletes an unfinished copy.
func removeCompact(path string) error {
	path = realPath(path)
	for _, left := range []string{path + compactSuffix, path + compactSuffix + ".wal"} {
		if err := os.Remove(left); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove unfinished copy: %w", err)
		}
	}
	return nil
}

// syncPath makes a file, or the names in a folder, outlive a loss of power.
func syncPath(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

// copyDatabase copies every table with an engine in memory. Both files are
// attached before the engine is closed to the outside, as it is everywhere else.
func copyDatabase(ctx context.Context, from, to string, cfg Config, tempDir string) (err error) {
	want, dirs, err := settings(cfg, Options{TempDir: tempDir})
	if err != nil {
		return err
	}
	query := url.Values{}
	for name, value := range want {
		query.Set(name, value)
	}
	query.Set("preserve_insertion_order", "true") // what was stored sorted stays so
	connector, err := duckdb.NewConnector("?"+query.Encode(), nil)
	if err != nil {
		return err
	}
	pool := sql.OpenDB(connector)
	defer func() { err = errors.Join(err, pool.Close()) }()
	conn, err := pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	statements := []string{
		"ATTACH " + quoteText(from) + " AS stored (READ_ONLY)",
		"ATTACH " + quoteText(to) + " AS fresh (STORAGE_VERSION " + quoteText(storageVersion) + ")",
	}
	statements = append(statements, hardeningStatements(dirs)...)
	for _, statement := range append(statements, "COPY FROM DATABASE stored TO fresh") {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", firstLine(statement), err)
		}
	}
	if err := sameTables(ctx, conn); err != nil {
		return err
	}
	for _, statement := range []string{"DETACH fresh", "DETACH stored"} { // fresh folds its log
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	if _, err := os.Stat(to + ".wal"); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the copy's log is not folded into it")
	}
	return nil
}

// sameTables compares the tables of both databases and their rows: the old file
// is the only one there is.
func sameTables(ctx context.Context, conn *sql.Conn) error {
	rows, err := conn.QueryContext(ctx, `SELECT schema_name || '.' || table_name AS stored_table
		FROM duckdb_tables() WHERE database_name = 'stored' ORDER BY stored_table`)
	if err != nil {
		return err
	}
	defer rows.Close()
	var tables []string
	for rows.Next() {
		var table string
		if err := rows.Scan(&table); err != nil {
			return err
		}
		tables = append(tables, table)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, table := range tables {
		var same bool
		err := conn.QueryRowContext(ctx, "SELECT (SELECT count(*) FROM stored."+table+") = (SELECT count(*) FROM fresh."+table+")").Scan(&same)
		if err != nil {
			return err
		}
		if !same {
			return broken("copy", table, "the warehouse is as it was; try again, and rebuild it from its sources when that fails too",
				"the copy does not hold the rows of the stored table")
		}
	}
	return nil
}

func quoteText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
