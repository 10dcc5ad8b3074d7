package warehouse

import (
	"errors"
	"strings"
	"testing"
)

func TestChecks(t *testing.T) {
	const header = "-- One row per pair.\n-- grain: pair\n-- key: a, b\n-- reads: none\n-- params: none\n-- not null: c\n"
	values := func(rows string) string {
		return header + "SELECT a, b, c FROM (VALUES " + rows + ") AS v(a, b, c)"
	}
	for name, c := range map[string]struct{ rows, check, sample string }{
		"good":           {"(1, 1, 0), (1, 2, 0), (2, 1, 0)", "", ""},
		"repeated key":   {"(1, 2, 0), (1, 2, 1), (0, 0, 0)", "key (a, b)", "a=1, b=2, times=2"},
		"key is null":    {"(1, NULL, 0)", "not null (b)", "a=1, b=NULL, c=0"},
		"value is null":  {"(1, 1, 0), (7, 1, NULL)", "not null (c)", "a=7, b=1, c=NULL"},
		"extra rule":     {"(1, 1, 99)", "small: Pairs whose c is large.", "a=1"},
		"sample is five": {"(1, 1, NULL), (2, 1, NULL), (3, 1, NULL), (4, 1, NULL), (5, 1, NULL), (6, 1, 0), (7, 1, NULL)", "not null (c)", "a=5"},
	} {
		t.Run(name, func(t *testing.T) {
			db := testDB(t, Options{})
			withFiles(t, db, map[string]string{
				"model/pair.sql":             values(c.rows),
				"check/model.pair.small.sql": "-- Pairs whose c is large.\n-- grain: pair\n-- key: a\n-- reads: model.pair\n-- params: none\nSELECT a FROM model.pair WHERE c > 9",
			})
			err := db.Transact(t.Context(), func(tx *Tx) error {
				_, err := tx.Replace(t.Context(), "model.pair", nil)
				return err
			})
			if c.check == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var check *CheckError
			if !errors.As(err, &check) || !errors.Is(err, ErrIntegrity) {
				t.Fatalf("err = %v, want *CheckError of class ErrIntegrity", err)
			}
			if check.Table != "model.pair" || check.Check != c.check || len(check.Sample) > sampleRows || !strings.Contains(err.Error(), c.sample) {
				t.Errorf("check = %+v (%v), want %q with %q", check, err, c.check, c.sample)
			}
		})
	}
}

// A key of many rows that the SELECT proves is not counted when written, and is by Check.
func TestProvenKeyIsCountedByCheckOnly(t *testing.T) {
	db := testDB(t, Options{})
	withFiles(t, db, map[string]string{"model/n.sql": "-- One row per n.\n-- grain: n\n-- key: n\n-- reads: none\n-- params: none\nSELECT i // 2 AS n FROM range(300000) AS t(i) GROUP BY i // 2"})
	transact(t, db, func(tx *Tx) error {
		if rows, err := tx.Replace(t.Context(), "model.n", nil); rows != 150_000 || err != nil {
			t.Fatal(rows, err)
		}
		if !db.proven["model.n"] {
			t.Error("the key was counted, though GROUP BY proves it")
		}
		if err := tx.Check(t.Context(), "model.n", nil); err != nil {
			t.Errorf("check: %v", err)
		}
		if _, err := tx.Exec(t.Context(), "INSERT INTO model.n VALUES (2)"); err != nil {
			return err
		}
		var check *CheckError
		if err := tx.Check(t.Context(), "model.n", nil); !errors.As(err, &check) || check.Check != "key (n)" {
			t.Errorf("check after a repeated key: %v", err)
		}
		return nil
	})
}

// Of many rows, a key that is one number is checked by bits and a wide or composite one by
// grouping; a repeated key is found in either.
func TestKeysOfManyRows(t *testing.T) {
	for name, c := range map[string]struct {
		key, row, repeated string
		bits               bool
	}{
		"numbers":          {"k", "i - 5 AS k", "7 AS k", true},
		"narrow numbers":   {"k", "CAST(i AS INTEGER) AS k", "CAST(7 AS INTEGER) AS k", true},
		"far apart":        {"k", "i * 1000000 AS k", "7000000 AS k", false},
		"the whole range":  {"k", "CASE WHEN i = 0 THEN -9223372036854775808 WHEN i = 1 THEN 9223372036854775807 ELSE i END AS k", "7 AS k", false},
		"texts":            {"k", "'k' || i AS k", "'k7' AS k", false},
		"of two columns":   {"a, k", "i % 2 AS a, i AS k", "1 AS a, 7 AS k", false},
		"huge and decimal": {"k", "CAST(i AS DECIMAL(38, 0)) AS k", "CAST(7 AS DECIMAL(38, 0)) AS k", false},
	} {
		t.Run(name, func(t *testing.T) {
			db := testDB(t, Options{})
			text := "-- Many rows.\n-- grain: k\n-- key: " + c.key + "\n-- reads: none\n-- params: none\nSELECT " + c.row + " FROM range(200000) AS t(i)"
			withFiles(t, db, map[string]string{"model/n.sql": text, "model/twice.sql": text + " UNION ALL SELECT " + c.repeated})
			transact(t, db, func(tx *Tx) error {
				if _, err := tx.Replace(t.Context(), "model.n", nil); err != nil {
					t.Error(err)
				}
				f, err := db.catalog.table("model.n")
				if err != nil {
					return err
				}
				if bits, err := tx.numbersDiffer(t.Context(), f, scope{}); err != nil || bits != c.bits {
					t.Errorf("known by bits: %v, %v", bits, err)
				}
				return nil
			})
			err := db.Transact(t.Context(), func(tx *Tx) error {
				_, err := tx.Replace(t.Context(), "model.twice", nil)
				return err
			})
			var check *CheckError
			if !errors.As(err, &check) || check.Check != "key ("+c.key+")" || len(check.Sample) != 1 {
				t.Errorf("a repeated key: %v", err)
			}
		})
	}
}

