package jobs

import (
	"ghostlight/reports"
)

// quality says how soon the records came, what their platforms take and with
// whose consent. It follows reconciliation, which names the events.
func (b *builder) quality(out *reports.Report) error {
	out.Quality = reports.Quality{
		Undefined: []reports.Undefined{}, Freshness: []reports.Freshness{}, Acceptance: []reports.Acceptance{},
		Consent: []reports.Consent{}, ConsentUnits: []reports.ConsentUnits{},
	}
	names, err := readUndefined(b.ctx, b.tx, b.runID)
	if err != nil {
		return err
	}
	for _, n := range names {
		out.Quality.Undefined = append(out.Quality.Undefined, reports.Undefined(n))
	}
	delays, err := readFreshness(b.ctx, b.tx, b.runID)
	if err != nil {
		return err
	}
	for _, d := range delays {
		out.Quality.Freshness = append(out.Quality.Freshness, reports.Freshness{
			Source: d.Source, Records: d.Records, P50US: d.P50, P95US: d.P95, P99US: d.P99,
		})
	}
	answers, err := readAcceptance(b.ctx, b.tx, b.runID)
	if err != nil {
		return err
	}
	out.Quality.Acceptance = b.acceptance(answers)
	return b.consent(out)
}

// acceptance brings the answers of one source, platform, event, name and limit, which
// come one after another, into one line.
func (b *builder) acceptance(rows []acceptanceRow) []reports.Acceptance {
	lines := []reports.Acceptance{}
	for i, row := range rows {
		if i == 0 || rows[i-1].Source != row.Source || rows[i-1].Platform != row.Platform || rows[i-1].EventNo != row.EventNo ||
			rows[i-1].Unknown != row.Unknown || rows[i-1].AcceptUS != row.AcceptUS {
			line := reports.Acceptance{Source: row.Source, Platform: row.Platform, Event: b.events[row.EventNo], InDictionary: row.EventNo != undefinedEvent}
			if row.Unknown != "" {
				line.Event = row.Unknown
			}
			if row.AcceptUS > 0 {
				line.LimitUS = &rows[i].AcceptUS
			}
			lines = append(lines, line)
		}
		line := &lines[len(lines)-1]
		line.Records += row.Records
		line.AgeKnown += row.Aged
		line.BeyondLimit += row.Beyond
		switch row.State {
		case accepted:
			line.Accepted += row.Records
		case refused:
			line.Refused += row.Records
		default:
			line.Unknown += row.Records
			line.WouldBeRefused += row.Beyond
		}
	}
	return lines
}

func (b *builder) consent(out *reports.Report) error {
	counts, err := readConsent(b.ctx, b.tx, b.runID)
	if err != nil {
		return err
	}
	units, err := readConsentUnits(b.ctx, b.tx, b.runID)
	if err != nil {
		return err
	}
	arm := func(number int64) string { // of arm 0, which is none, ""
		if number == 0 {
			return ""
		}
		return out.Arms[number-1].Name
	}
	for _, c := range counts {
		out.Quality.Consent = append(out.Quality.Consent, reports.Consent{
			Arm: arm(c.ArmNo), Surface: surfaceNames[c.SurfaceNo], Purpose: c.Purpose, State: c.State, Records: c.Records,
		})
	}
	for _, u := range units {
		out.Quality.ConsentUnits = append(out.Quality.ConsentUnits, reports.ConsentUnits{Arm: arm(u.ArmNo), State: u.State, Units: u.Units})
	}
	return nil
}
