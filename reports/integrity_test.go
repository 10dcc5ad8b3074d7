package reports

import (
	"strings"
	"testing"
	"time"
)

func sampleIntegrity() Integrity {
	at := func(day, hour int) time.Time { return time.Date(2026, 9, day, hour, 0, 0, 0, time.UTC) }
	server := StreamName{"capi", "server", "meta", "purchase"}
	pixel := StreamName{"pixel", "pixel", "generic", "purchase"}
	return Integrity{
		Checks: []StreamCheck{
			{Name: "firing", Label: "Firing", StreamName: pixel, Status: "failed", Records: 12057, Found: 1, Detail: "No record from 2026-09-13 20:00 to 2026-09-16 08:00, where 812 were to be expected."},
			{Name: "firing", Label: "Firing", StreamName: server, Status: "ok", Records: 15224, Detail: "No silence is longer than chance makes it."},
			{Name: "firing", Label: "Firing", StreamName: StreamName{Source: "capi", Surface: "server", Event: "lead"}, Status: "not seen", Detail: "No record in the period."},
			{Name: "completeness", Label: "Completeness", StreamName: pixel, Subject: "event_id", Status: "look", Records: 12057, Found: 40, Detail: "12,017 of 12,057 records carry event_id."},
			{Name: "types", Label: "Types", StreamName: StreamName{Source: "capi"}, Status: "ok", Records: 15224, Detail: "No row was refused."},
		},
		Streams: []Stream{
			{StreamName: server, Records: 15224, First: at(1, 0), Last: at(30, 23), Dispersion: 1.4, IsJudged: true},
			{StreamName: pixel, Records: 12057, First: at(1, 8), Last: at(30, 20), Dispersion: 1, IsJudged: true},
		},
		StreamDays:   []StreamDay{{pixel, "2026-09-13", 380, 401.5, false}, {pixel, "2026-09-14", 0, 402.25, false}},
		Silences:     []Silence{{pixel, at(13, 20), at(16, 8), "hole", 812.4, 1e-9, 900, 1e-12}},
		Completeness: []CompletenessDay{{pixel, "2026-09-13", 380, 380, 380, 379, 371}},
		Versions:     []CompletenessVersion{{pixel, "4.2", 1, at(2, 0), 300, 300, 299, 300, 280}},
		Steps:        []StreamStep{{pixel, "event_id", "2026-09-20", 8000, 8000, 4057, 4017, 0.0002}},
		Ranges:       []ValueRange{{server, 15224, 1, 2, 1_000_000, 500_000_000, []Place{{"capi", "data/capi.jsonl", 17}, {"capi", "data/capi.jsonl", 19}}}},
		Refused:      []RefusedField{{"pixel", "value", "not an amount", 3, Place{"pixel", "data/pixel.csv", 8}}},
		Currencies:   []CurrencyDay{{server, "2026-09-13", "USD", 500}, {server, "2026-09-13", "EUR", 2}},
		Tests:        []TestTraffic{{pixel, 640, at(2, 9), at(2, 17)}},
	}
}

func TestIntegrityRefuses(t *testing.T) {
	for want, spoil := range map[string]func(*Integrity){
		"ok and saw no record": func(in *Integrity) { in.Checks[1].Records = 0 },
		`is "fine"`:            func(in *Integrity) { in.Checks[1].Status = "fine" },
		"on 381 of 380":        func(in *Integrity) { in.Completeness[0].Value = 381 },
	} {
		r := sample()
		spoil(&r.Integrity)
		if err := Write(t.TempDir()+"/study/run", r); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want a report refused for %q, got %v", want, err)
		}
	}
}
