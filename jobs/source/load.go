package source

import (
	"context"
	"errors"
	"fmt"

	"ghostlight/jobs/warehouse"
)

// The states of a file in the registry.
const (
	StateLoaded   = "loaded"   // new content
	StateRestated = "restated" // took the place of what the same path held before
	StateSkipped  = "skipped"  // the same content is loaded already; never stored
)

// Request asks for one file to be loaded.
type Request struct {
	Name     string // of the source
	Source   Source // as configured and validated
	File     File   // as Roots.Find or Intake.Fetch gave it
	Roots    *Roots
	Keyer    *Keyer
	RunID    string
	Progress func(done, total int64) // may be nil; bytes of the file
}

// Loaded says what became of a file's records:
// Records = Loaded + Duplicate + Quarantined + Blank.
type Loaded struct {
	File
	ID          int64 // file_id of its rows
	Table       string
	State       string
	Records     int64
	Loaded      int64
	Duplicate   int64 // identical rows of the same file
	Quarantined int64
	Blank       int64 // blank lines, requests without events
	FirstUS     *int64
	LastUS      *int64   // of the rows' own time; nil without rows
	FirstError  string   // place and rule of the first quarantined record, "" without
	Absent      []string // JSON paths that the mapping names and no record has
}

// Load brings one file into clean.<table>, inside the caller's transaction: what
// the same path held before goes, the new rows, the quarantined records and the
// registry row come, or nothing of it happens. Content that is already loaded
// under the same mapping and key is skipped.
//
// A *FileError refuses the file, an *IntegrityError says that its records do not
// add up; after either the transaction must be rolled back, which Transact does.
func Load(ctx context.Context, tx *warehouse.Tx, req Request) (Loaded, error) {
	out, err := load(ctx, tx, req)
	var refused *FileError
	if err != nil && !errors.As(err, &refused) {
		err = fmt.Errorf("load %s of source %s: %w", req.File.Path, req.Name, err)
	}
	return out, err
}

func load(ctx context.Context, tx *warehouse.Tx, req Request) (Loaded, error) {
	out := Loaded{File: req.File, Table: req.Source.Table, State: StateLoaded}
	id, err := ID(req.Name, req.Source, req.File, req.Keyer)
	if err != nil {
		return out, err
	}
	out.ID = id
	known, replaced, err := register(ctx, tx, req, id)
	if err != nil {
		return out, err
	}
	if known {
		out.State = StateSkipped
		return out, nil
	}
	if replaced {
		out.State = StateRestated
	}
	l, err := layoutOf(req.Name, req.Source)
	if err != nil {
		return out, err
	}
	m, err := newMapper(req.Name, l.source, req.Keyer)
	if err != nil {
		return out, err
	}
	s := &staging{tx: tx, req: req, layout: l, mapper: m, table: "stage_" + req.Source.Table, out: &out}
	if err := s.fill(ctx); err != nil {
		return out, err
	}
	if err := s.publish(ctx); err != nil {
		return out, err
	}
	if req.Progress != nil {
		req.Progress(req.File.Size, req.File.Size)
	}
	return out, nil
}

// Prepare makes every table that loading writes, empty when it is missing, so
// that the stages after it can read them all.
func Prepare(ctx context.Context, tx *warehouse.Tx) error {
	tables := []string{"ops.load", "ops.quarantine"}
	for _, t := range Tables() {
		tables = append(tables, "clean."+t)
	}
	for _, t := range tables {
		if err := tx.Ensure(ctx, t); err != nil {
			return fmt.Errorf("prepare load: %w", err)
		}
	}
	return nil
}

// registered is what the registry knows of a file.
type registered struct {
	ID   int64  `db:"file_id"`
	Path string `db:"path"`
}

// register looks the file up. known: its content is loaded, and the registry now
// names it by its present path. replaced: the path held other content, of which
// every row has been deleted.
func register(ctx context.Context, tx *warehouse.Tx, req Request, id int64) (known, replaced bool, err error) {
	if err := Prepare(ctx, tx); err != nil {
		return false, false, err
	}
	rows, err := warehouse.Read[registered](ctx, tx,
		`SELECT file_id, path FROM ops.load WHERE source = ? AND (file_id = ? OR path = ?) ORDER BY file_id`,
		req.Name, id, req.File.Path)
	if err != nil {
		return false, false, fmt.Errorf("look up registry: %w", err)
	}
	for _, r := range rows {
		if r.ID == id {
			known = true
			if r.Path != req.File.Path || req.File.Version != "" {
				_, err := tx.Exec(ctx, `UPDATE ops.load SET path = ?, version = ?, cursor_value = ? WHERE file_id = ?`,
					req.File.Path, optional(req.File.Version), optional(req.File.Cursor), id)
				if err != nil {
					return false, false, fmt.Errorf("rename in registry: %w", err)
				}
			}
			continue
		}
		replaced = true
		if err := remove(ctx, tx, r.ID); err != nil {
			return false, false, err
		}
	}
	return known, replaced, nil
}

// remove deletes every trace of one load.
func remove(ctx context.Context, tx *warehouse.Tx, id int64) error {
	tables := []string{"ops.load", "ops.quarantine"}
	for _, t := range Tables() {
		tables = append(tables, "clean."+t)
	}
	for _, t := range tables {
		if _, err := tx.Exec(ctx, "DELETE FROM "+t+" WHERE file_id = ?", id); err != nil {
			return fmt.Errorf("remove rows of a former load from %s: %w", t, err)
		}
	}
	return nil
}

// Forget removes the rows of every load whose id is not among the present ones:
// files that were taken away, sources that are no longer configured, contents
// that were mapped differently. What is in the warehouse then depends on the
// present inputs alone. It returns the paths that were removed.
func Forget(ctx context.Context, tx *warehouse.Tx, present []int64) ([]string, error) {
	if err := Prepare(ctx, tx); err != nil {
		return nil, err
	}
	keep := map[int64]bool{}
	for _, id := range present {
		keep[id] = true
	}
	rows, err := warehouse.Read[registered](ctx, tx, `SELECT file_id, path FROM ops.load ORDER BY path, file_id`)
	if err != nil {
		return nil, fmt.Errorf("forget absent files: %w", err)
	}
	var gone []string
	for _, r := range rows {
		if keep[r.ID] {
			continue
		}
		if err := remove(ctx, tx, r.ID); err != nil {
			return nil, fmt.Errorf("forget absent files: %w", err)
		}
		gone = append(gone, r.Path)
	}
	return gone, nil
}
