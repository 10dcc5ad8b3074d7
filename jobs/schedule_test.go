package jobs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ghostlight/jobs/warehouse"
)

// theatre is a scheduler on a clock of its own (that of a synctest bubble, which
// starts on Saturday 1 January 2000 and passes only while all wait), with
// workspaces and engines that the test makes up.
type theatre struct {
	mu      sync.Mutex
	studies map[string]Study
	broken  error
	pokes   []string // "study day hour:minute"
	work    func(ctx context.Context, study string, now, since time.Time) ([]RunResult, error)
	locked  bool
	log     bytes.Buffer

	open, overlaps int
}

// scheduledEvery is a set of studies by name and cron.
func scheduledEvery(specs map[string]string) map[string]Study {
	studies := map[string]Study{}
	for name, spec := range specs {
		study := defaultStudy()
		study.Name, study.Schedule.Cron = name, spec
		studies[name] = study
	}
	return studies
}

// play runs the scheduler for some time and returns what RunSchedule would.
func (th *theatre) play(t *testing.T, length time.Duration) error {
	ctx, stop := context.WithTimeout(t.Context(), length)
	defer stop()
	s := &scheduler{
		log: slog.New(slog.NewTextHandler(th, nil)), now: time.Now, started: time.Now(),
		published: func(RunResult) {},
		load: func() (*Workspace, error) {
			th.mu.Lock()
			defer th.mu.Unlock()
			return &Workspace{Studies: th.studies}, th.broken
		},
		open: func(context.Context) (catcher, error) {
			th.mu.Lock()
			defer th.mu.Unlock()
			if th.locked {
				return nil, &warehouse.LockedError{}
			}
			if th.open++; th.open > 1 {
				th.overlaps++
			}
			return th, nil
		},
	}
	return s.run(ctx)
}

func (th *theatre) Write(p []byte) (int, error) {
	th.mu.Lock()
	defer th.mu.Unlock()
	return th.log.Write(p)
}

func (th *theatre) Close() error {
	th.mu.Lock()
	defer th.mu.Unlock()
	th.open--
	return nil
}

func (th *theatre) catchUpScheduled(ctx context.Context, now, since time.Time, study string) ([]RunResult, error) {
	th.mu.Lock()
	th.pokes = append(th.pokes, study+" "+now.UTC().Format("02 15:04"))
	work := th.work
	th.mu.Unlock()
	if work == nil {
		return nil, nil
	}
	return work(ctx, study, now, since)
}

func (th *theatre) want(t *testing.T, pokes ...string) {
	t.Helper()
	if !slices.Equal(th.pokes, pokes) {
		t.Errorf("poked %q, want %q", th.pokes, pokes)
	}
	if th.overlaps > 0 || th.open != 0 {
		t.Errorf("%d engines were open beside another, %d still are", th.overlaps, th.open)
	}
}

func (th *theatre) wantLog(t *testing.T, text string) {
	t.Helper()
	if !strings.Contains(th.log.String(), text) {
		t.Errorf("the log does not say %q:\n%s", text, th.log.String())
	}
}

func TestSchedulePokesInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		th := &theatre{studies: scheduledEvery(map[string]string{"weekly": "0 6 * * 1", "daily": "30 23 * * *", "never": ""})}
		if err := th.play(t, 212*time.Hour); err != nil {
			t.Error(err)
		}
		th.want(t, "daily 01 00:00", "weekly 01 00:00", "daily 01 23:30", "daily 02 23:30", "weekly 03 06:00", "daily 03 23:30",
			"daily 04 23:30", "daily 05 23:30", "daily 06 23:30", "daily 07 23:30", "daily 08 23:30")
	})
}

// TestScheduleSince: what came due before the start is missed, what comes after
// it is not.
func TestScheduleSince(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		th := &theatre{studies: scheduledEvery(map[string]string{"daily": "30 6 * * *"})}
		started := time.Now()
		th.work = func(_ context.Context, _ string, now, since time.Time) ([]RunResult, error) {
			want := started
			if now.Equal(started) {
				want = now.Add(-pokeGrace)
			}
			if !since.Equal(want) {
				t.Errorf("at %s since is %s, want %s", now, since, want)
			}
			return nil, nil
		}
		if err := th.play(t, 36*time.Hour); err != nil {
			t.Error(err)
		}
		th.want(t, "daily 01 00:00", "daily 01 06:30", "daily 02 06:30")
	})
}

