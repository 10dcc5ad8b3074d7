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

// Pack is a mapping pack: what the engine knows of a platform's own layout, as
// data. Its columns are written as those of a source in the workspace, so that a
// pack can be copied to packs/ there, changed and named as a format.
type Pack struct {
	// Version of the mapping, from 1: raise it when the mapping changes.
	Version int `yaml:"version" jsonschema:"required,minimum=1"`
	// Name that sources use as their format: the name of the file without .yaml.
	Name string `yaml:"name" jsonschema:"required,pattern=^[a-z][a-z0-9_]{0\\,62}$"`
	// Title says what the files are, in a few words.
	Title string `yaml:"title" jsonschema:"required"`
	// Table that the rows are for.
	Table string `yaml:"table" jsonschema:"required,enum=exposure,enum=event,enum=crm_order,enum=assignment,enum=identity_link,enum=spend,enum=platform_report"`
	// Surface that events were seen on.
	Surface string `yaml:"surface,omitempty" jsonschema:"enum=pixel,enum=server,enum=app,enum=analytics"`
	// Platform whose format it is.
	Platform string `yaml:"platform,omitempty"`
	// Layouts that the files may have: csv, jsonl, parquet. A file's own first bytes choose among them.
	Layouts []string `yaml:"layouts" jsonschema:"required,minItems=1"`
	// Envelope says where the records of a JSON line are.
	Envelope *Envelope `yaml:"envelope,omitempty"`
	// Rows says which lines of a CSV file are no records.
	Rows *RowRules `yaml:"rows,omitempty"`
	// Detect tells the files of this pack from those of all others.
	Detect Detection `yaml:"detect" jsonschema:"required"`
	// Accepts are the oldest events that the platform takes; the first that applies.
	Accepts []Acceptance `yaml:"accepts,omitempty"`
	// Events are the platform's names, each with the canonical event it stands for.
	Events map[string]string `yaml:"events,omitempty"`
	// Facts say where each column, the events and the limits come from.
	Facts []Fact `yaml:"facts" jsonschema:"required,minItems=1"`
	// Columns of the table. Those that the table does not require may be missing from a file.
	Columns map[string]Column `yaml:"columns" jsonschema:"required"`

	own bool // of the workspace, by Packs.Add
}

// Acceptance is how old an event may be when it is sent.
type Acceptance struct {
	// Oldest age, such as 7d or 72h.
	Oldest string `yaml:"oldest" jsonschema:"required"`
	// ActionSource that it holds for; left out, it holds for all.
	ActionSource string `yaml:"action_source,omitempty"`
}

// micros is the limit in microseconds.
func (a Acceptance) micros() (int64, error) {
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

// Fact says where something in a pack comes from.
type Fact struct {
	// About what of the pack: columns.value, accepts, events; a shorter path covers the longer ones.
	About string `yaml:"about" jsonschema:"required"`
	// Source is a public document, a repository or a sample.
	Source string `yaml:"source" jsonschema:"required"`
	// Evidence, strongest first.
	Evidence string `yaml:"evidence" jsonschema:"required,enum=sample,enum=documentation,enum=second-hand,enum=assumed"`
	// Note for the reader.
	Note string `yaml:"note,omitempty"`
}

// Evidence is the strongest and the weakest evidence of the pack's facts.
func (p *Pack) Evidence() (strongest, weakest string) {
	best, worst := len(evidences), -1
	for _, f := range p.Facts {
		if i := slices.Index(evidences, f.Evidence); i >= 0 {
			best, worst = min(best, i), max(worst, i)
		}
	}
	if worst < 0 {
		return "", ""
	}
	return evidences[best], evidences[worst]
}

// Packs are the mapping packs that a workspace can name, by name.
type Packs map[string]*Pack

// builtIn reads the embedded packs once; they do not change.
var builtIn = sync.OnceValues(func() (Packs, error) { return readPacks(packFiles, "packs") })

// BuiltIn are the packs of this version.
func BuiltIn() (Packs, error) {
	packs, err := builtIn()
	return maps.Clone(packs), err
}

// PackText is the YAML of a built-in pack, for a copy in packs/ of a workspace;
// nil without a pack of that name.
func PackText(name string) []byte {
	text, err := packFiles.ReadFile("packs/" + name + ".yaml")
	if err != nil {
		return nil
	}
	return text
}

// Add puts a workspace's own pack beside the others, under the name of its file
// without .yaml. It returns what is wrong with the pack, with paths within it; one
// of a built-in name is refused, so that a format always means the same.
func (p Packs) Add(stem string, own *Pack) []Problem {
	v := own.validate()
	switch {
	case p[stem] != nil || slices.Contains(plainFormats, stem) || stem == AutoFormat:
		v.add("name", "the name of a built-in format", "rename the file and its name")
	case own.Name != stem && own.Name != "":
		v.add("name", "the name differs from the file's", "make both "+stem)
	}
	if len(v.problems) == 0 {
		own.own = true
		p[stem] = own
	}
	return v.problems
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
		if err := p.validate().err(); err != nil {
			return nil, fmt.Errorf("mapping pack %s: %w", name, err)
		}
		if stem := strings.TrimSuffix(path.Base(name), ".yaml"); p.Name != stem {
			return nil, fmt.Errorf("mapping pack %s: its name is %s, the file's %s: make them equal", name, p.Name, stem)
		}
		packs[p.Name] = p
	}
	return packs, nil
}

// parsePack decodes one pack.
func parsePack(text []byte) (*Pack, error) {
	var p Pack
	err := yaml.UnmarshalWithOptions(text, &p, yaml.Strict(), yaml.CustomUnmarshaler(readColumn))
	return &p, err
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
func (req Request) resolve(ctx context.Context, tx *warehouse.Tx) (Source, error) {
	s, f := req.Source, req.File
	if s.Format != AutoFormat {
		return s, nil
	}
	if name, err := req.resolved(ctx, tx); err != nil || name != "" {
		s.Format = name
		return s.with(s.packs), err
	}
	name, _, err := req.Roots.detect(ctx, tx, s, f)
	var unknown *DetectError
	if errors.As(err, &unknown) {
		return s, &FileError{Source: f.Source, Path: f.Path, What: unknown.What(), Hint: unknown.Hint(), Err: err}
	}
	if err != nil {
		return s, err
	}
	s.Format = name
	return s.with(s.packs), nil
}

// resolved is the pack by which the same content is loaded, as the pack is now; ""
// when it is not.
func (req Request) resolved(ctx context.Context, tx *warehouse.Tx) (string, error) {
	if req.Again {
		return "", nil
	}
	if err := Prepare(ctx, tx); err != nil {
		return "", err
	}
	rows, err := warehouse.Read[struct {
		ID   int64  `db:"file_id"`
		Pack string `db:"pack"`
	}](ctx, tx, "SELECT file_id, pack FROM ops.load WHERE source = ? AND sha256 = ? ORDER BY file_id", req.Name, req.File.SHA256)
	if err != nil {
		return "", fmt.Errorf("look up registry: %w", err)
	}
	for _, row := range rows {
		s := req.Source
		if s.packs[row.Pack] == nil {
			continue
		}
		s.Format = row.Pack
		if id, err := ID(req.Name, s.with(s.packs), req.File, req.Keyer); err != nil || id == row.ID {
			return row.Pack, err
		}
	}
	return "", nil
}

// Names of the packs, in order.
func (p Packs) Names() []string { return sortedKeys(p) }
