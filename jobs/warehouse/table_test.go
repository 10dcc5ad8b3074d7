package warehouse

import (
	"context"
	"database/sql"
	"errors"
	"math/big"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

const fruitSQL = `-- One row per fruit.
-- grain: fruit
-- key: fruit
-- reads: none
-- params: shift, as_of_us
-- not null: n
SELECT 'fig' AS fruit, 1 + CAST($shift AS BIGINT) AS n, CAST($as_of_us AS BIGINT) AS as_of_us -- a comment at the end`

func TestReplace(t *testing.T) {
	db := testDB(t, Options{})
	withFiles(t, db, map[string]string{"model/fruit.sql": fruitSQL})
	at := time.Date(2026, 9, 7, 0, 0, 0, 1000, time.FixedZone("", 3600))
	for _, shift := range []int{1, 2} {
		transact(t, db, func(tx *Tx) error {
			rows, err := tx.Replace(t.Context(), "model.fruit", Params{"shift": shift, "as_of_us": at, "unused": "x"})
			if err != nil || rows != 1 {
				t.Fatalf("rows = %d, %v", rows, err)
			}
			n, err := number(t.Context(), tx, "SELECT n FROM model.fruit")
			if n != int64(1+shift) {
				t.Errorf("n = %d after shift %d", n, shift)
			}
			us, err2 := number(t.Context(), tx, "SELECT as_of_us FROM model.fruit")
			if us != at.UnixMicro() {
				t.Errorf("time passed as %d, want %d", us, at.UnixMicro())
			}
			return errors.Join(err, err2)
		})
	}
}

func TestErrorsSayTableAndFile(t *testing.T) {
	db := testDB(t, Options{})
	withFiles(t, db, map[string]string{
		"model/fruit.sql": fruitSQL,
		"model/bad.sql":   strings.Replace(fruitSQL, "'fig'", "nothing", 1),
	})
	for name, c := range map[string]struct {
		do   func(*Tx) error
		want []string
	}{
		"missing parameter": {func(tx *Tx) error {
			_, err := tx.Replace(t.Context(), "model.fruit", Params{"shift": 1})
			return err
		}, []string{"replace model.fruit", "sql/model/fruit.sql", "$as_of_us"}},
		"parameter type": {func(tx *Tx) error {
			_, err := tx.Replace(t.Context(), "model.fruit", Params{"shift": struct{}{}, "as_of_us": 1})
			return err
		}, []string{"replace model.fruit", "$shift", "struct"}},
		"unknown table": {func(tx *Tx) error {
			_, err := tx.Append(t.Context(), "model.none", nil)
			return err
		}, []string{"append model.none", "sql/model/none.sql"}},
		"unknown column": {func(tx *Tx) error {
			_, err := tx.Replace(t.Context(), "model.bad", Params{"shift": 1, "as_of_us": 1})
			return err
		}, []string{"replace model.bad", "nothing"}},
		"exec": {func(tx *Tx) error {
			_, err := tx.Exec(t.Context(), "DELETE FROM model.none\nWHERE true")
			return err
		}, []string{"execute", "DELETE FROM model.none …"}},
		"stage": {func(tx *Tx) error { return tx.CreateStage(t.Context(), "none") }, []string{"create stage none", "crm_order"}},
	} {
		err := db.Transact(t.Context(), c.do)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%s: %v is no *Error", name, err)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v does not say %q", name, err, want)
			}
		}
	}
}

const runSQL = `-- One row per number of a run.
-- grain: run and number
-- key: run_id, n
-- reads: none
-- params: run_id, top
SELECT CAST($run_id AS VARCHAR) AS run_id, CAST(i AS BIGINT) AS n FROM range(CAST($top AS BIGINT)) AS r(i)`

func TestReplaceRun(t *testing.T) {
	db := testDB(t, Options{})
	withFiles(t, db, map[string]string{"result/number.sql": runSQL})
	for _, step := range []struct {
		run  string
		top  int64
		want int64 // rows in the table
	}{{"a", 3, 3}, {"b", 2, 5}, {"a", 1, 3}, {"b", 0, 1}} {
		transact(t, db, func(tx *Tx) error {
			rows, err := tx.ReplaceRun(t.Context(), "result.number", step.run, Params{"top": step.top})
			if err != nil || rows != step.top {
				t.Fatalf("run %s: %d rows, %v", step.run, rows, err)
			}
			total, err := number(t.Context(), tx, "SELECT count(*) FROM result.number")
			if total != step.want {
				t.Errorf("after run %s of %d: %d rows, want %d", step.run, step.top, total, step.want)
			}
			return err
		})
	}
}

