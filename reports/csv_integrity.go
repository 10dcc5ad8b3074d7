package reports

import (
	"strconv"
	"time"
)

var streamColumns = []string{"source", "surface", "platform", "event"}

func (s StreamName) cells(more ...string) []string {
	return append([]string{text(s.Source), text(s.Surface), text(s.Platform), text(s.Event)}, more...)
}

// streamTable is a table whose lines are about streams.
func (r Report) streamTable(name string, columns ...string) table {
	return r.table(name, append(append([]string{}, streamColumns...), columns...)...)
}

func instant(t time.Time) string { return t.Format(time.RFC3339Nano) }

func (r Report) integrityTables() []table {
	in := r.Integrity
	checks := r.streamTable("stream_checks", "check", "subject", "status", "records", "found", "detail")
	for _, c := range in.Checks {
		r.add(&checks, c.cells(text(c.Name), text(c.Subject), text(c.Status), integer(c.Records), integer(c.Found), text(c.Detail))...)
	}
	streams := r.streamTable("streams", "records", "first_seen", "last_seen", "dispersion", "is_judged")
	for _, s := range in.Streams {
		r.add(&streams, s.cells(integer(s.Records), instant(s.First), instant(s.Last), num(s.Dispersion), strconv.FormatBool(s.IsJudged))...)
	}
	days := r.streamTable("stream_days", "day", "records", "expected", "is_low")
	for _, d := range in.StreamDays {
		r.add(&days, d.cells(text(d.Day), integer(d.Records), num(d.Expected), strconv.FormatBool(d.IsLow))...)
	}
	silences := r.streamTable("silences", "from", "until", "kind", "expected", "p", "others", "others_p")
	for _, s := range in.Silences {
		r.add(&silences, s.cells(instant(s.From), instant(s.Until), text(s.Kind), num(s.Expected), num(s.P), integer(s.Others), num(s.OthersP))...)
	}
	complete := r.streamTable("completeness", "day", "records", "with_value", "with_currency", "with_order_id", "with_event_id")
	for _, d := range in.Completeness {
		r.add(&complete, d.cells(text(d.Day), integer(d.Records), integer(d.Value), integer(d.Currency), integer(d.OrderID), integer(d.EventID))...)
	}
	versions := r.streamTable("completeness_versions", "app_version", "versions", "first_seen", "records", "with_value", "with_currency", "with_order_id", "with_event_id")
	for _, v := range in.Versions {
		r.add(&versions, v.cells(text(v.AppVersion), integer(v.Versions), instant(v.First), integer(v.Records), integer(v.Value), integer(v.Currency), integer(v.OrderID), integer(v.EventID))...)
	}
	steps := r.streamTable("stream_steps", "subject", "day", "before_records", "before_with", "after_records", "after_with", "p")
	for _, s := range in.Steps {
		r.add(&steps, s.cells(text(s.Subject), text(s.Day), integer(s.BeforeRecords), integer(s.BeforeWith), integer(s.AfterRecords), integer(s.AfterWith), num(s.P))...)
	}
	ranges := r.streamTable("value_ranges", "records", "below", "above", "least_micros", "most_micros")
	samples := r.streamTable("value_range_samples", "path", "line")
	for _, x := range in.Ranges {
		r.add(&ranges, x.cells(integer(x.Records), integer(x.Below), integer(x.Above), integer(x.LeastMicros), integer(x.MostMicros))...)
		for _, s := range x.Samples {
			r.add(&samples, x.cells(text(s.Path), integer(s.Line))...)
		}
	}
	refused := r.table("refused_fields", "source", "column", "rule", "rows", "first_path", "first_line")
	for _, f := range in.Refused {
		r.add(&refused, text(f.Source), text(f.Column), text(f.Rule), integer(f.Rows), text(f.First.Path), integer(f.First.Line))
	}
	currencies := r.streamTable("currencies", "day", "currency", "records")
	for _, d := range in.Currencies {
		r.add(&currencies, d.cells(text(d.Day), text(d.Currency), integer(d.Records))...)
	}
	tests := r.streamTable("test_traffic", "records", "first_seen", "last_seen")
	for _, t := range in.Tests {
		r.add(&tests, t.cells(integer(t.Records), instant(t.First), instant(t.Last))...)
	}
	return []table{checks, streams, days, silences, complete, versions, steps, ranges, samples, refused, currencies, tests}
}