// TestSchedulePanicStopsNothing: the study is tried again, ever less often, and
// the other one never notices.
func TestSchedulePanicStopsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		th := &theatre{studies: scheduledEvery(map[string]string{"bad": "0 0 1 * *", "good": "15 12 * * *"})}
		th.work = func(_ context.Context, study string, now, _ time.Time) ([]RunResult, error) {
			if study == "bad" && now.Day() < 2 {
				panic("no such thing")
			}
			return nil, nil
		}
		if err := th.play(t, 60*time.Hour); err != nil {
			t.Error(err)
		}
		th.want(t, "bad 01 00:00", "good 01 00:00", "bad 01 01:00", "bad 01 03:00", "bad 01 07:00", "good 01 12:15",
			"bad 01 15:00", "bad 02 07:00", "good 02 12:15")
		th.wantLog(t, "no such thing")
	})
}

func TestScheduleFailureIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		th := &theatre{studies: scheduledEvery(map[string]string{"weekly": "0 6 * * 1"})}
		failures := 0
		th.work = func(_ context.Context, _ string, now, _ time.Time) ([]RunResult, error) {
			if failures++; now.Day() == 3 && failures < 4 {
				return nil, errors.New("orders.csv is missing")
			}
			return nil, nil
		}
		if err := th.play(t, 10*24*time.Hour); err != nil {
			t.Error(err)
		}
		th.want(t, "weekly 01 00:00", "weekly 03 06:00", "weekly 03 07:00", "weekly 03 09:00", "weekly 10 06:00")
		th.wantLog(t, "orders.csv is missing")
	})
}

// TestScheduleWaitsForTheLock: while an analyst works the report waits, and
// comes soon after.
func TestScheduleWaitsForTheLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		th := &theatre{studies: scheduledEvery(map[string]string{"weekly": "0 6 * * 1"})}
		hold := func(locked bool) func() {
			return func() {
				th.mu.Lock()
				defer th.mu.Unlock()
				th.locked = locked
			}
		}
		time.AfterFunc(53*time.Hour, hold(true))
		time.AfterFunc(54*time.Hour+12*time.Minute, hold(false))
		if err := th.play(t, 60*time.Hour); err != nil {
			t.Error(err)
		}
		th.want(t, "weekly 01 00:00", "weekly 03 06:15")
		th.wantLog(t, "the workspace is in use")
	})
}

// TestScheduleLongRun: a run that is longer than its period is not joined by
// another, of any study, and what it made others miss comes after it.
func TestScheduleLongRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		th := &theatre{studies: scheduledEvery(map[string]string{"long": "0 * * * *", "short": "30 1 * * *"})}
		th.work = func(_ context.Context, study string, now, _ time.Time) ([]RunResult, error) {
			if study == "long" && now.Hour() == 1 {
				time.Sleep(82 * time.Minute)
			}
			return nil, nil
		}
		if err := th.play(t, 200*time.Minute); err != nil {
			t.Error(err)
		}
		th.want(t, "long 01 00:00", "short 01 00:00", "long 01 01:00", "short 01 02:22", "long 01 02:25", "long 01 03:00")
		th.wantLog(t, `this one is skipped" study=long`)
	})
}

// TestScheduleFollowsConfiguration: studies come and go, and a fault in the
// files changes nothing and is told once.
func TestScheduleFollowsConfiguration(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		th := &theatre{studies: scheduledEvery(map[string]string{"first": "0 6 * * *"})}
		at := func(after time.Duration, change func()) {
			time.AfterFunc(after, func() {
				th.mu.Lock()
				defer th.mu.Unlock()
				change()
			})
		}
		at(61*time.Minute, func() { th.studies = scheduledEvery(map[string]string{"first": "0 7 * * *", "second": "0 8 * * *"}) })
		at(121*time.Minute, func() { th.broken = errors.New("studies/first.yaml:3:1: no") })
		at(28*time.Hour+time.Minute, func() { th.broken, th.studies = nil, scheduledEvery(map[string]string{"second": "0 8 * * *"}) })
		if err := th.play(t, 58*time.Hour); err != nil {
			t.Error(err)
		}
		th.want(t, "first 01 00:00", "first 01 01:05", "second 01 01:05", "first 01 07:00", "second 01 08:00",
			"second 02 08:00", "second 03 08:00")
		if n := strings.Count(th.log.String(), "studies/first.yaml:3:1"); n != 1 {
			t.Errorf("the fault is logged %d times", n)
		}
	})
}