func TestAppendByFile(t *testing.T) {
	db := testDB(t, Options{})
	transact(t, db, func(tx *Tx) error { return loadAssignment(t.Context(), tx, 1, 3) })
	transact(t, db, func(tx *Tx) error { return loadAssignment(t.Context(), tx, 2, 4) })
	err := db.Transact(t.Context(), func(tx *Tx) error { return loadAssignment(t.Context(), tx, 2, 4) })
	var check *CheckError
	if !errors.As(err, &check) || !errors.Is(err, ErrIntegrity) || check.Table != "clean.assignment" {
		t.Errorf("the same file twice: %v, want a key check", err)
	}
	transact(t, db, func(tx *Tx) error {
		n, err := number(t.Context(), tx, "SELECT count(*) FROM clean.assignment")
		if n != 7 {
			t.Errorf("%d rows, want 7: the refused file must leave none", n)
		}
		return err
	})
}

func TestEnsureMakesWhatIsRead(t *testing.T) {
	db := testDB(t, Options{})
	transact(t, db, func(tx *Tx) error { return tx.Ensure(t.Context(), "model.touch") })
	transact(t, db, func(tx *Tx) error {
		n, err := number(t.Context(), tx, "SELECT count(*) FROM duckdb_tables() WHERE temporary")
		if n != 0 {
			t.Errorf("%d temporary tables are left", n)
		}
		rows, err2 := number(t.Context(), tx, "SELECT count(*) FROM clean.exposure")
		if rows != 0 {
			t.Errorf("%d rows in an ensured table", rows)
		}
		return errors.Join(err, err2)
	})
}

// Tables of attribution rely on it: an ORDER BY decides how rows are stored, with
// several threads and without preserve_insertion_order.
func TestOrderedTableIsStoredSorted(t *testing.T) {
	db, err := Open(t.Context(), filepath.Join(t.TempDir(), "w.duckdb"), Config{Threads: 4, MemoryLimit: "1GB", TempLimit: "1GB"}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	transact(t, db, func(tx *Tx) error {
		_, err := tx.Exec(t.Context(), `CREATE TABLE model.sorted AS
			SELECT CAST(hash(i) % 100000 AS BIGINT) AS k, i AS v FROM range(2000000) AS r(i) ORDER BY k, v`)
		if err != nil {
			return err
		}
		n, err := number(t.Context(), tx, `SELECT count(*) FROM model.sorted AS a JOIN model.sorted AS b ON b.rowid = a.rowid + 1
			WHERE a.k > b.k OR a.k = b.k AND a.v > b.v`)
		if n != 0 {
			t.Errorf("%d neighbours are out of order", n)
		}
		return err
	})
}

func TestTransactLeavesNothingHalfDone(t *testing.T) {
	db := testDB(t, Options{})
	boom := errors.New("boom")
	spend := func(tx *Tx, then func() error) error {
		if err := loadAssignment(t.Context(), tx, 1, 3); err != nil {
			return err
		}
		return then()
	}
	if err := db.Transact(t.Context(), func(tx *Tx) error { return spend(tx, func() error { return boom }) }); !errors.Is(err, boom) {
		t.Errorf("err = %v, want boom", err)
	}
	func() {
		defer func() {
			if got := recover(); got != boom {
				t.Errorf("recovered %v, want the panic", got)
			}
		}()
		_ = db.Transact(t.Context(), func(tx *Tx) error { return spend(tx, func() error { panic(boom) }) })
	}()
	ctx, cancel := context.WithCancel(t.Context())
	err := db.Transact(ctx, func(tx *Tx) error { return spend(tx, func() error { cancel(); return nil }) })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v, want context.Canceled", err)
	}
	ctx, cancel = context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	err = db.Transact(ctx, func(tx *Tx) error {
		_, err := tx.Exec(ctx, "CREATE TABLE ops.big AS SELECT sum(a.i * b.i) AS s FROM range(10000000) AS a(i), range(10000000) AS b(i)")
		return err
	})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("err = %v, want context.DeadlineExceeded", err)
	}
	transact(t, db, func(tx *Tx) error {
		n, err := number(t.Context(), tx, "SELECT count(*) FROM duckdb_tables() WHERE table_name IN ('spend', 'big', 'stage_spend')")
		if n != 0 {
			t.Errorf("%d tables are left", n)
		}
		return err
	})
}

type mixed struct {
	ID    string         `db:"id"`
	Count int            `db:"n"`
	Half  *float64       `db:"half"`
	Is    bool           `db:"is_it"`
	Note  sql.NullString `db:"note"`
	At    time.Time      `db:"done_at"`
	Big   *big.Int       `db:"big"`
	Kind  kind           `db:"kind"`
	Plain string         // no tag: not a column
}

type kind string

const mixedSQL = `-- One row per thing.
-- grain: thing
-- key: id
-- reads: none
-- params: none
SELECT CAST(NULL AS DOUBLE) AS half, CAST(NULL AS VARCHAR) AS id, CAST(NULL AS BIGINT) AS n, CAST(NULL AS BOOLEAN) AS is_it,
	CAST(NULL AS VARCHAR) AS note, CAST(NULL AS TIMESTAMP) AS done_at, CAST(NULL AS HUGEINT) AS big, CAST(NULL AS VARCHAR) AS kind
WHERE FALSE`

