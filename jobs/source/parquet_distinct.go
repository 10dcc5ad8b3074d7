package source

import (
	"context"
	"strings"

	"ghostlight/jobs/warehouse"
)

// distinctRow makes the row of a distinct value, or of several that stand together.
type distinctRow func(m *mapper, rec *record, row []warehouse.Value)

// cleaned makes rows of raw, what it becomes in a field, problem and excerpt.
func (s *staging) cleaned(of *field) distinctRow {
	return func(m *mapper, rec *record, row []warehouse.Value) {
		f, raw := m.field(of.Name), &rec.fields[0]
		m.out[f.out] = warehouse.Value{}
		row[0] = warehouse.Text(raw.text)
		if rule := m.set(f, &f.from[0], raw); rule != "" {
			row[2], row[3] = warehouse.Text(f.Name+": "+rule), warehouse.Text(shape(raw.text))
			return
		}
		row[1] = m.out[f.out]
	}
}

// field is the field of a column, nil when rows have none.
func (m *mapper) field(name string) *field {
	for i := range m.fields {
		if m.fields[i].Name == name {
			return &m.fields[i]
		}
	}
	return nil
}

// distinct runs a query of n texts (line_no, c0 ...) and writes, for each of its rows, one
// row that fill makes into a new temporary table, whose columns are given as SQL. It
// returns how many there are.
func (s *staging) distinct(ctx context.Context, query, into, columns string, n int, fill distinctRow) (rows int64, err error) {
	if _, err := s.tx.Exec(ctx, "CREATE OR REPLACE TEMP TABLE "+parquetRows+" AS "+query); err != nil {
		return 0, err
	}
	if _, err := s.tx.Exec(ctx, "CREATE OR REPLACE TEMP TABLE "+into+" ("+columns+")"); err != nil {
		return 0, err
	}
	var typed []warehouse.Column
	for column := range strings.SplitSeq(columns, ", ") {
		name, kind, _ := strings.Cut(column, " ")
		typed = append(typed, warehouse.Column{Name: name, Type: kind})
	}
	var makers []*mapper
	for i := range mappers {
		m, err := s.mapperOf(i)
		if err != nil {
			return 0, err
		}
		makers = append(makers, m)
	}
	in := &textRows{ctx: ctx, tx: s.tx, table: parquetRows, columns: n}
	for {
		if err := in.fetch(); err != nil || len(in.chunk) == 0 {
			return rows, err
		}
		var fillers []warehouse.Filler
		for i, m := range makers {
			part := in.part(i, len(makers))
			fillers = append(fillers, part.filler(m, len(typed), fill))
		}
		stream, err := s.tx.Stream(ctx, streamed, typed, fillers)
		if err != nil {
			return rows, err
		}
		made, err := s.tx.Exec(ctx, "INSERT INTO "+into+" SELECT * FROM "+streamed)
		if err = stream.Close(err); err != nil {
			return rows, err
		}
		if _, err := s.tx.Exec(ctx, "DROP VIEW temp."+streamed); err != nil {
			return rows, err
		}
		rows += made
	}
}

// part is part i of n of the chunk that was fetched.
func (t *textRows) part(i, n int) *textRows {
	from, to := len(t.chunk)*i/n, len(t.chunk)*(i+1)/n
	return &textRows{columns: t.columns, chunk: t.chunk[from:to], lines: t.lines[from:to]}
}

// filler makes a row of each of these.
func (t *textRows) filler(m *mapper, columns int, fill distinctRow) warehouse.Filler {
	rec := record{fields: make([]value, t.columns)}
	row := make([]warehouse.Value, columns)
	return func(rows *warehouse.Rows) error {
		for t.at < len(t.chunk) && !rows.IsFull() {
			if err := t.next(&rec); err != nil {
				return err
			}
			clear(row)
			fill(m, &rec, row)
			if err := rows.Append(row...); err != nil {
				return err
			}
		}
		return nil
	}
}
