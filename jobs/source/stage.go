package source

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"ghostlight/jobs/warehouse"
)

// wholeRecord stands in place of a column's name in problems of a record as a
// whole.
const wholeRecord = "(record)"

// staging brings one file through stage_<table> into clean.<table>.
//
// stage_<table> has the columns of warehouse.StageColumns, then ordinal (place
// among the records of the line), excerpt (shape of the value at fault) and
// byte_offset (where the record begins).
type staging struct {
	tx     *warehouse.Tx
	req    Request
	layout layout
	mapper *mapper
	table  string
	out    *Loaded
	native bool // stage_<table> is a view that the engine reads by itself

	unusable map[note]int64 // records loaded without an identifier
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
	r, err := s.newReader(bound(in, s.req))
	if err != nil {
		return s.readError(in, err)
	}
	if c, ok := r.(*csvReader); ok {
		if err := s.extra(c.header); err != nil {
			return err
		}
	}
	if err := s.fillFrom(ctx, r); err != nil {
		return s.readError(in, err)
	}
	if err := in.verify(); err != nil {
		return err
	}
	if j, ok := r.(*jsonlReader); ok {
		return s.absent(j)
	}
	return nil
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

// create makes stage_<table> anew, empty.
func (s *staging) create(ctx context.Context) error {
	var list []string
	for _, c := range warehouse.StageColumns(s.req.Source.Table) {
		list = append(list, c.Name+" "+c.Type)
	}
	if _, err := s.tx.Exec(ctx, "CREATE OR REPLACE TEMP TABLE "+s.table+" ("+strings.Join(list, ", ")+", ordinal BIGINT, excerpt VARCHAR, byte_offset BIGINT)"); err != nil {
		return err
	}
	if !s.mapper.hasFurther() {
		return nil
	}
	return s.tx.CreateStage(ctx, "identifier")
}

// fillFrom maps every record of r into stage_<table>. A nil reader has none.
func (s *staging) fillFrom(ctx context.Context, r reader) (err error) {
	if err := s.create(ctx); err != nil {
		return err
	}
	if r == nil {
		return nil
	}
	rows, err := s.tx.Appender(s.table)
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := rows.Close(ctx); err == nil {
			err = closeErr
		}
	}()
	var further *warehouse.Appender
	if s.mapper.hasFurther() {
		if further, err = s.tx.Appender("stage_identifier"); err != nil {
			return err
		}
		defer func() {
			if closeErr := further.Close(ctx); err == nil {
				err = closeErr
			}
		}()
	}
	return s.append(ctx, rows, further, r)
}

// append writes one stage row for every record that is not blank.
func (s *staging) append(ctx context.Context, rows, further *warehouse.Appender, r reader) error {
	rec := record{fields: make([]value, len(s.mapper.wanted))}
	written := value{kind: text, text: strconv.FormatInt(s.req.File.Modified.UnixMicro(), 10)}
	fileTime := slices.Index(s.mapper.wanted, placeFile)
	n := len(s.mapper.out)
	row := make([]driver.Value, n+5)
	for {
		if s.out.Records%1024 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		err := r.next(&rec)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		s.out.Records++
		if rec.blank {
			s.out.Blank++
			continue
		}
		if fileTime >= 0 {
			rec.fields[fileTime] = written
		}
		problem, excerpt := wholeRecord+": "+rec.rule, rec.excerpt
		if rec.rule == "" {
			problem, excerpt = s.mapper.row(&rec)
		}
		clear(row)
		row[n], row[n+2] = rec.line, rec.ordinal
		if problem == "" {
			copy(row, s.mapper.out)
			s.countUnusable()
			if err := s.appendFurther(further, rec.line); err != nil {
				return err
			}
		} else {
			row[n+1], row[n+3] = problem, excerpt
			if rec.offset >= 0 {
				row[n+4] = rec.offset
			}
			s.out.Quarantined++
			if s.out.FirstError == "" {
				s.out.FirstError = fmt.Sprintf("line %d: %s", rec.line, problem)
			}
		}
		if err := rows.Append(row...); err != nil {
			return err
		}
	}
}

// appendFurther writes the further identifiers of the record that was mapped last.
func (s *staging) appendFurther(further *warehouse.Appender, line int64) error {
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
