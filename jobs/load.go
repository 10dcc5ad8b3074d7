package jobs

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"ghostlight/jobs/source"
	"ghostlight/jobs/warehouse"
)

// inputRow is one row of result.input: a file that a run was made of.
type inputRow struct {
	RunID       string `db:"run_id"`
	Source      string `db:"source"`
	Path        string `db:"path"`
	SHA256      string `db:"sha256"`
	Records     int64  `db:"records"`
	Loaded      int64  `db:"loaded"`
	Duplicate   int64  `db:"duplicate"`
	Quarantined int64  `db:"quarantined"`
	Blank       int64  `db:"blank"`
}

// found is a file of a source.
type found struct {
	source string
	file   source.File
}

// load brings the present files of every source into clean.*, each whole or not
// at all, and forgets files that are no longer there, so that the numbers depend
// on the present inputs alone. A source with too many refused rows stops the run.
func load(ctx context.Context, r *run) (int64, error) {
	files, total, err := r.find(ctx)
	if err != nil {
		return 0, err
	}
	var rows, done int64
	present := make([]int64, 0, len(files))
	for _, f := range files {
		loaded := source.Loaded{ID: f.file.LoadID}
		if loaded.ID == 0 {
			if loaded, err = r.fetchFile(ctx, f, done, total); err != nil {
				return 0, err
			}
		}
		if loaded.ID != 0 {
			present = append(present, loaded.ID)
		}
		rows += loaded.Loaded
		done += f.file.Size
		r.progress(done, total)
	}
	return rows, r.settleInputs(ctx, present)
}

// find lists every file of every source, in the order of source and path.
func (r *run) find(ctx context.Context) (files []found, bytes int64, err error) {
	var known map[string][]source.File
	err = r.db.Transact(ctx, func(tx *warehouse.Tx) error {
		known, err = source.Known(ctx, tx, r.Workspace.Sources, r.keyer)
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	for _, name := range r.Workspace.Sources.Names() {
		matches, err := r.intake.Find(ctx, name, r.Workspace.Sources[name], known[name])
		if err != nil {
			return nil, 0, err
		}
		for _, file := range matches {
			files = append(files, found{name, file})
			bytes += file.Size
		}
	}
	return files, bytes, nil
}

// fetchFile brings a file here, loads it, and removes what was brought. A query
// with nothing new has nothing to load: the zero Loaded.
func (r *run) fetchFile(ctx context.Context, f found, before, total int64) (loaded source.Loaded, err error) {
	if f.file, err = r.intake.Fetch(ctx, r.Workspace.Sources[f.source], f.file); err != nil {
		return loaded, err
	}
	defer func() { err = errors.Join(err, r.intake.Release(f.file)) }()
	if f.file.Path == "" {
		return loaded, nil
	}
	return r.loadFile(ctx, f, before, max(total, before+f.file.Size))
}

// loadFile is one file's transaction.
func (r *run) loadFile(ctx context.Context, f found, before, total int64) (loaded source.Loaded, err error) {
	err = r.db.Transact(ctx, func(tx *warehouse.Tx) error {
		loaded, err = source.Load(ctx, tx, source.Request{
			Name: f.source, Source: r.Workspace.Sources[f.source], File: f.file,
			Roots: r.roots, Keyer: r.keyer, RunID: r.attempt,
			Progress: func(done, _ int64) { r.progress(before+done, total) },
		})
		return err
	})
	if err == nil && loaded.Quarantined > 0 {
		r.opt.Log.Warn("rows were refused", "source", f.source, "file", f.file.Path, "rows", loaded.Quarantined, "first", loaded.FirstError)
	}
	for _, path := range loaded.Absent {
		r.opt.Log.Debug("no record has a mapped field", "source", f.source, "file", f.file.Path, "field", path)
	}
	return loaded, err
}

// settleInputs forgets what is gone, checks the tolerance, and notes what this
// run is made of, from which the run gets its id.
func (r *run) settleInputs(ctx context.Context, present []int64) error {
	return r.db.Transact(ctx, func(tx *warehouse.Tx) error {
		gone, err := source.Forget(ctx, tx, present)
		if err != nil {
			return err
		}
		if len(gone) > 0 {
			r.opt.Log.Info("forgot files that are no longer there", "files", strings.Join(gone, " "))
		}
		if err := source.Tolerate(ctx, tx, r.Workspace.Sources); err != nil {
			return err
		}
		inputs, err := readRegistry(ctx, tx)
		if err != nil {
			return err
		}
		r.inputs = hashInputs(inputs)
		r.identify()
		for i := range inputs {
			inputs[i].RunID = r.id
		}
		_, err = tx.InsertRun(ctx, "result.input", r.id, inputs)
		return err
	})
}

func readRegistry(ctx context.Context, tx *warehouse.Tx) ([]inputRow, error) {
	return warehouse.Read[inputRow](ctx, tx, `SELECT '' AS run_id, source, path, sha256, records, loaded, duplicate, quarantined, blank
		FROM ops.load ORDER BY source, path`)
}

// hashInputs depends on what the files of each source hold, not on their names,
// order or repetition.
func hashInputs(inputs []inputRow) string {
	contents := make([]string, 0, len(inputs))
	for _, in := range inputs {
		contents = append(contents, in.Source+" "+in.SHA256)
	}
	slices.SortFunc(contents, cmp.Compare[string])
	sum := sha256.New()
	for _, line := range slices.Compact(contents) {
		fmt.Fprintln(sum, line)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

func readInputs(ctx context.Context, tx *warehouse.Tx, runID string) ([]inputRow, error) {
	return warehouse.Read[inputRow](ctx, tx, `SELECT run_id, source, path, sha256, records, loaded, duplicate, quarantined, blank
		FROM result.input WHERE run_id = ? ORDER BY source, path`, runID)
}
