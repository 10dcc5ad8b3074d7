package source

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// layout is how one file of a source is read: the source with every default
// written out, and what its pack adds.
type layout struct {
	source   Source
	format   string // csv, jsonl or parquet
	envelope *Envelope
	rows     *RowRules
	lenient  bool              // columns that the table does not require may be missing from the file
	known    []string          // places that the pack's files are known by, of places divided by | one
	accepts  []Acceptance      // of a pack
	events   map[string]string // lower-case name of an event: canonical event
	version  int               // of the pack
	print    []byte            // changes when anything that decides what is loaded changes
}

// layoutOf resolves the format of a source for one file.
func layoutOf(name string, src Source, f File) (layout, error) {
	l := layout{format: src.Format}
	p := src.pack
	if p == nil && !slices.Contains(plainFormats, src.Format) {
		return l, fmt.Errorf("source %s: unknown format %s", name, src.Format)
	}
	if p != nil {
		l.format = p.Layouts[0]
		if slices.Contains(p.Layouts, f.Form) {
			l.format = f.Form
		}
		l.envelope, l.rows, l.accepts, l.lenient, l.version = p.Envelope, p.Rows, p.Accepts, true, p.Version
		l.known = p.Detect.Has
		if l.envelope == nil {
			l.envelope = &Envelope{}
		}
		src.Columns = p.withDefaults()
		l.events = map[string]string{}
		for event, canonical := range p.Events {
			l.events[strings.ToLower(event)] = canonical
		}
	}
	l.source = src.normalise()
	what, err := json.Marshal(struct {
		Norm                             int
		Table, Format, Surface, Platform string
		Names                            map[string]string
		Columns                          map[string]Column
		Pack                             *Pack
		AllowRefunds                     bool
	}{NormVersion, l.source.Table, src.Format, l.source.Surface, l.source.Platform, src.Names, l.source.Columns, p, src.AllowRefunds})
	if err != nil {
		return l, fmt.Errorf("source %s: describe mapping: %w", name, err)
	}
	l.print = what
	return l, nil
}

// withDefaults adds to a pack's columns what every archive of events may have
// around it: when a request was sent and what became of it.
func (p *Pack) withDefaults() map[string]Column {
	columns := map[string]Column{}
	for name, column := range p.Columns {
		columns[name] = column
	}
	if p.Table != "event" || !slices.Contains(p.Layouts, "jsonl") {
		return columns
	}
	sent := []Column{{Column: placeSent, Time: Any}, {Column: "$.received_at", Time: Any}}
	if own, mapped := columns["received_at"]; mapped {
		sent = append(sent[:1], own.alternatives()...)
	}
	columns["received_at"] = Column{First: sent}
	if _, mapped := columns["platform_state"]; !mapped {
		columns["platform_state"] = Column{Column: placeState}
	}
	return columns
}

// reads tells whether some column may come from a place.
func (l layout) reads(place string) bool {
	for _, column := range l.source.Columns {
		if slices.ContainsFunc(column.alternatives(), func(c Column) bool { return c.Column == place }) {
			return true
		}
	}
	return false
}

// ID names one file's content as one source maps it under one identity key. It
// is the file_id of its rows: the same content mapped the same way is loaded
// once, and any change of content, mapping, pack or key is another load. So is another time
// of writing, when the mapping gives it to events that carry no time.
func ID(name string, src Source, f File, keyer *Keyer) (int64, error) {
	if keyer == nil {
		return 0, errNoKeyer
	}
	l, err := layoutOf(name, src, f)
	if err != nil {
		return 0, err
	}
	return l.id(name, f, keyer), nil
}

// id is ID for many files of one layout.
func (l layout) id(name string, f File, keyer *Keyer) int64 {
	sum := sha256.New()
	fmt.Fprintf(sum, "%s\x00%s\x00%s %s\x00%s", name, f.SHA256, keyer.ID(), keyer.settings(), l.print)
	if l.reads(placeFile) {
		fmt.Fprintf(sum, "\x00%d", f.Modified.UnixMicro())
	}
	if src := l.source; src.Cursor != "" { // pieces of another query do not go on where these ended
		fmt.Fprintf(sum, "\x00%s\x00%s\x00%s\x00%s", src.Connection, src.Query, src.Cursor, src.CursorStart)
	}
	return int64(binary.BigEndian.Uint64(sum.Sum(nil)) >> 1)
}
