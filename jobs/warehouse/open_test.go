package warehouse

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/duckdb/duckdb-go/v2"
)

func TestHardened(t *testing.T) {
	inside, outside := t.TempDir(), t.TempDir()
	for _, dir := range []string{inside, outside} {
		if err := os.WriteFile(filepath.Join(dir, "a.csv"), []byte("x\n1\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(outside, "a.csv"), filepath.Join(inside, "link.csv")); err != nil {
		t.Fatal(err)
	}
	db := testDB(t, Options{Dirs: []string{inside}})

	transact(t, db, func(tx *Tx) error {
		n, err := number(t.Context(), tx, "SELECT sum(x) FROM read_csv('"+inside+"/a.csv')")
		if n != 1 {
			t.Errorf("read inside: %d, want 1", n)
		}
		return err
	})
	for _, statement := range []string{
		"FROM read_csv('" + outside + "/a.csv')",
		"FROM read_csv('" + inside + "/../" + filepath.Base(outside) + "/a.csv')",
		"FROM read_csv('" + inside + "/link.csv')",
		"FROM glob('/etc/*')",
		"COPY (SELECT 1) TO '" + outside + "/b.csv'",
		"ATTACH '" + outside + "/b.duckdb'",
		"EXPORT DATABASE '" + outside + "/dump'",
		"INSTALL httpfs",
		"LOAD httpfs",
		"FROM read_csv('https://127.0.0.1:1/a.csv')",
		"CREATE PERSISTENT SECRET s (TYPE s3)",
		"SET enable_external_access = true",
		"SET lock_configuration = false",
		"SET allowed_directories = ['/']",
		"SET TimeZone = 'Asia/Kolkata'",
		"SET threads = 8",
		"RESET memory_limit",
	} {
		err := db.Transact(t.Context(), func(tx *Tx) error {
			_, err := tx.Exec(t.Context(), statement)
			return err
		})
		if err == nil {
			t.Errorf("allowed: %s", statement)
		}
	}
	if _, err := os.Stat(filepath.Join(outside, "b.csv")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a refused COPY left a file: %v", err)
	}
}

// An engine that is opened without the hook must fail the self-test, each rule
// of it: otherwise the test of Open proves nothing.
func TestSelfTestSeesAnOpenEngine(t *testing.T) {
	statements := hardeningStatements(nil)
	for i, left := range statements {
		connector, err := duckdb.NewConnector(":memory:", nil)
		if err != nil {
			t.Fatal(err)
		}
		pool := sql.OpenDB(connector)
		pool.SetMaxIdleConns(0)
		for j, statement := range statements {
			if j == i && strings.Contains(left, "TimeZone") {
				statement = "SET GLOBAL TimeZone = 'Asia/Kolkata'"
			} else if j == i {
				continue
			}
			if _, err := pool.ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		err = proveHardening(t.Context(), pool, nil)
		needless := strings.Contains(left, "allowed_directories") // without it nothing is allowed
		if !errors.Is(err, ErrIntegrity) && !needless {
			t.Errorf("self-test passed without: %s (%v)", left, err)
		}
		if err := pool.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestOpenRemovesSpilled: what a killed process spilled is gone when the next one
// opens the warehouse; what is not the engine's stays.
func TestOpenRemovesSpilled(t *testing.T) {
	dir := t.TempDir()
	temp := filepath.Join(dir, "temp")
	for name, keep := range map[string]bool{"duckdb_temp_storage_DEFAULT-0.tmp": false, "notes.txt": true} {
		path := filepath.Join(temp, name)
		if err := os.MkdirAll(temp, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("H0000001"), 0o600); err != nil {
			t.Fatal(err)
		}
		db, err := Open(t.Context(), filepath.Join(dir, "w.duckdb"), DefaultConfig(), Options{TempDir: temp})
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(path); (err == nil) != keep {
			t.Errorf("%s: %v, want it kept: %v", name, err, keep)
		}
	}
}

func TestSettings(t *testing.T) {
	dir := t.TempDir()
	cfg := Config{Threads: 3, MemoryLimit: "700MB", TempLimit: "2GiB"}
	db, err := Open(t.Context(), filepath.Join(dir, "w.duckdb"), cfg, Options{TempDir: filepath.Join(dir, "temp")})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	want := [][]string{
		{"TimeZone", "UTC"}, {"max_temp_directory_size", "2.0 GiB"}, {"memory_limit", "333.7 MiB"},
		{"preserve_insertion_order", "false"}, {"temp_directory", filepath.Join(dir, "temp")}, {"threads", "3"},
	}
	transact(t, db, func(tx *Tx) error {
		_, got, err := tx.texts(t.Context(), `SELECT name, value FROM duckdb_settings() WHERE name IN
			('TimeZone', 'max_temp_directory_size', 'memory_limit', 'preserve_insertion_order', 'temp_directory', 'threads')
			ORDER BY name`, nil)
		for i, row := range got {
			if strings.Join(row, "=") != strings.Join(want[i], "=") {
				t.Errorf("setting %v, want %v", row, want[i])
			}
		}
		return err
	})
}

func TestFilesArePrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), ".ghostlight")
	path := filepath.Join(dir, "warehouse.duckdb")
	openTest(t, path, Options{})
	for name, want := range map[string]os.FileMode{dir: 0o700, path: 0o600, path + ".tmp": 0o700} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, want %v", name, info.Mode().Perm(), want)
		}
	}
}

