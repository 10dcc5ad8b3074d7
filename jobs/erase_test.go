package jobs

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ghostlight/jobs/source"
	"ghostlight/jobs/warehouse"
)

// keyOf is the stored key of a household, as the tests' key makes it.
func keyOf(t *testing.T, household string) string {
	t.Helper()
	keyer, err := source.NewKeyer([]byte(testKey))
	if err != nil {
		t.Fatal(err)
	}
	keys, broken := keyer.Keys(source.Opaque, "", household)
	if broken != "" {
		t.Fatal(broken)
	}
	return keys[0].ID
}

// filesWith lists the files below a folder whose bytes hold the text.
func filesWith(t *testing.T, dir, text string) (found []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if bytes.Contains(data, []byte(text)) {
			name, _ := filepath.Rel(dir, path)
			found = append(found, filepath.ToSlash(name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func erased(t *testing.T, dir string, opt OpenOptions, request EraseRequest) (receipt Receipt) {
	t.Helper()
	opened(t, dir, opt, func(e *Engine) {
		var err error
		if receipt, err = e.Erase(t.Context(), request); err != nil {
			t.Fatal(err)
		}
	})
	return receipt
}

func households(ids ...string) EraseRequest {
	request := EraseRequest{Type: "household"}
	for i, id := range ids {
		request.IDs = append(request.IDs, ErasedID{i + 1, id})
	}
	return request
}

func runTiny(t *testing.T, dir string, asOf time.Time) (result RunResult) {
	t.Helper()
	opened(t, dir, testOptions(), func(e *Engine) {
		var err error
		if result, err = e.Run(t.Context(), RunRequest{Study: "tiny", AsOf: asOf}); err != nil {
			t.Fatal(err)
		}
	})
	return result
}

// counted reads one number of the warehouse.
func counted(t *testing.T, dir, query string, args ...any) (n int64) {
	t.Helper()
	opened(t, dir, testOptions(), func(e *Engine) {
		err := e.db.Transact(t.Context(), func(tx *warehouse.Tx) error {
			return tx.Conn().QueryRowContext(t.Context(), query, args...).Scan(&n)
		})
		if err != nil {
			t.Fatal(err)
		}
	})
	return n
}

// TestEraseLeavesNoTrace looks at the bytes of everything the engine keeps: the
// stored key is there before and nowhere after; the identifier and its plain hash
// never were. The receipt names nobody.
func TestEraseLeavesNoTrace(t *testing.T) {
	dir := tinyWorkspace(t, "{}")
	asOf := utc(t, "2026-10-30 00:00")
	first := runTiny(t, dir, asOf)
	key, state := keyOf(t, "h001"), filepath.Join(dir, stateFolder)
	if files := filesWith(t, state, key); len(files) != 1 || files[0] != warehouseFile {
		t.Fatalf("before, the key is in %v; without it in the warehouse the rest proves nothing", files)
	}
	request := households("h001", "nobody")
	request.DryRun = true
	dry := erased(t, dir, testOptions(), request)
	if dry.Found != 1 || dry.Asked != 2 || dry.Rows() != 2 || len(filesWith(t, state, key)) != 1 || counted(t, dir, "SELECT count(*) FROM ops.suppressed") != 0 {
		t.Errorf("dry run: %+v", dry)
	}
	request.DryRun = false
	receipt := erased(t, dir, testOptions(), request)
	if receipt.Found != 1 || receipt.Rows() != 2 || receipt.ModelTables == 0 { // its assignment and its order
		t.Errorf("receipt: %+v", receipt)
	}
	hashed := sha256.Sum256([]byte("h001"))
	for _, text := range []string{key, "h001", hex.EncodeToString(hashed[:])} {
		if files := filesWith(t, state, text); files != nil {
			t.Errorf("what was erased is still in %v", files)
		}
	}
	path := filepath.Join(dir, filepath.FromSlash(ReceiptPath(receipt.Erasure)))
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("receipt: %v, %v; want mode 0600", info, err)
	}
	if n := counted(t, dir, "SELECT (SELECT count(*) FROM model.unit) + (SELECT count(*) FROM ops.modelled) + (SELECT count(*) FROM ops.erasure WHERE NOT is_finished)"); n != 0 {
		t.Errorf("%d rows of the model, or unfinished erasures, are left", n)
	}

	// The same run again is another one: it is made of fewer rows.
	second := runTiny(t, dir, asOf)
	if second.RunID == first.RunID {
		t.Error("a run over fewer rows has the id of the run over all of them")
	}
	if n := counted(t, dir, "SELECT count(*) FROM model.unit"); n != 199 {
		t.Errorf("%d units, want 199", n)
	}
	// To load everything under suppression is the same as to erase what was loaded.
	if err := os.Rename(filepath.Join(dir, "data", "assignment.csv"), filepath.Join(dir, "data", "old.csv")); err != nil {
		t.Fatal(err)
	}
	replaceIn(t, filepath.Join(dir, workspaceFile), "data/assignment.csv", "data/old.csv")
	replaceIn(t, filepath.Join(dir, "data", "old.csv"), "household,arm,at\n", "household,arm,at\n\n")
	runTiny(t, dir, asOf)
	if n := counted(t, dir, "SELECT count(*) FROM model.unit"); n != 199 {
		t.Errorf("%d units after the old file came back, want 199", n)
	}
	if _, err := Doctor(t.Context(), dir, testOptions()); err != nil {
		t.Errorf("doctor: %v", err)
	}
}

func replaceIn(t *testing.T, path, old, now string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(text), old) {
		t.Fatalf("%s has no %q: %v", path, old, err)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(text), old, now, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
}

// killAtStep is a log handler in which the process dies at a step of an erasure.
type killAtStep struct {
	slog.Handler
	t  *testing.T
	at string
}

func (h killAtStep) Enabled(context.Context, slog.Level) bool { return true }

func (h killAtStep) Handle(_ context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "step" && a.Value.String() == h.at {
			kill(h.t)
		}
		return true
	})
	return nil
}

// TestKilledErasing kills the process at each step of an erasure. The person is
// gone from the rows or is all there, and the next command that opens the
// workspace wipes the file and writes the receipt.
func TestKilledErasing(t *testing.T) {
	if at := os.Getenv(killAt); at != "" {
		opt := testOptions()
		opt.Log = slog.New(killAtStep{slog.DiscardHandler, t, at})
		t.Fatalf("alive with %+v", erased(t, os.Getenv(killIn), opt, households("h001")))
	}
	for _, at := range []string{"deleted", "copy", "sync", "swap", "swapped", "receipt"} {
		t.Run(at, func(t *testing.T) {
			dir := tinyWorkspace(t, "{}")
			runTiny(t, dir, utc(t, "2026-10-30 00:00"))
			process := exec.Command(os.Args[0], "-test.run=^TestKilledErasing$")
			process.Env = append(os.Environ(), killAt+"="+at, killIn+"="+dir)
			output, err := process.CombinedOutput()
			if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.Exited() {
				t.Fatalf("the process was not killed: %v\n%s", err, output)
			}
			d, err := Doctor(t.Context(), dir, testOptions()) // writes nothing
			if err != nil || !strings.Contains(fmt.Sprint(d.Checks), "erasures") {
				t.Errorf("doctor does not tell of the erasure: %v, %v", d, err)
			}
			if n := counted(t, dir, "SELECT count(*) FROM clean.assignment"); n != 199 {
				t.Errorf("%d assignments, want 199", n)
			}
			state := filepath.Join(dir, stateFolder)
			if files := filesWith(t, state, keyOf(t, "h001")); files != nil {
				t.Errorf("what was erased is still in %v", files)
			}
			if receipts, _ := filepath.Glob(filepath.Join(state, receiptFolder, "*")); len(receipts) != 1 {
				t.Errorf("receipts %v, want one", receipts)
			}
			if left, _ := filepath.Glob(filepath.Join(state, warehouseFile+".*")); left != nil {
				t.Errorf("left beside the warehouse: %v", left)
			}
		})
	}
}

func TestReadErasedIDs(t *testing.T) {
	ids, err := ReadErasedIDs(strings.NewReader("\ufeffa@x.org\r\n\n  b@x.org \n"))
	if err != nil || fmt.Sprint(ids) != "[{1 a@x.org} {3 b@x.org}]" {
		t.Errorf("got %v, %v", ids, err)
	}
	for text, want := range map[string]string{
		"":                                    "there is no identifier",
		"\n \n":                               "there is no identifier",
		"ok\n\nsecret\xff\n":                  "line 3: not UTF-8",
		"ok\n" + strings.Repeat("s", 1001):    "line 2: longer than 1000 bytes",
		"ok\n" + strings.Repeat("s", 100_000): "line 2: longer than 1000 bytes",
		strings.Repeat("s\n", maxErasedIDs+1): "more than 100000",
	} {
		ids, err := ReadErasedIDs(strings.NewReader(text))
		if ids != nil || !isType[*UsageError](err) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%.20q: %v, %v; want %s", text, ids, err, want)
		}
	}
}

