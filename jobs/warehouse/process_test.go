package warehouse

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// startProcess runs this binary as another process and waits for the line
// "ready". The process ends when kill is called, at the latest with the test.
func startProcess(t *testing.T, play string, args ...string) (pid int, kill func()) {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), helperVar+"="+play)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	killed := false
	kill = func() {
		if killed {
			return
		}
		killed = true
		if err := cmd.Process.Kill(); err != nil {
			t.Error(err)
		}
		var exit *exec.ExitError
		if err := cmd.Wait(); err != nil && !errors.As(err, &exit) {
			t.Error(err)
		}
	}
	t.Cleanup(kill)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || strings.TrimSpace(line) != "ready" {
		t.Fatalf("process %s said %q: %v", play, line, err)
	}
	return cmd.Process.Pid, kill
}

// waitForKill tells the parent and sleeps; a parent that died ends it too.
func waitForKill() int {
	fmt.Println("ready")
	time.Sleep(time.Minute)
	return 0
}

func fail(err error) int {
	fmt.Fprintln(os.Stderr, err)
	return 1
}

var lockTime = time.Date(2026, 11, 20, 6, 0, 0, 0, time.UTC)

func holdLock(args []string) int {
	if _, err := Lock(args[0], "ghostlight run", lockTime); err != nil {
		return fail(err)
	}
	return waitForKill()
}

func holdOpen(args []string) int {
	if _, err := Open(context.Background(), args[0], testConfig(), Options{}); err != nil {
		return fail(err)
	}
	return waitForKill()
}

// dieInTransaction commits one load, then writes half of another.
func dieInTransaction(args []string) int {
	ctx := context.Background()
	db, err := Open(ctx, args[0], testConfig(), Options{})
	if err != nil {
		return fail(err)
	}
	if err := db.Transact(ctx, func(tx *Tx) error { return loadAssignment(ctx, tx, 1, 3) }); err != nil {
		return fail(err)
	}
	err = db.Transact(ctx, func(tx *Tx) error {
		if err := loadAssignment(ctx, tx, 2, 300_000); err != nil {
			return err
		}
		waitForKill()
		return nil
	})
	return fail(err)
}

// loadSpend appends rows of one file through the stage, as a load does.
func loadAssignment(ctx context.Context, tx *Tx, fileID, rows int64) error {
	if err := tx.CreateStage(ctx, "assignment"); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO stage_assignment BY NAME
		SELECT 'h' || i AS household_key, 'treatment' AS arm, i * 1000000 AS assigned_us,
			0 AS received_us, CAST(i AS VARCHAR) AS row_key, i AS line_no
		FROM range(1, ?) AS r(i)`, rows+1)
	if err != nil {
		return err
	}
	n, err := tx.Append(ctx, "clean.assignment", Params{"source": "assignment", "file_id": fileID})
	if err == nil && n != rows {
		err = fmt.Errorf("appended %d rows, want %d", n, rows)
	}
	return err
}

func TestLockNamesItsOwner(t *testing.T) {
	path := filepath.Join(t.TempDir(), "work", "lock")
	pid, kill := startProcess(t, "lock", path)

	_, err := Lock(path, "ghostlight report", lockTime)
	var held *LockedError
	if !errors.As(err, &held) || !errors.Is(err, ErrLocked) {
		t.Fatalf("err = %v, want *LockedError", err)
	}
	if held.Owner.PID != pid || held.Owner.Command != "ghostlight run" || !held.Owner.Since.Equal(lockTime) || held.Owner.Host == "" {
		t.Errorf("owner = %+v, want process %d", held.Owner, pid)
	}
	if !strings.Contains(err.Error(), strconv.Itoa(pid)) || !strings.Contains(err.Error(), "2026-11-20T06:00:00Z") {
		t.Errorf("message does not name the holder: %v", err)
	}

	kill() // -9: the owner's text stays in the file, the lock does not
	lock, err := Lock(path, "ghostlight report", lockTime)
	if err != nil {
		t.Fatalf("lock of a dead process: %v", err)
	}
	if got := readOwner(path); got.PID != os.Getpid() || got.Command != "ghostlight report" {
		t.Errorf("owner on disk = %+v", got)
	}
	if err := lock.Unlock(); err != nil {
		t.Fatal(err)
	}
	if got := readOwner(path); got.PID != 0 {
		t.Errorf("owner after unlock = %+v", got)
	}
}

func TestLockIsHeldOnceInAProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	lock, err := Lock(path, "a", lockTime)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Lock(path, "b", lockTime); !errors.Is(err, ErrLocked) {
		t.Errorf("second lock: %v, want ErrLocked", err)
	}
	if err := lock.Unlock(); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("lock file: %v, %v", info, err)
	}
}

func TestOpenWhileAnotherProcessHasIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "warehouse.duckdb")
	pid, kill := startProcess(t, "open", path)
	for _, readOnly := range []bool{false, true} {
		_, err := Open(t.Context(), path, testConfig(), Options{ReadOnly: readOnly})
		var e *Error
		if !errors.Is(err, ErrLocked) || !errors.As(err, &e) || !strings.Contains(e.Hint, strconv.Itoa(pid)) {
			t.Errorf("read-only %v: %v, want ErrLocked with a hint at process %d", readOnly, err, pid)
		}
	}
	kill()
	openTest(t, path, Options{})
}

func TestKillInsideATransaction(t *testing.T) {
	path := filepath.Join(t.TempDir(), "warehouse.duckdb")
	_, kill := startProcess(t, "crash", path)
	kill()

	db := openTest(t, path, Options{})
	transact(t, db, func(tx *Tx) error {
		n, err := number(t.Context(), tx, "SELECT count(*) FROM clean.assignment")
		if n != 3 {
			t.Errorf("%d rows after the crash, want the 3 committed ones", n)
		}
		return err
	})
	transact(t, db, func(tx *Tx) error { return loadAssignment(t.Context(), tx, 2, 5) })
}
