package jobs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"ghostlight/jobs/source"
	"ghostlight/jobs/warehouse"
)

// ArchiveComparison is two archives of one scripted journey, and in what they differ.
type ArchiveComparison struct {
	Staging    Observed           `json:"staging"`
	Production Observed           `json:"production"`
	Changes    []DictionaryChange `json:"changes"` // from staging to production
}

// CompareArchives reads two archives, each a file of a known format or a folder of such, into
// memory and compares the dictionaries that they show. Names of events are looked up in the
// dictionary of the workspace in dir, which need not have one. Nothing is written. Its errors
// are those of Detect, and a *ConfigError for a faulty dictionary.
func CompareArchives(ctx context.Context, dir, staging, production string) (out ArchiveComparison, err error) {
	w := &Workspace{}
	if _, err := os.Stat(filepath.Join(dir, eventsFile)); err == nil {
		read, err := ReadDictionaries(filepath.Join(dir, eventsFile))
		if err != nil {
			return out, err
		}
		w.Events = read[0].Events
	}
	l, err := formatPacks(dir)
	if err != nil {
		return out, err
	}
	for _, side := range []struct {
		archive string
		to      *Observed
	}{{staging, &out.Staging}, {production, &out.Production}} {
		if *side.to, err = w.observeArchive(ctx, l.packs, side.archive); err != nil {
			return out, err
		}
	}
	out.Changes = DiffObserved(out.Staging, out.Production)
	return out, nil
}

// observeArchive loads an archive into a warehouse in memory and reads what it shows.
func (w *Workspace) observeArchive(ctx context.Context, packs source.Packs, archive string) (out Observed, err error) {
	info, err := os.Stat(archive)
	if errors.Is(err, fs.ErrNotExist) {
		return out, &UsageError{Problem: "no such file: " + archive, Hint: "name a file or a folder of files"}
	}
	if err != nil {
		return out, fmt.Errorf("look at archive: %w", err)
	}
	folder, pattern := filepath.Dir(archive), filepath.Base(archive)
	if info.IsDir() {
		folder, pattern = archive, "*"
	}
	roots, err := source.OpenRoots(folder, []string{"."})
	if err != nil {
		return out, fmt.Errorf("open folder: %w", err)
	}
	defer func() { err = errors.Join(err, roots.Close()) }()
	dirs, err := roots.Dirs()
	if err != nil {
		return out, err
	}
	keyer, err := source.NewKeyer([]byte("kept in memory for one comparison")) // no key leaves this warehouse
	if err != nil {
		return out, err
	}
	db, err := warehouse.Open(ctx, "", warehouse.DefaultConfig(), warehouse.Options{Dirs: dirs})
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	const name = "archive"
	src := source.Config{name: {Format: source.AutoFormat, Files: []string{pattern}}}.With(packs).Normalise()[name]
	files, err := roots.Find(name, src)
	if err != nil {
		return out, err
	}
	err = db.Transact(ctx, func(tx *warehouse.Tx) error {
		for _, table := range []string{"clean.event", "clean.signal", "ops.quarantine"} {
			if err := tx.Ensure(ctx, table); err != nil {
				return err
			}
		}
		for _, file := range files {
			if _, err := source.Load(ctx, tx, source.Request{Name: name, Source: src, File: file, Roots: roots, Keyer: keyer, RunID: name}); err != nil {
				return err
			}
		}
		out, err = w.Observe(ctx, tx, ObservedRecords{})
		return err
	})
	return out, err
}
