package jobs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"ghostlight/jobs/warehouse"
)

// Interval is the time [Start, End) between two neighbouring due times of a
// schedule, in UTC. A report of the interval stands as of End, and the ledger
// knows it by Start.
type Interval struct{ Start, End time.Time }

// String writes both ends in RFC 3339.
func (i Interval) String() string {
	return i.Start.Format(time.RFC3339) + "/" + i.End.Format(time.RFC3339)
}

// Policies for intervals that were missed.
const (
	catchUpNone = "none"
	catchUpAll  = "all"
)

// pokeGrace is how late an outside timer may poke and still be on time; by
// default systemd's timers are up to a minute late, and a start takes its time.
const pokeGrace = 5 * time.Minute

// dueIntervals are the intervals of a scheduled study that want a report at
// now, oldest first. done holds the starts of those that have one, in UTC.
//
// A study's intervals reach from the one in which its period starts to the one
// in which the last outcome window closes; of these, the ones that have ended
// by now may be due. Nothing is due that is not later than the newest interval
// with a report, so that reports appear in order and neither a changed schedule
// nor a clock set back makes the past again. (Reports that a clock gone ahead
// made of the future do not hold up the present.)
//
// Policy latest takes the newest one alone; all takes the newest max_catch_up;
// none takes the newest if it ended after since, and so was not missed.
func dueIntervals(study Study, now, since time.Time, done map[time.Time]bool) ([]Interval, error) {
	times, err := parseCron(study.Schedule.Cron)
	if err != nil {
		return nil, fmt.Errorf("read schedule of study %s: %w", study.Name, err)
	}
	var newest time.Time
	for start := range done {
		if start.After(newest) && !start.After(now) {
			newest = start
		}
	}
	n := 1
	if study.Schedule.CatchUp == catchUpAll {
		n = study.Schedule.MaxCatchUp
	}
	closing := study.Period.End.Add(study.Outcome.Window.Std())
	var due []Interval
	for _, i := range endedIntervals(times, study.Period.Start.Time, closing, now, n) {
		missed := study.Schedule.CatchUp == catchUpNone && !i.End.After(since)
		if i.Start.After(newest) && !missed {
			due = append(due, i)
		}
	}
	return due, nil
}

// longestGap is longer than any schedule pauses: 29 February can be eight
// years away.
const longestGap = 9

// endedIntervals are the newest n intervals that ended by now, of those that
// hold a moment of [from, closing], oldest first.
func endedIntervals(times dueTimes, from, closing, now time.Time, n int) []Interval {
	from, now = from.UTC(), now.UTC()
	if final := times.after(closing.UTC()); final.Before(now) {
		now = final
	}
	earliest := from.AddDate(-longestGap, 0, 0)
	// The span doubles until it holds the ends of n intervals; no schedule is
	// denser than one due time a minute.
	var fired []time.Time
	for minutes := n + 1; ; minutes *= 2 {
		start := now.Add(-time.Duration(minutes) * time.Minute)
		tooLong := start.Before(earliest) || minutes > 100*366*24*60
		if tooLong {
			start = earliest
		}
		if fired = times.between(start, now); len(fired) > n || tooLong {
			break
		}
	}
	var ended []Interval
	for k := max(1, len(fired)-n); k < len(fired); k++ {
		if fired[k].After(from) {
			ended = append(ended, Interval{Start: fired[k-1], End: fired[k]})
		}
	}
	return ended
}

// CatchUp makes the reports that are due at now, and is what any outside timer
// calls: of the studies named, or of every scheduled study when none is. The
// ledger decides what is due, so that calling too often is harmless, and nothing
// due is no error.
//
// The results of all that was published come also with an error. A study that
// fails does not stop the next one: then the error is a *PartialError, or the
// failure itself, an *IntervalError, when it was all that was to do. Within a
// study the first failure ends the rest, so that reports appear in order; the
// interval is due again at the next call. A study that does not exist is an
// *UnknownStudyError and one without a schedule a *UsageError, before anything
// is run.
func (e *Engine) CatchUp(ctx context.Context, now time.Time, studies []string) ([]RunResult, error) {
	return e.catchUp(ctx, now, now.Add(-pokeGrace), studies)
}

