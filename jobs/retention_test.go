package jobs

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestRetention deletes by the as-of: what the study needs is there until its
// last window closes; after that a new report is refused, the old one stays, and
// nothing is loaded again.
func TestRetention(t *testing.T) {
	dir := tinyWorkspace(t, "{}")
	ages := "retention: {orders: 75d, assignments: 75d, quarantine: 30d}\n"
	path := filepath.Join(dir, workspaceFile)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(text, ages...), 0o644); err != nil {
		t.Fatal(err)
	}
	old := "order,household,at,status,total\nx1,h002,2026-01-08T00:00:00Z,paid,10.00\nx2,h002,2026-06-08T00:00:00Z,paid,10.00\n"
	if err := os.WriteFile(filepath.Join(dir, "data", "orders2.csv"), []byte(old), 0o644); err != nil {
		t.Fatal(err)
	}
	orders := func() int64 { return counted(t, dir, "SELECT count(*) FROM clean.crm_order") }

	runTiny(t, dir, utc(t, "2026-12-31 00:00")) // in the future of the tests' clock
	all := orders()
	first := runTiny(t, dir, utc(t, "2026-11-18 00:00"))
	if n := orders(); n != all-2 {
		t.Errorf("%d orders, want %d", n, all-2)
	}
	again := runTiny(t, dir, utc(t, "2026-11-18 00:00"))
	if again.RunID != first.RunID {
		t.Errorf("the same run has ids %s and %s", first.RunID, again.RunID)
	}
	opt := testOptions()
	now := utc(t, "2027-02-01 00:00")
	opt.Now = func() time.Time { return now }
	opened(t, dir, opt, func(e *Engine) {
		attempts, err := e.Status(t.Context(), 10)
		if err != nil || len(attempts) != 3 || attempts[0].Expired != nil || attempts[1].Expired == nil || *attempts[1].Expired != 2 {
			t.Errorf("status %+v, %v", attempts, err)
		}
		_, err = e.Run(t.Context(), RunRequest{Study: "tiny", AsOf: now})
		if refused, ok := errors.AsType[*RetentionError](err); !ok || refused.Table != "assignment" || ExitCode(err) != ExitData {
			t.Errorf("a report of what is left: %v", err)
		}
	})
	if n := orders(); n != 0 {
		t.Errorf("%d orders are left", n)
	}
	if len(reportsOf(t, dir)) != 2 {
		t.Errorf("reports %v", reportsOf(t, dir))
	}
	if _, err := Doctor(t.Context(), dir, testOptions()); err != nil {
		t.Errorf("doctor: %v", err)
	}
}
