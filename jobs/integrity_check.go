package jobs

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"ghostlight/analysis/change"
	"ghostlight/analysis/firing"
	"ghostlight/analysis/lift"
	"ghostlight/jobs/warehouse"
)

// The outcomes of a check of a stream, from the worst. Not seen: there were no rows to
// check, which is not ok.
const (
	checkFailed  = "failed"
	checkLook    = "look"
	checkNotSeen = "not seen"
	checkOK      = "ok"
)

// The checks of streams by name, in the order in which a reader should see them.
const (
	firingCheck       = "firing"
	completenessCheck = "completeness"
	currencyCheck     = "currency"
	rangeCheck        = "range"
	typeCheck         = "types"
	testCheck         = "test_markers"
)

// streamCheckLabels are the checks as people call them.
var streamCheckLabels = []checkLabel{
	{firingCheck, "Firing"}, {completenessCheck, "Completeness"}, {currencyCheck, "Currency"},
	{rangeCheck, "Value in range"}, {typeCheck, "Types"}, {testCheck, "Test traffic"},
}

type checkLabel struct{ name, label string }

// Shares from which a check has failed and is more than to be looked at.
const (
	missingFailed = 0.5 // of the records of an event that lack a required parameter
	outsideFailed = 0.1 // of the values of an event that lie outside its range
)

// streamCheck is one row of result.stream_check.
type streamCheck struct {
	RunID     string `db:"run_id"`
	CheckNo   int64  `db:"check_no"`
	Name      string `db:"name"`
	Status    string `db:"status"`
	Source    string `db:"source"`
	SurfaceNo int64  `db:"surface_no"`
	Platform  string `db:"platform"`
	EventNo   int64  `db:"event_no"`
	Subject   string `db:"subject"` // the parameter of completeness
	Records   int64  `db:"records"`
	Found     int64  `db:"found"`
	Detail    string `db:"detail"` // a clause without a full stop
}

func readStreamChecks(ctx context.Context, tx *warehouse.Tx, runID string) ([]streamCheck, error) {
	return warehouse.Read[streamCheck](ctx, tx, `SELECT run_id, check_no, name, status, source, surface_no, platform, event_no, subject, records, found, detail
		FROM result.stream_check WHERE run_id = ? ORDER BY check_no`, runID)
}

// streamEvidence is what the checks of streams look at.
type streamEvidence struct {
	firing     firedStreams
	days       []completenessDay
	versions   []completenessVersion
	currencies []currencyDay
	ranges     []valueRange
	refused    []refusedField
	tests      []testRecords
	inputs     []inputRow
	steps      []stepRow
}

// parametersOf are the parameters that the dictionary names for the event of a stream and
// that its records can carry, the required ones first.
func (w *Workspace) parametersOf(of stream) []string {
	event := w.Events[w.EventNames()[of.EventNo-1]]
	return slices.DeleteFunc(slices.Concat(event.Required, event.Optional), func(parameter string) bool {
		return of.SurfaceNo == crmSurface && (parameter == "event_id" || parameter == "order_id") // orders have no event id and are known by their own
	})
}

// streamChecks gives each check of each stream its outcome.
func (r *run) streamChecks(e streamEvidence) []streamCheck {
	checks := slices.Concat(r.firingChecks(e), r.completenessChecks(e), r.currencyChecks(e), rangeChecks(e.ranges), r.typeChecks(e), r.testChecks(e))
	for i := range checks {
		checks[i].RunID, checks[i].CheckNo = r.id, int64(i+1)
	}
	return checks
}

func checkOf(name string, of stream) streamCheck {
	return streamCheck{Name: name, Status: checkOK, Source: of.Source, SurfaceNo: of.SurfaceNo, Platform: of.Platform, EventNo: of.EventNo}
}

