package warehouse

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestFilesMatchTheirHeaders compares every header with DuckDB's own parse.
func TestFilesMatchTheirHeaders(t *testing.T) {
	db := testDB(t, Options{})
	var files []*File
	for _, f := range db.catalog.tables {
		files = append(files, f)
	}
	for _, checks := range db.catalog.checks {
		files = append(files, checks...)
	}
	if len(files) < 20 {
		t.Fatalf("only %d files are embedded", len(files))
	}
	transact(t, db, func(tx *Tx) error {
		for _, f := range files {
			root, err := parseTree(t.Context(), tx.conn, f.Text)
			if err != nil {
				t.Errorf("sql/%s: %v", f.Path, err)
				continue
			}
			for _, problem := range headerProblems(f, root) {
				t.Errorf("sql/%s: %s", f.Path, problem)
			}
		}
		return nil
	})
}

// headerProblems lists where a header and the tree of its SELECT disagree.
func headerProblems(f *File, root node) []string {
	var problems []string
	say := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }

	found := tablesOf(root)
	if want := slices.Sorted(slices.Values(f.Reads)); !slices.Equal(want, found) {
		say("reads: %s, but the SELECT reads %s", strings.Join(want, ", "), strings.Join(found, ", "))
	}
	params := paramsOf(root)
	if want := slices.Sorted(slices.Values(f.Params)); !slices.Equal(want, params) {
		say("params: %s, but the SELECT has %s", strings.Join(want, ", "), strings.Join(params, ", "))
	}
	for _, table := range found {
		if strings.HasPrefix(table, stagePrefix) {
			if stages[table] == "" || schemaRank(f.Table) > schemaRank("clean.") {
				say("reads %s: a stage is read by ops and clean only", table)
			}
		} else if rank := schemaRank(table); rank < 0 || rank > schemaRank(f.Table) && f.Check == "" {
			say("reads %s, which is not to its left", table)
		}
		if table == f.Table && f.Check == "" {
			say("reads itself")
		}
	}
	if isOrdered(root) && f.Table != "model.touch" && f.Table != "model.attributable" {
		say("ends in ORDER BY, which nothing needs (only model.touch and model.attributable are stored sorted)")
	}
	return problems
}

