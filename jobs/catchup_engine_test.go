package jobs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ghostlight/jobs/warehouse"
)

// tinyWorkspace is 200 households, one in five held out, of which the treated
// buy more often; its study is reported Mondays at 6.
func tinyWorkspace(t *testing.T, schedule string) string {
	t.Helper()
	dir := t.TempDir()
	assigned, orders := "household,arm,at\n", "order,household,at,status,total\n"
	for i := range 200 {
		arm, every := "treatment", 5
		if i%5 == 0 {
			arm, every = "holdout", 20
		}
		at := time.Date(2026, 9, 7, 8, i%60, 0, 0, time.UTC)
		assigned += fmt.Sprintf("h%03d,%s,%s\n", i, arm, at.Format(time.RFC3339))
		if i%every == 1 || i%20 == 0 {
			orders += fmt.Sprintf("o%03d,h%03d,%s,paid,%d.50\n", i, i, at.AddDate(0, 0, 1+i%20).Format(time.RFC3339), 20+i%7)
		}
	}
	for name, text := range map[string]string{
		"data/assignment.csv": assigned,
		"data/orders.csv":     orders,
		"events.yaml":         "version: 1\nevents:\n  purchase: {stage: purchase, crm: [verified]}\n",
		"ghostlight.yaml": `version: 1
engine: {threads: 1, memory_limit: 500MB}
identity: {key: "env:GHOSTLIGHT_KEY"}
sources:
  assignment:
    table: assignment
    format: csv
    files: data/assignment.csv
    columns: {household_key: household, arm: arm, assigned_at: at}
  orders:
    table: crm_order
    format: csv
    files: data/orders*.csv
    columns:
      order_id: order
      household_key: household
      ordered_at: at
      status: {column: status, values: {paid: verified}}
      value: total
      currency: {constant: USD}
`,
		"studies/tiny.yaml": tinyStudy("tiny", schedule),
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func tinyStudy(name, schedule string) string {
	return `version: 1
study: ` + name + `
period: {start: 2026-09-07, end: 2026-10-05}
assignment:
  source: assignment
  holdout: holdout
  arms:
    - {name: treatment, share: 0.8}
    - {name: holdout, share: 0.2}
outcome: {window: 21d}
metrics:
  - {name: purchase, kind: proportion, event: purchase, from: [crm]}
schedule: ` + schedule + "\n"
}

// opened opens the workspace, does something with it and closes it, as a process
// does.
func opened(t *testing.T, dir string, opt OpenOptions, do func(*Engine)) {
	t.Helper()
	engine, err := Open(t.Context(), dir, opt)
	if err != nil {
		t.Fatal(err)
	}
	do(engine)
	if err := engine.Close(); err != nil {
		t.Fatal(err)
	}
}

// poked catches up in a process of its own and returns what was published, as
// the days of the as-ofs.
func poked(t *testing.T, dir, now string) string {
	t.Helper()
	var days []string
	opened(t, dir, testOptions(), func(e *Engine) {
		results, err := e.CatchUp(t.Context(), utc(t, now), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range results {
			days = append(days, r.AsOf.Format("01-02"))
			if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(r.Report))); err != nil {
				t.Error(err)
			}
		}
	})
	return strings.Join(days, " ")
}

// ledger writes the lines of the ledger, oldest first, as day:state.
func ledger(t *testing.T, dir string) string {
	t.Helper()
	var lines []string
	opened(t, dir, testOptions(), func(e *Engine) {
		attempts, err := e.Status(t.Context(), 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range slices.Backward(attempts) {
			if a.IntervalStart == nil || !a.IntervalStart.Before(a.AsOf) || a.FinishedAt == nil {
				t.Errorf("attempt %+v", a)
			}
			lines = append(lines, a.AsOf.Format("01-02")+":"+a.State)
		}
	})
	return strings.Join(lines, " ")
}

// reportsOf are the reports of study tiny.
func reportsOf(t *testing.T, dir string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, outFolder, "tiny", "2*", "report.html"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestCatchUpMakesEachReportOnce(t *testing.T) {
	t.Parallel()
	dir := tinyWorkspace(t, `{cron: "0 6 * * 1", catch_up: all}`)
	for _, step := range []struct{ what, now, want string }{
		{"before the first due time", "2026-09-07 05:59", ""},
		{"two weeks in", "2026-09-14 06:00", "09-07 09-14"},
		{"doubled", "2026-09-14 06:00", ""},
		{"clock back an hour", "2026-09-14 05:10", ""},
		{"again on time", "2026-09-14 06:10", ""},
		{"off for three weeks", "2026-10-05 09:00", "09-21 09-28 10-05"},
		{"clock forward a day", "2026-10-06 09:00", ""},
		{"after the end", "2027-01-01 00:00", "10-12 10-19 10-26"},
		{"and for good", "2027-06-01 00:00", ""},
	} {
		if got := poked(t, dir, step.now); got != step.want {
			t.Errorf("%s: published %q, want %q", step.what, got, step.want)
		}
	}
	if got := reportsOf(t, dir); len(got) != 8 {
		t.Errorf("reports %v, want 8", got)
	}
	want := "09-07:published 09-14:published 09-21:published 09-28:published 10-05:published 10-12:published 10-19:published 10-26:published"
	if got := ledger(t, dir); got != want {
		t.Errorf("ledger %q, want %q", got, want)
	}
}

func TestCatchUpPolicies(t *testing.T) {
	t.Parallel()
	for policy, want := range map[string]string{"latest": "09-28", "none": "", "all, max_catch_up: 2": "09-21 09-28"} {
		dir := tinyWorkspace(t, `{cron: "0 6 * * 1", catch_up: `+policy+`}`)
		if got := poked(t, dir, "2026-09-30 12:00"); got != want {
			t.Errorf("%s: published %q, want %q", policy, got, want)
		}
		if got := poked(t, dir, "2026-10-05 06:01"); got != "10-05" {
			t.Errorf("%s: on time it published %q", policy, got)
		}
	}
}

// TestCatchUpIsExclusive: of two at once, the second is told who works.
func TestCatchUpIsExclusive(t *testing.T) {
	t.Parallel()
	dir := tinyWorkspace(t, `{cron: "0 6 * * 1"}`)
	opened(t, dir, testOptions(), func(*Engine) {
		second, err := Open(t.Context(), dir, testOptions())
		if !errors.Is(err, warehouse.ErrLocked) || ExitCode(err) != ExitLocked {
			t.Errorf("second: %v, %v", second, err)
		}
	})
	if got := poked(t, dir, "2026-09-14 06:00"); got != "09-14" {
		t.Errorf("then it published %q", got)
	}
}

// TestFailedIntervalIsDueAgain for each way in which an attempt fails.
func TestFailedIntervalIsDueAgain(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, state string
		code        int
		spoil       func(*testing.T, string, *OpenOptions, context.CancelFunc)
	}{
		{"panic", "failed", ExitUnexpected, func(_ *testing.T, _ string, opt *OpenOptions, _ context.CancelFunc) {
			opt.Progress = func(_, stage string, _, _ int64) {
				if stage == "lift" {
					panic("division by nothing")
				}
			}
		}},
		{"stop", "interrupted", ExitInterrupted, func(_ *testing.T, _ string, opt *OpenOptions, stop context.CancelFunc) {
			opt.Progress = func(_, stage string, _, _ int64) {
				if stage == "match" {
					stop()
				}
			}
		}},
		{"missing file", "failed", ExitData, func(t *testing.T, dir string, _ *OpenOptions, _ context.CancelFunc) {
			orders := filepath.Join(dir, "data", "orders.csv")
			if err := os.Rename(orders, orders+".away"); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := tinyWorkspace(t, `{cron: "0 6 * * 1", catch_up: all}`)
			opt := testOptions()
			ctx, stop := context.WithCancel(t.Context())
			test.spoil(t, dir, &opt, stop)
			opened(t, dir, opt, func(e *Engine) {
				results, err := e.CatchUp(ctx, utc(t, "2026-09-15 00:00"), nil)
				if _, ok := errors.AsType[*IntervalError](err); !ok || len(results) != 0 || ExitCode(err) != test.code {
					t.Errorf("%d reports, exit %d: %v", len(results), ExitCode(err), err)
				}
			})
			if got := ledger(t, dir); got != "09-07:"+test.state || len(reportsOf(t, dir)) != 0 {
				t.Errorf("ledger %q, reports %v", got, reportsOf(t, dir))
			}
			orders := filepath.Join(dir, "data", "orders.csv")
			if err := os.Rename(orders+".away", orders); err != nil && test.code == ExitData {
				t.Fatal(err)
			}
			if got := poked(t, dir, "2026-09-15 00:05"); got != "09-07 09-14" {
				t.Errorf("then it published %q", got)
			}
			if got := ledger(t, dir); got != "09-07:"+test.state+" 09-07:published 09-14:published" {
				t.Errorf("ledger %q", got)
			}
		})
	}
}

// TestOneStudyFailsTheOtherGoesOn: a panic stops nothing but its own study.
func TestOneStudyFailsTheOtherGoesOn(t *testing.T) {
	t.Parallel()
	dir := tinyWorkspace(t, `{cron: "0 6 * * 1"}`)
	for _, name := range []string{"aaa", "unscheduled"} {
		schedule := map[string]string{"aaa": `{cron: "0 5 * * *"}`, "unscheduled": "{catch_up: all}"}[name]
		if err := os.WriteFile(filepath.Join(dir, "studies", name+".yaml"), []byte(tinyStudy(name, schedule)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	opt := testOptions()
	opt.Progress = func(study, stage string, _, _ int64) {
		if study == "aaa" && stage == "report" {
			panic(errors.New("no paper"))
		}
	}
	opened(t, dir, opt, func(e *Engine) {
		results, err := e.CatchUp(t.Context(), utc(t, "2026-09-16 05:00"), nil)
		if len(results) != 1 || results[0].Study != "tiny" || ExitCode(err) != ExitPartial {
			t.Errorf("results %v, error %v", results, err)
		}
		if p, ok := errors.AsType[*PanicError](err); !ok || !strings.Contains(p.Error(), "no paper") || len(p.Stack) == 0 {
			t.Errorf("error %v, want the panic", err)
		}
		attempts, statusErr := e.Status(t.Context(), 10)
		if statusErr != nil {
			t.Fatal(statusErr)
		}
		if len(attempts) != 2 || attempts[1].State != "failed" || attempts[1].Error == nil || *attempts[1].Error != "panic: no paper" {
			t.Errorf("ledger %+v", attempts)
		}
		if _, err := e.CatchUp(t.Context(), utc(t, "2026-09-16 05:00"), []string{"unscheduled"}); ExitCode(err) != ExitUsage {
			t.Errorf("a study without schedule: %v", err)
		}
		if _, err := e.CatchUp(t.Context(), utc(t, "2026-09-16 05:00"), []string{"tyni"}); ExitCode(err) != ExitUsage {
			t.Errorf("no study: %v", err)
		}
	})
}

// TestReportInPlaceStays: a process that died between putting the report in
// place and saying so in the ledger has published it, and the next poke sees
// that, also when the inputs have changed since.
func TestReportInPlaceStays(t *testing.T) {
	t.Parallel()
	dir := tinyWorkspace(t, `{cron: "0 6 * * 1", catch_up: latest}`)
	if got := poked(t, dir, "2026-09-14 06:00"); got != "09-14" {
		t.Fatalf("published %q", got)
	}
	before := tree(t, filepath.Join(dir, outFolder))
	opened(t, dir, testOptions(), func(e *Engine) {
		err := e.db.Transact(t.Context(), func(tx *warehouse.Tx) error {
			_, err := tx.Exec(t.Context(), "UPDATE ops.run SET state = 'running', finished_at = NULL, report = NULL")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
	more := "order,household,at,status,total\nx1,h002,2026-09-09T00:00:00Z,paid,10.00\n"
	if err := os.WriteFile(filepath.Join(dir, "data", "orders2.csv"), []byte(more), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := poked(t, dir, "2026-09-14 06:05"); got != "09-14" {
		t.Errorf("the next poke answers %q", got)
	}
	after := tree(t, filepath.Join(dir, outFolder))
	for name, text := range before {
		if after[name] != text {
			t.Errorf("%s has changed", name)
		}
	}
	if len(after) != len(before) || ledger(t, dir) != "09-14:published" {
		t.Errorf("%d files, were %d; ledger %q", len(after), len(before), ledger(t, dir))
	}
	if got := poked(t, dir, "2026-09-14 06:10"); got != "" {
		t.Errorf("and then %q", got)
	}
}
