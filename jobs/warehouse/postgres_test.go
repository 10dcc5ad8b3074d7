package warehouse

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"ghostlight/fixtures/server"
)

// startPostgres starts a PostgreSQL server of the test's own and connects to it.
func startPostgres(t *testing.T) *pgx.Conn {
	t.Helper()
	url := server.Postgres(t, "TestPortable, all of it (every SQL case and the seeded fixture on DuckDB and PostgreSQL)")
	var conn *pgx.Conn
	err := server.Await(t.Context(), func(ctx context.Context) (err error) { conn, err = pgx.Connect(ctx, url); return err })
	if err != nil {
		t.Fatalf("connect to PostgreSQL: %v", err)
	}
	t.Cleanup(func() {
		if err := conn.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return conn
}

// postgres is the other engine: what runs here runs on a distributed one.
type postgres struct {
	tx     pgx.Tx
	duck   *Tx             // tells the tables and their types
	tables map[string]bool // made so far
}

// postgresTypes of DuckDB's.
var postgresTypes = map[string]string{
	"BIGINT": "bigint", "INTEGER": "integer", "VARCHAR": "text", "BOOLEAN": "boolean", "DATE": "date",
	"TIMESTAMP": "timestamp", "DOUBLE": "double precision", "HUGEINT": "numeric(38, 0)", "DECIMAL(38,0)": "numeric(38, 0)",
}

// create makes an empty table as DuckDB has it.
func (p *postgres) create(ctx context.Context, table string) error {
	if p.tables[table] {
		return nil
	}
	if err := p.duck.Ensure(ctx, table); err != nil {
		return err
	}
	columns, err := p.duck.columns(ctx, table)
	if err != nil {
		return err
	}
	list := make([]string, len(columns))
	for i, c := range columns {
		kind := postgresTypes[c.Type]
		if kind == "" {
			return fmt.Errorf("%s.%s is %s, which is not a portable type", table, c.Name, c.Type)
		}
		list[i] = c.Name + " " + kind
	}
	schema, _, _ := strings.Cut(table, ".")
	p.tables[table] = true
	_, err = p.tx.Exec(ctx, fmt.Sprintf("CREATE SCHEMA IF NOT EXISTS %s; CREATE TABLE %s (%s)", schema, table, strings.Join(list, ", ")))
	return err
}

func (p *postgres) load(ctx context.Context, table string, rows [][]string) error {
	columns, err := p.duck.columns(ctx, table)
	if err != nil {
		return err
	}
	header := rows[0]
	values := make([]string, len(header))
	for i, name := range header {
		at := slices.IndexFunc(columns, func(c Column) bool { return c.Name == name })
		if at < 0 {
			return fmt.Errorf("%s has no column %q", table, name)
		}
		values[i] = fmt.Sprintf("$%d::text::%s", i+1, postgresTypes[columns[at].Type])
	}
	query := fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", table, strings.Join(header, ", "), strings.Join(values, ", "))
	batch := &pgx.Batch{}
	for _, row := range rows[1:] {
		args := make([]any, len(row))
		for i, v := range fieldArgs(row) {
			args[i] = v
		}
		batch.Queue(query, args...)
	}
	return p.tx.SendBatch(ctx, batch).Close()
}

func (p *postgres) rows(ctx context.Context, f *File, params Params) ([][]string, error) {
	columns, err := p.duck.columns(ctx, f.Table)
	if err != nil {
		return nil, err
	}
	header := make([]string, len(columns))
	casts := make([]string, len(columns))
	for i, c := range columns {
		header[i] = c.Name
		casts[i] = "answer." + c.Name + "::text"
	}
	text, args, err := positional(f, params)
	if err != nil {
		return nil, err
	}
	query := fmt.Sprintf("SELECT %s FROM (\n%s\n) AS answer", strings.Join(casts, ", "), text)
	result, err := p.tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	rows, err := pgx.CollectRows(result, func(row pgx.CollectableRow) ([]string, error) {
		fields := make([]string, len(columns))
		for i, raw := range row.RawValues() {
			if fields[i] = "NULL"; raw != nil {
				fields[i] = asDuckDB(string(raw), columns[i].Type)
			}
		}
		return fields, nil
	})
	return append([][]string{header}, rows...), err
}

// asDuckDB writes a whole DOUBLE as DuckDB does, with ".0". A double only passes
// through SQL, so that is all that can differ.
func asDuckDB(text, kind string) string {
	if kind == "DOUBLE" && !strings.ContainsAny(text, ".eNI") {
		return text + ".0"
	}
	return text
}

// fill stores the file's rows in its table.
func (p *postgres) fill(ctx context.Context, f *File, params Params) error {
	text, args, err := positional(f, params)
	if err != nil {
		return err
	}
	columns, err := p.duck.columns(ctx, f.Table)
	if err != nil {
		return err
	}
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	list := strings.Join(names, ", ")
	_, err = p.tx.Exec(ctx, fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM (\n%s\n) AS answer", f.Table, list, list, text), args...)
	if err != nil {
		return err
	}
	_, err = p.tx.Exec(ctx, "ANALYZE "+f.Table) // without, it plans as if every table were empty
	return err
}

var namedParam = regexp.MustCompile(`\$[a-z][a-z0-9_]*`)

// positional rewrites $name to $1, $2 … in the order of the header, the one
// difference between the two engines that a text has.
func positional(f *File, params Params) (text string, args []any, err error) {
	for _, name := range f.Params {
		value, ok := params[name]
		if !ok {
			return "", nil, fmt.Errorf("sql/%s needs parameter $%s", f.Path, name)
		}
		args = append(args, value)
	}
	text = namedParam.ReplaceAllStringFunc(f.Text, func(name string) string {
		return fmt.Sprintf("$%d", 1+slices.Index(f.Params, name[1:]))
	})
	return text, args, nil
}
