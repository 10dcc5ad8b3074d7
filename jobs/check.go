package jobs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"ghostlight/jobs/source"
	"ghostlight/jobs/warehouse"
)

// Checked is what Check looked at and found nothing wrong with.
type Checked struct {
	SchemaVersion int             `json:"schema_version"`
	Studies       []string        `json:"studies"`
	Sources       []CheckedSource `json:"sources"`
	Unread        []string        `json:"unread"`       // files below the roots that no source reads, at most maxUnread
	UnreadTotal   int             `json:"unread_total"` // all of them
}

// maxUnread is how many files that no source reads are named.
const maxUnread = 10

// CheckedSource is one source. Of long files only the beginning was read.
type CheckedSource struct {
	Source       string `json:"source"`
	Table        string `json:"table"`
	Files        int    `json:"files"`
	Bytes        int64  `json:"bytes"`
	Records      int64  `json:"records_read"`
	Refused      int64  `json:"records_refused"`
	FirstRefused string `json:"first_refused"` // file, place and rule; "" without
	IsWhole      bool   `json:"is_whole"`      // every record was read

	Undefined   []UndefinedName `json:"undefined_events,omitempty"` // names that the dictionary does not know
	UnusedNames []string        `json:"unused_names,omitempty"`     // ids in names: that no record has, when all were read

	events map[source.EventName]int64
	named  map[string]bool
}

// CheckFailure holds everything that Check found in files and key.
type CheckFailure struct {
	Causes []error
	unread string // names files that no source reads: one of them may be what is missing
}

// Error is one line for each cause.
func (e *CheckFailure) Error() string { return errors.Join(e.Causes...).Error() }

// Unwrap returns the causes.
func (e *CheckFailure) Unwrap() []error { return e.Causes }

func (e *CheckFailure) summary() string {
	return plural(len(e.Causes), "problem") + " in the files of the sources"
}

// Check validates the configuration of the workspace in dir and then tries its
// sources: every pattern finds files, every file has the columns that its mapping
// names, and its records can be read and mapped. It keeps nothing, takes no lock of
// the workspace and works beside a run. The tables of a trial are in memory and thrown away. Of
// a store the first object is tried, of a query the first rows, and of standard
// input nothing.
//
// An error lists everything at once: a *ConfigError, an *UnknownStudyError, or a
// *CheckFailure for files and key. Files are tried only when the configuration is
// right.
func Check(ctx context.Context, dir string, studies []string, opt OpenOptions) (_ Checked, err error) {
	out := Checked{SchemaVersion: 1}
	workspace, err := LoadWorkspace(dir)
	if err != nil {
		return out, err
	}
	if out.Studies, err = workspace.choose(studies); err != nil {
		return out, err
	}
	t, err := newTrial(ctx, workspace, opt)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, t.close()) }()
	if err := t.unread(workspace, &out); err != nil {
		return out, err
	}
	failure := &CheckFailure{unread: out.unreadText()}
	if err := checkSecret(workspace, opt); err != nil {
		failure.Causes = append(failure.Causes, err)
	}
	if opt.Now != nil {
		if err := workspace.due(opt.Now().UTC().Truncate(time.Second), nil); err != nil {
			failure.Causes = append(failure.Causes, err)
		}
	}
	for _, name := range workspace.Sources.Names() {
		checked, faults, err := t.source(ctx, name, workspace.Sources[name])
		if err != nil {
			return out, err
		}
		checked.Undefined = workspace.undefinedNames(checked.events)
		if checked.IsWhole && checked.Records > 0 && len(faults) == 0 {
			checked.UnusedNames = unusedNames(workspace.Sources[name], checked.named)
		}
		out.Sources = append(out.Sources, checked)
		failure.Causes = append(failure.Causes, faults...)
	}
	if len(failure.Causes) > 0 {
		return out, failure
	}
	return out, nil
}

// unread notes the files below the roots that no source reads. What a workspace
// itself is made of is none of them.
func (t *trial) unread(w *Workspace, out *Checked) error {
	files, err := t.roots.Unread(w.Sources, workspaceFile, eventsFile, studiesFolder, packsFolder, outFolder)
	if err != nil {
		return err
	}
	out.UnreadTotal = len(files)
	out.Unread = append([]string{}, files[:min(len(files), maxUnread)]...)
	return nil
}

