package jobs

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// TestRetention deletes by the as-of: what the study needs is there until its
// last window closes; after that a new report is refused before anything is deleted,
// and the old one stays. Without the study it goes, and nothing is loaded again.
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
	replaceIn(t, path, "data/orders*.csv\n", "data/orders*.csv\n    max_quarantine: 50%\n")
	old := "order,household,at,status,total\nx1,h002,2026-01-08T00:00:00Z,paid,10.00\nx2,h002,2026-06-08T00:00:00Z,paid,10.00\nx3,h002,never,paid,10.00\n"
	if err := os.WriteFile(filepath.Join(dir, "data", "orders2.csv"), []byte(old), 0o644); err != nil {
		t.Fatal(err)
	}
	orders := func() int64 { return counted(t, dir, "SELECT count(*) FROM clean.crm_order") }

	runTiny(t, dir, utc(t, "2026-10-15 00:00"))
	left := orders()
	if n := counted(t, dir, "SELECT sum(loaded) FROM ops.load WHERE source = 'orders'"); n != left+2 {
		t.Errorf("%d of %d orders are left, want 2 fewer", left, n)
	}
	first := runTiny(t, dir, utc(t, "2026-11-18 00:00"))
	if n := counted(t, dir, "SELECT count(*) FROM ops.quarantine"); n != 0 {
		t.Errorf("%d refused records are left after 34 days", n)
	}
	again := runTiny(t, dir, utc(t, "2026-11-18 00:00"))
	runTiny(t, dir, utc(t, "2027-06-01 00:00")) // in the future of the tests' clock
	if n := orders(); n != left {
		t.Errorf("%d orders are left, want %d", n, left)
	}
	if again.RunID != first.RunID {
		t.Errorf("the same run has ids %s and %s", first.RunID, again.RunID)
	}
	opt := testOptions()
	now := utc(t, "2027-02-01 00:00")
	opt.Now = func() time.Time { return now }
	opened(t, dir, opt, func(e *Engine) {
		attempts, err := e.Status(t.Context(), 10)
		var expired []int64
		for _, a := range attempts {
			if a.Expired != nil {
				expired = append(expired, *a.Expired)
			}
		}
		if err != nil || len(attempts) != 4 || !slices.Equal(expired, []int64{1, 2}) { // newest first
			t.Errorf("status: %v of %d attempts, %v", expired, len(attempts), err)
		}
		_, err = e.Run(t.Context(), RunRequest{Study: "tiny", AsOf: now})
		if refused, ok := errors.AsType[*RetentionError](err); !ok || refused.Table != "crm_order" || refused.Key != "orders" || ExitCode(err) != ExitData {
			t.Errorf("a report of what is left: %v", err)
		}
	})
	if n := orders(); n != left {
		t.Errorf("%d orders are left after a refusal, want %d", n, left)
	}
	var failed *CheckFailure
	if _, err := Check(t.Context(), dir, nil, opt); !errors.As(err, &failed) || len(failed.Causes) != 1 || !isType[*RetentionError](err) {
		t.Errorf("check after the age: %v", err)
	}
	earlier := testOptions()
	earlier.Now = func() time.Time { return utc(t, "2026-11-18 00:00") }
	if _, err := Check(t.Context(), dir, nil, earlier); err != nil {
		t.Errorf("check before the age: %v", err)
	}
	later := filepath.Join(dir, studiesFolder, "later.yaml") // in place of the old one
	if err := os.Rename(filepath.Join(dir, studiesFolder, "tiny.yaml"), later); err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{"study: tiny": "study: later", "2026-09-07": "2027-01-01", "2026-10-05": "2027-01-20"} {
		replaceIn(t, later, from, to)
	}
	opened(t, dir, opt, func(e *Engine) {
		_, _ = e.Run(t.Context(), RunRequest{Study: "later", AsOf: now}) // deletes, and has nothing to report
	})
	if n := orders(); n != 0 {
		t.Errorf("%d orders are left", n)
	}
	if made := reportsOf(t, dir); len(made) != 3 {
		t.Errorf("reports %v, want 3", made)
	}
	if _, err := Doctor(t.Context(), dir, testOptions()); err != nil {
		t.Errorf("doctor: %v", err)
	}
}
