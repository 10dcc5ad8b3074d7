package jobs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/renameio/v2"

	"ghostlight/jobs/source"
	"ghostlight/jobs/warehouse"
)

// Places inside a workspace that the engine owns.
const (
	stateFolder   = ".ghostlight"
	warehouseFile = "warehouse.duckdb"
	lockFile      = "lock"
	receiptFolder = "receipts"
	spoolFolder   = "spool"
	outFolder     = "out"
)

// OpenOptions are the edge of the engine: everything of the outside world that
// is not a file of the workspace.
type OpenOptions struct {
	Command     string                                       // what is being done, for the lock's owner
	CodeVersion string                                       // version of this program
	Now         func() time.Time                             // clock of the ledger; never of a number
	Env         func(string) (string, bool)                  // environment, for env: secrets
	Random      io.Reader                                    // for a new workspace key
	Log         *slog.Logger                                 // talk; nil is silent
	Progress    func(study, stage string, done, total int64) // may be nil
	ReadOnly    bool                                         // no lock, no writes, the warehouse must exist
	// Stdin is for the source whose file is -; nil when the command reads none. An
	// error of its Read is passed on, and may say why there is nothing to read.
	Stdin io.Reader
}

// Engine is an open workspace: its configuration, its lock, its key and its
// warehouse.
type Engine struct {
	Workspace *Workspace
	db        *warehouse.DB
	keyer     *source.Keyer
	roots     *source.Roots
	intake    *source.Intake
	unlock    func() error
	opt       OpenOptions
	version   string // of the database engine
	apart     string // folder of a trial, which keeps its own tables
}

// Open opens the workspace in dir for one process alone. The error is a
// *ConfigError for a faulty configuration, wraps warehouse.ErrLocked while
// another process works there, and warehouse.ErrResources for a folder that
// cannot be written. [ExitCode] tells them apart for a shell.
func Open(ctx context.Context, dir string, opt OpenOptions) (*Engine, error) {
	return open(ctx, dir, opt, nil)
}

// open is Open, with other engine limits than the workspace has when limits is
// not nil.
func open(ctx context.Context, dir string, opt OpenOptions, limits *warehouse.Config) (_ *Engine, err error) {
	workspace, err := LoadWorkspace(dir)
	if err != nil {
		return nil, err
	}
	if limits != nil {
		workspace.Engine = *limits
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	e := &Engine{Workspace: workspace, opt: opt, unlock: func() error { return nil }}
	defer func() {
		if err != nil {
			err = errors.Join(err, e.Close())
		}
	}()
	if !opt.ReadOnly {
		lock, err := warehouse.Lock(filepath.Join(dir, stateFolder, lockFile), opt.Command, opt.Now())
		if err != nil {
			return nil, err
		}
		e.unlock = lock.Unlock
	}
	secret, err := e.secret()
	if err != nil {
		return nil, err
	}
	if e.keyer, err = source.NewKeyer(secret); err != nil {
		return nil, &KeyError{Problem: err.Error(), Hint: "a key is at least 16 characters that nobody can guess"}
	}
	e.keyer.With(workspace.Identity)
	if e.roots, err = source.OpenRoots(dir, workspace.Roots); err != nil {
		return nil, err
	}
	if !opt.ReadOnly {
		if err := sweepChecks(filepath.Join(dir, stateFolder)); err != nil {
			return nil, err
		}
		spool, err := source.OpenSpool(filepath.Join(dir, stateFolder, spoolFolder))
		if err != nil {
			return nil, err
		}
		e.intake = &source.Intake{Roots: e.roots, Spool: spool, Connections: workspace.Connections, Secrets: secretsOf(workspace, opt), Stdin: opt.Stdin}
	}
	if err := e.openWarehouse(ctx); err != nil {
		return nil, err
	}
	if opt.ReadOnly {
		return e, nil
	}
	if err := e.prepare(ctx); err != nil {
		return nil, err
	}
	return e, e.finishLate(ctx)
}

// state is the folder of the warehouse: the workspace's, or that of a trial.
func (e *Engine) state() string {
	if e.apart != "" {
		return e.apart
	}
	return filepath.Join(e.Workspace.Dir, stateFolder)
}

// openWarehouse opens the stored tables.
func (e *Engine) openWarehouse(ctx context.Context) error {
	dirs, err := e.roots.Dirs()
	if err != nil {
		return err
	}
	if e.intake != nil {
		dirs = append(dirs, e.intake.Spool.Dir())
	}
	state := e.state()
	e.db, err = warehouse.Open(ctx, filepath.Join(state, warehouseFile), e.Workspace.Engine,
		warehouse.Options{Dirs: dirs, TempDir: filepath.Join(state, "tmp"), ReadOnly: e.opt.ReadOnly})
	if err != nil {
		return err
	}
	e.version, err = e.db.Version(ctx)
	return err
}

// finishLate does what an erasure that was stopped has left. A lack of disk or
// memory is said and stops nothing: the rows are deleted, and doctor reminds.
func (e *Engine) finishLate(ctx context.Context) error {
	err := e.finishErasures(ctx)
	if err != nil && errors.Is(err, warehouse.ErrResources) && e.db != nil {
		e.opt.Log.Warn("the free space of the warehouse still holds what an erasure deleted", "error", err)
		return nil
	}
	return err
}

// Close closes the warehouse and frees the lock.
func (e *Engine) Close() error {
	var errs []error
	if e.db != nil {
		errs = append(errs, e.db.Close())
	}
	if e.roots != nil {
		errs = append(errs, e.roots.Close())
	}
	if e.intake != nil {
		errs = append(errs, e.intake.Close(), e.intake.Spool.Close())
	}
	return errors.Join(append(errs, e.unlock())...)
}

// secretsOf reads the secrets of a workspace's connections.
func secretsOf(w *Workspace, opt OpenOptions) source.Secrets {
	return source.Secrets{Dir: w.Dir, Env: opt.Env}
}

// secret reads the key of all identifiers. A key file that does not exist yet
// is made, for its owner alone, so that a new workspace needs no set-up.
func (e *Engine) secret() ([]byte, error) {
	ref := e.Workspace.Identity.Key
	if ref.Env != "" {
		value, ok := e.opt.Env(ref.Env)
		if !ok || value == "" {
			return nil, &KeyError{Problem: "environment variable " + ref.Env + " is not set", Hint: "export it, or set identity.key in ghostlight.yaml"}
		}
		return []byte(value), nil
	}
	path := ref.File
	if !filepath.IsAbs(path) {
		path = filepath.Join(e.Workspace.Dir, path)
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !e.opt.ReadOnly:
		return e.newSecret(path)
	case err != nil:
		return nil, &KeyError{Problem: fmt.Sprintf("read identity key: %v", err), Hint: "restore the file: with another key every identifier changes"}
	case info.Mode().Perm()&0o077 != 0:
		return nil, &KeyError{Problem: "others can read the identity key " + ref.File, Hint: "chmod 600 " + ref.File}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, &KeyError{Problem: fmt.Sprintf("read identity key: %v", err), Hint: "the file must be readable"}
	}
	if key := strings.TrimSpace(string(text)); len(key) >= 16 {
		return []byte(key), nil
	}
	return nil, &KeyError{Problem: "the identity key in " + ref.File + " is shorter than 16 characters", Hint: "delete it to have one made, if nothing was loaded yet"}
}

func (e *Engine) newSecret(path string) ([]byte, error) {
	raw := make([]byte, 32)
	if _, err := io.ReadFull(e.opt.Random, raw); err != nil {
		return nil, fmt.Errorf("make identity key: %w", err)
	}
	key := fmt.Sprintf("%x", raw)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make identity key: %w", err)
	}
	if err := renameio.WriteFile(path, []byte(key+"\n"), 0o600); err != nil {
		return nil, fmt.Errorf("make identity key: %w", err)
	}
	e.opt.Log.Info("made a new identity key; back it up, it cannot be made again", "file", e.Workspace.Identity.Key.File)
	return []byte(key), nil
}

