package jobs

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// TestKilledAnywhere kills a process at the start of stages, and right after the
// report was put in place; the next poke makes the report whole and once, also
// when the inputs have changed since.
func TestKilledAnywhere(t *testing.T) {
	if at := os.Getenv(killAt); at != "" {
		dieCatchingUp(t, os.Getenv(killIn), at)
	}
	for _, at := range []string{"load", "lift", "report", afterReport} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			dir := tinyWorkspace(t, `{cron: "0 6 * * 1", catch_up: all}`)
			process := exec.Command(os.Args[0], "-test.run=^TestKilledAnywhere$")
			process.Env = append(os.Environ(), killAt+"="+at, killIn+"="+dir)
			output, err := process.CombinedOutput()
			if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.Exited() {
				t.Fatalf("the process was not killed: %v\n%s", err, output)
			}
			if made := len(reportsOf(t, dir)); (at == afterReport) != (made == 1) {
				t.Errorf("killed at %s it left %d reports", at, made)
			}
			more := "order,household,at,status,total\nx1,h002,2026-09-08T00:00:00Z,paid,10.00\n"
			if err := os.WriteFile(filepath.Join(dir, "data", "orders2.csv"), []byte(more), 0o644); err != nil {
				t.Fatal(err)
			}
			if got := poked(t, dir, "2026-09-14 06:05"); got != "09-07 09-14" {
				t.Errorf("then it published %q", got)
			}
			if reports := reportsOf(t, dir); len(reports) != 2 {
				t.Errorf("reports %v, want 2", reports)
			}
		})
	}
}

// What tells a process of TestKilledAnywhere where to die.
const (
	killAt      = "GHOSTLIGHT_TEST_KILL_AT"
	killIn      = "GHOSTLIGHT_TEST_KILL_IN"
	afterReport = "after report"
)

func dieCatchingUp(t *testing.T, dir, at string) {
	opt := testOptions()
	now, reporting := opt.Now, false
	opt.Progress = func(_, stage string, _, _ int64) {
		reporting = stage == "report"
		if stage == at {
			kill(t)
		}
	}
	opt.Now = func() time.Time {
		if reporting && at == afterReport { // the clock is read again when a stage is done
			kill(t)
		}
		return now()
	}
	opened(t, dir, opt, func(e *Engine) {
		results, err := e.CatchUp(t.Context(), utc(t, "2026-09-14 06:00"), nil)
		t.Fatalf("alive with %v, %v", results, err)
	})
}

func kill(t *testing.T) {
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if err := self.Kill(); err != nil {
		t.Fatal(err)
	}
	select {}
}
