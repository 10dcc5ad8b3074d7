package jobs

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the zones of TestClockChangeNights

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// tester is a *testing.T or a *rapid.T.
type tester interface {
	Helper()
	Fatal(...any)
}

// utc reads a time such as "2026-09-07 06:00".
func utc(t tester, text string) time.Time {
	t.Helper()
	at, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// weekly is a study from Monday 7 September to 19 October whose last outcome
// window closes on Monday 16 November 2026, reported Mondays at 6.
func weekly(t tester, policy string) Study {
	s := defaultStudy()
	s.Name = "weekly"
	s.Period = Period{Start: Time{utc(t, "2026-09-07 00:00")}, End: Time{utc(t, "2026-10-19 00:00")}}
	s.Schedule = Schedule{Cron: "0 6 * * 1", CatchUp: policy, MaxCatchUp: 8}
	return s
}

// starts writes the days on which intervals start.
func starts(intervals []Interval) string {
	var days []string
	for _, i := range intervals {
		days = append(days, i.Start.Format("01-02"))
	}
	return strings.Join(days, " ")
}

func doneAt(t tester, text string) map[time.Time]bool {
	done := map[time.Time]bool{}
	for start := range strings.SplitSeq(text, ",") {
		if start != "" {
			done[utc(t, strings.TrimSpace(start))] = true
		}
	}
	return done
}

func TestDueIntervals(t *testing.T) {
	const firstThree = "2026-08-31 06:00, 2026-09-07 06:00, 2026-09-14 06:00"
	for _, test := range []struct {
		name, policy, now, done, want string
		change                        func(*Study)
	}{
		{name: "before the study", policy: "all", now: "2026-08-31 06:00"},
		{name: "before its first due time", policy: "all", now: "2026-09-07 05:59"},
		{name: "at its first due time", policy: "all", now: "2026-09-07 06:00", want: "08-31"},
		{name: "again at the same time", policy: "all", now: "2026-09-07 06:00", done: "2026-08-31 06:00"},
		{name: "a minute before the second", policy: "all", now: "2026-09-14 05:59", done: "2026-08-31 06:00"},
		{name: "at the second", policy: "latest", now: "2026-09-14 06:00", done: "2026-08-31 06:00", want: "09-07"},

		{name: "three weeks off, all", policy: "all", now: "2026-10-13 09:00", done: firstThree, want: "09-21 09-28 10-05"},
		{name: "three weeks off, latest", policy: "latest", now: "2026-10-13 09:00", done: firstThree, want: "10-05"},
		{name: "three weeks off, none", policy: "none", now: "2026-10-13 09:00", done: firstThree},
		{name: "three weeks off, all but two at most", policy: "all", now: "2026-10-13 09:00", done: firstThree, want: "09-28 10-05",
			change: func(s *Study) { s.Schedule.MaxCatchUp = 2 }},
		{name: "restart in the middle", policy: "all", now: "2026-10-13 09:05", done: firstThree + ", 2026-09-21 06:00", want: "09-28 10-05"},
		{name: "what was given up stays so", policy: "all", now: "2026-10-13 09:05", done: "2026-08-31 06:00, 2026-09-28 06:00", want: "10-05"},

		{name: "none, on time", policy: "none", now: "2026-10-12 06:00", done: firstThree, want: "10-05"},
		{name: "none, in the grace", policy: "none", now: "2026-10-12 06:04", done: firstThree, want: "10-05"},
		{name: "none, after the grace", policy: "none", now: "2026-10-12 06:05", done: firstThree},

		{name: "clock back an hour", policy: "latest", now: "2026-10-12 05:10", done: "2026-08-31 06:00, 2026-10-05 06:00"},
		{name: "clock back an hour, all", policy: "all", now: "2026-10-12 05:10", done: firstThree + ", 2026-10-05 06:00"},
		{name: "clock forward a day", policy: "latest", now: "2026-09-15 06:00", done: "2026-08-31 06:00", want: "09-07"},
		{name: "the clock had gone ahead", policy: "latest", now: "2026-09-21 06:00", done: "2026-11-09 06:00", want: "09-14"},
		{name: "the clock had gone ahead, and its interval comes", policy: "latest", now: "2026-11-16 06:00", done: "2026-11-09 06:00"},

		{name: "the last outcome window closes", policy: "latest", now: "2026-11-16 06:00", done: firstThree, want: "11-09"},
		{name: "after the study", policy: "all", now: "2026-11-23 06:00", done: firstThree + ", 2026-11-02 06:00", want: "11-09"},
		{name: "long after the study", policy: "latest", now: "2031-01-01 00:00", done: firstThree, want: "11-09"},
		{name: "long after the study, by the minute", policy: "latest", now: "2031-01-01 00:00", want: "11-16",
			change: func(s *Study) { s.Schedule.Cron = "* * * * *" }},
		{name: "a due time when the last window closes", policy: "all", now: "2026-12-31 00:00", done: "2026-11-02 00:00", want: "11-09 11-16",
			change: func(s *Study) { s.Schedule.Cron = "0 0 * * 1" }},

		{name: "the schedule moved by an hour", policy: "latest", now: "2026-09-28 06:30", done: "2026-09-21 06:00",
			change: func(s *Study) { s.Schedule.Cron = "0 7 * * 1" }},
		{name: "monthly", policy: "all", now: "2027-03-01 00:00", want: "09-01 10-01 11-01",
			change: func(s *Study) { s.Schedule.Cron = "0 6 1 * *" }},
		{name: "zone written out", policy: "latest", now: "2026-09-14 06:00", want: "09-07",
			change: func(s *Study) { s.Schedule.Cron = "CRON_TZ=UTC 0 6 * * 1" }},
	} {
		t.Run(test.name, func(t *testing.T) {
			study, now := weekly(t, test.policy), utc(t, test.now)
			if test.change != nil {
				test.change(&study)
			}
			due, err := dueIntervals(study, now, now.Add(-pokeGrace), doneAt(t, test.done))
			if err != nil {
				t.Fatal(err)
			}
			want := test.want
			if got := starts(due); got != want {
				t.Errorf("due are %q, want %q", got, want)
			}
		})
	}
}

// TestDueSinceStart: a schedule that was there at the due time may be late.
func TestDueSinceStart(t *testing.T) {
	study, now := weekly(t, "none"), utc(t, "2026-10-12 08:00")
	for _, test := range []struct{ started, want string }{
		{"2026-10-12 05:59", "10-05"}, {"2026-10-12 06:00", ""}, {"2026-10-12 06:01", ""},
	} {
		due, err := dueIntervals(study, now, utc(t, test.started), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := starts(due); got != test.want {
			t.Errorf("started %s: due are %q, want %q", test.started, got, test.want)
		}
	}
}

func TestLeapDays(t *testing.T) {
	study := weekly(t, "all")
	study.Schedule = Schedule{Cron: "0 0 29 2 *", CatchUp: "all", MaxCatchUp: 100}
	study.Period = Period{Start: Time{utc(t, "2093-01-01 00:00")}, End: Time{utc(t, "2109-01-01 00:00")}}
	due, err := dueIntervals(study, utc(t, "2190-01-01 00:00"), time.Time{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []Interval{ // 2100 is no leap year
		{utc(t, "2092-02-29 00:00"), utc(t, "2096-02-29 00:00")},
		{utc(t, "2096-02-29 00:00"), utc(t, "2104-02-29 00:00")},
		{utc(t, "2104-02-29 00:00"), utc(t, "2108-02-29 00:00")},
		{utc(t, "2108-02-29 00:00"), utc(t, "2112-02-29 00:00")},
	}
	if !cmp.Equal(due, want) {
		t.Errorf("due are %v, want %v", due, want)
	}
}

func TestNoDueTimes(t *testing.T) {
	for _, spec := range []string{"0 0 31 2 *", "0 6 * * 7", "TZ=UTC", "CRON_TZ=Europe/Berlin 0 6 * * 1", "@every 1h", "0 0 6 * * 1", ""} {
		study := weekly(t, "all")
		study.Schedule.Cron = spec
		if due, err := dueIntervals(study, utc(t, "2026-10-12 06:00"), time.Time{}, nil); err == nil {
			t.Errorf("%q: due are %v, want an error", spec, due)
		}
	}
}

// TestClockChangeNights pokes every ten minutes through the nights in which New
// York has an hour twice and not at all, by a clock of that zone.
func TestClockChangeNights(t *testing.T) {
	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ spec, from, until string }{
		{"30 1 * * *", "2026-10-31 00:00", "2026-11-03 00:00"},
		{"30 2 * * *", "2026-03-07 00:00", "2026-03-10 00:00"},
		{"30 6 * * *", "2026-10-31 00:00", "2026-11-03 00:00"}, // 01:30 or 02:30 there
		{"30 7 * * *", "2026-03-07 00:00", "2026-03-10 00:00"},
	} {
		study := weekly(t, "all")
		study.Schedule.Cron = test.spec
		study.Period = Period{Start: Time{utc(t, test.from)}, End: Time{utc(t, test.until)}}
		study.Outcome.Window = 0
		done := map[time.Time]bool{}
		var ends []time.Time
		for now := utc(t, test.from); now.Before(utc(t, test.until)); now = now.Add(10 * time.Minute) {
			due, err := dueIntervals(study, now.In(newYork), now.Add(-pokeGrace), done)
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range due {
				if i.End.Sub(i.Start) != 24*time.Hour || !i.End.Equal(now) {
					t.Errorf("%s: at %s %s is due", test.spec, now, i)
				}
				done[i.Start] = true
				ends = append(ends, i.End)
			}
		}
		if len(ends) != 3 || len(done) != 3 {
			t.Errorf("%s: due at %v, want three days", test.spec, ends)
		}
	}
}

// TestEndedIntervalsCount compares the search backwards with a walk forwards.
func TestEndedIntervalsCount(t *testing.T) {
	specs := []string{"* * * * *", "*/7 3 * * *", "0 6 * * 1", "0 6 13 * 5", "59 23 28-31 * *", "0 0 1 * *", "30 4 1,15 1-3 *", "@hourly"}
	rapid.Check(t, func(t *rapid.T) {
		times, err := parseCron(rapid.SampledFrom(specs).Draw(t, "spec"))
		if err != nil {
			t.Fatal(err)
		}
		hours := func(name string, most int) time.Duration {
			return time.Duration(rapid.IntRange(-most, most).Draw(t, name)) * time.Hour / 4
		}
		from := time.Date(2026, 2, 20, 0, 0, 0, 0, time.UTC).Add(hours("from", 40))
		closing := from.Add(hours("closing", 4000).Abs())
		now := from.Add(hours("now", 8000))
		n := rapid.IntRange(1, 20).Draw(t, "n")

		var want []Interval
		start := times.after(from.AddDate(-2, 0, 0))
		if now.Sub(start) > 0 && times.after(start).Sub(start) == time.Minute {
			start = times.after(from.AddDate(0, 0, -1))
		}
		for {
			end := times.after(start)
			if end.After(now) || start.After(closing) {
				break
			}
			if end.After(from) {
				want = append(want, Interval{start, end})
			}
			start = end
		}
		want = want[max(0, len(want)-n):]
		if got := endedIntervals(times, from, closing, now, n); !slices.Equal(got, want) {
			t.Fatalf("from %s to %s at %s: %v, want %v", from, closing, now, got, want)
		}
	})
}

// recorder is an engine that forgets nothing and may be told to fail.
type recorder struct {
	done      map[time.Time]bool
	published []Interval
	fail      func(Interval) error
}

func (r *recorder) publishedIntervals(context.Context, string) (map[time.Time]bool, error) {
	return maps.Clone(r.done), nil
}

func (r *recorder) publishInterval(_ context.Context, study string, i Interval) (RunResult, error) {
	if err := r.fail(i); err != nil {
		return RunResult{}, err
	}
	r.done[i.Start] = true
	r.published = append(r.published, i)
	return RunResult{Study: study, AsOf: i.End}, nil
}

// TestPokesPublishOnce: whatever the clock does, and wherever attempts fail or
// the process dies, an interval is published at most once, and with policy all
// every interval is, in order.
func TestPokesPublishOnce(t *testing.T) {
	errKilled := errors.New("killed")
	rapid.Check(t, func(t *rapid.T) {
		study := weekly(t, rapid.SampledFrom([]string{"none", "latest", "all"}).Draw(t, "policy"))
		study.Schedule.Cron = rapid.SampledFrom([]string{"0 6 * * 1", "0 6 * * *", "0 6 1 * *"}).Draw(t, "cron")
		study.Schedule.MaxCatchUp = rapid.SampledFrom([]int{1, 3, 1000}).Draw(t, "max")
		begin, over := utc(t, "2026-09-01 00:00"), utc(t, "2027-01-01 00:00")
		now, started := begin, begin
		failing := 0
		r := &recorder{done: map[time.Time]bool{}, fail: func(Interval) error {
			if failing--; failing == 0 {
				return errKilled
			}
			return nil
		}}
		poke := func() {
			before := len(r.published)
			results, err := catchUpStudy(context.Background(), r, study, now, started)
			if err != nil && !errors.Is(err, errKilled) {
				t.Fatal(err)
			}
			if len(results) != len(r.published)-before {
				t.Fatalf("%d results of %d reports", len(results), len(r.published)-before)
			}
			for _, i := range r.published[before:] {
				if i.End.After(now) {
					t.Fatalf("at %s it published %s", now, i)
				}
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"forward": func(t *rapid.T) { now = now.Add(time.Duration(rapid.IntRange(1, 600).Draw(t, "hours")) * time.Hour) },
			"back":    func(t *rapid.T) { now = now.Add(-time.Duration(rapid.IntRange(1, 300).Draw(t, "hours")) * time.Hour) },
			"restart": func(*rapid.T) { started = now },
			"poke":    func(*rapid.T) { failing = 0; poke() },
			"doubled": func(*rapid.T) { failing = 0; poke(); poke() },
			"killed":  func(t *rapid.T) { failing = rapid.IntRange(1, 4).Draw(t, "at"); poke() },
			"": func(t *rapid.T) {
				if len(r.done) != len(r.published) {
					t.Fatalf("%d reports for %d intervals", len(r.published), len(r.done))
				}
			},
		})
		if study.Schedule.CatchUp != "all" || study.Schedule.MaxCatchUp < 1000 {
			return
		}
		now, failing = over, 0
		poke()
		times, err := parseCron(study.Schedule.Cron)
		if err != nil {
			t.Fatal(err)
		}
		all := endedIntervals(times, study.Period.Start.Time, utc(t, "2026-11-16 00:00"), over, 1000)
		if len(all) < 3 || !slices.Equal(r.published, all) {
			t.Fatalf("published %v, want %v", r.published, all)
		}
	})
}

// TestFailureStopsTheStudy: reports appear in order, so nothing follows one that
// failed, and it is due again.
func TestFailureStopsTheStudy(t *testing.T) {
	study, now := weekly(t, "all"), utc(t, "2026-09-29 00:00")
	attempts := 0
	r := &recorder{done: map[time.Time]bool{}, fail: func(i Interval) error {
		if attempts++; attempts == 2 {
			return fmt.Errorf("no disk")
		}
		return nil
	}}
	results, err := catchUpStudy(t.Context(), r, study, now, now)
	failed, ok := errors.AsType[*IntervalError](err)
	if !ok || starts([]Interval{failed.Interval}) != "09-07" || starts(r.published) != "08-31" || len(results) != 1 {
		t.Fatalf("%v after %s, want the second to fail", err, starts(r.published))
	}
	if _, err := catchUpStudy(t.Context(), r, study, now, now); err != nil || starts(r.published) != "08-31 09-07 09-14 09-21" {
		t.Errorf("then %s (%v)", starts(r.published), err)
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	r.done = map[time.Time]bool{}
	if results, err := catchUpStudy(stopped, r, study, now, now); !errors.Is(err, context.Canceled) || len(results) != 0 {
		t.Errorf("stopped: %v, %v", results, err)
	}
}