// firingChecks fail with a silence between records, or while other streams of the event go
// on, and want a look where a stream began late or ended early, or with a low day. An event that the
// dictionary has and a source of events does not send was not seen.
func (r *run) firingChecks(e streamEvidence) []streamCheck {
	checks := []streamCheck{}
	for _, f := range e.firing.streams {
		c := checkOf(firingCheck, f.stream())
		c.Records, c.Detail = f.Records, "no silence is longer than chance makes it"
		var silences []silenceRow
		for _, s := range e.firing.silences {
			if s.stream() == f.stream() {
				silences = append(silences, s)
			}
		}
		var low []firingDay
		for _, d := range e.firing.days {
			if d.stream() == f.stream() && d.IsLow == 1 {
				low = append(low, d)
			}
		}
		switch {
		case len(silences) > 0:
			slices.SortStableFunc(silences, func(a, b silenceRow) int {
				return cmp.Or(cmp.Compare(isOne(b.isFailure()), isOne(a.isFailure())), cmp.Compare(b.Expected, a.Expected))
			})
			c.Status, c.Found, c.Detail = checkLook, int64(len(silences)), r.silenceText(silences[0])
			if silences[0].isFailure() {
				c.Status = checkFailed
			}
			if more := len(silences) - 1; more > 0 {
				c.Detail += ", and " + plural(more, "more silence")
			}
		case f.IsJudged == 0:
			c.Status, c.Detail = checkNotSeen, fmt.Sprintf("fewer than %d records or %d days with one, too few to tell a silence by", firing.MinRecords, firing.MinDays)
		case len(low) > 0:
			c.Status, c.Found = checkLook, int64(len(low))
			c.Detail = fmt.Sprintf("%s records on %s, where %s were to be expected", lift.FormatCount(low[0].Records), dayName(low[0].DayNo), lift.FormatCount(int64(low[0].Expected+0.5)))
			if more := len(low) - 1; more > 0 {
				c.Detail += ", and " + plural(more, "more such day")
			}
		}
		checks = append(checks, c)
	}
	for _, source := range r.Workspace.Sources.Names() {
		conf := r.Workspace.Sources[source]
		for i := range r.Workspace.EventNames() {
			no := int64(i + 1)
			isSent := slices.ContainsFunc(e.firing.streams, func(f firingRow) bool { return f.Source == source && f.EventNo == no })
			if conf.Table == "event" && !isSent {
				c := checkOf(firingCheck, stream{Source: source, SurfaceNo: max(0, int64(slices.Index(surfaceNames, conf.Surface))), EventNo: no})
				c.Status, c.Detail = checkNotSeen, "no record in the period"
				checks = append(checks, c)
			}
		}
	}
	return checks
}

// silenceText is a silence in a clause, in the report's time zone.
func (r *run) silenceText(s silenceRow) string {
	zone, err := time.LoadLocation(r.study.Report.TimeZone)
	if err != nil { // the configuration was refused then
		zone = time.UTC
	}
	at := func(us int64) string { return time.UnixMicro(us).In(zone).Format("2006-01-02 15:04") }
	expected := lift.FormatCount(int64(s.Expected + 0.5))
	text := "no record from " + at(s.FromUS) + " to " + at(s.UntilUS) + ", where " + expected + " were to be expected"
	switch s.Kind {
	case beganSilence:
		text = "no record before " + at(s.UntilUS) + ", where " + expected + " were to be expected"
	case endedSilence:
		text = "no record after " + at(s.FromUS) + ", where by " + at(s.UntilUS) + " " + expected + " were to be expected if the stream went on"
	}
	if s.Others > 0 {
		text += "; other sources had " + lift.FormatCount(s.Others) + " meanwhile"
	}
	return text
}

// completenessChecks fail when a required parameter is lost at a step or in an app version, or
// most records lack it; of an optional one a step and a version are looked at.
func (r *run) completenessChecks(e streamEvidence) []streamCheck {
	checks := []streamCheck{}
	for _, part := range runs(e.days) {
		of := part[0].stream()
		event := r.Workspace.Events[r.Workspace.EventNames()[of.EventNo-1]]
		for _, parameter := range r.Workspace.parametersOf(of) {
			c := checkOf(completenessCheck, of)
			c.Subject = parameter
			var with int64
			for _, d := range part {
				c.Records += d.Records
				with += d.with(parameter)
			}
			c.Found = c.Records - with
			isRequired := slices.Contains(event.Required, parameter)
			c.Detail = fmt.Sprintf("%s of %s records carry %s", lift.FormatCount(with), lift.FormatCount(c.Records), parameter)
			steps := stepsOf(e.steps, of, parameter)
			lost := slices.IndexFunc(steps, func(s stepRow) bool { return s.falls() })
			version := versionText(e.versions, of, parameter)
			switch {
			case lost >= 0 && isRequired:
				c.Status, c.Detail = checkFailed, steps[lost].text(parameter)
			case version != "" && isRequired:
				c.Status = checkFailed
			case isRequired && float64(c.Found) > missingFailed*float64(c.Records):
				c.Status = checkFailed
			case len(steps) > 0:
				c.Status, c.Detail = checkLook, steps[max(lost, 0)].text(parameter)
			case isRequired && c.Found > 0 || version != "":
				c.Status = checkLook
			}
			c.Detail += version
			checks = append(checks, c)
		}
	}
	return checks
}