// unreadText is what of it a person reads, "" without such files.
func (c Checked) unreadText() string {
	if c.UnreadTotal == 0 {
		return ""
	}
	text := "no source reads " + strings.Join(c.Unread, ", ")
	if rest := c.UnreadTotal - len(c.Unread); rest > 0 {
		text += fmt.Sprintf(" and %d more", rest)
	}
	return text
}

// Notes are what is worth a look and wrong for no run, one a line.
func (c Checked) Notes() []string {
	notes := []string{}
	for _, s := range c.Sources {
		notes = append(notes, s.notes()...)
	}
	if text := c.unreadText(); text != "" {
		notes = append(notes, text)
	}
	return notes
}

// checkSecret tries the identity key. A key file that is missing is right before
// anything was loaded: the first run makes it.
func checkSecret(w *Workspace, opt OpenOptions) error {
	e := &Engine{Workspace: w, opt: opt}
	e.opt.ReadOnly = true // makes no key
	if file := w.Identity.Key.File; file != "" {
		if !filepath.IsAbs(file) {
			file = filepath.Join(w.Dir, file)
		}
		_, keyErr := os.Stat(file)
		_, dataErr := os.Stat(filepath.Join(w.Dir, stateFolder, warehouseFile))
		if errors.Is(keyErr, fs.ErrNotExist) && errors.Is(dataErr, fs.ErrNotExist) {
			return nil
		}
	}
	_, err := e.secret()
	return err
}

// trial loads the beginnings of files into a warehouse in memory.
type trial struct {
	db     *warehouse.DB
	roots  *source.Roots
	intake *source.Intake
	keyer  *source.Keyer
	free   func() error // of the folder of the spool
}

func newTrial(ctx context.Context, w *Workspace, opt OpenOptions) (_ *trial, err error) {
	t := &trial{free: func() error { return nil }}
	defer func() {
		if err != nil {
			err = errors.Join(err, t.close())
		}
	}()
	if t.keyer, err = source.NewKeyer([]byte("a trial keeps no identifier")); err != nil {
		return t, err
	}
	t.keyer.With(w.Identity)
	if t.roots, err = source.OpenRoots(w.Dir, w.Roots); err != nil {
		return t, err
	}
	dirs, err := t.roots.Dirs()
	if err != nil {
		return t, err
	}
	spool, err := t.spool(w)
	if err != nil {
		return t, err
	}
	t.intake = &source.Intake{Roots: t.roots, Spool: spool, Connections: w.Connections, Secrets: secretsOf(w, opt), Sample: true}
	t.db, err = warehouse.Open(ctx, "", w.Engine, warehouse.Options{Dirs: append(dirs, spool.Dir())})
	return t, err
}

func (t *trial) close() error {
	var errs []error
	if t.db != nil {
		errs = append(errs, t.db.Close())
	}
	if t.roots != nil {
		errs = append(errs, t.roots.Close())
	}
	if t.intake != nil {
		errs = append(errs, t.intake.Close(), t.intake.Spool.Close())
	}
	return errors.Join(append(errs, t.free())...)
}

// source tries one source, pattern by pattern and file by file, so that one
// fault does not hide the next. faults are of the files, err is of the trial.
func (t *trial) source(ctx context.Context, name string, src source.Source) (out CheckedSource, faults []error, err error) {
	out = CheckedSource{Source: name, Table: src.Table, IsWhole: true, events: map[source.EventName]int64{}, named: map[string]bool{}}
	note := func(err error) error {
		if _, isFile := errors.AsType[*source.FileError](err); !isFile && !isType[*source.SecretError](err) && classify(err).code != ExitData {
			return err
		}
		faults = append(faults, err)
		return nil
	}
	if src.Connection != "" || src.ReadsStdin() {
		if err := t.elsewhere(ctx, name, src, &out); err != nil {
			if err := note(err); err != nil {
				return out, nil, err
			}
		}
		return out, faults, t.tolerate(ctx, name, src, note)
	}
	for _, glob := range src.Files {
		one := src
		one.Files, one.Manifest = source.Globs{glob}, "" // which speaks of all patterns together
		files, err := t.roots.Find(name, one)
		if err != nil {
			if err := note(err); err != nil {
				return out, nil, err
			}
			continue
		}
		for _, file := range files {
			if file.LeftOut != nil {
				if err := note(file.LeftOut); err != nil {
					return out, nil, err
				}
				continue
			}
			out.Files++
			out.Bytes += file.Size
			if err := t.file(ctx, name, src, file, &out); err != nil {
				if err := note(err); err != nil {
					return out, nil, err
				}
			}
		}
	}
	if src.Manifest != "" && len(faults) == 0 {
		if _, err := t.roots.Find(name, src); err != nil {
			if err := note(err); err != nil {
				return out, nil, err
			}
		}
	}
	return out, faults, t.tolerate(ctx, name, src, note)
}

