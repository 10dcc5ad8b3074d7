package warehouse

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
)

// CheckError says that rows of a table break one of its rules.
// errors.Is(err, ErrIntegrity) holds for the *Error around it.
type CheckError struct {
	Table   string
	Check   string     // "key (household_id)", "not null (arm_id)", or what the check file checks
	Columns []string   // of Sample
	Sample  [][]string // up to five offending rows, ordered; NULL is "NULL"
}

// Error names the rule and shows the first offending row.
func (e *CheckError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s breaks its check: %s", e.Table, e.Check)
	for _, row := range e.Sample {
		b.WriteString("; ")
		for i, v := range row {
			if i > 0 {
				b.WriteString(", ")
			}
			fmt.Fprintf(&b, "%s=%s", e.Columns[i], v)
		}
	}
	return b.String()
}

// scope limits a check to the rows just written, those with one value of a key
// column: rows with another value cannot share their key.
type scope struct {
	column   string // run_id, file_id or empty for the whole table
	value    any
	none     bool   // no rows: nothing to look at
	few      bool   // so few rows that a query costs more than they do
	doubtful string // SELECT of the keys that may not differ, empty for all
}

// fewRows is where reading rows begins to cost more than asking about them.
const fewRows = 100_000

// of is the scope when it is known to have so many rows.
func (s scope) of(rows int64) scope {
	s.none, s.few = rows == 0, rows < fewRows
	return s
}

// scopeOf is the scope of a column where the key has it, else the whole table.
func scopeOf(f *File, column string, value any) scope {
	if !slices.Contains(f.Key, column) {
		return scope{}
	}
	return scope{column: column, value: value}
}

// runScope is the scope of a run's rows, of which there are so many.
func runScope(f *File, runID string, rows int64) scope {
	if written := scopeOf(f, "run_id", runID); written.column != "" {
		return written.of(rows)
	}
	return scope{}
}

// Check counts every key again and runs every check of the table over all of its
// rows, also those that its SELECT proves. It returns an *Error with a
// *CheckError inside when rows offend.
func (tx *Tx) Check(ctx context.Context, table string, p Params) error {
	f, err := tx.db.catalog.table(table)
	if err != nil {
		return failed("check", table, err)
	}
	return tx.check(ctx, f, p, scope{}, false)
}

// checkSelected is Check for the rows that the file's SELECT just wrote, which
// are all rows of the scope: of many, a key that the SELECT proves is not counted again.
func (tx *Tx) checkSelected(ctx context.Context, f *File, p Params, limit scope) error {
	proven := false
	if !limit.few {
		var err error
		if proven, err = tx.keyProven(ctx, f); err != nil {
			return failed("check", f.Table, err)
		}
	}
	return tx.check(ctx, f, p, limit, proven)
}

func (tx *Tx) check(ctx context.Context, f *File, p Params, limit scope, keyProven bool) error {
	if err := tx.checkRows(ctx, f, limit, keyProven); err != nil {
		return err
	}
	for _, check := range tx.db.catalog.checks[f.Table] {
		args, err := p.args(check)
		if err != nil {
			return failed("check", f.Table, err)
		}
		if err := tx.noRows(ctx, f.Table, check.Check+": "+check.Sentence, check.Text, args); err != nil {
			return err
		}
	}
	return nil
}

// checkRows looks for a NULL where none may be and for keys that repeat. It asks whether
// there is any, and only if so which.
func (tx *Tx) checkRows(ctx context.Context, f *File, limit scope, keyProven bool) error {
	switch {
	case limit.none:
		return nil
	case limit.few:
		if sound, err := tx.sound(ctx, f, limit); err != nil || sound {
			return err
		}
	}
	filled, err := tx.filled(ctx, f, limit)
	if err != nil {
		return err
	}
	if !filled {
		for _, column := range slices.Concat(f.Key, f.NotNull) {
			query := fmt.Sprintf("SELECT * FROM %s WHERE %s IS NULL%s", f.Table, column, limit.condition(" AND "))
			if err := tx.noRows(ctx, f.Table, "not null ("+column+")", query, limit.args()); err != nil {
				return err
			}
		}
	}
	if keyProven {
		return nil
	}
	if differ, err := tx.numbersDiffer(ctx, f, limit); err != nil || differ {
		return err
	}
	return tx.checkKey(ctx, f, limit)
}

// mostRange is how many numbers the bits of one key may stand for.
const mostRange = 1 << 29

