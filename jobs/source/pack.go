package source

import (
	"crypto/sha256"
	"embed"
	"encoding/binary"
	"encoding/json"
	"fmt"

	"github.com/goccy/go-yaml"
)

//go:embed packs/*.yaml
var packFiles embed.FS

// pack is a mapping pack: what the engine knows of a platform's own layout. Its
// columns are written as those of a source in the workspace, so that a pack can
// be copied there and changed.
type pack struct {
	Version  int               `yaml:"version"`
	Name     string            `yaml:"name"`
	Title    string            `yaml:"title"`
	Layout   string            `yaml:"layout"` // csv or jsonl
	Table    string            `yaml:"table"`
	Surface  string            `yaml:"surface"`
	Platform string            `yaml:"platform"`
	Envelope *envelope         `yaml:"envelope"` // of jsonl
	Rows     *continuation     `yaml:"rows"`     // of csv
	Optional []string          `yaml:"optional"` // columns of the file that may be missing from its header
	Columns  map[string]Column `yaml:"columns"`
}

// layout is how the files of one source are read: the source with every default
// written out, and what its pack adds.
type layout struct {
	source   Source
	format   string // csv, jsonl or parquet
	envelope *envelope
	rows     *continuation
	optional map[string]bool
	print    []byte // changes when anything that decides what is loaded changes
}

// readPack decodes an embedded pack.
func readPack(name string) (pack, error) {
	text, err := packFiles.ReadFile("packs/" + name + ".yaml")
	if err != nil {
		return pack{}, fmt.Errorf("read mapping pack %s: %w", name, err)
	}
	var p pack
	if err := yaml.UnmarshalWithOptions(text, &p, yaml.Strict(), yaml.CustomUnmarshaler(readColumn)); err != nil {
		return pack{}, fmt.Errorf("decode mapping pack %s: %w", name, err)
	}
	return p, nil
}

// readColumn decodes a column of a pack in its short or its full form.
func readColumn(c *Column, text []byte) error {
	var name string
	if yaml.Unmarshal(text, &name) == nil {
		return c.UnmarshalText([]byte(name))
	}
	type full Column
	return yaml.UnmarshalWithOptions(text, (*full)(c), yaml.Strict())
}

// layoutOf resolves the format of a source.
func layoutOf(name string, src Source) (layout, error) {
	l := layout{format: src.Format, optional: map[string]bool{}}
	format, ok := FormatNamed(src.Format)
	if !ok {
		return l, fmt.Errorf("source %s: unknown format %s", name, src.Format)
	}
	version := 0
	if format.Pack() {
		p, err := readPack(src.Format)
		if err != nil {
			return l, fmt.Errorf("source %s: %w", name, err)
		}
		l.format, l.envelope, l.rows, src.Columns, version = p.Layout, p.Envelope, p.Rows, p.Columns, p.Version
		for _, column := range p.Optional {
			l.optional[column] = true
		}
	}
	l.source = Config{name: src}.Normalise()[name]
	what, err := json.Marshal(struct {
		Norm, Pack                       int
		Table, Format, Surface, Platform string
		Columns                          map[string]Column
	}{NormVersion, version, src.Table, src.Format, l.source.Surface, l.source.Platform, l.source.Columns})
	if err != nil {
		return l, fmt.Errorf("source %s: describe mapping: %w", name, err)
	}
	l.print = what
	return l, nil
}

// ID names one file's content as one source maps it under one identity key. It
// is the file_id of its rows: the same content mapped the same way is loaded
// once, and any change of content, mapping, pack or key is another load.
func ID(name string, src Source, f File, keyer *Keyer) (int64, error) {
	if keyer == nil {
		return 0, errNoKeyer
	}
	l, err := layoutOf(name, src)
	if err != nil {
		return 0, err
	}
	return l.id(name, f, keyer), nil
}

// id is ID for many files of one source.
func (l layout) id(name string, f File, keyer *Keyer) int64 {
	sum := sha256.New()
	fmt.Fprintf(sum, "%s\x00%s\x00%s\x00%s", name, f.SHA256, keyer.ID(), l.print)
	if src := l.source; src.Cursor != "" { // pieces of another query do not go on where these ended
		fmt.Fprintf(sum, "\x00%s\x00%s\x00%s\x00%s", src.Connection, src.Query, src.Cursor, src.CursorStart)
	}
	return int64(binary.BigEndian.Uint64(sum.Sum(nil)) >> 1)
}