// TestResultsNameNobody: what reports are made of has no column that could hold a
// key of a person, a household or a record, so that an erasure may leave it.
func TestResultsNameNobody(t *testing.T) {
	dir := tinyWorkspace(t, "{}")
	runTiny(t, dir, utc(t, "2026-10-30 00:00"))
	opened(t, dir, testOptions(), func(e *Engine) {
		err := e.db.Transact(t.Context(), func(tx *warehouse.Tx) error {
			columns, err := warehouse.Read[struct {
				Table  string `db:"table_name"`
				Column string `db:"column_name"`
			}](t.Context(), tx, "SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name = 'result' ORDER BY ALL")
			if len(columns) < 50 {
				t.Errorf("only %d columns", len(columns))
			}
			for _, c := range columns {
				if strings.HasSuffix(c.Column, "_key") || strings.HasSuffix(c.Column, "_id") && !strings.HasPrefix(c.Column, "with_") && c.Column != "run_id" && c.Column != "creative_id" {
					t.Errorf("result.%s has column %s", c.Table, c.Column)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// Rows of erased persons lie in quarantine and are not refused.
func TestErasedRowsAreNotRefused(t *testing.T) {
	inputs := []inputRow{{Records: 10, Loaded: 8, Quarantined: 2}, {Records: 5, Loaded: 4, Quarantined: 1}}
	for erased, want := range map[int64]string{0: amber, 2: amber, 3: green} {
		if light := quarantineLight(inputs, erased); light.Status != want {
			t.Errorf("%d of 3 erased: %+v, want %s", erased, light, want)
		}
	}
}
