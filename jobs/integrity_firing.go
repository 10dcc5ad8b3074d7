package jobs

import (
	"context"
	"fmt"
	"time"

	"ghostlight/analysis/change"
	"ghostlight/analysis/firing"
	"ghostlight/jobs/warehouse"
)

// firingRow, firingDay and silenceRow are rows of result.firing, result.firing_day and
// result.silence.
type firingRow struct {
	RunID      string  `db:"run_id"`
	Source     string  `db:"source"`
	SurfaceNo  int64   `db:"surface_no"`
	Platform   string  `db:"platform"`
	EventNo    int64   `db:"event_no"`
	Records    int64   `db:"records"`
	FirstUS    int64   `db:"first_us"`
	LastUS     int64   `db:"last_us"`
	Dispersion float64 `db:"dispersion"`
	IsJudged   int64   `db:"is_judged"`
}

func (f firingRow) stream() stream { return stream{f.Source, f.SurfaceNo, f.Platform, f.EventNo} }

type firingDay struct {
	RunID     string  `db:"run_id"`
	Source    string  `db:"source"`
	SurfaceNo int64   `db:"surface_no"`
	Platform  string  `db:"platform"`
	EventNo   int64   `db:"event_no"`
	DayNo     int64   `db:"day_no"`
	Records   int64   `db:"records"`
	Expected  float64 `db:"expected"`
	IsLow     int64   `db:"is_low"`
}

func (d firingDay) stream() stream { return stream{d.Source, d.SurfaceNo, d.Platform, d.EventNo} }

type silenceRow struct {
	RunID     string  `db:"run_id"`
	Source    string  `db:"source"`
	SurfaceNo int64   `db:"surface_no"`
	Platform  string  `db:"platform"`
	EventNo   int64   `db:"event_no"`
	FromUS    int64   `db:"from_us"`
	UntilUS   int64   `db:"until_us"`
	Kind      string  `db:"kind"`
	Expected  float64 `db:"expected"`
	P         float64 `db:"p"`
	Others    int64   `db:"others"`
	OthersP   float64 `db:"others_p"`
}

// The kinds of a silence: between records, before the first, and after the last.
const (
	holeSilence  = "hole"
	beganSilence = "began"
	endedSilence = "ended"
)

func (s silenceRow) stream() stream { return stream{s.Source, s.SurfaceNo, s.Platform, s.EventNo} }

// stepRow is one row of result.step: a parameter, or currency: and a code.
type stepRow struct {
	RunID         string  `db:"run_id"`
	Source        string  `db:"source"`
	SurfaceNo     int64   `db:"surface_no"`
	Platform      string  `db:"platform"`
	EventNo       int64   `db:"event_no"`
	Subject       string  `db:"subject"`
	DayNo         int64   `db:"day_no"`
	BeforeRecords int64   `db:"before_records"`
	BeforeWith    int64   `db:"before_with"`
	AfterRecords  int64   `db:"after_records"`
	AfterWith     int64   `db:"after_with"`
	P             float64 `db:"p"`
}

func (s stepRow) stream() stream { return stream{s.Source, s.SurfaceNo, s.Platform, s.EventNo} }

// ofCurrency begins the subject of a step in the share of a currency.
const ofCurrency = "currency:"

// firedStreams is what the streams came to by hour and day.
type firedStreams struct {
	streams  []firingRow
	days     []firingDay
	silences []silenceRow
}

// streamHour is the records of a stream in one hour.
type streamHour struct {
	Source    string `db:"source"`
	SurfaceNo int64  `db:"surface_no"`
	Platform  string `db:"platform"`
	EventNo   int64  `db:"event_no"`
	HourUS    int64  `db:"hour_us"`
	Records   int64  `db:"records"`
	FirstUS   int64  `db:"first_us"`
	LastUS    int64  `db:"last_us"`
}

func (h streamHour) stream() stream { return stream{h.Source, h.SurfaceNo, h.Platform, h.EventNo} }

