package jobs

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
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
	others bool // the source has more files
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
	names := namesSeen{}
	present := make([]int64, 0, len(files))
	for _, f := range files {
		loaded := source.Loaded{ID: f.file.LoadID}
		switch {
		case f.file.LeftOut != nil:
		case loaded.ID == 0:
			loaded, err = r.fetchFile(ctx, f, done, total)
		case r.Workspace.Sources[f.source].KeepsFormer():
			loaded.Former, err = r.held(ctx, f)
		}
		if errors.Is(err, source.ErrChanged) && f.others {
			f.file.LeftOut, err = err, nil
		}
		if err != nil {
			return 0, err
		}
		if f.file.LeftOut != nil {
			held, err := r.leaveOut(ctx, f)
			if err != nil {
				return 0, err
			}
			present = append(present, held...)
			continue
		}
		if loaded.ID != 0 {
			present = append(append(present, loaded.ID), loaded.Former...)
		}
		names.add(f.source, loaded)
		rows += loaded.Loaded
		done += f.file.Size
		r.progress(done, total)
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if unused := unusedNames(r.Workspace.Sources[name], names[name]); names[name] != nil && len(unused) > 0 {
			r.opt.Log.Warn("ids in names: that no record has", "source", name, "ids", strings.Join(unused, " "))
		}
	}
	if err := r.forget(ctx, present); err != nil {
		return 0, err
	}
	if err := r.expire(ctx); err != nil {
		return 0, err
	}
	return rows, r.settleInputs(ctx)
}

// namesSeen holds for each source the ids in its names: that records had; nil when
// some file of it was not read, because it is loaded already.
type namesSeen map[string]map[string]bool

func (n namesSeen) add(name string, loaded source.Loaded) {
	named, seen := n[name]
	switch {
	case loaded.Named == nil || seen && named == nil:
		n[name] = nil
	case !seen:
		n[name] = maps.Clone(loaded.Named)
	default:
		maps.Copy(named, loaded.Named)
	}
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
			files = append(files, found{name, file, len(matches) > 1})
			bytes += file.Size
		}
	}
	return files, bytes, nil
}

// leaveOut goes on without a file. One that is still being written is an everyday
// matter, and what was loaded of it stays; any other makes the run partial.
func (r *run) leaveOut(ctx context.Context, f found) (held []int64, err error) {
	if !errors.Is(f.file.LeftOut, source.ErrChanged) {
		message, _ := explain(f.file.LeftOut)
		r.result.LeftOut = append(r.result.LeftOut, message)
		r.opt.Log.Error("a file was left out", "source", f.source, "file", f.file.Path, "cause", message)
		return nil, nil
	}
	r.opt.Log.Warn("a file that is still being written was left out", "source", f.source, "file", f.file.Path)
	return r.held(ctx, f)
}

// held is what is loaded of a file's path.
func (r *run) held(ctx context.Context, f found) (ids []int64, err error) {
	err = r.db.Transact(ctx, func(tx *warehouse.Tx) error {
		ids, err = source.Held(ctx, tx, f.source, f.file.Path)
		return err
	})
	return ids, err
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
	if refused := loaded.Quarantined - loaded.Suppressed; err == nil && refused > 0 {
		r.opt.Log.Warn("rows were refused", "source", f.source, "file", f.file.Path, "rows", refused, "first", loaded.FirstError)
	}
	if err == nil && loaded.Suppressed > 0 {
		r.opt.Log.Info("rows of erased persons were left out", "source", f.source, "file", f.file.Path, "rows", loaded.Suppressed)
	}
	if err == nil && loaded.Twice > 0 {
		r.opt.Log.Warn("local times that their zone's clocks show twice were taken as the earlier instant", "source", f.source, "file", f.file.Path, "rows", loaded.Twice)
	}
	if err == nil && loaded.Unusable > 0 {
		r.opt.Log.Warn("identifiers or times of receipt that cannot be used were left out", "source", f.source, "file", f.file.Path, "rows", loaded.Unusable)
	}
	for _, column := range loaded.Drift {
		r.opt.Log.Warn("new column that the mapping does not name", "source", f.source, "file", f.file.Path, "column", column)
	}
	for _, path := range loaded.Absent {
		r.opt.Log.Debug("no record has a mapped field", "source", f.source, "file", f.file.Path, "field", path)
	}
	return loaded, err
}

// forget takes out what was loaded of files that are gone.
func (r *run) forget(ctx context.Context, present []int64) error {
	return r.db.Transact(ctx, func(tx *warehouse.Tx) error {
		gone, err := source.Forget(ctx, tx, present)
		if len(gone) > 0 {
			r.opt.Log.Info("forgot files that are no longer there", "files", strings.Join(gone, " "))
		}
		return err
	})
}

// settleInputs checks the tolerance, and notes what this run is made of, from which
// the run gets its id.
func (r *run) settleInputs(ctx context.Context) error {
	return r.db.Transact(ctx, func(tx *warehouse.Tx) error {
		err := source.Tolerate(ctx, tx, r.Workspace.Sources)
		if err != nil {
			return err
		}
		var inputs []inputRow
		if inputs, r.inputs, err = readRegistry(ctx, tx); err != nil {
			return err
		}
		r.identify()
		for i := range inputs {
			inputs[i].RunID = r.id
		}
		_, err = tx.InsertRun(ctx, "result.input", r.id, inputs)
		return err
	})
}

// readRegistry returns the loaded files, and the hash of what is stored of them.
func readRegistry(ctx context.Context, tx *warehouse.Tx) (inputs []inputRow, hash string, err error) {
	inputs, err = warehouse.Read[inputRow](ctx, tx, `SELECT '' AS run_id, source, path, sha256, records, loaded, duplicate, quarantined, blank
		FROM ops.load ORDER BY source, path, sha256`)
	if err != nil {
		return nil, "", err
	}
	removed, err := source.RemovalPrint(ctx, tx)
	return inputs, hashInputs(inputs, removed), err
}

// hashInputs depends on what the files of each source hold, not on their names,
// order or repetition, and on what was erased or deleted by age.
func hashInputs(inputs []inputRow, removed []string) string {
	contents := slices.Clone(removed)
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
		FROM result.input WHERE run_id = ? ORDER BY source, path, sha256`, runID)
}