// TestScheduleStops: the end of ctx ends the running job, and only a job that
// does not listen is an error.
func TestScheduleStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		th := &theatre{studies: scheduledEvery(map[string]string{"a": "0 * * * *", "b": "0 * * * *"})}
		th.work = func(ctx context.Context, _ string, now, _ time.Time) ([]RunResult, error) {
			if now.Hour() == 0 {
				return nil, nil
			}
			<-ctx.Done()
			time.Sleep(time.Second) // roll back
			return nil, fmt.Errorf("match: %w", ctx.Err())
		}
		started := time.Now()
		if err := th.play(t, 90*time.Minute); err != nil {
			t.Error(err)
		}
		if took := time.Since(started); took != 90*time.Minute+time.Second {
			t.Errorf("it took %s", took)
		}
		if len(th.pokes) != 3 || th.open != 0 {
			t.Errorf("poked %q, %d open", th.pokes, th.open)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		th := &theatre{studies: scheduledEvery(map[string]string{"deaf": "0 * * * *"})}
		th.work = func(context.Context, string, time.Time, time.Time) ([]RunResult, error) {
			time.Sleep(time.Hour)
			return nil, nil
		}
		started := time.Now()
		if err := th.play(t, time.Minute); err == nil || time.Since(started) != time.Minute+stopWait {
			t.Errorf("after %s: %v, want an error", time.Since(started), err)
		}
		time.Sleep(2 * time.Hour) // the job ends
	})
}

// TestRunSchedule is the whole on a real workspace: at the start it makes up
// what was missed, and it ends when it is told to.
func TestRunSchedule(t *testing.T) {
	t.Parallel()
	dir := tinyWorkspace(t, `{cron: "0 6 * * 1", catch_up: all, max_catch_up: 2}`)
	opt := testOptions()
	clock := utc(t, "2026-09-30 00:00")
	opt.Now = func() time.Time { return clock }
	for _, want := range []string{"09-21 09-28", ""} {
		ctx, stop := context.WithCancel(t.Context())
		var days []string
		log := &quitter{text: "no report is due", quit: stop}
		opt.Log = slog.New(slog.NewTextHandler(log, nil))
		err := RunSchedule(ctx, dir, opt, func(r RunResult) {
			if days = append(days, r.AsOf.Format("01-02")); len(days) == 2 {
				stop()
			}
		})
		if got := strings.Join(days, " "); err != nil || got != want {
			t.Errorf("published %q, want %q (%v)", got, want, err)
		}
	}
	if got := ledger(t, dir); got != "09-21:published 09-28:published" {
		t.Errorf("ledger %q", got)
	}
}

// quitter stops the schedule when the log says something.
type quitter struct {
	text string
	quit context.CancelFunc
}

func (q *quitter) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte(q.text)) {
		q.quit()
	}
	return len(p), nil
}

func TestRunScheduleRefuses(t *testing.T) {
	dir := tinyWorkspace(t, `{catch_up: all}`)
	if err := RunSchedule(t.Context(), dir, testOptions(), nil); ExitCode(err) != ExitUsage || !strings.Contains(err.Error(), "no study has a schedule") {
		t.Errorf("without a schedule: %v", err)
	}
	bad := tinyStudy("tiny", `{cron: "0 0 31 2 *"}`)
	if err := os.WriteFile(filepath.Join(dir, "studies", "tiny.yaml"), []byte(bad), 0o644); err != nil {
		t.Fatal(err)
	}
	err := RunSchedule(t.Context(), dir, testOptions(), nil)
	if fault := Explain(err); fault.Code != ExitUsage || len(fault.Problems) != 1 || fault.Problems[0].Path != "schedule.cron" || fault.Problems[0].Line == 1 {
		t.Errorf("a schedule that never comes due: %+v", fault)
	}
}