func (e *Engine) catchUp(ctx context.Context, now, since time.Time, studies []string) (results []RunResult, err error) {
	if err := e.Workspace.unattended(); err != nil {
		return nil, err
	}
	names, err := e.Workspace.chooseScheduled(studies)
	if err != nil {
		return nil, err
	}
	partial := &PartialError{}
	for _, name := range names {
		made, err := catchUpStudy(ctx, e, e.Workspace.Studies[name], now, since)
		results = append(results, made...)
		for _, result := range made {
			partial.published(result)
		}
		if err != nil {
			partial.Failed = append(partial.Failed, StudyFailure{name, err})
		}
		if err := ctx.Err(); err != nil {
			return results, errors.Join(err, partial.first())
		}
	}
	switch {
	case len(partial.Failed) > 0 && len(names) == 1 && len(results) == 0:
		return nil, partial.first()
	case len(partial.Failed)+len(partial.LeftOut) > 0:
		return results, partial
	case len(results) == 0:
		e.opt.Log.Info("no report is due", "studies", len(names), "now", now.UTC().Format(time.RFC3339))
	}
	return results, nil
}

func (e *PartialError) first() error {
	if len(e.Failed) == 0 {
		return nil
	}
	return e.Failed[0].Err
}

// unattended refuses a workspace that somebody must pipe a file into.
func (w *Workspace) unattended() error {
	if name := w.Sources.StdinSource(); name != "" {
		return &UsageError{Problem: "source " + name + " reads standard input, which a schedule has not", Hint: "name files instead of -, or pipe into ghostlight run"}
	}
	return nil
}

// chooseScheduled is choose among the studies with a schedule.
func (w *Workspace) chooseScheduled(studies []string) ([]string, error) {
	if len(studies) == 0 {
		return w.scheduled(), nil
	}
	names, err := w.choose(studies)
	for _, name := range names {
		if w.Studies[name].Schedule.Cron == "" {
			return nil, &UsageError{
				Problem: "study " + name + " has no schedule",
				Hint:    `write schedule: {cron: "0 6 * * 1"} in studies/` + name + ".yaml",
			}
		}
	}
	return names, err
}

// scheduled are the names of the studies with a schedule, in order.
func (w *Workspace) scheduled() []string {
	var names []string
	for _, name := range w.StudyNames() {
		if w.Studies[name].Schedule.Cron != "" {
			names = append(names, name)
		}
	}
	return names
}

// publisher is what catching up asks of an engine.
type publisher interface {
	publishedIntervals(ctx context.Context, study string) (map[time.Time]bool, error)
	publishInterval(ctx context.Context, study string, interval Interval) (RunResult, error)
}

// catchUpStudy asks the ledger before each report anew, and stops at the first
// that fails.
func catchUpStudy(ctx context.Context, p publisher, study Study, now, since time.Time) (results []RunResult, err error) {
	done, err := p.publishedIntervals(ctx, study.Name)
	if err != nil {
		return nil, err
	}
	due, err := dueIntervals(study, now, since, done)
	if err != nil {
		return nil, err
	}
	for _, interval := range due {
		if err := ctx.Err(); err != nil {
			return results, &IntervalError{Interval: interval, Err: err}
		}
		if done, err = p.publishedIntervals(ctx, study.Name); err != nil {
			return results, err
		}
		if done[interval.Start] {
			continue
		}
		result, err := p.publishInterval(ctx, study.Name, interval)
		if err != nil {
			return results, &IntervalError{Interval: interval, Err: err}
		}
		results = append(results, result)
	}
	return results, nil
}

