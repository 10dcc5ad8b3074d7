package jobs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"ghostlight/jobs/source"
	"ghostlight/jobs/warehouse"
)

// QuarantineFilter chooses refused records. The zero value is all of them; Limit
// and Skip page through what is left.
type QuarantineFilter struct {
	Source string
	File   string // path, or its last element, or a pattern for either
	Line   int64  // 0 is any
	Rule   string // part of a rule
	Limit  int
	Skip   int

	exact bool // File is a path, and no pattern
}

// RefusedGroup counts what one rule refused in one column of one file.
type RefusedGroup struct {
	Source    string `json:"source" db:"source"`
	File      string `json:"file" db:"path"`
	Column    string `json:"column" db:"column_name"`
	Rule      string `json:"rule" db:"rule"`
	Records   int64  `json:"records" db:"records"`
	FirstLine *int64 `json:"first_line" db:"first_line"` // null when the records were loaded
	Refused   bool   `json:"refused" db:"refused"`       // false: loaded, without the identifier of this column
}

// IsDoubtful tells that the records were loaded with a value that might be another.
func (g RefusedGroup) IsDoubtful() bool { return g.Rule == source.ShownTwice }

// RefusedRecord is one refused record. The excerpt shows how the value is built,
// letters as x and digits as 9, and not what it says.
type RefusedRecord struct {
	Source  string `json:"source" db:"source"`
	File    string `json:"file" db:"path"`
	Line    int64  `json:"line" db:"line_no"`
	Ordinal int64  `json:"ordinal" db:"ordinal"` // among the records of the line, from 1
	Byte    *int64 `json:"byte" db:"byte_offset"`
	Column  string `json:"column" db:"column_name"`
	Rule    string `json:"rule" db:"rule"`
	Excerpt string `json:"excerpt" db:"excerpt"`
}

// Listed says how much the filter leaves beside the page that was asked for.
type Listed struct {
	Total  int64 // groups, or records, of all pages
	Erased int64 // rows that were left out because their person was erased: not refused, and not listed
}

// RefusedGroups lists, by file and rule, what the loads of the workspace in dir
// refused, and the identifiers that they left out. It takes no lock and makes nothing.
func RefusedGroups(ctx context.Context, dir string, f QuarantineFilter, opt OpenOptions) (groups []RefusedGroup, all Listed, err error) {
	where, args := f.where("q.path")
	const list = `(SELECT q.source, l.path, q.column_name, q.rule, count(*) AS records, min(q.line_no) AS first_line, true AS refused, l.file_id
			FROM ops.quarantine AS q JOIN ops.load AS l USING (file_id) WHERE q.rule <> '` + source.ErasedPerson + `' GROUP BY ALL
		UNION ALL BY NAME
		SELECT u.source, l.path, u.column_name, u.rule, u.records, CAST(NULL AS BIGINT) AS first_line, false AS refused, l.file_id
			FROM ops.unusable AS u JOIN ops.load AS l USING (file_id)) AS q`
	return page[RefusedGroup](ctx, dir, opt, f, `q.source, q.path, q.column_name, q.rule, q.records, q.first_line, q.refused`,
		list+where, "q.source, q.path, q.refused DESC, q.column_name, q.rule, q.file_id", args)
}

// RefusedRecords lists the refused records one by one, in the order of source, file
// and place.
func RefusedRecords(ctx context.Context, dir string, f QuarantineFilter, opt OpenOptions) (records []RefusedRecord, all Listed, err error) {
	where, args := f.where("l.path")
	if f.Line > 0 {
		where += " AND q.line_no = ?"
		args = append(args, f.Line)
	}
	where += " AND q.rule <> '" + source.ErasedPerson + "'"
	return page[RefusedRecord](ctx, dir, opt, f, `q.source, l.path, q.line_no, q.ordinal, q.byte_offset, q.column_name, q.rule, q.excerpt`,
		`ops.quarantine AS q JOIN ops.load AS l USING (file_id)`+where,
		"q.source, l.path, q.line_no, q.ordinal, q.column_name, q.rule, q.file_id", args)
}

// RefusedOfFile lists the refused records of one file, and what other records of it
// were loaded without. The file is its path, or its last element when no other loaded
// file has it; the error of any other is a *UsageError.
func RefusedOfFile(ctx context.Context, dir string, f QuarantineFilter, opt OpenOptions) (records []RefusedRecord, all Listed, without []RefusedGroup, err error) {
	type loadedFile struct {
		Path string `db:"path"`
	}
	one := QuarantineFilter{Source: f.Source, File: f.File, Limit: 5}
	where, args := one.where("q.path")
	files, matches, err := page[loadedFile](ctx, dir, opt, one, "q.path", "(SELECT DISTINCT source, path FROM ops.load) AS q"+where, "q.path, q.source", args)
	if err != nil {
		return nil, all, nil, err
	}
	var paths []string
	for _, file := range files {
		paths = append(paths, file.Path)
	}
	isPattern := strings.ContainsAny(f.File, "*?[")
	switch paths = slices.Compact(paths); {
	case matches.Total == 0:
		return nil, all, nil, &UsageError{Problem: "no file " + f.File + " is loaded", Hint: "ghostlight quarantine ls lists the files with refused records"}
	case slices.Contains(paths, f.File):
		one.exact, f.exact = true, true
	case len(paths) > 1 && !isPattern:
		return nil, all, nil, &UsageError{Problem: f.File + " is the name of several files", Hint: "name one by its path: " + strings.Join(paths, ", ")}
	}
	if records, all, err = RefusedRecords(ctx, dir, f, opt); err != nil {
		return nil, all, nil, err
	}
	one.Limit, one.Rule = 0, f.Rule
	groups, _, err := RefusedGroups(ctx, dir, one, opt)
	without = []RefusedGroup{}
	for _, g := range groups {
		if !g.Refused {
			without = append(without, g)
		}
	}
	return records, all, without, err
}

