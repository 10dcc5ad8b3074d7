package warehouse

import (
	"bytes"
	"context"
	"database/sql/driver"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// caseDir holds SQL unit tests: <schema>.<table>/<case>.txtar. The comment says
// what the case proves. Members are the tables that the file reads, as
// <schema>.<table>.csv or stage_<table>.csv (a table left out is empty, a column
// left out is NULL, an empty field is NULL and ” is the empty text), params
// with a name=value line for each, and want.csv, the rows in ORDER BY ALL.
const caseDir = "../../sql/testdata"

// sqlCase is one SQL unit test.
type sqlCase struct {
	Path    string
	Table   string
	Archive *txtar.Archive
	Inputs  map[string][][]string // by table: header, then rows
	Params  Params
	Want    string
}

func readCases(t *testing.T) []*sqlCase {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(caseDir, "*", "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) == 0 {
		t.Fatalf("no SQL unit tests in %s", caseDir)
	}
	cases := make([]*sqlCase, len(paths))
	for i, path := range paths {
		if cases[i], err = readCase(path); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
	return cases
}

func readCase(path string) (*sqlCase, error) {
	archive, err := txtar.ParseFile(path)
	if err != nil {
		return nil, err
	}
	c := &sqlCase{
		Path: path, Table: filepath.Base(filepath.Dir(path)), Archive: archive,
		Inputs: map[string][][]string{}, Params: Params{},
	}
	if strings.TrimSpace(string(archive.Comment)) == "" {
		return nil, fmt.Errorf("no comment says what the case proves")
	}
	for _, member := range archive.Files {
		table, isTable := strings.CutSuffix(member.Name, ".csv")
		switch {
		case member.Name == "want.csv":
			c.Want = string(member.Data)
		case member.Name == "params":
			err = c.parseParams(string(member.Data))
		case isTable:
			c.Inputs[table], err = csv.NewReader(bytes.NewReader(member.Data)).ReadAll()
			if err == nil && len(c.Inputs[table]) == 0 {
				err = fmt.Errorf("no header")
			}
		default:
			err = fmt.Errorf("unknown member")
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", member.Name, err)
		}
	}
	return c, nil
}

// parseParams reads name=value lines; a value that is an integer is one.
func (c *sqlCase) parseParams(text string) error {
	for line := range strings.Lines(text) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		if !ok {
			return fmt.Errorf("%q is not name=value", line)
		}
		if n, err := strconv.ParseInt(value, 10, 64); err == nil {
			c.Params[name] = n
		} else {
			c.Params[name] = value
		}
	}
	return nil
}

// engine is a database on which a file of package sql can be run.
type engine interface {
	// load appends rows to an existing table; the first row names columns.
	load(ctx context.Context, table string, rows [][]string) error
	// rows runs the file and returns its rows as text, header first.
	rows(ctx context.Context, f *File, p Params) ([][]string, error)
}

// duck is the engine in production.
type duck struct{ tx *Tx }

func (d duck) load(ctx context.Context, table string, rows [][]string) error {
	var columns []Column
	var err error
	if stage, ok := strings.CutPrefix(table, stagePrefix); ok {
		columns = StageColumns(stage)
	} else {
		columns, err = d.tx.columns(ctx, table)
	}
	if err != nil {
		return err
	}
	header := rows[0]
	casts := make([]string, len(header))
	for i, name := range header {
		at := slices.IndexFunc(columns, func(c Column) bool { return c.Name == name })
		if at < 0 {
			return fmt.Errorf("%s has no column %q", table, name)
		}
		casts[i] = fmt.Sprintf("CAST(%s AS %s)", name, columns[at].Type)
	}
	err = d.tx.run(ctx, "CREATE OR REPLACE TEMP TABLE incoming ("+strings.Join(header, " VARCHAR, ")+" VARCHAR)")
	if err != nil {
		return err
	}
	err = d.tx.conn.Raw(func(raw any) error {
		appender, err := duckdb.NewAppender(raw.(driver.Conn), "temp", "main", "incoming")
		if err != nil {
			return err
		}
		for _, row := range rows[1:] {
			if err := appender.AppendRow(fieldArgs(row)...); err != nil {
				return errors.Join(err, appender.Close())
			}
		}
		return appender.Close()
	})
	if err != nil {
		return err
	}
	return d.tx.run(ctx, fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM incoming",
		table, strings.Join(header, ", "), strings.Join(casts, ", ")))
}

// fieldArgs turns the fields of a CSV row into arguments.
func fieldArgs(row []string) []driver.Value {
	args := make([]driver.Value, len(row))
	for i, field := range row {
		switch field {
		case "":
		case "''":
			args[i] = ""
		default:
			args[i] = field
		}
	}
	return args
}

