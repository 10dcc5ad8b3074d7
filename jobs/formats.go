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

// Format is one mapping pack.
type Format struct {
	Name      string   `json:"name"`
	Table     string   `json:"table"`
	Title     string   `json:"title"`
	Layouts   []string `json:"layouts"`   // csv, jsonl, parquet
	Strongest string   `json:"strongest"` // evidence: sample, documentation, second-hand or assumed
	Weakest   string   `json:"weakest"`
	File      string   `json:"file"` // of the workspace; "" for a built-in one
}

// formatPacks are the built-in packs and those of the workspace in dir. Outside a
// workspace there are the built-in ones alone.
func formatPacks(dir string) (*loader, error) {
	l := &loader{docs: map[string]*document{}}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open folder: %w", err)
	}
	defer root.Close() // opened for reading: nothing can be lost
	l.root = root
	if err := l.loadPacks(); err != nil {
		return nil, err
	}
	return l, l.err()
}

// Formats lists the mapping packs that a workspace can name, in order. dir need not
// be a workspace; a *ConfigError lists what is wrong with packs of its own.
func Formats(dir string) ([]Format, error) {
	l, err := formatPacks(dir)
	if err != nil {
		return nil, err
	}
	var out []Format
	for _, name := range l.packs.Names() {
		p := l.packs[name]
		f := Format{Name: name, Table: p.Table, Title: p.Title, Layouts: p.Layouts}
		f.Strongest, f.Weakest = p.Evidence()
		if l.own[name] != nil {
			f.File = packsFolder + "/" + name + ".yaml"
		}
		out = append(out, f)
	}
	return out, nil
}

// FormatText is the YAML of a mapping pack, to be copied to packs/ under another
// name and changed. The error of an unknown name is a *UsageError.
func FormatText(dir, name string) ([]byte, error) {
	if text := source.PackText(name); text != nil {
		return text, nil
	}
	l, err := formatPacks(dir)
	if err != nil {
		return nil, err
	}
	if l.own[name] == nil {
		hint := "ghostlight formats lists them"
		if near := nearest(name, l.packs.Names()); near != "" {
			hint = "did you mean " + near + "?"
		}
		return nil, &UsageError{Problem: "unknown format " + name, Hint: hint}
	}
	text, err := os.ReadFile(filepath.Join(dir, packsFolder, name+".yaml"))
	if err != nil {
		return nil, fmt.Errorf("read mapping pack: %w", err)
	}
	return text, nil
}

// Detected is what the packs make of one file.
type Detected struct {
	File   string       `json:"file"`   // as it was given
	Layout string       `json:"layout"` // csv, jsonl or parquet
	Format string       `json:"format"` // the one that fits; "" when none or two do
	Fits   []source.Fit `json:"fits"`   // those that fit and the nearest ones, best first
}

// maxNear is how many packs that do not fit are told of.
const maxNear = 3

// Detect finds the mapping pack that fits a file, among the built-in ones and those
// of the workspace in dir, which need not be one. Of the machine it reads that file
// alone. A *source.DetectError says that none fits, or two; a *source.FileError that
// the file cannot be read.
func Detect(ctx context.Context, dir, file string) (Detected, error) {
	out, err := detect(ctx, dir, file)
	out.File = file
	if e, ok := errors.AsType[*source.DetectError](err); ok {
		e.Path = file
	}
	if e, ok := errors.AsType[*source.FileError](err); ok {
		e.Path = file
	}
	return out, err
}

func detect(ctx context.Context, dir, file string) (out Detected, err error) {
	l, err := formatPacks(dir)
	if err != nil {
		return out, err
	}
	if _, err := os.Lstat(file); errors.Is(err, fs.ErrNotExist) {
		return out, &UsageError{Problem: "no such file: " + file, Hint: "name a file to look at"}
	}
	roots, err := source.OpenRoots(filepath.Dir(file), []string{"."})
	if err != nil {
		return out, fmt.Errorf("open folder: %w", err)
	}
	defer func() { err = errors.Join(err, roots.Close()) }()
	dirs, err := roots.Dirs()
	if err != nil {
		return out, err
	}
	found, err := roots.Look(filepath.Base(file))
	if err != nil {
		return out, err
	}
	out.Layout = found.Form
	db, err := warehouse.Open(ctx, "", warehouse.DefaultConfig(), warehouse.Options{Dirs: dirs})
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	err = db.Transact(ctx, func(tx *warehouse.Tx) (err error) {
		out.Format, out.Fits, err = roots.Detect(ctx, tx, l.packs, found)
		return err
	})
	fitting := 0
	for fitting < len(out.Fits) && out.Fits[fitting].Fits {
		fitting++
	}
	for n := range out.Fits[fitting:] {
		if n == maxNear || len(out.Fits[fitting+n].Found) == 0 {
			out.Fits = out.Fits[:fitting+n]
			break
		}
	}
	return out, err
}
