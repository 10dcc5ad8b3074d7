package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"ghostlight/jobs/warehouse"

	"golang.org/x/sync/errgroup"
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
	native  bool   // the engine reads the file by itself and counts what is refused
	moved   bool   // the rows are in clean.<table>
	refused string // the table of refused records
	cut     bool   // the file was not read to its end, because no more is wanted
	view    bool   // stage_<table> is a view
	erasing bool   // some person is kept out: the stage will be changed

	doubtful string // SELECT of the row keys that may not differ; "": nothing is known of any

	words    *sharedWords                // of the rows
	beside   map[string]*warehouse.Spool // by table
	unusable map[note]int64              // records loaded without an identifier, or with a doubtful time
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
		return s.fillStreamed(ctx, s.records(ctx, noRecords{}))
	}
	if err := s.fillLines(ctx, bound(in, s.req)); err != nil {
		return s.readError(in, err)
	}
	if s.cut {
		return ErrHead
	}
	return in.verify()
}

// fillLines maps the records of a text file.
func (s *staging) fillLines(ctx context.Context, in io.Reader) error {
	switch s.layout.format {
	case "csv":
		r, err := newCSV(in, s.mapper.wanted, s.mapper.mayLack(s.layout.lenient), s.layout.rows, s.fault)
		if err != nil {
			return err
		}
		if err := s.extra(r.header); err != nil {
			return err
		}
		r.fleeting = true
		if r.rules.same >= 0 { // which rows are a record follows from the rows before
			return s.fillStreamed(ctx, s.records(ctx, r))
		}
		all := s.records(ctx, uncut{r})
		for _, supply := range all {
			supply.(*recordSupply).cells = r.clone()
		}
		return s.fillStreamed(ctx, all)
	case "jsonl":
		return s.fillJSON(ctx, in)
	}
	return fmt.Errorf("format %s has no reader", s.layout.format)
}

// fillJSON maps lines of JSON, which the workers take apart: that takes longer than to
// read them.
func (s *staging) fillJSON(ctx context.Context, in io.Reader) error {
	text := newBlocks(in, maxObject)
	if isUTF16(text.src) {
		return s.fault(1, looksUTF16, saveUTF8)
	}
	left := s.req.Head
	from := &batches[textBlock]{ctx: ctx, fill: func(b *textBlock) error {
		if s.isEnough(left) {
			b.text = b.text[:0]
			return io.EOF
		}
		err := text.fill(b)
		left -= int64(len(b.text))
		return err
	}}
	var all []supply
	var docs []*jsonlReader
	for range mappers {
		lines := &blockLines{from: from, limit: maxObject}
		d := newDocs(lines, s.mapper.wanted, s.layout.envelope, s.fault)
		docs = append(docs, d)
		all = append(all, newLineSupply(d, lines, len(s.mapper.wanted)))
	}
	if err := s.fillStreamed(ctx, all); err != nil || s.cut {
		return err
	}
	for _, d := range docs[1:] {
		docs[0].merge(d)
	}
	return s.absent(docs[0])
}

// isEnough tells that no more of the file is wanted, and notes it. What was read until
// then is mapped, so that what it holds does not depend on who is how fast.
func (s *staging) isEnough(left int64) bool {
	s.cut = s.req.Head > 0 && left <= 0
	return s.cut
}

// records gives each worker a supply of what r reads.
func (s *staging) records(ctx context.Context, r reader) (all []supply) {
	left := s.req.Head
	from := &batches[recordBatch]{ctx: ctx, fill: func(b *recordBatch) error {
		if s.isEnough(left) {
			b.n = 0 // of what it held before
			return io.EOF
		}
		err := b.fill(r, len(s.mapper.wanted))
		for i := range b.records[:b.n] {
			left -= int64(b.records[i].size)
		}
		return err
	}}
	for range mappers {
		all = append(all, &recordSupply{from: from})
	}
	return all
}

// noRecords is a file without any.
type noRecords struct{}

func (noRecords) next(*record) error { return io.EOF }

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

// mappers is how many threads read and map records: the engine's own, as far as it has
// them. One at a time reads, so that more would bring little.
const mappers = 2

// stageExtras are the columns of a stage beside those of warehouse.StageColumns.
var stageExtras = []warehouse.Column{{Name: "ordinal", Type: "BIGINT"}, {Name: "excerpt", Type: "VARCHAR"}, {Name: "byte_offset", Type: "BIGINT"}}

// refusedStage holds the refused records where those of the stage go on at once.
const refusedStage = "stage_refused"

