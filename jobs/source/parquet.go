package source

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"strings"

	"ghostlight/jobs/warehouse"
)

// Temporary tables through which Parquet files pass.
const (
	parquetRows  = "source_row"  // values as text, for rows that are mapped in Go
	parquetKeys  = "source_key"  // distinct identifiers with their keys
	parquetNames = "source_name" // distinct servings, cleaned
	parquetIDs   = "source_id"   // distinct exposure ids that are not taken as they are
)

// chunkRows is how many rows are held in Go at a time.
const chunkRows = 50_000

// fileColumn is a column of a Parquet file.
type fileColumn struct {
	Name string `db:"column_name"`
	Type string `db:"column_type"`
}

// fillParquet makes stage_<table> from a Parquet file. Exposures with times that
// are times or integers stay inside the engine: only their distinct identifiers
// and names pass through Go. Everything else is read as text and mapped row by
// row, as CSV is, or as JSON where the mapping has paths into nested columns.
func (s *staging) fillParquet(ctx context.Context) error {
	if err := s.unchanged(); err != nil {
		return err
	}
	from, err := s.scan()
	if err != nil {
		return err
	}
	columns, err := warehouse.Read[fileColumn](ctx, s.tx, "SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM "+from+")")
	if err != nil {
		return s.unreadable(err)
	}
	types, err := s.match(columns)
	if err != nil {
		return err
	}
	if err := s.extra(sortedKeys(types)); err != nil {
		return err
	}
	if err := s.sameTypes(ctx, types); err != nil {
		return err
	}
	if s.out.Records, err = s.scalar(ctx, "SELECT count(*) FROM "+from); err != nil {
		return s.unreadable(err)
	}
	if columns := s.nested(types); columns != nil {
		err = s.fillNested(ctx, from, columns)
	} else if v := newParquetView(s.mapper, types, from); s.req.Source.Table == "exposure" && v != nil {
		s.native, s.view = true, true
		err = s.fillView(ctx, v)
	} else {
		err = s.fillText(ctx, from, types)
	}
	if err != nil {
		return s.unreadable(err)
	}
	return s.unchanged()
}

// unchanged asserts that the file is a regular file below its root and still the
// one that was found.
func (s *staging) unchanged() error {
	f, info, err := s.req.Roots.openFound(s.req.File)
	if err != nil {
		return err
	}
	defer f.Close()
	here := s.req.File.spooled == "" // what was fetched has the time of its store
	if info.Size() != s.req.File.Size || here && !info.ModTime().Equal(s.req.File.Modified) {
		return &FileError{Source: s.req.Name, Path: s.req.File.Path, What: ErrChanged.Error(), Err: ErrChanged,
			Hint: "deliver files under another name and rename them when they are complete"}
	}
	return nil
}

// parquetColumns are the names of a Parquet file's columns.
func parquetColumns(ctx context.Context, tx *warehouse.Tx, roots *Roots, f File) ([]string, error) {
	s := &staging{tx: tx, req: Request{Name: f.Source, File: f, Roots: roots}}
	from, err := s.scan()
	if err != nil {
		return nil, err
	}
	columns, err := warehouse.Read[fileColumn](ctx, tx, "SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM "+from+")")
	if err != nil {
		return nil, s.unreadable(err)
	}
	var names []string
	for _, c := range columns {
		names = append(names, c.Name)
	}
	return names, nil
}

// scan is the engine's table function for the file.
func (s *staging) scan() (string, error) {
	p := s.req.File.Path
	if s.req.File.spooled == "" && strings.ContainsAny(p, "*?[]{}") {
		return "", s.fault(0, "the name of a Parquet file must not hold * ? [ ] { }", "rename the file")
	}
	if !strings.HasSuffix(strings.ToLower(p), ".parquet") && p != stdinGlob {
		return "", s.fault(0, "the name of a Parquet file must end in .parquet", "Parquet is compressed inside: do not compress it again")
	}
	abs, err := s.req.Roots.place(s.req.File)
	if err != nil {
		return "", err
	}
	return "read_parquet(" + quoteText(abs) + ", file_row_number = true, hive_partitioning = false)", nil
}

// unreadable turns the engine's complaint about a file into a *FileError. Errors
// that are not about the file pass.
func (s *staging) unreadable(err error) error {
	var refused *FileError
	switch {
	case errors.As(err, &refused), errors.Is(err, warehouse.ErrResources), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	}
	for _, sign := range []string{"magic bytes", "too small to be a Parquet", "Invalid Input Error", "TProtocolException", "Snappy", "ZSTD", "out of range of file", "footer", "Failed to read"} {
		if strings.Contains(err.Error(), sign) {
			return &FileError{Source: s.req.Name, Path: s.req.File.Path, What: "not a complete Parquet file", Hint: "deliver it again", Err: err}
		}
	}
	return err
}