func TestReopenKeepsRowsAndNotesTheVersionOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "warehouse.duckdb")
	for fileID := range int64(3) {
		db, err := Open(t.Context(), path, testConfig(), Options{})
		if err != nil {
			t.Fatal(err)
		}
		transact(t, db, func(tx *Tx) error { return loadAssignment(t.Context(), tx, fileID, 2) })
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(path + ".wal"); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("a log is left after a clean close: %v", err)
		}
	}
	db := openTest(t, path, Options{ReadOnly: true})
	version, err := db.Version(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	transact(t, db, func(tx *Tx) error {
		type meta struct {
			Engine  string `db:"engine_version"`
			Storage string `db:"storage_version"`
		}
		rows, err := Read[meta](t.Context(), tx, "SELECT engine_version, storage_version FROM ops.meta ORDER BY 1")
		if len(rows) != 1 || rows[0].Engine != version || !strings.HasPrefix(rows[0].Storage, storageVersion) {
			t.Errorf("ops.meta = %+v, want one row of %s", rows, version)
		}
		n, err2 := number(t.Context(), tx, "SELECT count(*) FROM clean.assignment")
		if n != 6 {
			t.Errorf("%d rows, want 6", n)
		}
		return errors.Join(err, err2)
	})
	err = db.Transact(t.Context(), func(tx *Tx) error { return loadAssignment(t.Context(), tx, 9, 1) })
	if err == nil {
		t.Error("a read-only warehouse was written to")
	}
}

