package source

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"ghostlight/jobs/warehouse"

	"github.com/goccy/go-yaml"
)

//go:embed packs/*.yaml
var packFiles embed.FS

// pack is a mapping pack: what the engine knows of a platform's own layout, as
// data. Its columns are written as those of a source in the workspace, so that a
// pack can be copied to packs/ there, changed and named as a format.
type pack struct {
	Version  int    `yaml:"version"`
	Name     string `yaml:"name"`
	Title    string `yaml:"title"`
	Table    string `yaml:"table"`
	Surface  string `yaml:"surface,omitempty"`
	Platform string `yaml:"platform,omitempty"`
	// Layouts that the files may have: csv, jsonl, parquet.
	Layouts  []string      `yaml:"layouts"`
	Envelope *envelope     `yaml:"envelope,omitempty"` // of jsonl
	Rows     *continuation `yaml:"rows,omitempty"`     // of csv
	Detect   detection     `yaml:"detect"`
	// Accepts are the oldest events that the platform takes; the first that applies.
	Accepts []acceptance `yaml:"accepts,omitempty"`
	// Events are the platform's names, each with the canonical event it stands for.
	Events map[string]string `yaml:"events,omitempty"`
	Facts  []fact            `yaml:"facts"`
	// Columns of the table. Those that the table does not require may be missing from a file.
	Columns map[string]Column `yaml:"columns"`
}

// acceptance is how old an event may be when it is sent.
type acceptance struct {
	Oldest string `yaml:"oldest"` // such as 7d or 72h
	// ActionSource that it holds for, "" for all.
	ActionSource string `yaml:"action_source,omitempty"`
}

// micros is the limit in microseconds.
func (a acceptance) micros() (int64, error) {
	if days, ok := strings.CutSuffix(a.Oldest, "d"); ok && digits(days) && len(days) < 5 {
		return int64(number(days)) * int64(24*time.Hour/time.Microsecond), nil
	}
	d, err := time.ParseDuration(a.Oldest)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("%q is no duration such as 7d or 72h", a.Oldest)
	}
	return d.Microseconds(), nil
}

// Evidence of a fact, strongest first.
var evidences = []string{"sample", "documentation", "second-hand", "assumed"}

// fact says where something in a pack comes from.
type fact struct {
	About    string `yaml:"about"`  // what of the pack: columns.value, accepts, events; a shorter path covers the longer ones
	Source   string `yaml:"source"` // public document, repository or sample
	Evidence string `yaml:"evidence"`
	Note     string `yaml:"note,omitempty"`
}

// Packs are the mapping packs that a workspace can name, by name.
type Packs map[string]*pack

// builtIn reads the embedded packs once; they do not change.
var builtIn = sync.OnceValues(func() (Packs, error) { return readPacks(packFiles, "packs") })

// BuiltIn are the packs of this version.
func BuiltIn() (Packs, error) {
	packs, err := builtIn()
	return maps.Clone(packs), err
}

// ReadPacks adds the packs of a workspace, packs/*.yaml below its folder, to the
// built-in ones. A pack's name is its file's; one of a built-in name is refused, so
// that a format always means the same.
func ReadPacks(workspace fs.FS) (Packs, error) {
	packs, err := BuiltIn()
	if err != nil {
		return nil, err
	}
	own, err := readPacks(workspace, "packs")
	if err != nil {
		return nil, err
	}
	for name, p := range own {
		if packs[name] != nil || slices.Contains(plainFormats, name) || name == AutoFormat {
			return nil, fmt.Errorf("packs/%s.yaml has the name of a built-in format: rename the file and its name", name)
		}
		packs[name] = p
	}
	return packs, nil
}

func readPacks(from fs.FS, dir string) (Packs, error) {
	names, err := fs.Glob(from, dir+"/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list mapping packs: %w", err)
	}
	packs := Packs{}
	for _, name := range names {
		text, err := fs.ReadFile(from, name)
		if err != nil {
			return nil, fmt.Errorf("read mapping pack %s: %w", name, err)
		}
		p, err := parsePack(text)
		if err != nil {
			return nil, fmt.Errorf("mapping pack %s: %w", name, err)
		}
		if stem := strings.TrimSuffix(path.Base(name), ".yaml"); p.Name != stem {
			return nil, fmt.Errorf("mapping pack %s: its name is %s, the file's %s: make them equal", name, p.Name, stem)
		}
		packs[p.Name] = p
	}
	return packs, nil
}

// parsePack decodes and checks one pack.
func parsePack(text []byte) (*pack, error) {
	var p pack
	if err := yaml.UnmarshalWithOptions(text, &p, yaml.Strict(), yaml.CustomUnmarshaler(readColumn)); err != nil {
		return nil, err
	}
	return &p, p.check()
}

// readColumn decodes a column of a pack in its short or its full form.
func readColumn(c *Column, text []byte) error {
	var name string
	if yaml.Unmarshal(text, &name) == nil {
		return c.UnmarshalText([]byte(name))
	}
	type full Column
	return yaml.UnmarshalWithOptions(text, (*full)(c), yaml.Strict(), yaml.CustomUnmarshaler(readColumn))
}

// With gives every source the pack that its format names.
func (c Config) With(packs Packs) Config {
	out := make(Config, len(c))
	for name, src := range c {
		out[name] = src.with(packs)
	}
	return out
}

func (s Source) with(packs Packs) Source {
	if s.Format == AutoFormat {
		s.packs = packs
	}
	if p := packs[s.Format]; p != nil {
		s.pack = p
		if s.Table == "" {
			s.Table = p.Table
		}
	}
	return s
}

// resolve chooses the pack of a file, when the source leaves that to each file.
func (s Source) resolve(ctx context.Context, tx *warehouse.Tx, roots *Roots, f File) (Source, error) {
	if s.Format != AutoFormat {
		return s, nil
	}
	var columns []string
	if f.Form == "parquet" {
		var err error
		if columns, err = parquetColumns(ctx, tx, roots, f); err != nil {
			return s, err
		}
	}
	name, _, err := roots.Detect(s.packs, f, columns)
	var unknown *DetectError
	if errors.As(err, &unknown) {
		what, hint, _ := strings.Cut(strings.TrimPrefix(unknown.Error(), f.Path+": "), " (")
		return s, &FileError{Source: f.Source, Path: f.Path, What: what, Hint: strings.TrimSuffix(hint, ")"), Err: err}
	}
	if err != nil {
		return s, err
	}
	s.Format = name
	return s.with(s.packs), nil
}

// names of the packs, in order.
func (p Packs) names() []string { return sortedKeys(p) }