// match finds the types of the mapped columns and refuses the file when one is
// missing or cannot hold what the mapping says.
func (s *staging) match(columns []fileColumn) (map[string]string, error) {
	types := map[string]string{}
	var names []string
	for _, c := range columns {
		if c.Name == "file_row_number" {
			continue
		}
		types[c.Name] = c.Type
		names = append(names, c.Name)
	}
	mayLack := s.mapper.mayLack(s.layout.lenient)
	has := func(name string) bool { return types[name] != "" || types[topColumn(name)] != "" }
	for _, name := range s.mapper.wanted {
		if has(name) || mayLack(name, has) {
			continue
		}
		what := "the file has no column " + name
		if near := nearest(name, names); near != "" {
			what += "; did you mean " + near + "?"
		}
		return nil, s.fault(0, what, "the file has: "+strings.Join(names, ", "))
	}
	for _, f := range s.mapper.fields {
		for _, o := range f.from {
			name := o.col.Column
			if o.slot < 0 || types[name] == "" {
				continue // of a value inside a column each is looked at for itself
			}
			if need := f.needs(types[name], &o); need != "" {
				return nil, s.fault(0, fmt.Sprintf("column %s is %s, but %s is %s", name, types[name], f.Name, need), "correct the mapping or the file")
			}
		}
	}
	return types, nil
}

// needs says what a column must be when the file's type cannot give it, "" when
// it can.
func (f *field) needs(kind string, o *origin) string {
	var (
		number  = integer(kind) || kind == "DOUBLE" || kind == "FLOAT" || strings.HasPrefix(kind, "DECIMAL")
		words   = kind == "VARCHAR" || kind == "UUID" || strings.HasPrefix(kind, "ENUM")
		instant = strings.HasPrefix(kind, "TIMESTAMP")
	)
	switch f.Type {
	case TimeColumn, DayColumn:
		switch o.col.Time {
		case EpochSecond, EpochMilli, EpochMicro:
			if !words && !number {
				return "declared " + string(o.col.Time) + ", which needs an integer"
			}
		case Date:
			if !words && kind != "DATE" {
				return "declared date, which needs DATE"
			}
		default:
			if !words && !instant {
				return "declared iso, which needs TIMESTAMP or text"
			}
			if instant && kind != "TIMESTAMP WITH TIME ZONE" && o.clock.zone == nil {
				return "a point in time, which needs a time zone (add zone: UTC to the mapping)"
			}
		}
	case MoneyColumn:
		if !words && !number {
			return "money, which needs a number"
		}
	case FlagColumn:
		if !words && !integer(kind) && kind != "BOOLEAN" {
			return "a flag, which needs BOOLEAN"
		}
	default:
		if !words && !integer(kind) {
			return "text, which needs VARCHAR"
		}
	}
	return ""
}

func integer(kind string) bool {
	switch strings.TrimPrefix(kind, "U") {
	case "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT":
		return true
	}
	return false
}

// fillText copies the mapped columns as text and maps them row by row.
func (s *staging) fillText(ctx context.Context, from string, types map[string]string) error {
	list := []string{"file_row_number + 1 AS line_no"}
	for i, name := range s.mapper.wanted {
		column := "CAST(NULL AS VARCHAR)" // of the alternatives and optional columns, one that this file has not
		if types[name] != "" {
			column = "CAST(" + quoteName(name) + " AS VARCHAR)"
		}
		list = append(list, fmt.Sprintf("%s AS c%d", column, i))
	}
	_, err := s.tx.Exec(ctx, "CREATE OR REPLACE TEMP TABLE "+parquetRows+" AS SELECT "+strings.Join(list, ", ")+" FROM "+from+" ORDER BY file_row_number")
	if err != nil {
		return err
	}
	s.out.Records = 0 // counted again, row by row
	return s.fillSpooled(ctx, &textRows{ctx: ctx, tx: s.tx, table: parquetRows, columns: len(s.mapper.wanted)})
}

// textRows reads a temporary table line_no, c0, c1 ... of texts, a chunk at a
// time. line_no counts from 1 without a gap.
type textRows struct {
	ctx     context.Context
	tx      *warehouse.Tx
	table   string
	columns int
	from    int64
	chunk   [][]sql.NullString
	lines   []int64
	at      int
}

func (t *textRows) next(rec *record) error {
	if t.at == len(t.chunk) {
		if err := t.fetch(); err != nil {
			return err
		}
		if len(t.chunk) == 0 {
			return io.EOF
		}
	}
	rec.begin(t.lines[t.at], -1)
	for i, cell := range t.chunk[t.at] {
		if cell.String != "" {
			rec.fields[i] = value{kind: text, text: cell.String}
		}
	}
	t.at++
	return nil
}

func (t *textRows) fetch() error {
	t.chunk, t.lines, t.at = t.chunk[:0], t.lines[:0], 0
	rows, err := t.tx.Conn().QueryContext(t.ctx, "SELECT * FROM temp."+t.table+" WHERE line_no > ? AND line_no <= ? ORDER BY line_no", t.from, t.from+chunkRows)
	if err != nil {
		return fmt.Errorf("read %s: %w", t.table, err)
	}
	defer rows.Close()
	t.from += chunkRows
	targets := make([]any, t.columns+1)
	for rows.Next() {
		var line int64
		cells := make([]sql.NullString, t.columns)
		targets[0] = &line
		for i := range cells {
			targets[i+1] = &cells[i]
		}
		if err := rows.Scan(targets...); err != nil {
			return fmt.Errorf("read %s: %w", t.table, err)
		}
		t.chunk, t.lines = append(t.chunk, cells), append(t.lines, line)
	}
	return rows.Err()
}

// quoteName quotes an identifier of SQL.
func quoteName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// quoteText quotes a text of SQL, for places that take no parameter.
func quoteText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
