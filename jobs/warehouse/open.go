package warehouse

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/duckdb/duckdb-go/v2"
)

// Options of [Open] that are not the user's to configure.
type Options struct {
	Dirs     []string // folders below which the engine may read and write files; none by default
	TempDir  string   // for queries that do not fit in memory; default <path>.tmp, in memory none
	ReadOnly bool     // the file must exist; several readers may open it at once
}

// DB is an open warehouse.
type DB struct {
	pool    *sql.DB
	catalog *catalog
	streams streams
	spools  string // folder of spools
	own     bool   // that folder is this warehouse's alone

	mu     sync.Mutex
	proven map[string]bool // table: its SELECT proves its key
}

// storageVersion of new files: the oldest that the engine writes, so that every
// engine of major version 1 reads them.
const storageVersion = "v1.0.0"

// Open opens the warehouse at path, making it when missing; an empty path is a
// warehouse in memory. The engine is hardened and the hardening is proven before
// Open returns. Take [Lock] first: the engine's own lock is a second line only.
//
// The error is ErrLocked when another process has the file open, ErrIntegrity
// when the file is damaged, no warehouse or made by a newer engine, or when the
// hardening does not hold, and ErrResources when folder, disk or memory refuse.
func Open(ctx context.Context, path string, cfg Config, opt Options) (*DB, error) {
	db, err := open(ctx, path, cfg, opt)
	if err != nil {
		if path != "" {
			err = fmt.Errorf("%s: %w", path, err)
		}
		return nil, failed("open warehouse", "", err)
	}
	return db, nil
}

func open(ctx context.Context, path string, cfg Config, opt Options) (_ *DB, err error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("engine: %w", err)
	}
	files, err := embedded()
	if err != nil {
		return nil, err
	}
	if path != "" {
		if path, err = preparePath(path, opt.ReadOnly); err != nil {
			return nil, err
		}
		if opt.TempDir == "" {
			opt.TempDir = path + ".tmp"
		}
	}
	if !opt.ReadOnly {
		if err := removeSpilled(opt.TempDir); err != nil {
			return nil, err
		}
		if path != "" {
			if err := removeCompact(path); err != nil {
				return nil, err
			}
		}
	}
	spools, own := opt.TempDir, opt.TempDir == ""
	if own { // in memory
		spools = filepath.Join(os.TempDir(), "ghostlight-"+rand.Text())
		opt.Dirs = append([]string{spools}, opt.Dirs...)
	} else if spools, err = filepath.Abs(spools); err != nil {
		return nil, err
	}
	want, dirs, err := settings(cfg, opt)
	if err != nil {
		return nil, err
	}
	giveProcessors(cfg.Threads)
	defer privateFiles()()
	pool, err := connect(ctx, path, want, dirs, opt.ReadOnly)
	if err != nil {
		return nil, err
	}
	db := &DB{pool: pool, catalog: files, spools: spools, own: own, proven: map[string]bool{}, streams: streams{open: map[int64]*Stream{}}}
	if err := errors.Join(proveHardening(ctx, pool, want), db.streams.register(ctx, pool), db.prepareFile(ctx, opt.ReadOnly)); err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	if path != "" && !opt.ReadOnly {
		if err := os.Chmod(path, 0o600); err != nil {
			return nil, errors.Join(err, pool.Close())
		}
	}
	return db, nil
}

// removeSpilled deletes what a process that was killed left behind while its
// queries did not fit in memory, and its spools.
func removeSpilled(dir string) error {
	if dir == "" {
		return nil
	}
	left, err := filepath.Glob(filepath.Join(dir, "duckdb_temp_*"))
	if err != nil {
		return fmt.Errorf("list temporary files: %w", err)
	}
	spools, err := filepath.Glob(filepath.Join(dir, spoolPattern))
	if err != nil {
		return fmt.Errorf("list temporary files: %w", err)
	}
	for _, file := range append(left, spools...) {
		if err := os.Remove(file); err != nil {
			return fmt.Errorf("remove temporary file: %w", err)
		}
	}
	return nil
}