// KeyError says why the identity key cannot be used; it never holds the key.
type KeyError struct{ Problem, Hint string }

func (e *KeyError) Error() string { return e.Problem + " (hint: " + e.Hint + ")" }

// persistent are the tables that outlive a run, and the sources' tables, which
// must be there even when nothing of their kind is ever loaded.
var persistent = []string{
	"ops.load", "ops.quarantine", "ops.unusable", "ops.removed", "ops.suppressed", "ops.erasure", "ops.run", "ops.stage_run", "ops.modelled", "ops.identity_key", "ops.configuration", "ops.change_log",
	"clean.exposure", "clean.serving", "clean.event", "clean.signal", "clean.crm_order", "clean.assignment", "clean.identity_link", "clean.spend", "clean.platform_report",
	"result.run", "result.metric", "result.event", "result.input", "result.warning", "result.trust", "result.estimate", "result.creative_estimate", "result.change",
}

// prepare makes missing tables, refuses a key that is not the one the stored
// identifiers were made with, and closes the attempts of processes that died.
func (e *Engine) prepare(ctx context.Context) error {
	return e.db.Transact(ctx, func(tx *warehouse.Tx) error {
		for _, table := range persistent {
			if err := tx.Ensure(ctx, table); err != nil {
				return err
			}
		}
		if err := e.checkKey(ctx, tx); err != nil {
			return err
		}
		if err := e.checkSuppressed(ctx, tx); err != nil {
			return err
		}
		died, err := tx.Exec(ctx, "UPDATE ops.run SET state = 'interrupted' WHERE state = 'running'")
		if err != nil {
			return fmt.Errorf("repair ledger: %w", err)
		}
		if died > 0 {
			e.opt.Log.Warn("closed runs that were interrupted", "runs", died)
		}
		return nil
	})
}

// checkSuppressed warns when the erased were keyed under other rules than loads
// are now, and might not be known again.
func (e *Engine) checkSuppressed(ctx context.Context, tx *warehouse.Tx) error {
	rows, err := warehouse.Read[struct {
		N int64 `db:"n"`
	}](ctx, tx, "SELECT count(*) AS n FROM ops.suppressed WHERE key_rules <> ?", e.keyer.Rules())
	if err == nil && rows[0].N > 0 {
		e.opt.Log.Warn("persons were erased under other rules for identifiers (identity.country, identity.ipv6_prefix, or the program's): erase them again, so that no load brings them back", "digests", rows[0].N)
	}
	return err
}

type keyRow struct {
	KeyID string `db:"key_id"`
}

// checkKey notes the fingerprint of the key at first use.
func (e *Engine) checkKey(ctx context.Context, tx *warehouse.Tx) error {
	rows, err := warehouse.Read[keyRow](ctx, tx, "SELECT key_id FROM ops.identity_key ORDER BY key_id")
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		_, err := tx.Insert(ctx, "ops.identity_key", []keyRow{{e.keyer.ID()}})
		return err
	}
	if rows[0].KeyID != e.keyer.ID() {
		return &KeyError{
			Problem: "the identity key is not the one that the loaded data was keyed with",
			Hint:    "restore the key, or delete .ghostlight/warehouse.duckdb to load everything again",
		}
	}
	return nil
}
