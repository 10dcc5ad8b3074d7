package source

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"

	"ghostlight/jobs/warehouse"

	"github.com/klauspost/readahead"
)

// wholeRecord stands in place of a column's name in problems of a record as a
// whole.
const wholeRecord = "(record)"

// staging brings one file through stage_<table> into clean.<table>.
//
// stage_<table> has the columns of warehouse.StageColumns, then ordinal (place
// among the records of the line) and excerpt (shape of the value at fault).
type staging struct {
	tx     *warehouse.Tx
	req    Request
	layout layout
	mapper *mapper
	table  string
	out    *Loaded
	native bool // the engine reads the file by itself and counts what is refused
	view   bool // stage_<table> is a view
}

// fault makes the error that refuses this file.
func (s *staging) fault(line int64, what, hint string) error {
	return &FileError{Source: s.req.Name, Path: s.req.File.Path, Line: line, What: what, Hint: hint}
}

// fill makes stage_<table> and counts records, blanks and, for rows read in Go,
// quarantined ones.
func (s *staging) fill(ctx context.Context) error {
	if s.layout.format == "parquet" {
		return s.fillParquet(ctx)
	}
	in, err := s.req.Roots.openStream(s.req.File, s.req.Progress)
	if err != nil {
		return err
	}
	defer in.Close()
	if s.req.File.Size == 0 { // an optional source: no rows
		return s.fillFrom(ctx, nil)
	}
	ahead := readahead.NewReader(in) // decompresses in a goroutine of its own
	defer ahead.Close()
	r, err := s.newReader(ahead)
	if err != nil {
		return s.readError(in, err)
	}
	if err := s.fillFrom(ctx, r); err != nil {
		return s.readError(in, err)
	}
	if j, ok := r.(*jsonlReader); ok && s.out.Records > s.out.Blank {
		for i, p := range j.paths {
			if !j.seen[i] {
				s.out.Absent = append(s.out.Absent, p.name)
			}
		}
	}
	return in.verify()
}

func (s *staging) newReader(in io.Reader) (reader, error) {
	switch s.layout.format {
	case "csv":
		return newCSV(in, s.mapper.wanted, s.mapper.mayLack(s.layout.lenient), s.layout.rows, s.fault)
	case "jsonl":
		return newJSONL(in, s.mapper.wanted, s.layout.envelope, s.fault)
	}
	return nil, fmt.Errorf("format %s has no reader", s.layout.format)
}

// readError passes errors of this package, the warehouse and the context, and
// explains the others, which come from reading or decompressing.
func (s *staging) readError(in *stream, err error) error {
	var refused *FileError
	var failed *warehouse.Error
	if errors.As(err, &refused) || errors.As(err, &failed) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return in.broken(err)
}

// mappers is how many goroutines map records. Beside them one reads and one
// decompresses, so that more would bring little.
const mappers = 2

// fillFrom maps every record of r into stage_<table>. A nil reader has none.
func (s *staging) fillFrom(ctx context.Context, r reader) error {
	columns := append(warehouse.StageColumns(s.req.Source.Table), warehouse.Column{Name: "ordinal", Type: "BIGINT"}, warehouse.Column{Name: "excerpt", Type: "VARCHAR"})
	rows, err := s.tx.Spool(s.table, columns, mappers)
	if err != nil {
		return err
	}
	further := &warehouse.Spool{}
	if s.mapper.hasFurther() {
		if further, err = s.tx.Spool("stage_identifier", warehouse.StageColumns("identifier"), mappers); err != nil {
			return err
		}
	}
	if r != nil {
		if err := s.mapAll(ctx, r, rows, further); err != nil {
			return err
		}
	}
	if s.mapper.hasFurther() {
		if err := further.View(ctx); err != nil {
			return err
		}
	}
	if s.mapper.rowKey >= 0 { // repeated rows are looked for and counted: read more than once
		return rows.Table(ctx)
	}
	s.view = true
	return rows.View(ctx)
}

// mapAll writes one stage row for every record that is not blank.
func (s *staging) mapAll(ctx context.Context, r reader, rows, further *warehouse.Spool) error {
	var workers []func(*batch) error
	var all []*worker
	for i := range mappers {
		keyer, err := s.req.Keyer.fork()
		if err != nil {
			return err
		}
		m, err := newMapper(s.req.Name, s.layout, keyer)
		if err != nil {
			return err
		}
		w := &worker{mapper: m, table: s.out.Table, rows: rows.Parts[i], row: make([]driver.Value, len(m.out)+4)}
		if m.hasFurther() {
			w.further = further.Parts[i]
		}
		all, workers = append(all, w), append(workers, w.batch)
	}
	if err := inBatches(ctx, r, len(s.mapper.wanted), workers); err != nil {
		return err
	}
	first := int64(0)
	for _, w := range all {
		s.out.Records += w.records
		s.out.Blank += w.blank
		s.out.Quarantined += w.quarantined
		if w.first != "" && (first == 0 || w.line < first) {
			first, s.out.FirstError = w.line, w.first
		}
	}
	return nil
}

// worker maps batches of records to rows of the stage.
type worker struct {
	mapper  *mapper
	table   string
	rows    *warehouse.SpoolPart
	further *warehouse.SpoolPart
	row     []driver.Value

	records, blank, quarantined int64
	first                       string // the first problem
	line                        int64  // and its line
}

func (w *worker) batch(b *batch) error {
	for i := range b.records[:b.n] {
		if err := w.append(&b.records[i]); err != nil {
			return err
		}
	}
	return nil
}

func (w *worker) append(rec *record) error {
	w.records++
	if rec.blank {
		w.blank++
		return nil
	}
	problem, excerpt := wholeRecord+": "+rec.rule, rec.excerpt
	if rec.rule == "" {
		problem, excerpt = w.mapper.row(rec)
	}
	n := len(w.mapper.out)
	clear(w.row)
	w.row[n], w.row[n+2] = rec.line, rec.ordinal
	if problem == "" {
		copy(w.row, w.mapper.out)
		if err := w.appendFurther(rec.line); err != nil {
			return err
		}
	} else {
		w.row[n+1], w.row[n+3] = problem, excerpt
		w.quarantined++
		if w.first == "" {
			w.first, w.line = fmt.Sprintf("line %d: %s", rec.line, problem), rec.line
		}
	}
	return w.rows.Append(w.row...)
}

// appendFurther writes the further identifiers of the record that was mapped last.
func (w *worker) appendFurther(line int64) error {
	for _, id := range w.mapper.more {
		rule := string(id.key.Hash)
		if rule == "" {
			rule = string(Plain)
		}
		err := w.further.Append(w.table, w.mapper.out[w.mapper.rowKey], id.kind, rule, id.key.ID, line, nil)
		if err != nil {
			return err
		}
	}
	return nil
}