func TestInsertAndReadBack(t *testing.T) {
	db := testDB(t, Options{})
	withFiles(t, db, map[string]string{"ops/thing.sql": mixedSQL})
	half, huge := 0.1, new(big.Int).Lsh(big.NewInt(1), 100)
	rows := []mixed{
		{ID: "b", Count: -7, Half: &half, Is: true, Note: sql.NullString{String: "é", Valid: true}, At: time.Date(2026, 9, 7, 1, 2, 3, 4000, time.UTC), Big: huge, Kind: "k"},
		{ID: "a", At: time.Unix(0, 0).UTC(), Big: big.NewInt(-1)},
	}
	transact(t, db, func(tx *Tx) error {
		for range 2 { // Fill replaces
			if n, err := tx.Fill(t.Context(), "ops.thing", rows); n != 2 || err != nil {
				t.Fatal(n, err)
			}
		}
		got, err := Read[mixed](t.Context(), tx, "SELECT kind, done_at, big, id, n, half, is_it, note FROM ops.thing ORDER BY id DESC")
		if err == nil && !reflect.DeepEqual(got, rows) {
			t.Errorf("read back %+v\nwant %+v", got, rows)
		}
		none, err2 := Read[mixed](t.Context(), tx, "SELECT * FROM ops.thing WHERE id = ? ORDER BY id", "none")
		if none == nil || len(none) != 0 {
			t.Errorf("no rows: %#v, want an empty slice", none)
		}
		return errors.Join(err, err2)
	})
}

func TestInsertRefuses(t *testing.T) {
	type short struct {
		ID string `db:"id"`
	}
	type other struct {
		ID    string `db:"id"`
		Other string `db:"other"`
	}
	db := testDB(t, Options{})
	withFiles(t, db, map[string]string{"ops/thing.sql": mixedSQL})
	for name, c := range map[string]struct {
		rows any
		want string
	}{
		"missing field": {[]short{{"a"}}, "no field for column"},
		"not a slice":   {short{"a"}, "want a slice"},
		"other field":   {[]other{{}}, "no field for column"},
		"bad text":      {[]mixed{{ID: "a\xff"}}, "row 1, column id: text is not valid UTF-8"},
		"twice":         {[]mixed{{ID: "a"}, {ID: "a"}}, "key (id)"},
	} {
		err := db.Transact(t.Context(), func(tx *Tx) error {
			_, err := tx.Insert(t.Context(), "ops.thing", c.rows)
			return err
		})
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "ops.thing") {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestInsertRun(t *testing.T) {
	type row struct {
		RunID string `db:"run_id"`
		N     int64  `db:"n"`
	}
	db := testDB(t, Options{})
	withFiles(t, db, map[string]string{"result/number.sql": runSQL})
	transact(t, db, func(tx *Tx) error {
		for _, rows := range [][]row{{{"a", 1}, {"a", 2}}, {{"a", 3}}} {
			if n, err := tx.InsertRun(t.Context(), "result.number", "a", rows); n != int64(len(rows)) || err != nil {
				t.Fatal(n, err)
			}
		}
		if _, err := tx.InsertRun(t.Context(), "result.number", "b", []row{}); err != nil {
			t.Fatal(err)
		}
		n, err := number(t.Context(), tx, "SELECT sum(n) FROM result.number")
		if n != 3 {
			t.Errorf("sum = %d, want 3: a second insert replaces the run's rows", n)
		}
		return err
	})
	err := db.Transact(t.Context(), func(tx *Tx) error {
		_, err := tx.InsertRun(t.Context(), "result.number", "b", []row{{"b", 1}, {"a", 1}})
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "1 of 2 rows are not of run b") {
		t.Errorf("rows of another run: %v", err)
	}
}

func TestReadRefuses(t *testing.T) {
	type one struct {
		A int64 `db:"a"`
	}
	type two struct {
		A int64 `db:"a"`
		B int64 `db:"b"`
	}
	type twice struct {
		A int64 `db:"a"`
		B int64 `db:"a"`
	}
	db := testDB(t, Options{})
	transact(t, db, func(tx *Tx) error {
		for want, read := range map[string]func() error{
			"no field for column b": func() error { _, err := Read[one](t.Context(), tx, "SELECT 1 AS a, 2 AS b"); return err },
			"wants column a":        func() error { _, err := Read[two](t.Context(), tx, "SELECT 2 AS b"); return err },
			"row 2":                 func() error { _, err := Read[one](t.Context(), tx, "SELECT unnest([1, NULL]) AS a"); return err },
			"two fields":            func() error { _, err := Read[twice](t.Context(), tx, "SELECT 1 AS a"); return err },
			"not a struct":          func() error { _, err := Read[int](t.Context(), tx, "SELECT 1 AS a"); return err },
		} {
			if err := read(); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v, want %q", err, want)
			}
		}
		return nil
	})
}
