package warehouse

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// secretKey is one of the row keys that storeKeys writes: md5 of 123.
const secretKey = "202cb962ac59075b964b07152d234b70"

// storeKeys writes a warehouse of 4,000 rows and deletes the secret one.
func storeKeys(ctx context.Context, path string, dropSecret bool) error {
	db, err := Open(ctx, path, testConfig(), Options{})
	if err != nil {
		return err
	}
	err = db.Transact(ctx, func(tx *Tx) error {
		if dropSecret {
			_, err := tx.Exec(ctx, "DELETE FROM clean.assignment WHERE row_key = ?", secretKey)
			return err
		}
		if err := loadAssignment(ctx, tx, 1, 4000); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "UPDATE clean.assignment SET row_key = md5(CAST(line_no AS VARCHAR))")
		return err
	})
	return errors.Join(err, db.Close())
}

// holdsSecret looks for the deleted key in the bytes of every file of a folder.
func holdsSecret(t *testing.T, dir string) (files []string) {
	t.Helper()
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err != nil || !info.Mode().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if bytes.Contains(data, []byte(secretKey)) {
			files = append(files, filepath.Base(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func rowsOf(t *testing.T, path string) (n int64) {
	t.Helper()
	db := openTest(t, path, Options{})
	transact(t, db, func(tx *Tx) (err error) {
		n, err = number(t.Context(), tx, "SELECT count(DISTINCT row_key) FROM clean.assignment")
		return err
	})
	return n
}

// TestCompactWipesFreeSpace: a deleted row stays in the file's free blocks until
// the file is written anew.
func TestCompactWipesFreeSpace(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "it's a warehouse.duckdb")
	for i, dropSecret := range []bool{false, true} {
		if err := storeKeys(t.Context(), path, dropSecret); err != nil {
			t.Fatal(err)
		}
		if files := holdsSecret(t, dir); len(files) != 1 {
			t.Fatalf("step %d: the key is in %v; without it in the file the rest proves nothing", i, files)
		}
	}
	var steps []string
	err := Compact(t.Context(), path, testConfig(), filepath.Join(dir, "temp"), func(step string) { steps = append(steps, step) })
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(steps, " "); got != "copy sync swap swapped" {
		t.Errorf("steps %s", got)
	}
	if files := holdsSecret(t, dir); files != nil {
		t.Errorf("the deleted key is still in %v", files)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the new file: %v, %v; want mode 0600", info.Mode(), err)
	}
	if left, _ := filepath.Glob(path + ".*"); len(left) != 1 { // its folder for temporary files
		t.Errorf("left beside it: %v", left)
	}
	db := openTest(t, path, Options{})
	transact(t, db, func(tx *Tx) error { // still of the version that every engine reads, and writable
		n, err := number(t.Context(), tx, `SELECT count(*) FROM duckdb_databases()
			WHERE database_name = current_database() AND tags['storage_version'] = 'v1.0.0+'`)
		if n != 1 {
			t.Error("the new file is of another storage version")
		}
		return errors.Join(err, loadAssignment(t.Context(), tx, 2, 5))
	})
}

// TestCompactFollowsALink: the file that a link leads to is replaced, not the link.
func TestCompactFollowsALink(t *testing.T) {
	far, dir := t.TempDir(), t.TempDir()
	target, path := filepath.Join(far, "far.duckdb"), filepath.Join(dir, "w.duckdb")
	for _, dropSecret := range []bool{false, true} {
		if err := storeKeys(t.Context(), target, dropSecret); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(target, path); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	if err := Compact(t.Context(), path, testConfig(), filepath.Join(dir, "temp"), nil); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(path); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link became a file: %v", err)
	}
	if files := holdsSecret(t, far); files != nil {
		t.Errorf("the deleted key is still in %v", files)
	}
	if n := rowsOf(t, path); n != 3999 {
		t.Errorf("%d rows, want 3999", n)
	}
}

func TestCompactRefuses(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "w.duckdb")
	if err := Compact(t.Context(), path, testConfig(), dir, nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("without a file: %v", err)
	}
	if err := storeKeys(t.Context(), path, false); err != nil {
		t.Fatal(err)
	}
	_, kill := startProcess(t, "open", path)
	if err := Compact(t.Context(), path, testConfig(), dir, nil); !errors.Is(err, ErrLocked) {
		t.Errorf("while another process has it open: %v, want ErrLocked", err)
	}
	kill()
	if err := os.WriteFile(path+".wal", []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Compact(t.Context(), path, testConfig(), dir, nil); err == nil || !strings.Contains(err.Error(), "log") {
		t.Errorf("with a log: %v", err)
	}
	if err := os.Remove(path + ".wal"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err := Compact(ctx, path, testConfig(), dir, func(step string) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := os.Stat(path + compactSuffix); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a copy that was given up is left: %v", err)
	}
	if n := rowsOf(t, path); n != 4000 {
		t.Errorf("%d rows, want 4000", n)
	}
}

// TestKillCompacting kills the process before each step: the file is the whole
// old one or the whole new one, and what lies beside it goes at the next Open.
func TestKillCompacting(t *testing.T) {
	for _, step := range []string{"copy", "sync", "swap", "swapped"} {
		t.Run(step, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "w.duckdb")
			_, kill := startProcess(t, "copy", path, step)
			kill()
			_, err := os.Stat(path + compactSuffix)
			if copied := err == nil; copied != (step == "sync" || step == "swap") {
				t.Errorf("a copy beside the file: %v", copied)
			}
			if got := len(holdsSecret(t, filepath.Dir(path))) == 0; got != (step == "swapped") {
				t.Errorf("wiped: %v", got)
			}
			if n := rowsOf(t, path); n != 3999 {
				t.Errorf("%d rows, want 3999", n)
			}
			if _, err := os.Stat(path + compactSuffix); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the copy is left: %v", err)
			}
		})
	}
}

// dieCompacting waits for its end before the step that args name.
func dieCompacting(args []string) int {
	ctx := context.Background()
	for _, dropSecret := range []bool{false, true} {
		if err := storeKeys(ctx, args[0], dropSecret); err != nil {
			return fail(err)
		}
	}
	err := Compact(ctx, args[0], testConfig(), args[0]+".tmp", func(step string) {
		if step == args[1] {
			waitForKill()
		}
	})
	return fail(err)
}