// elsewhere tries the first file of a source that is not local.
func (t *trial) elsewhere(ctx context.Context, name string, src source.Source, out *CheckedSource) (err error) {
	out.IsWhole = false
	if src.ReadsStdin() {
		return nil
	}
	files, err := t.intake.Find(ctx, name, src, nil)
	if err != nil || len(files) == 0 {
		return err
	}
	out.Files = len(files)
	for _, file := range files {
		out.Bytes += file.Size
	}
	file, err := t.intake.Fetch(ctx, src, files[0])
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.intake.Release(file)) }()
	if file.Path == "" {
		return nil
	}
	return t.file(ctx, name, src, file, out)
}

// checkedHead is how much of a file is tried.
const checkedHead = 4 << 20

// file loads one file, or its beginning, and adds to the source's counts.
func (t *trial) file(ctx context.Context, name string, src source.Source, file source.File, out *CheckedSource) error {
	var loaded source.Loaded
	err := t.db.Transact(ctx, func(tx *warehouse.Tx) (err error) {
		loaded, err = source.Load(ctx, tx, source.Request{
			Name: name, Source: src, File: file, Roots: t.roots, Keyer: t.keyer, RunID: "check", Head: checkedHead, Events: true,
		})
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "DELETE FROM clean."+loaded.Table) // the registry is enough
		return err
	})
	if errors.Is(err, source.ErrHead) {
		out.IsWhole, err = false, nil
		if loaded.Quarantined > 0 && loaded.Quarantined == loaded.Records-loaded.Blank {
			err = &source.ToleranceError{Source: name, Quarantined: loaded.Quarantined, Records: loaded.Quarantined, First: file.Path + ": " + loaded.FirstError}
		}
	}
	for e, records := range loaded.Events {
		out.events[e] += records
	}
	maps.Copy(out.named, loaded.Named)
	out.Records += loaded.Records - loaded.Blank
	out.Refused += loaded.Quarantined
	if out.FirstRefused == "" && loaded.FirstError != "" {
		out.FirstRefused = file.Path + ": " + loaded.FirstError
	}
	return err
}

// tolerate applies max_quarantine to the files that were read whole.
func (t *trial) tolerate(ctx context.Context, name string, src source.Source, note func(error) error) error {
	err := t.db.Transact(ctx, func(tx *warehouse.Tx) error {
		if err := source.Prepare(ctx, tx); err != nil {
			return err
		}
		return source.Tolerate(ctx, tx, source.Config{name: src})
	})
	if err != nil {
		return note(err)
	}
	return nil
}

// problem is the error of a file, a source or a key as a place in the workspace.
func problem(err error) (Problem, bool) {
	switch e := err.(type) {
	case *source.FileError:
		p := Problem{File: e.Path, Line: int(e.Line), Message: e.What, Hint: e.Hint}
		if e.Source != "" {
			p.Path = "source " + e.Source
		}
		return p, true
	case *source.ToleranceError:
		file, rest, _ := strings.Cut(e.First, ": ")
		line := 0
		if number, _, said := strings.Cut(strings.TrimPrefix(rest, "line "), ":"); said {
			line, _ = strconv.Atoi(number) // 0 when the first that was refused has no line
		}
		return Problem{File: file, Line: line, Path: "source " + e.Source, Message: strings.TrimPrefix(e.Error(), fmt.Sprintf("source %s: ", e.Source))}, true
	case *source.SecretError:
		return Problem{File: workspaceFile, Path: e.Path, Message: e.Problem, Hint: e.Hint}, true
	case *RetentionError:
		return Problem{File: workspaceFile, Path: strings.TrimSuffix("retention."+e.Key, "."), Message: e.Error(), Hint: e.Hint()}, true
	case *KeyError:
		return Problem{File: workspaceFile, Path: "identity.key", Message: e.Problem, Hint: e.Hint}, true
	}
	return Problem{}, false
}
