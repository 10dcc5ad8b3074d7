package jobs

import (
	"fmt"
	"slices"

	"ghostlight/analysis/lift"
)

// rangeChecks want a look where values lie outside the range of their event, and fail where
// more than outsideFailed of them do.
func rangeChecks(ranges []valueRange) []streamCheck {
	checks := []streamCheck{}
	for _, v := range ranges {
		c := checkOf(rangeCheck, stream{v.Source, v.SurfaceNo, v.Platform, v.EventNo})
		c.Records, c.Found = v.Records, v.Below+v.Above
		within := lift.FormatMoney(v.LeastMicros) + " to " + lift.FormatMoney(v.MostMicros)
		switch c.Detail = "all values lie within " + within; {
		case v.Records == 0:
			c.Status, c.Detail = checkNotSeen, "no record has a value"
		case c.Found > 0:
			c.Status = checkLook
			if float64(c.Found) > outsideFailed*float64(c.Records) {
				c.Status = checkFailed
			}
			c.Detail = fmt.Sprintf("of %s values %s are below and %s above the range of %s", lift.FormatCount(c.Records), lift.FormatCount(v.Below), lift.FormatCount(v.Above), within)
		}
		checks = append(checks, c)
	}
	return checks
}

// typeChecks want a look where the load refused rows of a source of events or orders.
func (r *run) typeChecks(e streamEvidence) []streamCheck {
	checks := []streamCheck{}
	for _, source := range r.Workspace.Sources.Names() {
		conf := r.Workspace.Sources[source]
		if conf.Table != "event" && conf.Table != "crm_order" {
			continue
		}
		c := checkOf(typeCheck, stream{Source: source, SurfaceNo: max(0, int64(slices.Index(surfaceNames, conf.Surface)))})
		if conf.Table == "crm_order" {
			c.SurfaceNo = crmSurface
		}
		for _, in := range e.inputs {
			if in.Source == source {
				c.Records += in.Records - in.Blank
			}
		}
		var first *refusedField
		rules := 0
		for i, f := range e.refused {
			if f.Source == source {
				c.Found += f.Rows
				rules++
				if first == nil || f.Rows > first.Rows {
					first = &e.refused[i]
				}
			}
		}
		switch c.Detail = "no row was refused"; {
		case c.Records == 0:
			c.Status, c.Detail = checkNotSeen, "no row came"
		case first != nil:
			c.Status = checkLook
			where := first.Rule
			if first.Column != "" {
				where = first.Column + ": " + where
			}
			c.Detail = fmt.Sprintf("%s rows were refused for %s, first in %s, line %d", lift.FormatCount(first.Rows), where, first.Path, first.LineNo)
			if rules > 1 {
				c.Detail += ", and " + lift.FormatCount(c.Found-first.Rows) + " by " + plural(rules-1, "more rule")
			}
		}
		checks = append(checks, c)
	}
	return checks
}

// testChecks want a look where test traffic stands among the records of a source of events.
func (r *run) testChecks(e streamEvidence) []streamCheck {
	checks := []streamCheck{}
	for _, source := range r.Workspace.Sources.Names() {
		conf := r.Workspace.Sources[source]
		if conf.Table != "event" {
			continue
		}
		c := checkOf(testCheck, stream{Source: source, SurfaceNo: max(0, int64(slices.Index(surfaceNames, conf.Surface)))})
		for _, d := range e.days {
			if d.Source == source {
				c.Records += d.Records
			}
		}
		var last int64
		for _, t := range e.tests {
			if t.Source == source {
				c.Found += t.Records
				last = max(last, t.LastUS)
			}
		}
		c.Records += c.Found
		switch c.Detail = "no record is marked as a test"; {
		case c.Records == 0:
			c.Status, c.Detail = checkNotSeen, "no record in the period"
		case c.Found > 0:
			c.Status = checkLook
			c.Detail = fmt.Sprintf("%s of %s records are marked as tests, the last at %s; they are not used", lift.FormatCount(c.Found), lift.FormatCount(c.Records), micros(last).Format("2006-01-02 15:04 UTC"))
		}
		checks = append(checks, c)
	}
	return checks
}