// tablesOf lists the tables in a parse tree without the names of its CTEs,
// sorted, each once. No file names a CTE like a table.
func tablesOf(root node) []string {
	tables, ctes := map[string]bool{}, map[string]bool{}
	walk(root, func(n node) {
		if entries, ok := n["cte_map"].(node); ok {
			list, _ := entries["map"].([]any)
			for _, entry := range list {
				e, _ := entry.(node)
				ctes[fmt.Sprint(e["key"])] = true
			}
		}
		switch n["type"] {
		case "BASE_TABLE":
			name := fmt.Sprint(n["table_name"])
			if schema := fmt.Sprint(n["schema_name"]); schema != "" {
				name = schema + "." + name
			}
			tables[name] = true
		case "TABLE_FUNCTION":
			tables["a table function"] = true
		}
	})
	var list []string
	for name := range tables {
		if !ctes[name] {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}

func paramsOf(root node) []string {
	found := map[string]bool{}
	walk(root, func(n node) {
		if n["class"] == "PARAMETER" {
			found[fmt.Sprint(n["identifier"])] = true
		}
	})
	var list []string
	for name := range found {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

func isOrdered(root node) bool {
	modifiers, _ := root["modifiers"].([]any)
	return slices.ContainsFunc(modifiers, func(m any) bool {
		n, _ := m.(node)
		return n["type"] == "ORDER_MODIFIER"
	})
}

func walk(v any, visit func(node)) {
	switch v := v.(type) {
	case node:
		visit(v)
		for _, child := range v {
			walk(child, visit)
		}
	case []any:
		for _, child := range v {
			walk(child, visit)
		}
	}
}

func TestHeaderProblemsAreFound(t *testing.T) {
	db := testDB(t, Options{})
	const header = "-- One row per x.\n-- grain: x\n-- key: a\n"
	for name, c := range map[string]struct{ reads, params, text, want string }{
		"good":          {"model.unit, clean.event", "p", "WITH z AS (SELECT a FROM clean.event) SELECT a FROM z JOIN model.unit USING (a) WHERE a > $p", ""},
		"too few reads": {"model.unit", "none", "SELECT a FROM model.unit WHERE a IN (SELECT a FROM clean.event)", "reads:"},
		"too many":      {"model.unit, clean.event", "none", "SELECT a FROM model.unit", "reads:"},
		"no params":     {"model.unit", "none", "SELECT a FROM model.unit WHERE a = $p", "params:"},
		"unused param":  {"model.unit", "p", "SELECT a FROM model.unit", "params:"},
		"right of it":   {"result.run", "none", "SELECT a FROM result.run", "not to its left"},
		"stage":         {"stage_event", "none", "SELECT a FROM stage_event", "a stage"},
		"function":      {"none", "none", "SELECT a FROM range(3) AS r(a)", "a table function"},
		"ordered":       {"model.unit", "none", "SELECT a FROM model.unit ORDER BY a", "ORDER BY"},
		"unknown":       {"raw.x", "none", "SELECT a FROM raw.x", "not to its left"},
	} {
		f, err := parseFile("model/x.sql", header+"-- reads: "+c.reads+"\n-- params: "+c.params+"\n"+c.text)
		if err != nil {
			t.Fatal(err)
		}
		transact(t, db, func(tx *Tx) error {
			root, err := parseTree(t.Context(), tx.conn, f.Text)
			if err != nil {
				return err
			}
			got := strings.Join(headerProblems(f, root), "; ")
			if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
				t.Errorf("%s: %q, want %q", name, got, c.want)
			}
			return nil
		})
	}
}

func TestParseTreeRefuses(t *testing.T) {
	db := testDB(t, Options{})
	transact(t, db, func(tx *Tx) error {
		for _, text := range []string{"SELECT 1; SELECT 2", "DROP TABLE x", "SELECT FROM WHERE", "", "-- nothing"} {
			if _, err := parseTree(t.Context(), tx.conn, text); err == nil {
				t.Errorf("parsed as one SELECT: %q", text)
			}
		}
		return nil
	})
}

// ensureAll makes every table of package sql, empty.
func ensureAll(ctx context.Context, tx *Tx) error {
	for _, f := range tx.db.catalog.tables {
		if err := tx.Ensure(ctx, f.Table); err != nil {
			return err
		}
	}
	return nil
}

var inexact = regexp.MustCompile(`DOUBLE|FLOAT|REAL`)

// TestCatalog binds every file over its upstream tables in the order of their
// reading, compares all columns and types with the golden, and holds the columns
// that headers name against those that are there.
func TestCatalog(t *testing.T) {
	db := testDB(t, Options{})
	transact(t, db, func(tx *Tx) error {
		if err := ensureAll(t.Context(), tx); err != nil {
			return err
		}
		var golden strings.Builder
		files, err := Tables()
		if err != nil {
			return err
		}
		for _, f := range files {
			columns, err := tx.columns(t.Context(), f.Table)
			if err != nil {
				return err
			}
			names := map[string]bool{}
			for _, c := range columns {
				names[c.Name] = true
				fmt.Fprintf(&golden, "%s.%s %s\n", f.Table, c.Name, c.Type)
				if schemaRank(f.Table) == schemaRank("model.") && inexact.MatchString(c.Type) {
					t.Errorf("sql/%s: column %s is %s; model holds integers and text", f.Path, c.Name, c.Type)
				}
				if c.Type == "\"NULL\"" {
					t.Errorf("sql/%s: column %s has no type: CAST the parameter", f.Path, c.Name)
				}
			}
			for _, name := range slices.Concat(f.Key, f.NotNull) {
				if !names[name] {
					t.Errorf("sql/%s: header names column %s, which the SELECT does not have", f.Path, name)
				}
			}
			if strings.HasPrefix(f.Table, "result.") && (!names["run_id"] || !slices.Contains(f.Key, "run_id")) {
				t.Errorf("sql/%s: a result is kept by run: run_id must be a column and part of the key", f.Path)
			}
		}
		for table, checks := range db.catalog.checks {
			for _, check := range checks {
				columns, _, err := tx.texts(t.Context(), check.Text, nullArgs(check))
				if err != nil {
					t.Errorf("sql/%s: %v", check.Path, err)
				}
				for _, name := range check.Key {
					if !slices.Contains(columns, name) {
						t.Errorf("sql/%s: check of %s: no column %s", check.Path, table, name)
					}
				}
			}
		}
		compareGolden(t, filepath.Join("testdata", "catalog.golden"), golden.String())
		return nil
	})
}

// compareGolden leaves what it got beside a golden that differs.
func compareGolden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	if string(want) == got {
		return
	}
	actual := path + ".actual"
	if err := os.WriteFile(actual, []byte(got), 0o644); err != nil {
		t.Error(err)
	}
	t.Errorf("%s differs; see %s, and -update to accept it", path, actual)
}