// where is the condition of source, file and rule, of a query in which q holds the
// refused and path is the column of the file.
func (f QuarantineFilter) where(path string) (string, []any) {
	where, args := " WHERE true", []any{}
	if f.Source != "" {
		where += " AND q.source = ?"
		args = append(args, f.Source)
	}
	switch {
	case f.exact:
		where += fmt.Sprintf(" AND %s = ?", path)
		args = append(args, f.File)
	case f.File != "":
		where += fmt.Sprintf(" AND (%[1]s GLOB ? OR %[1]s GLOB ? OR %[1]s = ?)", path)
		args = append(args, f.File, "*/"+f.File, f.File)
	}
	if f.Rule != "" {
		where += " AND contains(q.rule, ?)"
		args = append(args, f.Rule)
	}
	return where, args
}

// page reads one page of a list, the length of the whole, and how many rows of
// erased persons the files hold that it is about.
func page[T any](ctx context.Context, dir string, opt OpenOptions, f QuarantineFilter, columns, from, order string, args []any) (rows []T, all Listed, err error) {
	rows = []T{}
	if _, err := os.Stat(filepath.Join(dir, stateFolder, warehouseFile)); errors.Is(err, fs.ErrNotExist) {
		_, err := LoadWorkspace(dir)
		return rows, all, err
	}
	opt.ReadOnly = true
	e, err := Open(ctx, dir, opt)
	if err != nil {
		return nil, all, err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	err = e.db.Transact(ctx, func(tx *warehouse.Tx) error {
		if err := tx.Conn().QueryRowContext(ctx, "SELECT count(*) FROM "+from, args...).Scan(&all.Total); err != nil {
			return fmt.Errorf("count quarantine: %w", err)
		}
		here, hereArgs := f.where("l.path")
		err := tx.Conn().QueryRowContext(ctx, "SELECT count(*) FROM ops.quarantine AS q JOIN ops.load AS l USING (file_id)"+here+
			" AND q.rule = ? AND (? = 0 OR q.line_no = ?)", append(hereArgs, source.ErasedPerson, f.Line, f.Line)...).Scan(&all.Erased)
		if err != nil {
			return fmt.Errorf("count rows of erased persons: %w", err)
		}
		paged := fmt.Sprintf("SELECT %s FROM %s ORDER BY %s OFFSET %d", columns, from, order, f.Skip)
		if f.Limit > 0 {
			paged += fmt.Sprintf(" LIMIT %d", f.Limit)
		}
		got, err := warehouse.Read[T](ctx, tx, paged, args...)
		if err != nil {
			return fmt.Errorf("read quarantine: %w", err)
		}
		rows = append(rows, got...)
		return nil
	})
	return rows, all, err
}

// Retried says what became of one file that was loaded again.
type Retried struct {
	Source  string  `json:"source"`
	File    string  `json:"file"`
	Present bool    `json:"present"`          // false: nothing was done
	Reason  string  `json:"reason,omitempty"` // why nothing was done
	Before  Balance `json:"before"`
	After   Balance `json:"after"`
}

// Balance is what became of the records of a file.
type Balance struct {
	Records     int64 `json:"records"`
	Loaded      int64 `json:"loaded"`
	Duplicate   int64 `json:"duplicate"`
	Quarantined int64 `json:"quarantined"`
	Blank       int64 `json:"blank"`
	Unusable    int64 `json:"unusable"` // identifiers left out of loaded records
}

// held is what is loaded of a path.
type held struct {
	RunID       string `db:"run_id"` // attempt that loaded it, the newest
	Source      string `db:"source"`
	Path        string `db:"path"`
	Records     int64  `db:"records"`
	Loaded      int64  `db:"loaded"`
	Duplicate   int64  `db:"duplicate"`
	Quarantined int64  `db:"quarantined"`
	Blank       int64  `db:"blank"`
	Unusable    int64  `db:"unusable"`
}

func (h held) balance() Balance {
	return Balance{h.Records, h.Loaded, h.Duplicate, h.Quarantined, h.Blank, h.Unusable}
}

// RetryQuarantine loads every file with refused records or left-out identifiers
// again, as it is now and as it is mapped now. Each file is one transaction, which
// takes its old rows away and brings the new ones, or leaves everything as it was.
// What was piped or asked of a database is left to the next run, which has it whole.
// Nothing is published.
func (e *Engine) RetryQuarantine(ctx context.Context, f QuarantineFilter) ([]Retried, error) {
	loads, err := e.heldLoads(ctx, f)
	if err != nil {
		return nil, err
	}
	found := map[string]map[string]source.File{} // by source and path
	out := []Retried{}
	for _, l := range loads {
		one := Retried{Source: l.Source, File: l.Path, Before: l.balance(), After: l.balance()}
		src, configured := e.Workspace.Sources[l.Source]
		switch {
		case !configured:
			one.Reason = "no longer configured"
		case src.ReadsStdin(), src.Query != "":
			one.Reason = "not a file: run ghostlight run again"
		default:
			if found[l.Source] == nil {
				if found[l.Source], err = e.present(ctx, l.Source, src); err != nil {
					return out, err
				}
			}
			file, there := found[l.Source][l.Path]
			if one.Present = there; !there {
				one.Reason = "no longer there"
			} else if one.After, err = e.retry(ctx, l, file); err != nil {
				return out, err
			}
		}
		out = append(out, one)
	}
	return out, nil
}

// present are the files of a source that are there and whole, by path.
func (e *Engine) present(ctx context.Context, name string, src source.Source) (map[string]source.File, error) {
	files, err := e.intake.Find(ctx, name, src, nil)
	if err != nil {
		return nil, err
	}
	present := map[string]source.File{}
	for _, file := range files {
		if file.LeftOut == nil {
			present[file.Path] = file
		}
	}
	return present, nil
}

// heldLoads are the paths to try again.
func (e *Engine) heldLoads(ctx context.Context, f QuarantineFilter) (loads []held, err error) {
	where, args := f.where("l.path")
	err = e.db.Transact(ctx, func(tx *warehouse.Tx) (err error) {
		if err := source.Prepare(ctx, tx); err != nil {
			return err
		}
		loads, err = readHeld(ctx, tx, `(l.source, l.path) IN (SELECT l.source, l.path FROM (
			SELECT file_id, source, rule FROM ops.quarantine WHERE rule <> '`+source.ErasedPerson+`' UNION ALL SELECT file_id, source, rule FROM ops.unusable) AS q
			JOIN ops.load AS l USING (file_id)`+where+`)`, args...)
		return err
	})
	return loads, err
}

func readHeld(ctx context.Context, tx *warehouse.Tx, which string, args ...any) ([]held, error) {
	loads, err := warehouse.Read[held](ctx, tx, `SELECT l.source, l.path, max(l.run_id) AS run_id, CAST(sum(l.records) AS BIGINT) AS records, CAST(sum(l.loaded) AS BIGINT) AS loaded,
			CAST(sum(l.duplicate) AS BIGINT) AS duplicate, CAST(sum(l.quarantined) AS BIGINT) AS quarantined, CAST(sum(l.blank) AS BIGINT) AS blank,
			CAST(sum(COALESCE((SELECT sum(u.records) FROM ops.unusable AS u WHERE u.file_id = l.file_id), 0)) AS BIGINT) AS unusable
		FROM ops.load AS l WHERE `+which+` GROUP BY l.source, l.path ORDER BY l.source, l.path`, args...)
	if err != nil {
		return nil, fmt.Errorf("find files with refused records: %w", err)
	}
	return loads, nil
}

// retry loads one file again and gives its balance. It stays a load of the run
// whose place it takes: by that the age of what it refuses is reckoned.
func (e *Engine) retry(ctx context.Context, l held, file source.File) (after Balance, err error) {
	src := e.Workspace.Sources[l.Source]
	if file, err = e.intake.Fetch(ctx, src, file); err != nil {
		return after, err
	}
	defer func() { err = errors.Join(err, e.intake.Release(file)) }()
	err = e.db.Transact(ctx, func(tx *warehouse.Tx) error {
		loaded, err := source.Load(ctx, tx, source.Request{
			Name: l.Source, Source: src, File: file, Roots: e.roots, Keyer: e.keyer, RunID: l.RunID, Again: true,
		})
		if err != nil {
			return err
		}
		rows, err := readHeld(ctx, tx, "l.source = ? AND l.path = ?", l.Source, loaded.Path)
		if err != nil {
			return err
		}
		for _, row := range rows {
			after = row.balance()
		}
		return e.expireAgain(ctx, tx)
	})
	return after, err
}

// ParsePlace takes FILE or FILE:LINE apart.
func ParsePlace(text string) (file string, line int64) {
	at := strings.LastIndexByte(text, ':')
	if at > 0 && at < len(text)-1 {
		n := int64(0)
		for _, c := range text[at+1:] {
			if c < '0' || c > '9' || n > 1<<50 {
				return path.Clean(text), 0
			}
			n = n*10 + int64(c-'0')
		}
		return path.Clean(text[:at]), n
	}
	return path.Clean(text), 0
}