func TestOpenRefusesOtherFiles(t *testing.T) {
	foreign := func(statements ...string) func(t *testing.T, path string) {
		return func(t *testing.T, path string) {
			connector, err := duckdb.NewConnector(path, nil)
			if err != nil {
				t.Fatal(err)
			}
			pool := sql.OpenDB(connector)
			for _, statement := range statements {
				if _, err := pool.ExecContext(t.Context(), statement); err != nil {
					t.Fatal(err)
				}
			}
			if err := pool.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	content := func(text string) func(*testing.T, string) {
		return func(t *testing.T, path string) {
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, c := range map[string]struct {
		make func(*testing.T, string)
		opt  Options
		want error
		text string
	}{
		"text file":                  {content(strings.Repeat("household_key,ts\n", 1000)), Options{}, ErrIntegrity, "not a valid DuckDB database"},
		"empty file":                 {content(""), Options{}, ErrIntegrity, "not a valid DuckDB database"},
		"cut file":                   {cutFile(foreign("CREATE TABLE t AS FROM range(100000)")), Options{}, ErrIntegrity, ""},
		"other database":             {foreign("CREATE TABLE t (x INTEGER)"), Options{}, ErrIntegrity, "no Ghostlight warehouse"},
		"newer engine":               {foreign("CREATE SCHEMA ops", "CREATE TABLE ops.meta AS SELECT 'v2.0.0' AS engine_version"), Options{}, ErrIntegrity, "engine v2.0.0"},
		"layout before it was noted": {foreign("CREATE SCHEMA ops", "CREATE TABLE ops.meta AS SELECT 'v1.5.0' AS engine_version"), Options{}, ErrIntegrity, "are of layout 1, this version"},
		"layout to come":             {foreign("CREATE SCHEMA ops", "CREATE TABLE ops.meta AS SELECT 'v1.5.0' AS engine_version, 999 AS layout"), Options{}, ErrIntegrity, "are of layout 999, this version"},
		"missing to read":            {func(*testing.T, string) {}, Options{ReadOnly: true}, os.ErrNotExist, "no such file"},
		"folder":                     {mkdir, Options{}, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "warehouse.duckdb")
			c.make(t, path)
			db, err := Open(t.Context(), path, testConfig(), c.opt)
			if err == nil {
				t.Fatal("opened", db.Close())
			}
			if c.want != nil && !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.text) || !strings.Contains(err.Error(), path) {
				t.Errorf("err = %v, want %v with %q and the path", err, c.want, c.text)
			}
			var e *Error
			if !errors.As(err, &e) || e.Hint == "" && errors.Is(err, ErrIntegrity) {
				t.Errorf("no *Error with a hint: %#v", err)
			}
		})
	}
}

func mkdir(t *testing.T, path string) {
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
}

func cutFile(make func(*testing.T, string)) func(*testing.T, string) {
	return func(t *testing.T, path string) {
		make(t, path)
		if err := os.Truncate(path, 5000); err != nil {
			t.Fatal(err)
		}
	}
}

func TestDamagedBlockIsSeenWhenRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "warehouse.duckdb")
	db, err := Open(t.Context(), path, testConfig(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	transact(t, db, func(tx *Tx) error { return loadAssignment(t.Context(), tx, 1, 200_000) })
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 12288 + 100; i < len(data); i += 4096 {
		data[i] ^= 0xff
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err = Open(t.Context(), path, testConfig(), Options{})
	if err == nil {
		err = db.Transact(t.Context(), func(tx *Tx) error {
			_, err := number(t.Context(), tx, "SELECT sum(line_no) + max(length(row_key)) FROM clean.assignment")
			return failed("read", "clean.assignment", err)
		})
		if closeErr := db.Close(); closeErr != nil {
			t.Log("close:", closeErr)
		}
	}
	if !errors.Is(err, ErrIntegrity) {
		t.Errorf("err = %v, want ErrIntegrity", err)
	}
}

func TestOpenRefusesPathsAndFolders(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, open := range map[string]func() (*DB, error){
		"question mark":    func() (*DB, error) { return Open(t.Context(), dir+"/a?b.duckdb", testConfig(), Options{}) },
		"fragment":         func() (*DB, error) { return Open(t.Context(), dir+"/a#b.duckdb", testConfig(), Options{}) },
		"percent":          func() (*DB, error) { return Open(t.Context(), dir+"/100%/b.duckdb", testConfig(), Options{}) },
		"folder is a file": func() (*DB, error) { return Open(t.Context(), file+"/b.duckdb", testConfig(), Options{}) },
		"root folder":      func() (*DB, error) { return Open(t.Context(), "", testConfig(), Options{Dirs: []string{"/"}}) },
		"no threads": func() (*DB, error) {
			return Open(t.Context(), "", Config{MemoryLimit: "1GB", TempLimit: "1GB"}, Options{})
		},
	} {
		if db, err := open(); err == nil {
			t.Errorf("%s: opened (%v)", name, db.Close())
		}
	}
}

func TestReadOnlyFolder(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	if probe := os.WriteFile(filepath.Join(dir, "probe"), nil, 0o600); probe == nil {
		t.Skip("this user may write to a read-only folder (root): the refusal is not tested")
	}
	if _, err := Open(t.Context(), filepath.Join(dir, "w.duckdb"), testConfig(), Options{}); !errors.Is(err, ErrResources) {
		t.Errorf("err = %v, want ErrResources", err)
	}
}

func TestOutOfMemory(t *testing.T) {
	cfg := Config{Threads: 2, MemoryLimit: "64MB", TempLimit: "1MB"}
	db, err := Open(t.Context(), "", cfg, Options{TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	err = db.Transact(t.Context(), func(tx *Tx) error {
		_, err := tx.Exec(t.Context(), `CREATE TEMP TABLE big AS
			SELECT string_agg(md5(CAST(i AS VARCHAR)), ',') AS k FROM range(5000000) AS r(i)`)
		return err
	})
	var e *Error
	if !errors.Is(err, ErrResources) || !errors.As(err, &e) || !strings.Contains(e.Hint, "engine.") {
		t.Errorf("err = %v, want ErrResources with a hint", err)
	}
	transact(t, db, func(tx *Tx) error { return loadAssignment(t.Context(), tx, 1, 2) })
}

// The engine has no code for these; the texts are what DuckDB 1.5.5 said when the
// fault was made by hand.
func TestClassify(t *testing.T) {
	for text, want := range map[string]error{
		`IO Error: Could not set lock on file "/w.duckdb": Conflicting lock is held in /bin/x (PID 42). See also https://duckdb.org/docs/stable/connect/concurrency`: ErrLocked,
		`IO Error: Could not write file "/w.duckdb": No space left on device`:                                                                                        ErrResources,
		`Out of Memory Error: failed to allocate data of size 16.0 MiB (57.2 MiB/57.2 MiB used)`:                                                                     ErrResources,
		`IO Error: Cannot open file "/w.duckdb": Read-only file system`:                                                                                              ErrResources,
		`mkdir /w: read-only file system`:                           ErrResources,
		`mkdir /w: no space left on device`:                         ErrResources,
		`IO Error: Cannot open file "/w.duckdb": Permission denied`: ErrResources,
		`IO Error: Corrupt database file: computed checksum 1 does not match stored checksum 2 in block at location 3`:      ErrIntegrity,
		`IO Error: Corrupt WAL file: entry at byte position 131 computed checksum 1 does not match stored checksum 2`:       ErrIntegrity,
		`IO Error: Trying to read a database file with version number 69, but we can only read versions between 64 and 68.`: ErrIntegrity,
		`INTERNAL Error: Assertion triggered in file "x.cpp"`:                                                               ErrIntegrity,
		`Binder Error: Referenced column "x" not found in FROM clause!`:                                                     nil,
	} {
		hint, class := classify(errors.New(text))
		if class != want || (want != nil && hint == "") {
			t.Errorf("classify(%s) = %v (%s), want %v", text, class, hint, want)
		}
	}
}

func TestConfigValidate(t *testing.T) {
	if err := DefaultConfig().Validate(); err != nil {
		t.Errorf("default: %v", err)
	}
	err := Config{Threads: 0, MemoryLimit: "4 apples", TempLimit: "-1GB"}.Validate()
	for _, want := range []string{"threads: 0", `memory_limit: "4 apples"`, `temp_limit: "-1GB"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not list %s", err, want)
		}
	}
	if err := (Config{Threads: 1, MemoryLimit: "10MB", TempLimit: "1GB"}).Validate(); err == nil {
		t.Error("10MB of memory passed")
	}
}
