package source

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"ghostlight/jobs/warehouse"

	"github.com/klauspost/readahead"
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
	tx      *warehouse.Tx
	req     Request
	layout  layout
	mapper  *mapper
	table   string
	out     *Loaded
	native  bool // the engine reads the file by itself and counts what is refused
	view    bool // stage_<table> is a view
	erasing bool // some person is kept out: the stage will be changed

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
	// It decompresses in a goroutine of its own, less far ahead than progress steps: a
	// check stops at the first of them and is to have read most of what came before.
	ahead, err := readahead.NewReaderSize(bound(in, s.req), 4, progressStep/16)
	if err != nil {
		return s.readError(in, err)
	}
	defer ahead.Close()
	r, err := s.newReader(ahead)
	if err != nil {
		return s.readError(in, err)
	}
	if c, ok := r.(*csvReader); ok {
		if err := s.extra(c.header); err != nil {
			return err
		}
	}
	if err := s.fillFrom(ctx, s.head(r)); err != nil {
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

// head ends a reader where the request wants no more. Bytes are counted as records
// are handed out, for a file is read far ahead of them.
func (s *staging) head(r reader) reader {
	if s.req.Head == 0 {
		return r
	}
	return &headReader{r, s.req.Head}
}

type headReader struct {
	reader
	left int64
}

func (h *headReader) next(rec *record) error {
	if h.left <= 0 {
		return ErrHead
	}
	err := h.reader.next(rec)
	h.left -= int64(rec.size)
	return err
}

// readError passes errors of this package, the warehouse and the context, and
// explains the others, which come from reading or decompressing.
func (s *staging) readError(in *stream, err error) error {
	var refused *FileError
	var failed *warehouse.Error
	if errors.As(err, &refused) || errors.As(err, &failed) || errors.Is(err, ErrHead) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return in.broken(err)
}

// mappers is how many goroutines map records. Beside them one reads and one
// decompresses, so that more would bring little.
const mappers = 2

// stageExtras are the columns of a stage beside those of warehouse.StageColumns.
var stageExtras = []warehouse.Column{{Name: "ordinal", Type: "BIGINT"}, {Name: "excerpt", Type: "VARCHAR"}, {Name: "byte_offset", Type: "BIGINT"}}

// fillFrom maps every record of r into stage_<table>. A nil reader has none.
func (s *staging) fillFrom(ctx context.Context, r reader) error {
	rows, err := s.tx.Spool(s.table, append(warehouse.StageColumns(s.req.Source.Table), stageExtras...), mappers)
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
		if err := s.open(ctx, further, false); err != nil {
			return err
		}
	}
	// Repeated rows are looked for and counted: read more than once.
	isTable := s.mapper.rowKey >= 0 || s.erasing
	s.view = !isTable
	return s.open(ctx, rows, isTable)
}

// open makes a spool readable, as a table when it is read often or changed.
func (s *staging) open(ctx context.Context, spool *warehouse.Spool, isTable bool) error {
	if isTable || s.erasing {
		return spool.Table(ctx)
	}
	return spool.View(ctx)
}

// mapAll writes one stage row for every record that is not blank.
func (s *staging) mapAll(ctx context.Context, r reader, rows, further *warehouse.Spool) error {
	var workers []func(*batch) error
	var all []*worker
	written := value{kind: text, text: strconv.FormatInt(s.req.File.Modified.UnixMicro(), 10)}
	for i := range mappers {
		keyer, err := s.req.Keyer.fork()
		if err != nil {
			return err
		}
		m, err := newMapper(s.req.Name, s.layout, keyer)
		if err != nil {
			return err
		}
		w := &worker{mapper: m, table: s.out.Table, rows: rows.Parts[i], row: make([]driver.Value, len(m.out)+2+len(stageExtras)),
			written: written, fileTime: slices.Index(m.wanted, placeFile), unusable: map[note]int64{}}
		if m.hasFurther() {
			w.further = further.Parts[i]
		}
		if s.req.Events {
			w.events = map[EventName]int64{}
		}
		all, workers = append(all, w), append(workers, w.batch)
	}
	err := inBatches(ctx, r, len(s.mapper.wanted), workers)
	var first fault // what was counted is told of a file that was not read to its end, too
	s.unusable = map[note]int64{}
	s.out.Named, s.out.Events = map[string]bool{}, map[EventName]int64{}
	for _, w := range all {
		s.out.Records += w.records
		s.out.Blank += w.blank
		s.out.Quarantined += w.quarantined
		s.out.Unusable += w.without
		for id := range w.mapper.named {
			s.out.Named[id] = true
		}
		for e, records := range w.events {
			s.out.Events[e] += records
		}
		for n, records := range w.unusable {
			s.unusable[n] += records
		}
		if w.first.text != "" && (first.text == "" || w.first.before(first)) {
			first = w.first
		}
	}
	s.out.FirstError = first.text
	return err
}
