package jobs

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"ghostlight/analysis/parity"
	"ghostlight/jobs/source"
)

// studyValidation checks one study. Sources and events are nil when there are
// none or their file could not be decoded; what a source delivers is known only when all of
// them are valid.
type studyValidation struct {
	*document
	study        Study
	sources      source.Config
	sourcesValid bool
	events       map[string]Event
}

func (v studyValidation) validate(file string) {
	s := v.study
	switch {
	case s.Name == "":
		v.add("study", "the study's name is missing", "write study: "+file)
	case !identifier.MatchString(s.Name):
		v.add("study", "the name of a study is not an identifier", identifierRule)
	case s.Name != file:
		v.add("study", "study "+s.Name+" stands in a file of another name", "name the file "+s.Name+".yaml")
	}
	v.text("title", s.Title)
	v.oneOf("unit", "unit", s.Unit, []string{"household", "user", "customer", "account", "device"})
	v.period()
	for i, campaign := range s.Campaigns {
		at := fmt.Sprintf("campaigns[%d]", i)
		if strings.TrimSpace(campaign) == "" {
			v.add(at, "the name of a campaign is empty", "")
		}
		if slices.Contains(s.Campaigns[:i], campaign) {
			v.add(at, "the campaign is named twice", "")
		}
	}
	if s.Assignment != nil {
		v.assignment(*s.Assignment)
	}
	v.positive("outcome.window", s.Outcome.Window)
	v.dedup(s.Dedup)
	v.metrics()
	v.attribution(s.Attribution)
	for _, link := range s.Match.Types() {
		at := "match.windows." + link
		if known := source.LinkTypes(); !slices.Contains(known, link) {
			v.addKey(at, "unknown link type "+quoted(link), didYouMean(link, known))
		}
		v.positive(at, s.Match.Windows[link])
	}
	v.windows("match.grid", s.Match.Grid)
	if len(s.Match.Grid) <= maxWindows && len(s.Match.completeGrid()) > maxWindows {
		v.add("match.grid", fmt.Sprintf("with the widest match window, which is always in it, more than %d windows", maxWindows), "")
	}
	v.reconcile(s.Reconcile)
	v.report(s.Report)
	v.changes()
	v.schedule(s.Schedule)
}

func (v studyValidation) period() {
	start, end := v.study.Period.Start, v.study.Period.End
	if !v.has("period") {
		v.add("period", "period is missing", "write period: {start: 2026-09-07, end: 2026-10-19}")
		return
	}
	if start.IsZero() {
		v.add("period.start", "start is missing", "")
	}
	if end.IsZero() {
		v.add("period.end", "end is missing", "the first moment after the study")
	}
	if !start.IsZero() && !end.IsZero() && !end.After(start.Time) {
		v.add("period.end", "the period ends before it begins", "end is the first moment after the study")
	}
}

func (v studyValidation) assignment(a Assignment) {
	if a.Source == "" {
		v.add("assignment.source", "source is missing", "name a source of table assignment")
	} else if v.sources != nil {
		src, ok := v.sources[a.Source]
		if !ok {
			v.oneOf("assignment.source", "source", a.Source, slices.Collect(maps.Keys(v.sources)))
		} else if src.Table != "assignment" && src.Table != "" {
			v.add("assignment.source", "source "+a.Source+" is of table "+quoted(src.Table), "name a source of table assignment")
		}
	}
	if len(a.Arms) < 2 {
		v.add("assignment.arms", "at least two arms are needed", "leave assignment out when there was no holdout")
	}
	var names []string
	sound := v.sound("assignment.arms") // the shares can be summed
	for i, arm := range a.Arms {
		at := fmt.Sprintf("assignment.arms[%d]", i)
		if arm.Name == "" {
			v.add(at+".name", "name is missing", "")
		} else if v.name(at+".name", "an arm", arm.Name); slices.Contains(names, arm.Name) {
			v.add(at+".name", "arm "+arm.Name+" is given twice", "")
		}
		names = append(names, arm.Name)
		v.text(at+".label", arm.Label)
		if !v.has(at + ".share") {
			v.add(at+".share", "share is missing", "")
			sound = false
			continue
		}
		v.within(at+".share", arm.Share, 0, 1)
		sound = sound && arm.Share > 0 && arm.Share < 1
	}
	if sound && len(names) > 1 && !sharesSum(a.Arms) {
		v.add("assignment.arms", "the shares do not sum to 1", "")
	}
	if a.Holdout == "" {
		v.add("assignment.holdout", "holdout is missing", "name the arm that the others are compared with")
	} else {
		v.oneOf("assignment.holdout", "arm", a.Holdout, names)
	}
}

func (v studyValidation) metrics() {
	s := v.study
	if len(s.Metrics) == 0 {
		v.add("metrics", "there is no metric", "write at least one")
		return
	}
	var names []string
	for i, m := range s.Metrics {
		at := fmt.Sprintf("metrics[%d]", i)
		if m.Name == "" {
			v.add(at+".name", "name is missing", "")
		} else if v.name(at+".name", "a metric", m.Name); slices.Contains(names, m.Name) {
			v.add(at+".name", "metric "+m.Name+" is given twice", "")
		}
		names = append(names, m.Name)
		v.text(at+".label", m.Label)
		v.required(at, "kind", m.Kind)
		v.required(at, "event", m.Event)
		if m.Kind != "" {
			v.oneOf(at+".kind", "kind", m.Kind, []string{"proportion", "mean"})
		}
		if len(m.From) == 0 {
			v.add(at+".from", "from is missing", "whose records count: crm, pixel, server, app, analytics")
		}
		v.eventFrom(at, m.Event, m.From)
		if m.Kind == "mean" {
			v.value(at, m)
		}
	}
	if s.Headline != "" {
		v.oneOf("headline", "metric", s.Headline, names)
	}
}

