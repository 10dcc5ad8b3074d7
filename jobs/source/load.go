package source

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

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
	Again    bool                    // load the file also when its content is loaded already
	Events   bool                    // count the records by the names of their events
	Head     int64                   // fail with ErrHead after about so many bytes of text or JSON records; 0: read all
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
	Suppressed  int64 // of the quarantined, those of erased persons
	FirstUS     *int64
	LastUS      *int64              // of the rows' own time; nil without rows
	FirstError  string              // place and rule of the first quarantined record, "" without
	Absent      []string            // JSON paths that the mapping names and no record has
	types       *string             // of a Parquet file's mapped columns
	Extra       []string            // columns that the file has and the mapping does not name
	Drift       []string            // those of them that no earlier file of the source had
	Unusable    int64               // records that were loaded without an identifier that cannot be used
	Twice       int64               // records with a local time that its zone's clocks show twice
	Named       map[string]bool     // ids of the source's names that some record has
	Events      map[EventName]int64 // records that tell of a conversion, by name, when the request asks
	Former      []int64             // file_id of former contents of the path that are kept (restated: append)
}

// EventName is how an event is called, by its platform on a surface and by its mapping pack.
type EventName struct {
	Platform, Surface, Name string
	Canonical               string // "" when the pack does not know the name
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
		err = fmt.Errorf("load %s of source %s: %w", printable(req.File.Path), req.Name, err)
	}
	return out, err
}

func load(ctx context.Context, tx *warehouse.Tx, req Request) (Loaded, error) {
	out := Loaded{File: req.File, State: StateLoaded}
	var err error
	if req.Source, err = req.resolve(ctx, tx); err != nil {
		return out, err
	}
	out.Table = req.Source.normalise().Table
	l, err := layoutOf(req.Name, req.Source, req.File)
	if err != nil {
		return out, err
	}
	if l.reads(placeFile) && req.File.Modified.IsZero() {
		return out, &FileError{Source: req.Name, Path: req.File.Path, What: "the mapping takes the time of the file (" + placeFile + "), and this is none",
			Hint: "put what is piped or asked for into a file, or map a column that holds the time"}
	}
	id, err := ID(req.Name, req.Source, req.File, req.Keyer)
	if err != nil {
		return out, err
	}
	out.ID = id
	past, err := register(ctx, tx, req, id)
	if err != nil {
		return out, err
	}
	out.Former = past.former
	if past.known {
		out.State = StateSkipped
		return out, nil
	}
	if past.restated {
		out.State = StateRestated
	}
	m, err := newMapper(req.Name, l, req.Keyer)
	if err != nil {
		return out, err
	}
	s := &staging{tx: tx, req: req, layout: l, mapper: m, table: "stage_" + req.Source.Table, refused: "stage_" + req.Source.Table, out: &out}
	if s.erasing, err = s.keepsOut(ctx); err != nil {
		return out, err
	}
	if err := s.fill(ctx); err != nil {
		return out, err
	}
	if err := s.ordinary(ctx); err != nil {
		return out, err
	}
	out.Drift = past.drift(out.Extra)
	if err := s.suppress(ctx); err != nil {
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
	tables := append(loadTables(), "ops.suppressed")
	names := quoteText(strings.Join(tables, " ")) // asked for together: every file asks
	var missing bool
	err := tx.Conn().QueryRowContext(ctx, `SELECT count(*) < ? FROM duckdb_tables() WHERE database_name = current_database()
		AND schema_name || '.' || table_name IN (SELECT unnest(string_split(`+names+`, ' ')))`, len(tables)).Scan(&missing)
	if err != nil {
		return fmt.Errorf("prepare load: %w", err)
	}
	if !missing {
		return nil
	}
	for _, t := range tables {
		if err := tx.Ensure(ctx, t); err != nil {
			return fmt.Errorf("prepare load: %w", err)
		}
	}
	return nil
}

// loadTables are the tables that hold what was loaded, each with its file_id.
func loadTables() []string {
	tables := []string{"ops.load", "ops.quarantine", "ops.unusable", "ops.removed", "clean.identifier", "clean.serving", "clean.signal"}
	for _, t := range Tables() {
		tables = append(tables, "clean."+t)
	}
	return tables
}

// registered is what the registry knows of a file.
type registered struct {
	ID     int64  `db:"file_id"`
	Path   string `db:"path"`
	SHA256 string `db:"sha256"`
}

// past is what was loaded of a source before.
type past struct {
	known    bool    // the content itself
	restated bool    // the path held other content
	former   []int64 // other contents of the path that are kept
	any      bool    // some file of the source
	extra    map[string]bool
}

// register looks the file up. When its content is loaded, the registry now names
// it by its present path. What the path held before is deleted with every row,
// unless the source keeps it or refuses the change. The same content mapped anew
// is no restatement and always takes the place of what it was.
func register(ctx context.Context, tx *warehouse.Tx, req Request, id int64) (p past, err error) {
	if err := Prepare(ctx, tx); err != nil {
		return p, err
	}
	rows, err := warehouse.Read[registered](ctx, tx,
		`SELECT file_id, path, sha256 FROM ops.load WHERE source = ? AND (file_id = ? OR path = ?) ORDER BY file_id`,
		req.Name, id, req.File.Path)
	if err != nil {
		return p, fmt.Errorf("look up registry: %w", err)
	}
	if req.Again || !slices.ContainsFunc(rows, func(r registered) bool { return r.ID == id }) {
		if err := p.columns(ctx, tx, req.Name); err != nil {
			return p, err
		}
	}
	for _, r := range rows {
		changed := r.SHA256 != req.File.SHA256
		switch {
		case r.ID == id && !req.Again:
			p.known = true
			if r.Path != req.File.Path || req.File.Version != "" {
				_, err := tx.Exec(ctx, `UPDATE ops.load SET path = ?, version = ?, cursor_value = ? WHERE file_id = ?`,
					req.File.Path, optional(req.File.Version), optional(req.File.Cursor), id)
				if err != nil {
					return p, fmt.Errorf("rename in registry: %w", err)
				}
			}
			continue
		case changed && req.Source.Restated == policyError:
			return p, &FileError{Source: req.Name, Path: req.File.Path, What: "the file is not what it was when it was loaded (restated: error)",
				Hint: "put the old file back and deliver corrections under another name, or write restated: replace"}
		case changed && req.Source.Restated == policyAppend:
			p.former = append(p.former, r.ID)
			continue
		}
		p.restated = p.restated || r.ID != id
		if err := remove(ctx, tx, r.ID); err != nil {
			return p, err
		}
	}
	return p, nil
}

// remove deletes every trace of one load.
func remove(ctx context.Context, tx *warehouse.Tx, id int64) error {
	for _, t := range loadTables() {
		if _, err := tx.Exec(ctx, "DELETE FROM "+t+" WHERE file_id = ?", id); err != nil {
			return fmt.Errorf("remove rows of a former load from %s: %w", t, err)
		}
	}
	return nil
}

// Forget removes the rows of every load whose id is not among the present ones
// (those that Load gave, and the former ones that it kept):
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
	rows, err := warehouse.Read[registered](ctx, tx, `SELECT file_id, path, sha256 FROM ops.load ORDER BY path, file_id`)
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