// numbersDiffer tells of many rows whose key is one whole number that no two have the same,
// by a bit for each number that occurs: an eighth of the time that grouping takes. It answers
// false when it is not sure, where numbers lie far apart or the key is something else.
func (tx *Tx) numbersDiffer(ctx context.Context, f *File, limit scope) (differ bool, err error) {
	key := limit.rest(f.Key)
	if len(key) != 1 || limit.doubtful != "" {
		return false, nil
	}
	columns, err := tx.columns(ctx, f.Table)
	if err != nil {
		return false, failed("check", f.Table, err)
	}
	isNumber := slices.ContainsFunc(columns, func(c Column) bool { return c.Name == key[0] && (c.Type == "BIGINT" || c.Type == "INTEGER") })
	if !isNumber {
		return false, nil
	}
	var rows int64
	var least, last sql.NullInt64
	from := " FROM " + f.Table + limit.condition(" WHERE ")
	query := fmt.Sprintf("SELECT count(*), min(%[1]s), max(%[1]s)", key[0]) + from
	if err := tx.conn.QueryRowContext(ctx, query, limit.args()...).Scan(&rows, &least, &last); err != nil {
		return false, failed("check", f.Table, err)
	}
	if !least.Valid || last.Int64-least.Int64 < 0 || last.Int64-least.Int64 >= min(mostRange, 64*rows) {
		return false, nil
	}
	query = fmt.Sprintf("SELECT bit_count(bitstring_agg(CAST(%s AS BIGINT), %d, %d)) = count(*)", key[0], least.Int64, last.Int64) + from
	err = tx.conn.QueryRowContext(ctx, query, limit.args()...).Scan(&differ)
	return differ, failed("check", f.Table, err)
}

// sound tells of few rows, by reading them once, that none has a NULL where none may be and
// that their keys differ.
func (tx *Tx) sound(ctx context.Context, f *File, limit scope) (sound bool, err error) {
	query := fmt.Sprintf("SELECT count(*) FILTER (WHERE %s IS NULL) = 0 AND count(DISTINCT (%s)) = count(*) FROM %s%s",
		strings.Join(slices.Concat(f.Key, f.NotNull), " IS NULL OR "), strings.Join(f.Key, ", "), f.Table, limit.condition(" WHERE "))
	err = tx.conn.QueryRowContext(ctx, query, limit.args()...).Scan(&sound)
	return sound, failed("check", f.Table, err)
}

// filled tells of many rows that there is no NULL in any column that may have none. Each is
// asked for by itself: the engine then skips row groups without a NULL by their statistics,
// and of a good table reads next to nothing.
func (tx *Tx) filled(ctx context.Context, f *File, limit scope) (bool, error) {
	var each []string
	var args []any
	for _, column := range slices.Concat(f.Key, f.NotNull) {
		each = append(each, fmt.Sprintf("SELECT 1 FROM %s WHERE %s IS NULL%s", f.Table, column, limit.condition(" AND ")))
		args = append(args, limit.args()...)
	}
	var empty bool
	query := "SELECT EXISTS (" + strings.Join(each, " UNION ALL ") + ")"
	if err := tx.conn.QueryRowContext(ctx, query, args...).Scan(&empty); err != nil {
		return false, failed("check", f.Table, err)
	}
	return !empty, nil
}

// checkKey counts the rows of each key.
func (tx *Tx) checkKey(ctx context.Context, f *File, limit scope) error {
	grouped := limit.rest(f.Key)
	query := "SELECT count(*) AS times"
	if len(grouped) > 0 {
		query = "SELECT " + strings.Join(grouped, ", ") + ", count(*) AS times"
	}
	query += " FROM " + f.Table + limit.condition(" WHERE ")
	if limit.doubtful != "" {
		query += " AND (" + strings.Join(grouped, ", ") + ") IN (" + limit.doubtful + ")"
	}
	if len(grouped) > 0 {
		query += " GROUP BY " + strings.Join(grouped, ", ")
	}
	query += " HAVING count(*) > 1"
	return tx.noRows(ctx, f.Table, "key ("+strings.Join(f.Key, ", ")+")", query, limit.args())
}

// rest are the columns of a key without the scope's, which has one value only.
func (s scope) rest(key []string) []string {
	return slices.DeleteFunc(slices.Clone(key), func(column string) bool { return column == s.column })
}

// condition is the scope as SQL after the given word, empty for the whole table.
func (s scope) condition(word string) string {
	if s.column == "" {
		return ""
	}
	return word + s.column + " = ?"
}

func (s scope) args() []any {
	if s.column == "" {
		return nil
	}
	return []any{s.value}
}

// sampleRows of a failed check are kept.
const sampleRows = 5

func (tx *Tx) noRows(ctx context.Context, table, check, query string, args []any) error {
	query = fmt.Sprintf("SELECT * FROM (\n%s\n) ORDER BY ALL LIMIT %d", query, sampleRows)
	columns, sample, err := tx.texts(ctx, query, args)
	if err != nil {
		return failed("check "+check, table, err)
	}
	if len(sample) == 0 {
		return nil
	}
	return failed("check", table, &CheckError{Table: table, Check: check, Columns: columns, Sample: sample})
}

// texts reads a small result as text.
func (tx *Tx) texts(ctx context.Context, query string, args []any) (columns []string, rows [][]string, err error) {
	result, err := tx.conn.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, nil, err
	}
	defer result.Close()
	if columns, err = result.Columns(); err != nil {
		return nil, nil, err
	}
	for result.Next() {
		values, targets := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := result.Scan(targets...); err != nil {
			return nil, nil, err
		}
		row := make([]string, len(columns))
		for i, v := range values {
			row[i] = asText(v)
		}
		rows = append(rows, row)
	}
	return columns, rows, result.Err()
}

func asText(v any) string {
	if v == nil {
		return "NULL"
	}
	return fmt.Sprint(v)
}
