package source

import (
	"database/sql/driver"
	"fmt"

	"ghostlight/jobs/warehouse"
)

// worker maps batches of records to rows of the stage, in a goroutine of its own.
type worker struct {
	mapper   *mapper
	table    string
	rows     *warehouse.SpoolPart
	further  *warehouse.SpoolPart
	row      []driver.Value
	written  value // when the file was written
	fileTime int   // place of that among the wanted, -1 for none

	records, blank, quarantined int64
	without                     int64          // records mapped without an identifier
	unusable                    map[note]int64 // which these were
	first                       fault
	events                      map[EventName]int64 // nil: not asked for
}

// fault is the first problem that was met, and where.
type fault struct {
	text          string
	line, ordinal int64
}

func (f fault) before(other fault) bool {
	return f.line < other.line || f.line == other.line && f.ordinal < other.ordinal
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
	if w.fileTime >= 0 {
		rec.fields[w.fileTime] = w.written
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
		w.countUnusable()
		w.countEvent()
		if err := w.appendFurther(rec.line); err != nil {
			return err
		}
	} else {
		w.row[n+1], w.row[n+3] = problem, excerpt
		if rec.offset >= 0 {
			w.row[n+4] = rec.offset
		}
		w.quarantined++
		if w.first.text == "" {
			w.first = fault{fmt.Sprintf("line %d: %s", rec.line, problem), rec.line, rec.ordinal}
		}
	}
	return w.rows.Append(w.row...)
}

// countEvent counts the record that was mapped last under its event's name, when it
// is one that the dictionary is asked for.
func (w *worker) countEvent() {
	m := w.mapper
	if w.events == nil || m.canonical < 0 || m.out[m.isTest] == true || m.out[m.denies] == "denied" {
		return
	}
	if kind := m.out[m.kind]; kind != nil && kind != "conversion" {
		return
	}
	e := EventName{}
	e.Platform, _ = m.out[m.platform].(string)
	e.Name, _ = m.out[m.eventName].(string)
	e.Canonical, _ = m.out[m.canonical].(string)
	w.events[e]++
}

// countUnusable counts what the record that was mapped last goes without.
func (w *worker) countUnusable() {
	if len(w.mapper.unusable) == 0 {
		return
	}
	for _, n := range w.mapper.unusable {
		n.excerpt = ""
		w.unusable[n]++
	}
	w.without++
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
