package jobs

import (
	"slices"

	"ghostlight/jobs/warehouse"
	"ghostlight/reports"
)

// integrity says how the streams of events and orders came. It follows reconciliation,
// which names the events.
func (b *builder) integrity(out *reports.Report) error {
	out.Integrity = reports.Integrity{
		Checks: []reports.StreamCheck{}, Streams: []reports.Stream{}, StreamDays: []reports.StreamDay{}, Silences: []reports.Silence{},
		Completeness: []reports.CompletenessDay{}, Versions: []reports.CompletenessVersion{}, Steps: []reports.StreamStep{}, Ranges: []reports.ValueRange{}, Refused: []reports.RefusedField{},
		Currencies: []reports.CurrencyDay{}, Tests: []reports.TestTraffic{},
	}
	for _, part := range []func(*reports.Integrity) error{b.streamChecks, b.firing, b.completeness, b.ranges, b.streamCurrencies} {
		if err := part(&out.Integrity); err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) streamName(of stream) reports.StreamName {
	name := reports.StreamName{Source: of.Source, Platform: of.Platform}
	if of.SurfaceNo > 0 {
		name.Surface = surfaceNames[of.SurfaceNo]
	}
	if of.EventNo != undefinedEvent {
		name.Event = b.events[of.EventNo]
	}
	return name
}

func (b *builder) streamChecks(in *reports.Integrity) error {
	checks, err := readStreamChecks(b.ctx, b.tx, b.runID)
	for _, c := range checks {
		i := slices.IndexFunc(streamCheckLabels, func(l checkLabel) bool { return l.name == c.Name })
		in.Checks = append(in.Checks, reports.StreamCheck{
			Name: c.Name, Label: streamCheckLabels[i].label, StreamName: b.streamName(stream{c.Source, c.SurfaceNo, c.Platform, c.EventNo}),
			Subject: c.Subject, Status: c.Status, Records: c.Records, Found: c.Found, Detail: sentence(c.Detail),
		})
	}
	return err
}

func (b *builder) firing(in *reports.Integrity) error {
	streams, err := warehouse.Read[firingRow](b.ctx, b.tx, `SELECT run_id, source, surface_no, platform, event_no, records, first_us, last_us, dispersion, is_judged
		FROM result.firing WHERE run_id = ? ORDER BY source, surface_no, platform, event_no`, b.runID)
	if err != nil {
		return err
	}
	for _, s := range streams {
		in.Streams = append(in.Streams, reports.Stream{StreamName: b.streamName(s.stream()), Records: s.Records,
			First: micros(s.FirstUS), Last: micros(s.LastUS), Dispersion: s.Dispersion, IsJudged: s.IsJudged == 1})
	}
	days, err := warehouse.Read[firingDay](b.ctx, b.tx, `SELECT run_id, source, surface_no, platform, event_no, day_no, records, expected, is_low
		FROM result.firing_day WHERE run_id = ? ORDER BY source, surface_no, platform, event_no, day_no`, b.runID)
	if err != nil {
		return err
	}
	for _, d := range days {
		in.StreamDays = append(in.StreamDays, reports.StreamDay{StreamName: b.streamName(d.stream()), Day: dayName(d.DayNo), Records: d.Records, Expected: d.Expected, IsLow: d.IsLow == 1})
	}
	silences, err := warehouse.Read[silenceRow](b.ctx, b.tx, `SELECT run_id, source, surface_no, platform, event_no, from_us, until_us, kind, expected, p, others, others_p
		FROM result.silence WHERE run_id = ? ORDER BY source, surface_no, platform, event_no, from_us`, b.runID)
	if err != nil {
		return err
	}
	for _, s := range silences {
		in.Silences = append(in.Silences, reports.Silence{StreamName: b.streamName(s.stream()), From: micros(s.FromUS), Until: micros(s.UntilUS), Kind: s.Kind,
			Expected: s.Expected, P: s.P, Others: s.Others, OthersP: s.OthersP})
	}
	return nil
}

func (b *builder) completeness(in *reports.Integrity) error {
	days, err := readCompleteness(b.ctx, b.tx, b.runID)
	if err != nil {
		return err
	}
	for _, d := range days {
		in.Completeness = append(in.Completeness, reports.CompletenessDay{StreamName: b.streamName(d.stream()), Day: dayName(d.DayNo), Records: d.Records,
			Value: d.WithValue, Currency: d.WithCurrency, OrderID: d.WithOrderID, EventID: d.WithEventID})
	}
	versions, err := readCompletenessVersions(b.ctx, b.tx, b.runID)
	if err != nil {
		return err
	}
	for _, v := range versions {
		in.Versions = append(in.Versions, reports.CompletenessVersion{StreamName: b.streamName(v.stream()), AppVersion: v.AppVersion, Versions: v.Versions, First: micros(v.FirstUS),
			Records: v.Records, Value: v.WithValue, Currency: v.WithCurrency, OrderID: v.WithOrderID, EventID: v.WithEventID})
	}
	steps, err := readSteps(b.ctx, b.tx, b.runID)
	if err != nil {
		return err
	}
	for _, s := range steps {
		in.Steps = append(in.Steps, reports.StreamStep{StreamName: b.streamName(s.stream()), Subject: s.Subject, Day: dayName(s.DayNo),
			BeforeRecords: s.BeforeRecords, BeforeWith: s.BeforeWith, AfterRecords: s.AfterRecords, AfterWith: s.AfterWith, P: s.P})
	}
	return nil
}

func (b *builder) ranges(in *reports.Integrity) error {
	ranges, err := readValueRanges(b.ctx, b.tx, b.runID)
	if err != nil {
		return err
	}
	samples, err := readValueRangeSamples(b.ctx, b.tx, b.runID)
	if err != nil {
		return err
	}
	for _, v := range ranges {
		of := stream{v.Source, v.SurfaceNo, v.Platform, v.EventNo}
		line := reports.ValueRange{StreamName: b.streamName(of), Records: v.Records, Below: v.Below, Above: v.Above,
			LeastMicros: v.LeastMicros, MostMicros: v.MostMicros, Samples: []reports.Place{}}
		for _, s := range samples {
			if (stream{s.Source, s.SurfaceNo, s.Platform, s.EventNo}) == of {
				line.Samples = append(line.Samples, reports.Place{Source: s.Source, Path: s.Path, Line: s.LineNo})
			}
		}
		in.Ranges = append(in.Ranges, line)
	}
	refused, err := readRefusedFields(b.ctx, b.tx, b.runID)
	for _, f := range refused {
		in.Refused = append(in.Refused, reports.RefusedField{Source: f.Source, Column: f.Column, Rule: f.Rule, Rows: f.Rows, First: reports.Place{Source: f.Source, Path: f.Path, Line: f.LineNo}})
	}
	return err
}

func (b *builder) streamCurrencies(in *reports.Integrity) error {
	days, err := readCurrencyDays(b.ctx, b.tx, b.runID)
	if err != nil {
		return err
	}
	for _, d := range days {
		in.Currencies = append(in.Currencies, reports.CurrencyDay{StreamName: b.streamName(d.stream()), Day: dayName(d.DayNo), Currency: d.Currency, Records: d.Records})
	}
	tests, err := readTestRecords(b.ctx, b.tx, b.runID)
	for _, t := range tests {
		in.Tests = append(in.Tests, reports.TestTraffic{StreamName: b.streamName(stream{t.Source, t.SurfaceNo, t.Platform, t.EventNo}), Records: t.Records,
			First: micros(t.FirstUS), Last: micros(t.LastUS)})
	}
	return err
}
