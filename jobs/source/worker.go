package source

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"ghostlight/jobs/warehouse"
)

// worker maps records to rows of the stage, for one thread at a time.
type worker struct {
	from     supply
	mapper   *mapper
	table    string
	refused  appender // nil: refused records stand among the rows
	met      *metKeys // nil: rows that repeat another are not looked for
	again    appender // rows that may repeat another
	further  *warehouse.SpoolPart
	row      []warehouse.Value // mapper.out, then what a stage has beside it; its words go elsewhere
	written  value             // when the file was written
	fileTime int               // place of that among the wanted, -1 for none

	records, blank, quarantined int64
	heldBack                    int64          // rows that went to again
	without                     int64          // records mapped without an identifier
	twice                       int64          // records with a time that the zone's clocks show twice
	zoneless                    fault          // the first record whose time names no zone, nor does the source
	unusable                    map[note]int64 // which these were
	first                       fault
	events                      map[EventName]int64 // nil: not asked for
}

// mapperOf makes the mapper of goroutine i.
func (s *staging) mapperOf(i int) (*mapper, error) {
	keyer, err := s.req.Keyer.fork(i)
	if err != nil {
		return nil, err
	}
	return newMapper(s.req.Name, s.layout, keyer)
}

// fault is the first problem that was met, and where.
type fault struct {
	text          string
	line, ordinal int64
}

func (f fault) before(other fault) bool {
	if f.text == "" || other.text == "" {
		return f.text != ""
	}
	return f.line < other.line || f.line == other.line && f.ordinal < other.ordinal
}

// appender takes the rows of a stage: some rows of a stream, or a part of a spool.
type appender interface {
	Append(...warehouse.Value) error
}

// next maps the next record; more is false after the last.
func (w *worker) next(to appender) (more bool, err error) {
	rec, err := w.from.next()
	switch {
	case errors.Is(err, io.EOF):
		return false, nil
	case err != nil:
		return false, err
	}
	return true, w.append(rec, to)
}

func (w *worker) append(rec *record, to appender) error {
	w.records++
	if rec.blank {
		w.blank++
		return nil
	}
	if w.fileTime >= 0 {
		rec.fields[w.fileTime] = w.written
	}
	var problem, excerpt string
	if rec.rule == "" {
		problem, excerpt = w.mapper.row(rec)
	} else {
		problem, excerpt = wholeRecord+": "+rec.rule, rec.excerpt
	}
	n := len(w.mapper.out)
	w.row[n], w.row[n+2] = warehouse.Int(rec.line), warehouse.Int(rec.ordinal)
	clear(w.row[n+3:])
	w.row[n+1] = warehouse.Value{}
	if problem == "" {
		w.countUnusable()
		w.countEvent()
		if err := w.appendFurther(rec.line); err != nil {
			return err
		}
	} else {
		clear(w.row[:n])
		w.row[n+1], w.row[n+3] = warehouse.Text(problem), warehouse.Text(excerpt)
		if rec.offset >= 0 {
			w.row[n+4] = warehouse.Int(rec.offset)
		}
		w.quarantined++
		if w.first.text == "" {
			w.first = fault{fmt.Sprintf("line %d: %s", rec.line, problem), rec.line, rec.ordinal}
		}
		if w.zoneless.text == "" && strings.HasSuffix(problem, ": "+noZone) {
			w.zoneless = fault{problem, rec.line, rec.ordinal}
		}
		if w.refused != nil {
			return w.refused.Append(w.row[n:]...)
		}
	}
	if w.met != nil && problem == "" && w.met.add(w.mapper.out[w.mapper.rowKey].Text()) {
		w.heldBack++
		to = w.again
	}
	return to.Append(w.row[w.mapper.words:]...)
}

// countEvent counts the record that was mapped last under its event's name, when it
// is one that the dictionary is asked for.
func (w *worker) countEvent() {
	m := w.mapper
	if w.events == nil || m.canonical < 0 || m.out[m.isTest] == warehouse.Flag(true) || m.out[m.denies].Text() == "denied" {
		return
	}
	if kind := m.out[m.kind].Text(); kind != "" && kind != "conversion" {
		return
	}
	e := EventName{}
	e.Platform, e.Surface = m.out[m.platform].Text(), m.out[m.surface].Text()
	e.Name = m.out[m.eventName].Text()
	e.Canonical = m.out[m.canonical].Text()
	if _, met := w.events[e]; !met {
		e.Platform, e.Surface = strings.Clone(e.Platform), strings.Clone(e.Surface) // of a record
		e.Name, e.Canonical = strings.Clone(e.Name), strings.Clone(e.Canonical)
	}
	w.events[e]++
}

// countUnusable counts what the record that was mapped last goes without, or may be
// wrong in.
func (w *worker) countUnusable() {
	if len(w.mapper.unusable) == 0 {
		return
	}
	without, twice := false, false
	for _, n := range w.mapper.unusable {
		n.excerpt = ""
		w.unusable[n]++
		without, twice = without || n.rule != ShownTwice, twice || n.rule == ShownTwice
	}
	if without {
		w.without++
	}
	if twice {
		w.twice++
	}
}

// appendFurther writes the further identifiers of the record that was mapped last.
func (w *worker) appendFurther(line int64) error {
	for _, id := range w.mapper.more {
		rule := string(id.key.Hash)
		if rule == "" {
			rule = string(Plain)
		}
		err := w.further.Append(warehouse.Text(w.table), w.mapper.out[w.mapper.rowKey], warehouse.Text(id.kind), warehouse.Text(rule),
			warehouse.Text(id.key.ID), warehouse.Int(line), warehouse.Value{})
		if err != nil {
			return err
		}
	}
	return nil
}
