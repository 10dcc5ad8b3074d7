package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/robfig/cron/v3"

	"ghostlight/jobs/warehouse"
)

// checkCron tells what is wrong with a schedule.
func checkCron(spec string) error {
	_, err := parseCron(spec)
	return err
}

// dueTimes are the due times of a schedule.
type dueTimes struct{ schedule cron.Schedule }

// parseCron reads a schedule: five fields, or @daily and the like, in UTC, that
// will come due. Its first due time must lie within five years of a fixed date,
// so that the answer does not depend on the day.
func parseCron(spec string) (times dueTimes, err error) {
	defer func() { // ParseStandard panics on some input, such as "TZ=UTC"
		if r := recover(); r != nil {
			err = errors.New("the schedule cannot be read")
		}
	}()
	if zone, ok := cronZone(spec); ok && zone != "UTC" {
		return dueTimes{}, errors.New("a schedule runs in UTC")
	}
	if strings.HasPrefix(spec, "@every") {
		return dueTimes{}, errors.New("@every has no fixed times")
	}
	schedule, err := cron.ParseStandard(spec)
	if err != nil {
		return dueTimes{}, fmt.Errorf("the schedule cannot be read: %w", err)
	}
	from := time.Date(2024, time.January, 1, 0, 0, 0, 0, time.UTC)
	next := schedule.Next(from)
	if next.IsZero() || next.After(from.AddDate(5, 0, 0)) {
		return dueTimes{}, errors.New("the schedule never comes due")
	}
	return dueTimes{schedule}, nil
}

func cronZone(spec string) (string, bool) {
	for _, prefix := range []string{"TZ=", "CRON_TZ="} {
		if rest, ok := strings.CutPrefix(spec, prefix); ok {
			zone, _, _ := strings.Cut(rest, " ")
			return zone, true
		}
	}
	return "", false
}

// after is the first due time after t, which is in UTC. The library looks five
// years ahead at a time, which is less than some pauses of 29 February.
func (d dueTimes) after(t time.Time) time.Time {
	for range 1 + longestGap/5 {
		if next := d.schedule.Next(t); !next.IsZero() {
			return next.UTC()
		}
		t = t.AddDate(5, 0, 0)
	}
	return t
}

// between are the due times in (from, to].
func (d dueTimes) between(from, to time.Time) (times []time.Time) {
	for t := d.after(from); !t.After(to); t = d.after(t) {
		times = append(times, t)
	}
	return times
}

const (
	upkeepCron  = "*/5 * * * *"   // the configuration is read again, failed studies are tried again
	retryFailed = time.Hour       // first wait after a failure; doubles up to a day
	retryLocked = 5 * time.Minute // while another process works in the workspace
	stopWait    = 4 * time.Second // a supervisor may not wait longer
)

