package jobs

import (
	"strings"

	"ghostlight/jobs/warehouse"
	"ghostlight/reports"
)

// matchQuality is what the identifiers of events are worth, list by list.
func (b *builder) matchQuality(out *reports.Report) error {
	out.MatchQuality = []reports.MatchQuality{}
	indexes, err := warehouse.Read[matchIndex](b.ctx, b.tx, `SELECT run_id, surface_no, platform, event_no, records, carrying, joined, share, lo, hi, level
		FROM result.match_index WHERE run_id = ? ORDER BY event_no, surface_no, platform`, b.runID)
	if err != nil {
		return err
	}
	weeks, err := readMatchWeeks(b.ctx, b.tx, b.runID)
	if err != nil {
		return err
	}
	uses, err := readIdentifierUses(b.ctx, b.tx, b.runID)
	if err != nil {
		return err
	}
	drops, err := readIdentifierDrops(b.ctx, b.tx, b.runID)
	if err != nil {
		return err
	}
	valid, err := readValidity(b.ctx, b.tx, b.runID)
	if err != nil {
		return err
	}
	for _, x := range indexes {
		list := reports.MatchQuality{Surface: surfaceNames[x.SurfaceNo], Platform: x.Platform, Event: b.events[x.EventNo],
			Index:       reports.MatchIndex{Records: x.Records, Carrying: x.Carrying, Joined: x.Joined, Share: x.Share, Lo: x.Lo, Hi: x.Hi, Level: x.Level},
			Identifiers: []reports.Identifier{}}
		for _, kind := range identifiers {
			list.Identifiers = append(list.Identifiers, reports.Identifier{Name: kind.name, Label: capital(strings.TrimPrefix(strings.TrimPrefix(kind.label, "an "), "a "))})
		}
		list.Identifiers = append(list.Identifiers, reports.Identifier{Name: anyIdentifier, Label: "Any of them"})
		for i := range list.Identifiers {
			id := &list.Identifiers[i]
			id.Weeks, id.Drops = []reports.MatchWeek{}, []reports.IdentityDrop{}
			for _, w := range weeks {
				if w.of() == x.of() && w.Identifier == id.Name {
					id.Carrying += w.Carrying
					id.InCRM, id.InGraph = plus(id.InCRM, w.InCRM), plus(id.InGraph, w.InGraph)
					id.Weeks = append(id.Weeks, reports.MatchWeek{Day: dayName(w.WeekDayNo), Records: w.Records, Carrying: w.Carrying, InCRM: w.InCRM, InGraph: w.InGraph})
				}
			}
			for _, u := range uses {
				if u.of() == x.of() && u.Identifier == id.Name {
					id.Distinct, id.MostRecords, id.Shared = u.Distinct, u.MostRecords, u.isShared()
				}
			}
			for _, d := range drops {
				if d.of() == x.of() && d.Identifier == id.Name {
					id.Drops = append(id.Drops, reports.IdentityDrop{What: d.What, Day: dayName(d.WeekDayNo), Found: d.Found, Records: d.Records,
						BeforeFound: d.BeforeFound, BeforeRecords: d.BeforeRecords, Lasts: d.Lasts == 1})
				}
			}
			for _, v := range valid {
				if v.of() == x.of() && v.Identifier == id.Name {
					id.Usable, id.Unusable = &v.Usable, &v.Unusable
				}
			}
		}
		out.MatchQuality = append(out.MatchQuality, list)
	}
	return nil
}

// plus adds what is known; nothing is known of nil.
func plus(sum, part *int64) *int64 {
	if part == nil {
		return sum
	}
	all := *part
	if sum != nil {
		all += *sum
	}
	return &all
}

// coverage is what the lists have of each other's conversions.
func (b *builder) coverage(out *reports.Report) error {
	out.Coverage = reports.Coverage{Lists: []reports.ListCoverage{}, Recovery: []reports.Recovery{}, Costs: []reports.ConversionCost{}}
	lists, err := readCoverage(b.ctx, b.tx, b.runID)
	if err != nil {
		return err
	}
	for _, l := range lists {
		out.Coverage.Lists = append(out.Coverage.Lists, reports.ListCoverage{Surface: surfaceNames[l.SurfaceNo], Platform: l.Platform, Event: b.events[l.EventNo],
			Records: l.Records, WithEventID: l.WithEventID, WithOrderID: l.WithOrderID, WithEither: l.WithEither, Conversions: l.Conversions,
			InPixel: l.InPixel, InServer: l.InServer, InApp: l.InApp, InAnalytics: l.InAnalytics, InCRM: l.InCRM})
	}
	devices, err := readRecovery(b.ctx, b.tx, b.runID)
	if err != nil {
		return err
	}
	for _, d := range devices {
		out.Coverage.Recovery = append(out.Coverage.Recovery, reports.Recovery{Event: b.events[d.EventNo], Device: d.Device, Browser: d.Browser,
			Pixel: d.Pixel, PixelAndServer: d.PixelAndServer, ServerOnly: d.ServerOnly, ServerOnlyInCRM: d.ServerOnlyInCRM})
	}
	counts, err := readDedupCounts(b.ctx, b.tx, b.runID)
	if err != nil {
		return err
	}
	var spend *int64
	for _, c := range out.Creatives {
		spend = plus(spend, &c.SpendMicros)
	}
	if spend != nil && *spend == 0 {
		spend = nil
	}
	for _, c := range counts {
		out.Coverage.Costs = append(out.Coverage.Costs, reports.ConversionCost{Event: b.events[c.EventNo], Records: c.Records, Conversions: c.Conversions, SpendMicros: spend})
	}
	return nil
}