func TestSelectProves(t *testing.T) {
	db := testDB(t, Options{})
	for _, c := range []struct {
		text, key string
		want      bool
	}{
		{"SELECT a, b, count(*) FROM t GROUP BY a, b", "a b", true},
		{"SELECT t.a, count(*) FROM t GROUP BY t.a", "a", true},
		{"SELECT a AS k, count(*) FROM t GROUP BY a", "k", true},
		{"SELECT a, count(*) FROM t GROUP BY 1", "a", true},
		{"SELECT a, b, count(*) AS n FROM t GROUP BY a", "a b", true}, // a alone is unique, so a and b are
		{"SELECT MOD(a, 7) AS k, count(*) FROM t GROUP BY MOD(a, 7)", "k", true},
		{"SELECT 'x' AS run_id, a FROM t GROUP BY a HAVING count(*) > 1 ORDER BY a", "run_id a", true},
		{"WITH t AS (SELECT 1 AS a) SELECT a FROM t GROUP BY a", "a", true},
		{"SELECT ROW_NUMBER() OVER (ORDER BY b) AS id, b FROM t", "id", true},
		{"SELECT line_no, $f AS file_id FROM stage_event WHERE problem IS NULL", "file_id line_no", true},

		{"SELECT a, b, count(*) FROM t GROUP BY a, b", "a", false},
		{"SELECT a, b FROM t", "a", false},
		{"SELECT b AS a, count(*) FROM t GROUP BY a, b", "a", false},
		{"SELECT a + 1 AS a, count(*) FROM t GROUP BY a", "a", false}, // the group is the input's a
		{"SELECT MOD(a, 7) AS k, count(*) FROM t GROUP BY MOD(a, 8)", "k", false},
		{"SELECT a, count(*) FROM t GROUP BY ALL", "a", false},
		{"SELECT a, b, count(*) FROM t GROUP BY GROUPING SETS ((a), (b))", "a b", false},
		{"SELECT a, b, count(*) FROM t GROUP BY ROLLUP (a, b)", "a b", false},
		{"SELECT a, unnest([1, 2]) AS u FROM t GROUP BY a", "a", false},
		{"SELECT a FROM t GROUP BY a UNION ALL SELECT a FROM t GROUP BY a", "a", false},
		{"SELECT a FROM (SELECT a FROM t GROUP BY a) AS s JOIN u USING (a)", "a", false},
		{"SELECT ROW_NUMBER() OVER (PARTITION BY b ORDER BY c) AS id, b FROM t", "id", false},
		{"SELECT RANK() OVER (ORDER BY b) AS id, b FROM t", "id", false},
		{"SELECT ROW_NUMBER() OVER (ORDER BY b) AS id, unnest([1, 2]) AS u FROM t", "id", false},
		{"SELECT line_no FROM clean.event", "line_no", false},
		{"SELECT e.line_no FROM stage_event AS e JOIN t ON t.a = e.event_id", "line_no", false},
		{"SELECT 1 AS line_no FROM stage_event", "line_no", false},
		{"SELECT file_id FROM stage_event", "file_id", false},
	} {
		transact(t, db, func(tx *Tx) error {
			root, err := parseTree(t.Context(), tx.conn, c.text)
			if err == nil {
				if got := selectProves(root, strings.Fields(c.key)); got != c.want {
					t.Errorf("%s proves key (%s): %v, want %v", c.text, c.key, got, c.want)
				}
			}
			return err
		})
	}
}

// Counting a key of the tables with a row for each exposure would cost more than
// making them.
func TestLargeTablesProveTheirKeys(t *testing.T) {
	db := testDB(t, Options{})
	transact(t, db, func(tx *Tx) error {
		for _, table := range []string{"clean.exposure", "model.touch", "model.household"} {
			f, err := db.catalog.table(table)
			if err != nil {
				return err
			}
			if proven, err := tx.keyProven(t.Context(), f); err != nil || !proven {
				t.Errorf("the SELECT of %s does not prove its key (%v)", table, err)
			}
		}
		return nil
	})
}