// versionText names the app version whose records lack a parameter more than those of the
// others, beyond chance; "" when there is none.
func versionText(versions []completenessVersion, of stream, parameter string) string {
	var all change.Day
	named := []completenessVersion{}
	for _, v := range versions {
		if v.stream() == of {
			all.Of, all.With = all.Of+v.Records, all.With+v.with(parameter)
			if v.AppVersion != "" {
				named = append(named, v)
			}
		}
	}
	least, text := 1.0, ""
	for _, v := range named {
		own := change.Day{Of: v.Records, With: v.with(parameter)}
		others := change.Day{Of: all.Of - own.Of, With: all.With - own.With}
		p := change.Apart(own, others) * float64(len(named))
		if p < min(least, streamAlpha) && float64(own.With)*float64(others.Of) < float64(others.With)*float64(own.Of) {
			least = p
			text = fmt.Sprintf("; of app version %s %s of %s carry it, of the others %s of %s", v.AppVersion,
				lift.FormatCount(own.With), lift.FormatCount(own.Of), lift.FormatCount(others.With), lift.FormatCount(others.Of))
		}
	}
	return text
}

func stepsOf(steps []stepRow, of stream, subject string) (found []stepRow) {
	for _, s := range steps {
		if s.stream() == of && s.Subject == subject {
			found = append(found, s)
		}
	}
	return found
}

// falls tells that the share is smaller after the step.
func (s stepRow) falls() bool {
	return float64(s.AfterWith)*float64(s.BeforeRecords) < float64(s.BeforeWith)*float64(s.AfterRecords)
}

func (s stepRow) text(what string) string {
	return fmt.Sprintf("from %s on, %s of records carry %s (%s of %s), before %s (%s of %s)", dayName(s.DayNo),
		lift.FormatShare(s.AfterWith, s.AfterRecords), what, lift.FormatCount(s.AfterWith), lift.FormatCount(s.AfterRecords),
		lift.FormatShare(s.BeforeWith, s.BeforeRecords), lift.FormatCount(s.BeforeWith), lift.FormatCount(s.BeforeRecords))
}

// currencyChecks fail when a currency gives way to another, and want a look when there are
// several all along. A stream whose event has no currency by the dictionary is not asked.
func (r *run) currencyChecks(e streamEvidence) []streamCheck {
	checks := []streamCheck{}
	for _, part := range runs(e.days) {
		of := part[0].stream()
		found := []currencyDay{}
		for _, d := range e.currencies {
			if d.stream() == of {
				found = append(found, d)
			}
		}
		if len(found) == 0 && !slices.Contains(r.Workspace.parametersOf(of), "currency") {
			continue
		}
		c := checkOf(currencyCheck, of)
		currencies, counts := currenciesOf(found), map[string]int64{}
		for _, d := range found {
			c.Records += d.Records
			counts[d.Currency] += d.Records
		}
		switch {
		case len(found) == 0:
			c.Status, c.Detail = checkNotSeen, "no record states a currency"
		case len(currencies) == 1:
			c.Detail = "all are in " + currencies[0]
		default:
			c.Found = c.Records - counts[currencies[0]]
			c.Status, c.Detail = checkLook, fmt.Sprintf("%s of %s are not in %s", lift.FormatCount(c.Found), lift.FormatCount(c.Records), currencies[0])
			for _, currency := range currencies {
				if steps := stepsOf(e.steps, of, ofCurrency+currency); len(steps) > 0 {
					c.Status, c.Detail = checkFailed, strings.Replace(steps[0].text(currency), "carry", "are in", 1)
					break
				}
			}
		}
		checks = append(checks, c)
	}
	return checks
}

// currenciesOf are the currencies of the days of a stream, the most frequent first.
func currenciesOf(days []currencyDay) []string {
	counts := map[string]int64{}
	names := []string{}
	for _, d := range days {
		if counts[d.Currency] == 0 {
			names = append(names, d.Currency)
		}
		counts[d.Currency] += d.Records
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	return names
}