func (v studyValidation) required(at, field, value string) {
	if value == "" {
		v.add(at+"."+field, field+" is missing", "")
	}
}

// eventFrom checks an event and the origins of its records.
func (v studyValidation) eventFrom(at, event string, from []string) {
	origins := append(source.Surfaces(), "crm")
	v.set(at+".from", "origin", from, origins)
	if event == "" || v.events == nil || !v.oneOf(at+".event", "event", event, slices.Collect(maps.Keys(v.events))) {
		return
	}
	for i, origin := range from {
		path := fmt.Sprintf("%s.from[%d]", at, i)
		if !v.has(path) || !slices.Contains(origins, origin) {
			continue // a default, or a fault already
		}
		if origin == "crm" && len(v.events[event].CRM) == 0 {
			v.add(path, "event "+event+" does not come from the CRM", "give it crm: [verified] in "+eventsFile)
		} else if v.sourcesValid && !v.delivered(origin) {
			v.add(path, "no source delivers "+origin, "add one to "+workspaceFile)
		}
	}
}

// delivered tells whether any source has records of the origin.
func (v studyValidation) delivered(origin string) bool {
	for _, name := range v.sources.Names() {
		if v.sources[name].Delivers(origin) {
			return true
		}
	}
	return false
}

// value checks that the records of a mean metric carry what is averaged.
func (v studyValidation) value(at string, m Metric) {
	event, ok := v.events[m.Event]
	if !ok || !v.sourcesValid || event.ValueRule == valueFixed {
		return
	}
	for _, origin := range m.From {
		if origin != "crm" {
			if !slices.Contains(event.Required, "value") {
				v.add(at+".kind", "event "+m.Event+" need not carry a value, so it has no mean",
					"add value to its required parameters in "+eventsFile)
				return
			}
			continue
		}
		for _, name := range v.sources.Names() {
			src := v.sources[name]
			if src.Table == "crm_order" && !src.Maps("value") {
				v.add(at+".kind", "source "+name+" has no value, so there is no mean",
					"map the column value in "+workspaceFile)
				return
			}
		}
	}
}

func (v studyValidation) attribution(a Attribution) {
	v.eventFrom("attribution", a.Event, a.From)
	if len(a.From) == 0 {
		v.add("attribution.from", "from is empty", "leave it out to take the default")
	}
	if len(a.Windows) == 0 {
		v.add("attribution.windows", "there are no windows", "leave them out to take the default")
		return
	}
	v.windows("attribution.windows", a.Windows)
	v.positive("attribution.primary", a.Primary)
	if v.sound("attribution.windows") && !slices.Contains(a.Windows, a.Primary) {
		names := make([]string, len(a.Windows))
		for i, w := range a.Windows {
			names[i] = w.String()
		}
		v.add("attribution.primary", "the primary window "+a.Primary.String()+" is not among the windows", "one of: "+strings.Join(names, ", "))
	}
}

func (v studyValidation) report(r Report) {
	v.within("report.level", r.Level, 0.5, 1)
	if !currency.MatchString(r.Currency) {
		v.add("report.currency", "a currency is three capital letters", "ISO 4217, as in USD")
	}
	if r.MinConversions < 0 {
		v.add("report.min_conversions", "must not be negative", "")
	}
	v.positive("report.late_after", r.LateAfter)
	if _, err := time.LoadLocation(r.TimeZone); err != nil || r.TimeZone == "" || r.TimeZone == "Local" {
		v.add("report.time_zone", "unknown time zone "+quoted(r.TimeZone), "an IANA name, as in Europe/Berlin or UTC")
	}
}

// reconcile checks the bands of every pair.
func (v studyValidation) reconcile(r Reconcile) {
	v.band("reconcile", parity.Band{Expected: 1, Acceptable: r.Acceptable, Blocked: r.Blocked})
	var named []Parity
	for i, p := range r.Pairs {
		at := fmt.Sprintf("reconcile.pairs[%d]", i)
		v.required(at, "first", p.First)
		v.required(at, "second", p.Second)
		if p.First != "" {
			v.oneOf(at+".first", "list", p.First, listNames[:])
		}
		if p.Second != "" {
			v.oneOf(at+".second", "list", p.Second, append(slices.Clone(listNames[1:]), platformList))
		}
		if p.Second == platformList && p.First != listNames[0] && slices.Contains(listNames[:], p.First) {
			v.add(at+".first", "what platforms report is compared with the deduplicated list alone", "write first: "+listNames[0])
		}
		if p.First != "" && p.First == p.Second {
			v.add(at+".second", "a list cannot be reconciled with itself", "")
		}
		if slices.ContainsFunc(named, func(n Parity) bool { return n.First == p.First && n.Second == p.Second && n.Platform == p.Platform }) {
			v.add(at, "the pair is named twice", "")
		}
		named = append(named, p)
		v.band(at, p.band(r))
	}
}

func (v studyValidation) band(at string, b parity.Band) {
	if err := b.Validate(); err != nil {
		v.add(at, err.Error(), "as in {expected: 1, acceptable: 0.1, blocked: 0.2}")
	}
}

func (v studyValidation) schedule(s Schedule) {
	if s.Cron != "" {
		if err := checkCron(s.Cron); err != nil {
			v.add("schedule.cron", err.Error(), `five fields in UTC, as in "0 6 * * 1"`)
		}
	}
	v.oneOf("schedule.catch_up", "catch-up", s.CatchUp, []string{"none", "latest", "all"})
	if s.MaxCatchUp < 1 || s.MaxCatchUp > 1000 {
		v.add("schedule.max_catch_up", "must be 1 to 1000", "")
	}
}