// judgeFiring looks for silences of every stream, from the beginning of the period to the
// end of the last outcome window, or to where records may still be on their way: before the
// as-of by late_after, or, where the source says when it received records, by the delay that
// 99 of 100 do not exceed.
func (r *run) judgeFiring(ctx context.Context, tx *warehouse.Tx) (firedStreams, error) {
	fired := firedStreams{[]firingRow{}, []firingDay{}, []silenceRow{}}
	zone, err := time.LoadLocation(r.study.Report.TimeZone)
	if err != nil {
		return fired, fmt.Errorf("load time zone of the report: %w", err)
	}
	late := map[string]int64{}
	delays, err := readFreshness(ctx, tx, r.id)
	if err != nil {
		return fired, err
	}
	for _, d := range delays {
		late[d.Source] = r.study.Report.LateAfter.Micros()
		if d.P99 != nil {
			late[d.Source] = min(late[d.Source], max(*d.P99, 0))
		}
	}
	rows, err := warehouse.Read[streamHour](ctx, tx, `SELECT s.source, h.surface_no, h.platform, h.event_no, h.hour_us,
			CAST(sum(h.records) AS BIGINT) AS records, min(h.first_us) AS first_us, max(h.last_us) AS last_us
		FROM model.record_hour AS h JOIN ops.source AS s ON s.source_no = h.source_no
		WHERE h.is_test = 0 GROUP BY s.source, h.surface_no, h.platform, h.event_no, h.hour_us
		ORDER BY s.source, h.surface_no, h.platform, h.event_no, h.hour_us`)
	if err != nil {
		return fired, err
	}
	from := r.study.Period.Start.UnixMicro()
	end := r.study.Period.End.UnixMicro() + r.study.Outcome.Window.Micros()
	for _, hours := range runs(rows) {
		of := hours[0].stream()
		row := firingRow{RunID: r.id, Source: of.Source, SurfaceNo: of.SurfaceNo, Platform: of.Platform, EventNo: of.EventNo,
			FirstUS: hours[0].FirstUS, LastUS: hours[len(hours)-1].LastUS}
		for _, h := range hours {
			row.Records += h.Records
		}
		seen := hoursOf(hours, from, min(end, r.asOf.UnixMicro()-late[of.Source]), zone)
		judged, err := firing.Judge(seen, streamAlpha)
		if err != nil {
			return fired, err
		}
		row.Dispersion, row.IsJudged = judged.Dispersion, isOne(judged.IsJudged)
		fired.streams = append(fired.streams, row)
		for _, d := range judged.Days {
			fired.days = append(fired.days, firingDay{r.id, of.Source, of.SurfaceNo, of.Platform, of.EventNo, d.Day, d.Records, d.Expected, isOne(d.IsLow)})
		}
		for _, s := range judged.Silences {
			first := firstHour(from)
			silence := silenceRow{RunID: r.id, Source: of.Source, SurfaceNo: of.SurfaceNo, Platform: of.Platform, EventNo: of.EventNo,
				FromUS: first + int64(s.From)*hourMicros, UntilUS: first + int64(s.Until)*hourMicros, Kind: holeSilence, Expected: s.Expected, P: s.P}
			switch {
			case row.FirstUS >= silence.UntilUS:
				silence.Kind = beganSilence
			case row.LastUS < silence.FromUS:
				silence.Kind = endedSilence
			}
			silence.compare(rows)
			fired.silences = append(fired.silences, silence)
		}
	}
	return fired, nil
}

// compare looks at what the other streams of the event had while this one had nothing.
func (s *silenceRow) compare(hours []streamHour) {
	var own, others int64
	for _, h := range hours {
		switch {
		case h.stream() == s.stream():
			own += h.Records
		case h.EventNo == s.EventNo:
			others += h.Records
			if h.HourUS >= s.FromUS && h.HourUS < s.UntilUS {
				s.Others += h.Records
			}
		}
	}
	s.OthersP = firing.NoneOf(own, others, s.Others)
}

// isFailure tells a silence that is the stream's own fault from the beginning or end of what
// is observed: between records, or while other streams of the event go on.
func (s silenceRow) isFailure() bool { return s.Kind == holeSilence || s.OthersP < streamAlpha }

const hourMicros = int64(time.Hour / time.Microsecond)

// firstHour is the first whole hour from a time on.
func firstHour(us int64) int64 { return (us + hourMicros - 1) / hourMicros * hourMicros }

// hoursOf are the whole hours of a stream from one time to another, with their place in the
// day and week of the zone.
func hoursOf(found []streamHour, from, until int64, zone *time.Location) []firing.Hour {
	hours := []firing.Hour{}
	for at := firstHour(from); at+hourMicros <= until; at += hourMicros {
		local := time.UnixMicro(at).In(zone)
		for len(found) > 0 && found[0].HourUS < at {
			found = found[1:]
		}
		h := firing.Hour{Day: dayNumber(local), Weekday: int(local.Weekday()), Clock: local.Hour()}
		if len(found) > 0 && found[0].HourUS == at {
			h.Records = found[0].Records
		}
		hours = append(hours, h)
	}
	return hours
}

// steps finds the days from which another share of a stream's records carries a parameter
// that the dictionary names, or states a currency.
func (r *run) steps(days []completenessDay, currencies []currencyDay) ([]stepRow, error) {
	steps := []stepRow{}
	find := func(of stream, subject string, dayNos []int64, series []change.Day) error {
		found, err := change.Steps(series, streamAlpha)
		for _, s := range found {
			steps = append(steps, stepRow{r.id, of.Source, of.SurfaceNo, of.Platform, of.EventNo, subject, dayNos[s.At],
				s.Before.Of, s.Before.With, s.After.Of, s.After.With, s.P})
		}
		return err
	}
	for _, part := range runs(days) {
		of := part[0].stream()
		for _, parameter := range r.Workspace.parametersOf(of) {
			dayNos, series := []int64{}, []change.Day{}
			for _, d := range part {
				dayNos, series = append(dayNos, d.DayNo), append(series, change.Day{Of: d.Records, With: d.with(parameter)})
			}
			if err := find(of, parameter, dayNos, series); err != nil {
				return nil, err
			}
		}
	}
	for _, part := range runs(currencies) {
		dayNos, series := currencySeries(part)
		for _, currency := range currenciesOf(part) {
			if err := find(part[0].stream(), ofCurrency+currency, dayNos, series[currency]); err != nil {
				return nil, err
			}
		}
	}
	return steps, nil
}

// currencySeries are, of the days of a stream, the records that state each currency, of
// those that state any.
func currencySeries(part []currencyDay) (dayNos []int64, series map[string][]change.Day) {
	series = map[string][]change.Day{}
	all := map[int64]int64{}
	place := map[int64]int{}
	for _, d := range part {
		if _, known := place[d.DayNo]; !known {
			place[d.DayNo] = len(dayNos)
			dayNos = append(dayNos, d.DayNo)
		}
		all[d.DayNo] += d.Records
	}
	for _, d := range part {
		if series[d.Currency] == nil {
			series[d.Currency] = make([]change.Day, len(dayNos))
			for i, no := range dayNos {
				series[d.Currency][i].Of = all[no]
			}
		}
		series[d.Currency][place[d.DayNo]].With = d.Records
	}
	return dayNos, series
}
