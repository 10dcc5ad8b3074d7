package source

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"ghostlight/jobs/warehouse"
)

// parquetView describes stage_exposure as a view over a Parquet file, so that a
// log of many millions of rows is read by the engine, once. Identifiers and names
// are still made comparable in Go, each distinct value once.
type parquetView struct {
	mapper *mapper
	from   string
	fields map[string]*field
	times  map[string]string // exposed_at, received_at: epoch microseconds, NULL when implausible
	odd    bool              // some exposure id is in parquetIDs
}

// viewColumns are the columns that the engine can fill by itself, beside those of a serving.
var viewColumns = []string{"exposure_id", "household_key", "exposed_at", "received_at"}

// newParquetView gives nil when a time of the file needs to be parsed, which is
// done in Go only.
func newParquetView(m *mapper, types map[string]string, from string) *parquetView {
	v := &parquetView{mapper: m, from: from, fields: map[string]*field{}, times: map[string]string{}}
	for i := range m.fields {
		f := &m.fields[i]
		if len(f.from) > 1 || len(f.from[0].join) > 0 || f.Type == KeyColumn && f.col().Values != nil || f.Name == "exposure_id" && (f.col().Strip != "" || f.col().Values != nil) || !slices.Contains(viewColumns, f.Name) && f.out >= m.words && (f.slot() >= 0 || f.col().Constant != "") {
			return nil
		}
		v.fields[f.Name] = f
		if f.slot() < 0 && f.col().Constant != "" && (f.Type == TimeColumn || f.Name == "exposure_id") {
			return nil
		}
		if f.Type != TimeColumn || f.slot() < 0 {
			continue
		}
		expr := f.timeSQL(types[f.col().Column])
		if expr == "" {
			return nil
		}
		v.times[f.Name] = expr
	}
	if f := v.fields["household_key"]; f == nil || f.slot() < 0 || v.times["exposed_at"] == "" {
		return nil
	}
	return v
}

// col and slot are those of a field with one place.
func (f *field) col() *Column { return &f.from[0].col }
func (f *field) slot() int    { return f.from[0].slot }

// setOnly is set for a field with one place, with its fallback.
func (m *mapper) setOnly(f *field, v value) string {
	rule := m.set(f, &f.from[0], &v)
	if rule == "" && m.out[f.out].IsNull() {
		m.out[f.out] = f.fallback
	}
	return rule
}

// timeSQL is the instant in epoch microseconds, or "" when the engine alone
// cannot give it.
func (f *field) timeSQL(kind string) string {
	column := "p." + quoteName(f.col().Column)
	for _, u := range epochUnits {
		if u.name == string(f.col().Time) && integer(kind) {
			return fmt.Sprintf("CASE WHEN %s >= %d AND %s < %d THEN CAST(%s AS BIGINT) * %d END",
				column, firstSecond*u.ticks, column, lastSecond*u.ticks, column, 1_000_000/u.ticks)
		}
	}
	utc := f.from[0].clock.zone == time.UTC || f.col().Zone == "UTC"
	if f.col().Time == ISO && (kind == "TIMESTAMP WITH TIME ZONE" || strings.HasPrefix(kind, "TIMESTAMP") && utc) {
		us := "epoch_us(" + column + ")"
		return fmt.Sprintf("CASE WHEN isfinite(%s) AND %s >= %d AND %s < %d THEN %s END",
			column, us, firstSecond*1_000_000, us, lastSecond*1_000_000, us)
	}
	return ""
}

// fillView keys the distinct identifiers, cleans the distinct names and odd ids, and
// makes the view that joins them to the rows.
func (s *staging) fillView(ctx context.Context, v *parquetView) error {
	if err := s.fillKeys(ctx, v); err != nil {
		return err
	}
	if err := s.fillNames(ctx, v); err != nil {
		return err
	}
	if err := s.fillIDs(ctx, v); err != nil {
		return err
	}
	if _, err := s.tx.Exec(ctx, "CREATE OR REPLACE TEMP VIEW "+s.table+" AS\n"+v.query()); err != nil {
		return err
	}
	return s.countUnread(ctx, v)
}

func (s *staging) fillKeys(ctx context.Context, v *parquetView) error {
	f := v.fields["household_key"]
	column := "CAST(" + quoteName(f.col().Column) + " AS VARCHAR)"
	query := "SELECT row_number() OVER () AS line_no, raw FROM (SELECT DISTINCT " + column + " AS raw FROM " + v.from + ") WHERE raw IS NOT NULL"
	_, err := s.distinct(ctx, query, parquetKeys, "raw VARCHAR, key VARCHAR, problem VARCHAR, excerpt VARCHAR", 1, s.cleaned(f))
	return err
}