// RunSchedule makes the reports of all scheduled studies when they are due,
// until ctx ends, which is no error. What was missed while it did not run it
// makes up at once, by each study's policy. published, which may be nil, is
// told of every report, one at a time.
//
// A schedule pokes and the ledger decides: a restart, an overlap or a clock set
// back publishes nothing twice. For each poke the configuration is read again,
// the workspace is opened, and closed after it. A failure, be it a panic or a
// locked workspace, is logged and tried again later, and stops nothing.
// Due times are the system clock's, in UTC, and opt.Now says what is due.
//
// The error is a *ConfigError for a configuration that is faulty at the start,
// a *UsageError when no study is scheduled then, and another one when the
// running job does not end within seconds of ctx.
func RunSchedule(ctx context.Context, dir string, opt OpenOptions, published func(RunResult)) error {
	workspace, err := LoadWorkspace(dir)
	if err != nil {
		return err
	}
	if err := workspace.unattended(); err != nil {
		return err
	}
	if len(workspace.scheduled()) == 0 {
		return &UsageError{Problem: "no study has a schedule", Hint: `write schedule: {cron: "0 6 * * 1"} in studies/<name>.yaml`}
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if published == nil {
		published = func(RunResult) {}
	}
	s := &scheduler{
		log: opt.Log, now: opt.Now, started: opt.Now(), published: published,
		load: func() (*Workspace, error) { return LoadWorkspace(dir) },
		open: func(ctx context.Context) (catcher, error) { return Open(ctx, dir, opt) },
	}
	return s.run(ctx)
}

// catcher is what a poke asks of an engine.
type catcher interface {
	catchUpScheduled(ctx context.Context, now, since time.Time, study string) ([]RunResult, error)
	Close() error
}

// catchUpScheduled is catchUp for a study whose schedule may have been taken
// away since it was read.
func (e *Engine) catchUpScheduled(ctx context.Context, now, since time.Time, study string) ([]RunResult, error) {
	if e.Workspace.Studies[study].Schedule.Cron == "" {
		return nil, nil
	}
	return e.catchUp(ctx, now, since, []string{study})
}

// scheduler pokes each study at its due times.
type scheduler struct {
	log       *slog.Logger
	now       func() time.Time
	started   time.Time
	published func(RunResult)
	load      func() (*Workspace, error)
	open      func(context.Context) (catcher, error)

	cron    *cron.Cron
	working chan struct{} // full while a job works: one at a time, over all studies

	mu      sync.Mutex
	entries map[string]entry // by study
	broken  string           // what is wrong with the configuration, once logged
}

// entry is one study on the schedule.
type entry struct {
	spec  string
	times dueTimes
	id    cron.EntryID
	job   cron.Job
	again time.Time     // when upkeep is to poke; zero while the study waits or works
	wait  time.Duration // after the last failure; zero when there was none
}

// run works until ctx ends.
func (s *scheduler) run(ctx context.Context) error {
	s.working = make(chan struct{}, 1)
	s.entries = map[string]entry{}
	s.cron = cron.New(cron.WithLocation(time.UTC), cron.WithLogger(cronLog{log: s.log}))
	upkeep := guard(cronLog{s.log, slog.LevelDebug}, func() { s.upkeep(ctx) })
	times, err := parseCron(upkeepCron)
	if err != nil {
		return err
	}
	s.cron.Schedule(times.schedule, upkeep)
	s.cron.Start()
	first := make(chan struct{})
	go func() { // at the start everything is poked
		defer close(first)
		upkeep.Run()
	}()
	<-ctx.Done()
	s.log.Info("stopping the schedule")
	late := time.NewTimer(stopWait)
	defer late.Stop()
	for _, ended := range []<-chan struct{}{s.cron.Stop().Done(), first} {
		select {
		case <-ended:
		case <-late.C:
			return fmt.Errorf("stop schedule: the running job did not end within %s", stopWait)
		}
	}
	return nil
}

// guard keeps a job from overlapping itself and from taking the process down.
// Recover is inside: outside it, a panic would leave the job marked as running
// for ever. The library's chain for all jobs could not say whose job it skips.
func guard(log cronLog, do func()) cron.Job {
	return cron.NewChain(cron.SkipIfStillRunning(log), cron.Recover(log)).Then(cron.FuncJob(do))
}

// upkeep follows the configuration and pokes the studies whose turn it is: those
// that are new, and those that are to be tried again. Being awake often, it also
// makes the library notice when the clock was set.
func (s *scheduler) upkeep(ctx context.Context) {
	workspace, err := s.load()
	switch {
	case err != nil && err.Error() != s.broken:
		s.broken = err.Error()
		s.log.Error("the configuration is faulty; the schedule stays as it was", "error", err)
	case err == nil:
		s.broken = ""
		s.follow(ctx, workspace)
	}
	for _, job := range s.outOfTurn() {
		job.Run()
	}
}

// follow makes the entries those of the configuration.
func (s *scheduler) follow(ctx context.Context, workspace *Workspace) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, e := range s.entries {
		if workspace.Studies[name].Schedule.Cron != e.spec {
			s.cron.Remove(e.id)
			delete(s.entries, name)
			s.log.Info("off the schedule", "study", name, "cron", e.spec)
		}
	}
	for _, name := range workspace.scheduled() {
		if _, known := s.entries[name]; known {
			continue
		}
		spec := workspace.Studies[name].Schedule.Cron
		times, err := parseCron(spec)
		if err != nil {
			s.log.Error("cannot schedule", "study", name, "error", err)
			continue
		}
		job := guard(cronLog{s.log.With("study", name), slog.LevelWarn}, func() { s.poke(ctx, name) })
		s.entries[name] = entry{spec: spec, times: times, id: s.cron.Schedule(times.schedule, job), job: job, again: s.now()}
		s.log.Info("on the schedule", "study", name, "cron", spec, "next", times.after(s.now().UTC()).Format(time.RFC3339))
	}
}