// IntervalError says which scheduled report could not be made.
type IntervalError struct {
	Interval Interval
	Err      error
}

func (e *IntervalError) Error() string { return fmt.Sprintf("interval %s: %v", e.Interval, e.Err) }

// Unwrap returns the cause.
func (e *IntervalError) Unwrap() error { return e.Err }

// PanicError is a panic of a run, which the ledger knows as failed.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// publishInterval makes the interval's report and marks the interval as done.
// A panic becomes a *PanicError.
func (e *Engine) publishInterval(ctx context.Context, study string, interval Interval) (result RunResult, err error) {
	defer func() {
		if value := recover(); value != nil {
			p := &PanicError{Value: value, Stack: debug.Stack()}
			e.opt.Log.Error("a run panicked", "study", study, "interval", interval.String(), "panic", p.Error(), "stack", string(p.Stack))
			err = errors.Join(p, e.failRunning(ctx, p))
		}
	}()
	result, adopted, err := e.adopt(ctx, study, interval)
	if adopted || err != nil {
		return result, err
	}
	return e.Run(ctx, RunRequest{Study: study, AsOf: interval.End, Interval: interval.Start})
}

// failRunning closes the line of the run that is under way; the process lock
// sees to it that there is no other.
func (e *Engine) failRunning(ctx context.Context, cause error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	return e.db.Transact(ctx, func(tx *warehouse.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE ops.run SET state = 'failed', error = ?, finished_at = make_timestamp(?) WHERE state = 'running'",
			cause.Error(), e.opt.Now().UnixMicro())
		if err != nil {
			return fmt.Errorf("close ledger: %w", err)
		}
		return nil
	})
}

// adopt finishes an attempt that put its report in place and ended before the
// ledger said so: the report that is there stays the interval's only one, even
// when the inputs have changed since.
func (e *Engine) adopt(ctx context.Context, study string, interval Interval) (result RunResult, adopted bool, err error) {
	attempts, err := e.unfinished(ctx, study, interval)
	if err != nil {
		return RunResult{}, false, err
	}
	for _, attempt := range attempts {
		_, err := os.Stat(filepath.Join(e.Workspace.Dir, outFolder, study, attempt.RunID, "report.html"))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return RunResult{}, false, fmt.Errorf("look for report: %w", err)
		}
		result, err = e.Rerender(ctx, study, attempt.RunID)
		if _, unknown := errors.AsType[*UnknownRunError](err); unknown {
			continue
		}
		if err != nil {
			return RunResult{}, false, err
		}
		e.opt.Log.Info("the report of an interrupted run was in place; it stays", "study", study, "interval", interval.String(), "run", attempt.RunID)
		return result, true, e.markPublished(ctx, attempt.AttemptID, result.Report)
	}
	return RunResult{}, false, nil
}

type unfinishedRow struct {
	AttemptID string `db:"attempt_id"`
	RunID     string `db:"run_id"`
}

func (e *Engine) unfinished(ctx context.Context, study string, interval Interval) (rows []unfinishedRow, err error) {
	err = e.db.Transact(ctx, func(tx *warehouse.Tx) error {
		rows, err = warehouse.Read[unfinishedRow](ctx, tx, `SELECT attempt_id, run_id FROM ops.run
			WHERE study = ? AND interval_start = make_timestamp(?) AND state IN ('failed', 'interrupted') AND coalesce(run_id, '') <> ''
			ORDER BY attempt_id DESC`, study, interval.Start.UnixMicro())
		return err
	})
	return rows, err
}

func (e *Engine) markPublished(ctx context.Context, attempt, report string) error {
	return e.db.Transact(ctx, func(tx *warehouse.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE ops.run SET state = 'published', error = NULL, finished_at = make_timestamp(?), report = ? WHERE attempt_id = ?",
			e.opt.Now().UnixMicro(), report, attempt)
		if err != nil {
			return fmt.Errorf("close ledger: %w", err)
		}
		return nil
	})
}