// preparePath makes the folder, private to this user, and returns the absolute
// path.
func preparePath(path string, readOnly bool) (string, error) {
	// The driver takes path and settings as one URL-like text without escapes.
	if strings.ContainsAny(path, "?#%") {
		return "", fmt.Errorf("the path must not contain any of ? # %%")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if readOnly {
		_, err := os.Stat(path)
		return path, err
	}
	return path, os.MkdirAll(filepath.Dir(path), 0o700)
}

// connect opens the engine with its settings. The first connection hardens the
// instance; later ones inherit.
func connect(ctx context.Context, path string, want setting, dirs []string, readOnly bool) (*sql.DB, error) {
	query := url.Values{"storage_compatibility_version": {storageVersion}}
	for name, value := range want {
		query.Set(name, value)
	}
	if readOnly {
		query.Set("access_mode", "READ_ONLY")
	}
	connector, err := duckdb.NewConnector(path+"?"+query.Encode(), harden(dirs))
	if err != nil {
		return nil, err
	}
	pool := sql.OpenDB(connector)
	// A connection is not used twice: temporary tables die with their transaction.
	pool.SetMaxIdleConns(0)
	if err := pool.PingContext(ctx); err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	return pool, nil
}

// prepareFile checks that the file is ours and not from a newer engine, makes the
// schemas, and notes the engine's version in ops.meta.
func (db *DB) prepareFile(ctx context.Context, readOnly bool) error {
	return db.Transact(ctx, func(tx *Tx) error {
		if err := tx.refuseForeign(ctx); err != nil {
			return err
		}
		if readOnly {
			return nil
		}
		for _, schema := range schemas {
			if err := tx.run(ctx, "CREATE SCHEMA IF NOT EXISTS "+schema); err != nil {
				return err
			}
		}
		if err := tx.Ensure(ctx, metaTable); err != nil {
			return err
		}
		return tx.noteVersion(ctx)
	})
}

const metaTable = "ops.meta"

// refuseForeign fails on a file with tables but without ours, on one that a newer major
// version of the engine has written to, and on one whose tables have other columns.
func (tx *Tx) refuseForeign(ctx context.Context) error {
	ours, err := tx.exists(ctx, metaTable)
	if err != nil {
		return err
	}
	if !ours {
		var tables int
		err := tx.conn.QueryRowContext(ctx, "SELECT count(*) FROM duckdb_tables() WHERE NOT temporary").Scan(&tables)
		if err == nil && tables > 0 {
			err = broken("read", metaTable, "choose another path; ghostlight makes its own file",
				"the file is a database with %d tables that is no Ghostlight warehouse", tables)
		}
		return err
	}
	var engine string
	if err := tx.conn.QueryRowContext(ctx, "SELECT version()").Scan(&engine); err != nil {
		return err
	}
	_, rows, err := tx.texts(ctx, "SELECT engine_version FROM ops.meta ORDER BY engine_version", nil)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if major(row[0]) > major(engine) {
			return broken("read", metaTable, "use a version of ghostlight with that engine, or rebuild the warehouse from its sources",
				"the file was written by engine %s, newer than this one (%s)", row[0], engine)
		}
	}
	return tx.refuseOtherLayout(ctx)
}

// major is 1 of "v1.5.5", and 0 of what is no version.
func major(version string) int {
	first, _, _ := strings.Cut(strings.TrimPrefix(version, "v"), ".")
	n, err := strconv.Atoi(first)
	if err != nil {
		return 0
	}
	return n
}

// noteVersion writes only when the version is new, so that opening changes nothing.
func (tx *Tx) noteVersion(ctx context.Context) error {
	return tx.run(ctx, `INSERT INTO ops.meta BY NAME
		SELECT version() AS engine_version, coalesce(tags['storage_version'], 'memory') AS storage_version, CAST(? AS BIGINT) AS layout
		FROM duckdb_databases()
		WHERE database_name = current_database() AND NOT EXISTS (FROM ops.meta WHERE engine_version = version())`, layout)
}

// Version is the engine's, as "v1.5.5".
func (db *DB) Version(ctx context.Context) (version string, err error) {
	err = db.pool.QueryRowContext(ctx, "SELECT version()").Scan(&version)
	return version, failed("read version", "", err)
}

// Close folds the log into the file and frees it.
func (db *DB) Close() error {
	err := db.pool.Close()
	if db.own {
		err = errors.Join(err, os.RemoveAll(db.spools))
	}
	return failed("close warehouse", "", err)
}