func (s *scheduler) outOfTurn() (jobs []cron.Job) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(s.entries)) {
		if e := s.entries[name]; !e.again.IsZero() && !e.again.After(s.now()) {
			jobs = append(jobs, e.job)
		}
	}
	return jobs
}

// poke makes what is due of one study, when no other job works.
func (s *scheduler) poke(ctx context.Context, study string) {
	began := s.begin(study)
	select {
	case s.working <- struct{}{}:
		defer func() { <-s.working }()
	case <-ctx.Done():
		return
	}
	if ctx.Err() != nil {
		return
	}
	ended := pokeFailed // also when it panics
	defer func() { s.settle(study, began, ended) }()
	results, err := s.work(ctx, study)
	for _, result := range results {
		s.log.Info("published", "study", study, "as_of", result.AsOf.Format(time.RFC3339), "verdict", result.Verdict, "report", result.Report)
		s.published(result)
	}
	switch {
	case err == nil:
		ended = pokeDone
	case ctx.Err() != nil:
		s.log.Warn("stopped; the report is due again at the next start", "study", study, "error", err)
	case errors.Is(err, warehouse.ErrLocked):
		ended = pokeLocked
		s.log.Warn("the workspace is in use; left to the next poke", "study", study, "error", err)
	case isLeftOut(err):
		ended = pokeDone
		s.log.Error("published without some files", "study", study, "error", err)
	default:
		s.log.Error("failed; it will be tried again", "study", study, "error", err)
	}
}

func (s *scheduler) work(ctx context.Context, study string) (results []RunResult, err error) {
	engine, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, engine.Close()) }()
	now := s.now()
	since := now.Add(-pokeGrace)
	if s.started.Before(since) {
		since = s.started
	}
	return engine.catchUpScheduled(ctx, now, since, study)
}

// How a poke ended.
const (
	pokeDone   = iota
	pokeLocked // nothing was tried
	pokeFailed
)

// begin keeps upkeep from poking the study until settle.
func (s *scheduler) begin(study string) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e, ok := s.entries[study]; ok {
		e.again = time.Time{}
		s.entries[study] = e
	}
	return s.now()
}

// settle plans when upkeep pokes the study again. After a poke that went well
// that is the due time after its beginning, and it comes to it only when the
// poke of that time was lost: skipped while this one worked, or passed over by
// the clock.
func (s *scheduler) settle(study string, began time.Time, ended int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.entries[study]
	if !ok {
		return
	}
	switch ended {
	case pokeDone:
		e.wait, e.again = 0, e.times.after(began.UTC()).Add(time.Minute)
	case pokeLocked:
		e.again = s.now().Add(retryLocked)
	case pokeFailed:
		e.wait = min(max(2*e.wait, retryFailed), Day.Std())
		e.again = s.now().Add(e.wait)
	}
	s.entries[study] = e
}

// cronLog writes the library's talk to our log. What it does is noise, except
// perhaps that it skipped a job.
type cronLog struct {
	log  *slog.Logger
	skip slog.Level
}

// Info is part of cron.Logger.
func (l cronLog) Info(msg string, keysAndValues ...any) {
	if msg == "skip" {
		l.log.Log(context.Background(), l.skip, "the poke before is still at work; this one is skipped")
		return
	}
	l.log.Debug("cron: "+msg, keysAndValues...)
}

// Error is part of cron.Logger.
func (l cronLog) Error(err error, msg string, keysAndValues ...any) {
	l.log.Error("cron: "+msg, append([]any{"error", err}, keysAndValues...)...)
}
