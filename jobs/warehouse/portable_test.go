package warehouse

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
)

// isPortable: the same text must give the same integers on every engine.
func isPortable(table string) bool {
	return strings.HasPrefix(table, "model.") || strings.HasPrefix(table, "result.")
}

// TestPortable runs the same text on DuckDB and on a PostgreSQL that it starts:
// every SQL case, and every file in the order of the pipeline over a seeded
// fixture. All rows must be equal as text.
func TestPortable(t *testing.T) {
	conn := startPostgres(t)
	t.Run("cases", func(t *testing.T) {
		for _, c := range readCases(t) {
			if !isPortable(c.Table) {
				continue
			}
			t.Run(c.Table+"/"+strings.TrimSuffix(filepath.Base(c.Path), ".txtar"), func(t *testing.T) {
				bothEngines(t, conn, func(tx *Tx, pg *postgres) error { return portableCase(t, c, tx, pg) })
			})
		}
	})
	t.Run("fixture", func(t *testing.T) {
		for seed := range uint64(3) {
			bothEngines(t, conn, func(tx *Tx, pg *postgres) error { return portableFixture(t, seed, tx, pg) })
		}
	})
	t.Run("a difference is seen", func(t *testing.T) {
		bothEngines(t, conn, func(tx *Tx, pg *postgres) error { return seesDifferences(t, tx, pg) })
	})
}

// bothEngines gives an empty database on each, and throws both away.
func bothEngines(t *testing.T, conn *pgx.Conn, do func(*Tx, *postgres) error) {
	t.Helper()
	ctx := t.Context()
	begun, err := conn.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := begun.Rollback(context.WithoutCancel(ctx)); err != nil {
			t.Error(err)
		}
	}()
	transact(t, testDB(t, Options{}), func(tx *Tx) error {
		return do(tx, &postgres{tx: begun, duck: tx, tables: map[string]bool{}})
	})
}

func portableCase(t *testing.T, c *sqlCase, tx *Tx, pg *postgres) error {
	ctx := t.Context()
	want, err := c.run(ctx, tx)
	if err != nil {
		return err
	}
	f, err := tx.db.catalog.table(c.Table)
	if err != nil {
		return err
	}
	for _, table := range append([]string{c.Table}, f.Reads...) {
		if err := pg.create(ctx, table); err != nil {
			return err
		}
		if rows := c.Inputs[table]; rows != nil {
			if err := pg.load(ctx, table, rows); err != nil {
				return err
			}
		}
	}
	got, err := pg.rows(ctx, f, c.Params)
	if err != nil {
		return err
	}
	sameRows(t, f.Table, want, got)
	return nil
}

// portableFixture fills ops and clean at random and makes model and result from
// them on both engines, each from its own tables.
func portableFixture(t *testing.T, seed uint64, tx *Tx, pg *postgres) error {
	ctx := t.Context()
	inputs, params := randomFixture(seed)
	for table := range inputs {
		if err := pg.create(ctx, table); err != nil {
			return err
		}
		for _, e := range []engine{duck{tx}, pg} {
			if err := e.load(ctx, table, inputs[table]); err != nil {
				return failed("load", table, err)
			}
		}
	}
	order, err := pipelineOrder()
	if err != nil {
		return err
	}
	empty := []string{}
	for _, f := range order {
		for _, table := range append([]string{f.Table}, f.Reads...) {
			if err := pg.create(ctx, table); err != nil {
				return err
			}
		}
		want, err := (duck{tx}).rows(ctx, &f, params)
		if err != nil {
			return failed("DuckDB", f.Table, err)
		}
		// Parameters are NULL when a table is made empty: the types must not change.
		_, types, err := tx.texts(ctx, `SELECT column_name || ' ' || data_type FROM duckdb_columns()
			WHERE table_name = 'answer' ORDER BY column_index`, nil)
		if err != nil {
			return err
		}
		columns, err := tx.columns(ctx, f.Table)
		if err != nil {
			return err
		}
		for i, c := range columns {
			if types[i][0] != c.Name+" "+c.Type {
				t.Errorf("sql/%s: %s with values is %s %s without", f.Path, types[i][0], c.Name, c.Type)
			}
		}
		got, err := pg.rows(ctx, &f, params)
		if err != nil {
			return failed("PostgreSQL", f.Table, err)
		}
		sameRows(t, f.Table, want, got)
		if len(want) == 1 && len(f.Reads) > 0 {
			empty = append(empty, f.Table)
		}
		if err := pg.fill(ctx, &f, params); err != nil {
			return failed("PostgreSQL fill", f.Table, err)
		}
		// As the pipeline stores it: the checks of the table run here too.
		if strings.HasPrefix(f.Table, "model.") {
			_, err = tx.Replace(ctx, f.Table, params)
		} else {
			_, err = tx.ReplaceRun(ctx, f.Table, params["run_id"].(string), params)
		}
		if err != nil {
			return err
		}
		if err := tx.Check(ctx, f.Table, params); err != nil {
			return err
		}
	}
	if err := causesMakeTheDifference(ctx, t, tx); err != nil {
		return err
	}
	if len(empty) > 0 {
		t.Errorf("seed %d: the fixture leaves %s empty, which compares nothing", seed, strings.Join(empty, ", "))
	}
	return nil
}

// pipelineOrder lists the files of model and result, each after what it reads, and those
// of result last, because their checks read model.
func pipelineOrder() ([]File, error) {
	files, err := Tables()
	if err != nil {
		return nil, err
	}
	var order []File
	done := map[string]bool{}
	for len(files) > 0 {
		var later []File
		for _, f := range files {
			ready := !slices.ContainsFunc(f.Reads, func(table string) bool { return isPortable(table) && !done[table] })
			switch {
			case !ready:
				later = append(later, f)
			case isPortable(f.Table):
				order = append(order, f)
				done[f.Table] = true
			}
		}
		if len(later) == len(files) {
			return nil, failed("order", later[0].Table, errCircle)
		}
		files = later
	}
	slices.SortStableFunc(order, func(a, b File) int {
		return schemaRank(a.Table) - schemaRank(b.Table)
	})
	return order, nil
}

// sameRows compares two results as sets of rows with repetition.
func sameRows(t *testing.T, table string, duckdb, postgres [][]string) {
	t.Helper()
	if diff := cmp.Diff(sorted(duckdb), sorted(postgres)); diff != "" {
		t.Errorf("%s differs (-DuckDB +PostgreSQL):\n%s", table, diff)
	}
}

func sorted(rows [][]string) [][]string {
	rows = slices.Clone(rows)
	slices.SortFunc(rows[1:], slices.Compare)
	return rows
}

// seesDifferences: the comparison must be able to fail, so it is shown a text that
// the two engines answer differently.
func seesDifferences(t *testing.T, tx *Tx, pg *postgres) error {
	ctx := t.Context()
	if err := pg.create(ctx, "ops.match_grid"); err != nil {
		return err
	}
	text := "SELECT 7 / 2 AS window_no, CAST(1 AS BIGINT) AS window_us, 'a' AS label" // 3.5 and 3
	f := &File{Path: "ops/match_grid.sql", Table: "ops.match_grid", Text: text}
	a, err := (duck{tx}).rows(ctx, f, nil)
	if err != nil {
		return err
	}
	b, err := pg.rows(ctx, f, nil)
	if err != nil {
		return err
	}
	if cmp.Equal(sorted(a), sorted(b)) {
		t.Errorf("no difference seen in %s: %q", text, a)
	}
	return nil
}
