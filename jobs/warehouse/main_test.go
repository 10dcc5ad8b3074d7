package warehouse

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

var (
	update = flag.Bool("update", false, "rewrite goldens and want.csv")
	keep   = flag.String("keep", "", "folder in which tests leave their databases")
)

// helperVar makes the test binary play another process: see TestMain.
const helperVar = "GHOSTLIGHT_TEST_PROCESS"

// processes that tests start anew from this binary, by the value of helperVar.
var processes = map[string]func(args []string) int{
	"lock":  holdLock,
	"open":  holdOpen,
	"crash": dieInTransaction,
	"copy":  dieCompacting,
}

func TestMain(m *testing.M) {
	if play, ok := processes[os.Getenv(helperVar)]; ok {
		os.Exit(play(os.Args[1:]))
	}
	flag.Parse()
	os.Exit(m.Run())
}

func testConfig() Config { return Config{Threads: 1, MemoryLimit: "1GB", TempLimit: "1GB"} }

// kept counts the databases of each test.
var kept = map[string]int{}

// testDB opens a warehouse in memory, or below -keep in a file named after the
// test.
func testDB(t *testing.T, opt Options) *DB {
	t.Helper()
	path := ""
	if *keep != "" {
		kept[t.Name()]++
		path = filepath.Join(*keep, fmt.Sprintf("%s_%d.duckdb", strings.ReplaceAll(t.Name(), "/", "_"), kept[t.Name()]))
		for _, suffix := range []string{"", ".wal"} {
			if err := os.Remove(path + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
		}
	}
	return openTest(t, path, opt)
}

func openTest(t *testing.T, path string, opt Options) *DB {
	t.Helper()
	db, err := Open(t.Context(), path, testConfig(), opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// withFiles swaps the files of package sql for these, by path.
func withFiles(t *testing.T, db *DB, files map[string]string) {
	t.Helper()
	disk := fstest.MapFS{}
	for path, text := range files {
		disk[path] = &fstest.MapFile{Data: []byte(text)}
	}
	c, err := readCatalog(disk)
	if err != nil {
		t.Fatal(err)
	}
	db.catalog, db.proven = c, map[string]bool{}
}

// transact fails the test when the transaction does.
func transact(t *testing.T, db *DB, do func(*Tx) error) {
	t.Helper()
	if err := db.Transact(t.Context(), do); err != nil {
		t.Fatal(err)
	}
}

// number reads one integer.
func number(ctx context.Context, tx *Tx, query string) (n int64, err error) {
	err = tx.conn.QueryRowContext(ctx, query).Scan(&n)
	return n, err
}