// fillStreamed maps every record while the engine takes the rows. They go on to
// clean.<table> at once, but for those that may repeat another, which follow folded, and
// unless some person is kept out of the file.
func (s *staging) fillStreamed(ctx context.Context, from []supply) error {
	columns := append(warehouse.StageColumns(s.req.Source.Table), stageExtras...)
	refused, again := &warehouse.Spool{}, &warehouse.Spool{}
	err := s.spoolBeside()
	if err != nil {
		return err
	}
	if !s.erasing {
		if refused, err = s.tx.Spool(refusedStage, columns[len(s.mapper.out)-s.mapper.words:], mappers); err != nil {
			return err
		}
		s.refused = refusedStage
	}
	workers, err := s.workers(from, refused)
	if err != nil {
		return err
	}
	if !s.erasing && foldsRepeats(s.out.Table) {
		if again, err = s.tx.Spool(stageAgain, columns, mappers); err != nil {
			return err
		}
		met := newMetKeys(s.req.File.Size, isCompressed(s.req.File.Path))
		s.doubtful = noKey
		for i, w := range workers {
			w.met, w.again = met, again.Parts[i]
		}
	}
	var fillers []warehouse.Filler
	for _, w := range workers {
		fillers = append(fillers, func(rows *warehouse.Rows) (err error) {
			for more := true; more && err == nil && !rows.IsFull(); {
				more, err = w.next(rows)
			}
			return err
		})
	}
	err = s.take(ctx, s.filled(columns), fillers)
	if tallied := s.tally(workers); err == nil {
		err = tallied
	}
	if err != nil {
		return err
	}
	if s.out.Quarantined > 0 && !s.erasing {
		if err := refused.Table(ctx); err != nil {
			return err
		}
	}
	if slices.ContainsFunc(workers, func(w *worker) bool { return w.heldBack > 0 }) {
		if err := s.foldAgain(ctx, again); err != nil {
			return err
		}
	}
	return s.openBeside(ctx)
}

// take has the engine take the rows of the fillers: into clean.<table>, or where some
// person is kept out of it first into stage_<table>.
func (s *staging) take(ctx context.Context, columns []warehouse.Column, fillers []warehouse.Filler) error {
	name := s.table
	if s.erasing {
		name = streamed
	}
	stream, err := s.tx.Stream(ctx, name, columns, fillers)
	if err != nil {
		return err
	}
	if s.erasing {
		_, err = s.tx.Exec(ctx, "CREATE OR REPLACE TEMP TABLE "+s.table+" AS SELECT * FROM "+streamed)
	} else {
		s.view = true
		err = s.append(ctx)
	}
	return stream.Close(err)
}

// streamed is the view of a stream that becomes a table.
const streamed = "stage_streamed"

// fillSpooled maps every record of r, which asks the engine for them, into
// stage_<table>.
func (s *staging) fillSpooled(ctx context.Context, r reader) error {
	rows, err := s.tx.Spool(s.table, append(warehouse.StageColumns(s.req.Source.Table), stageExtras...), mappers)
	if err != nil {
		return err
	}
	if err := s.spoolBeside(); err != nil {
		return err
	}
	workers, err := s.workers(s.records(ctx, r), &warehouse.Spool{})
	if err != nil {
		return err
	}
	var mapping errgroup.Group
	for i, w := range workers {
		mapping.Go(func() (err error) {
			for more := true; more && err == nil; {
				more, err = w.next(rows.Parts[i])
			}
			return err
		})
	}
	err = mapping.Wait()
	if tallied := s.tally(workers); err == nil {
		err = tallied
	}
	if err != nil {
		return err
	}
	if s.view = !s.isReadAgain(); s.view {
		err = rows.View(ctx)
	} else {
		err = rows.Table(ctx)
	}
	if err != nil {
		return err
	}
	return s.openBeside(ctx)
}

// isReadAgain tells that a spooled stage is changed: repeats among its rows are folded, or
// persons kept out.
func (s *staging) isReadAgain() bool { return foldsRepeats(s.out.Table) || s.erasing }

// spoolBeside opens what is written beside the stage.
func (s *staging) spoolBeside() error {
	s.beside = map[string]*warehouse.Spool{}
	for _, table := range s.mapper.beside {
		spool, err := s.tx.Spool("stage_"+table, warehouse.StageColumns(table), mappers)
		if err != nil {
			return err
		}
		s.beside[table] = spool
	}
	return nil
}

// openBeside makes it readable.
func (s *staging) openBeside(ctx context.Context) error {
	if s.words != nil && s.words.err != nil {
		return s.words.err
	}
	for _, table := range s.mapper.beside {
		open := s.beside[table].View
		if s.isChanged(table) {
			open = s.beside[table].Table
		}
		if err := open(ctx); err != nil {
			return err
		}
	}
	return nil
}

// isChanged tells that a stage beside the rows is changed before it is read.
func (s *staging) isChanged(beside string) bool { return s.erasing && beside == furtherTable }

// workers makes one for each supply and part of the spools. refused has none where
// refused records stand among the rows.
func (s *staging) workers(from []supply, refused *warehouse.Spool) (all []*worker, err error) {
	written := value{kind: text, text: strconv.FormatInt(s.req.File.Modified.UnixMicro(), 10)}
	if words := wordsOf(s.out.Table); words != "" {
		s.words = &sharedWords{to: s.beside[words].Parts[0]}
	}
	for i := range from {
		m, err := s.mapperOf(i)
		if err != nil {
			return nil, err
		}
		n := len(m.out)
		row := make([]warehouse.Value, n+2+len(stageExtras))
		m.out = row[:n:n]
		w := &worker{from: from[i], mapper: m, table: s.out.Table, row: row,
			written: written, fileTime: slices.Index(m.wanted, placeFile), unusable: map[note]int64{}}
		if len(refused.Parts) > 0 {
			w.refused = refused.Parts[i]
		}
		m.shared = s.words
		if m.further {
			w.further = s.beside[furtherTable].Parts[i]
		}
		switch supply := from[i].(type) {
		case *recordSupply:
			supply.ahead = m.fetchKeys
		case *lineSupply:
			supply.ahead = m.fetchKeys
		}
		if s.req.Events {
			w.events = map[EventName]int64{}
		}
		all = append(all, w)
	}
	return all, nil
}
