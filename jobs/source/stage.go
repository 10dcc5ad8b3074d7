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

// fillFrom maps every record of r into stage_<table>. A nil reader has none.
func (s *staging) fillFrom(ctx context.Context, r reader) error {
	columns := append(warehouse.StageColumns(s.req.Source.Table), warehouse.Column{Name: "ordinal", Type: "BIGINT"}, warehouse.Column{Name: "excerpt", Type: "VARCHAR"})
	rows, err := s.tx.Spool(s.table, columns)
	if err != nil {
		return err
	}
	var further *warehouse.Spool
	if s.mapper.hasFurther() {
		if further, err = s.tx.Spool("stage_identifier", warehouse.StageColumns("identifier")); err != nil {
			return err
		}
	}
	if r != nil {
		if err := s.append(ctx, rows, further, r); err != nil {
			return err
		}
	}
	if further != nil {
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

// append writes one stage row for every record that is not blank.
func (s *staging) append(ctx context.Context, rows, further *warehouse.Spool, r reader) error {
	n := len(s.mapper.out)
	row := make([]driver.Value, n+4)
	return inBatches(ctx, r, len(s.mapper.wanted), func(b *batch) error {
		for i := range b.records[:b.n] {
			rec := &b.records[i]
			s.out.Records++
			if rec.blank {
				s.out.Blank++
				continue
			}
			problem, excerpt := wholeRecord+": "+rec.rule, rec.excerpt
			if rec.rule == "" {
				problem, excerpt = s.mapper.row(rec)
			}
			clear(row)
			row[n], row[n+2] = rec.line, rec.ordinal
			if problem == "" {
				copy(row, s.mapper.out)
				if err := s.appendFurther(further, rec.line); err != nil {
					return err
				}
			} else {
				row[n+1], row[n+3] = problem, excerpt
				s.out.Quarantined++
				if s.out.FirstError == "" {
					s.out.FirstError = fmt.Sprintf("line %d: %s", rec.line, problem)
				}
			}
			if err := rows.Append(row...); err != nil {
				return err
			}
		}
		return ctx.Err()
	})
}

// appendFurther writes the further identifiers of the record that was mapped last.
func (s *staging) appendFurther(further *warehouse.Spool, line int64) error {
	for _, id := range s.mapper.more {
		rule := string(id.key.Hash)
		if rule == "" {
			rule = string(Plain)
		}
		err := further.Append(s.out.Table, s.mapper.out[s.mapper.rowKey], id.kind, rule, id.key.ID, line, nil)
		if err != nil {
			return err
		}
	}
	return nil
}