// fillNames makes the servings from the distinct combinations of their words.
func (s *staging) fillNames(ctx context.Context, v *parquetView) error {
	var list, defs []string
	for i, f := range v.named() {
		list = append(list, fmt.Sprintf("%s AS c%d", f.wordSQL(), i))
		defs = append(defs, fmt.Sprintf("c%d VARCHAR", i))
	}
	query := "SELECT CAST(1 AS BIGINT) AS line_no"
	if len(list) > 0 {
		query = "SELECT row_number() OVER () AS line_no, * FROM (SELECT DISTINCT " + strings.Join(list, ", ") + " FROM " + v.from + " AS p)"
	}
	var names []string
	for _, c := range warehouse.StageColumns(wordsOf(s.out.Table)) {
		names, defs = append(names, c.Name), append(defs, c.Name+" "+c.Type)
	}
	n := len(list)
	_, err := s.distinct(ctx, query, parquetNames, strings.Join(append(defs, "excerpt VARCHAR"), ", "), n, func(m *mapper, rec *record, row []warehouse.Value) {
		no := warehouse.Int(rec.line)
		row[n], row[len(row)-3] = no, no // serving_no, line_no
		problem, excerpt := &row[len(row)-2], &row[len(row)-1]
		for i := range n {
			row[i] = warehouse.Text(rec.fields[i].text)
		}
		at := 0
		for i, c := range wordColumns("exposure") {
			f := m.field(c.Name)
			if f == nil {
				continue
			}
			in := value{kind: text, text: f.col().Constant}
			if f.slot() >= 0 {
				in = rec.fields[at]
				at++
			}
			m.out[f.out] = warehouse.Value{}
			if rule := m.setOnly(f, in); rule != "" {
				*problem, *excerpt = warehouse.Text(f.Name+": "+rule), warehouse.Text(f.excerpt(&in))
				return
			}
			row[n+1+i] = m.out[f.out]
		}
	})
	if err != nil {
		return err
	}
	_, err = s.tx.Exec(ctx, "CREATE OR REPLACE TEMP VIEW stage_serving AS SELECT "+strings.Join(names, ", ")+" FROM temp."+parquetNames)
	return err
}

// wordSQL is a word of the file, NULL when it is empty.
func (f *field) wordSQL() string {
	return "NULLIF(CAST(p." + quoteName(f.col().Column) + " AS VARCHAR), '')"
}

// named are the fields of a serving that columns of the file are mapped to.
func (v *parquetView) named() (fields []*field) {
	for _, c := range wordColumns("exposure") {
		if f := v.fields[c.Name]; f != nil && f.slot() >= 0 {
			fields = append(fields, f)
		}
	}
	return fields
}

// query is the SELECT of the view.
func (v *parquetView) query() string {
	household := "p." + quoteName(v.fields["household_key"].col().Column)
	exposed := v.times["exposed_at"]
	received := exposed
	problems := []string{"k.problem", "CASE WHEN k.key IS NULL THEN 'household_key: missing' END", v.timeProblem("exposed_at")}
	if expr := v.times["received_at"]; expr != "" {
		received = "COALESCE(" + expr + ", " + exposed + ")"
	}
	id, oddJoin := "CAST(NULL AS VARCHAR)", ""
	if raw := v.rawID(); raw != "" {
		id = raw
		if v.odd {
			id = "CASE WHEN o.raw IS NULL THEN NULLIF(" + raw + ", '') ELSE o.id END" // an empty one is odd too
			oddJoin = "\nLEFT JOIN temp." + parquetIDs + " AS o ON o.raw = " + raw
			problems = append(problems, "o.problem")
		}
	}
	if v.times["received_at"] != "" {
		problems = append(problems, "CASE WHEN "+exposed+" > "+received+fmt.Sprintf(" + %d THEN 'exposed_at: %s' END", maxSkew, lateRule))
	}
	problems = append(problems, "n.problem")
	excerpt := "k.excerpt, n.excerpt"
	if oddJoin != "" {
		excerpt += ", o.excerpt"
	}
	return `SELECT
	` + id + ` AS exposure_id,
	k.key AS household_key,
	` + exposed + ` AS exposed_us,
	` + received + ` AS received_us,
	n.serving_no,
	CAST(NULL AS BIGINT) AS quartile,
	CAST(NULL AS BIGINT) AS cost_micros,
	false AS is_invalid,
	CAST(NULL AS VARCHAR) AS device_key,
	CAST(NULL AS VARCHAR) AS ip_key,
	CAST(NULL AS VARCHAR) AS customer_key,
	p.file_row_number + 1 AS line_no,
	COALESCE(` + strings.Join(problems, ", ") + `) AS problem,
	CAST(1 AS BIGINT) AS ordinal,
	COALESCE(` + excerpt + `, '') AS excerpt,
	CAST(NULL AS BIGINT) AS byte_offset
FROM ` + v.from + ` AS p
LEFT JOIN temp.` + parquetKeys + ` AS k ON k.raw = CAST(` + household + ` AS VARCHAR)
` + v.nameJoin() + oddJoin
}

// nameJoin joins the serving of a row.
func (v *parquetView) nameJoin() string {
	on := []string{"true"}
	for i, f := range v.named() {
		on = append(on, fmt.Sprintf("n.c%d IS NOT DISTINCT FROM %s", i, f.wordSQL()))
	}
	return "LEFT JOIN temp." + parquetNames + " AS n ON " + strings.Join(on, " AND ")
}

// timeProblem is the rule that a time which rows need breaks.
func (v *parquetView) timeProblem(name string) string {
	column := "p." + quoteName(v.fields[name].col().Column)
	return "CASE WHEN " + column + " IS NULL THEN '" + name + ": missing' WHEN " + v.times[name] + " IS NULL THEN '" +
		name + ": " + implausibleTime + "' END"
}

// countUnread counts the rows that are good but for their time of receipt.
func (s *staging) countUnread(ctx context.Context, v *parquetView) error {
	expr := v.times["received_at"]
	if expr == "" {
		return nil
	}
	broken := " FROM " + v.from + " AS p WHERE p." + quoteName(v.fields["received_at"].col().Column) + " IS NOT NULL AND " + expr + " IS NULL"
	n, err := s.scalar(ctx, "SELECT count(*)"+broken)
	if err != nil || n == 0 {
		return err
	}
	s.out.Unusable, err = s.scalar(ctx, "SELECT count(*) FROM "+s.table+" WHERE problem IS NULL AND line_no IN (SELECT p.file_row_number + 1"+broken+")")
	if s.out.Unusable > 0 {
		s.unusable = map[note]int64{{column: "received_at", rule: implausibleTime}: s.out.Unusable}
	}
	return err
}