func (d duck) rows(ctx context.Context, f *File, p Params) ([][]string, error) {
	args, err := p.args(f)
	if err != nil {
		return nil, err
	}
	if err := d.tx.run(ctx, "CREATE OR REPLACE TEMP TABLE answer AS\n"+f.Text, args...); err != nil {
		return nil, err
	}
	_, names, err := d.tx.texts(ctx, "SELECT column_name FROM duckdb_columns() WHERE table_name = 'answer' ORDER BY column_index", nil)
	if err != nil {
		return nil, err
	}
	header := make([]string, len(names))
	casts := make([]string, len(names))
	for i, name := range names {
		header[i] = name[0]
		casts[i] = "CAST(answer." + name[0] + " AS VARCHAR)"
	}
	_, rows, err := d.tx.texts(ctx, fmt.Sprintf("SELECT %s FROM answer ORDER BY answer.%s",
		strings.Join(casts, ", "), strings.Join(header, ", answer.")), nil)
	return append([][]string{header}, rows...), err
}

func TestSQLCases(t *testing.T) {
	for _, c := range readCases(t) {
		t.Run(c.Table+"/"+strings.TrimSuffix(filepath.Base(c.Path), ".txtar"), func(t *testing.T) {
			db := testDB(t, Options{})
			transact(t, db, func(tx *Tx) error {
				got, err := c.run(t.Context(), tx)
				if err != nil {
					return err
				}
				c.compare(t, formatCSV(got))
				return nil
			})
		})
	}
}

// file finds the file that the case is about: of a table, or of a check, whose
// folder is check.<schema>.<table>.<what>.
func (c *sqlCase) file(files *catalog) (*File, error) {
	path, isCheck := strings.CutPrefix(c.Table, "check.")
	if !isCheck {
		return files.table(c.Table)
	}
	for _, checks := range files.checks {
		for _, f := range checks {
			if f.Path == "check/"+path+".sql" {
				return f, nil
			}
		}
	}
	return nil, fmt.Errorf("no file sql/check/%s.sql", path)
}

// run makes the inputs with their real types, fills them and runs the file.
func (c *sqlCase) run(ctx context.Context, tx *Tx) ([][]string, error) {
	f, err := c.file(tx.db.catalog)
	if err != nil {
		return nil, err
	}
	for table := range c.Inputs {
		if !slices.Contains(f.Reads, table) {
			return nil, fmt.Errorf("%s.csv: sql/%s does not read %s", table, f.Path, table)
		}
	}
	e := duck{tx}
	for _, table := range f.Reads {
		if stage, ok := strings.CutPrefix(table, stagePrefix); ok {
			err = tx.CreateStage(ctx, stage)
		} else {
			err = tx.Ensure(ctx, table)
		}
		if err != nil {
			return nil, err
		}
		if rows := c.Inputs[table]; rows != nil {
			if err := e.load(ctx, table, rows); err != nil {
				return nil, fmt.Errorf("%s.csv: %w", table, err)
			}
		}
	}
	return e.rows(ctx, f, c.Params)
}

func (c *sqlCase) compare(t *testing.T, got string) {
	t.Helper()
	if !*update {
		if diff := cmp.Diff(c.Want, got); diff != "" {
			t.Errorf("%s (-want +got; -update to accept):\n%s", c.Path, diff)
		}
		return
	}
	at := slices.IndexFunc(c.Archive.Files, func(f txtar.File) bool { return f.Name == "want.csv" })
	if at < 0 {
		c.Archive.Files = append(c.Archive.Files, txtar.File{Name: "want.csv"})
		at = len(c.Archive.Files) - 1
	}
	c.Archive.Files[at].Data = []byte(got)
	if err := os.WriteFile(c.Path, txtar.Format(c.Archive), 0o644); err != nil {
		t.Fatal(err)
	}
}

// formatCSV writes rows as a case holds them: NULL as nothing, ” as such.
func formatCSV(rows [][]string) string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	for _, row := range rows {
		fields := slices.Clone(row)
		for i, field := range fields {
			switch field {
			case "NULL":
				fields[i] = ""
			case "":
				fields[i] = "''"
			}
		}
		_ = w.Write(fields) // a strings.Builder does not fail
	}
	w.Flush()
	return b.String()
}

// TestEveryComputedTableHasACase: a file without a case is not tested at all.
func TestEveryComputedTableHasACase(t *testing.T) {
	covered := map[string]bool{}
	for _, c := range readCases(t) {
		covered[c.Table] = true
	}
	files, err := embedded()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files.tables {
		if len(f.Reads) > 0 && !covered[f.Table] {
			t.Errorf("sql/%s has no case in %s/%s", f.Path, caseDir, f.Table)
		}
	}
	for table, checks := range files.checks {
		for _, f := range checks {
			if !covered["check."+table+"."+f.Check] {
				t.Errorf("sql/%s has no case in %s/check.%s.%s", f.Path, caseDir, table, f.Check)
			}
		}
	}
}
