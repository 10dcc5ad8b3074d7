package jobs

import (
	"maps"
	"slices"

	"ghostlight/jobs/source"
	"ghostlight/jobs/warehouse"
)

// Study is one experiment or campaign under measurement: studies/<name>.yaml.
type Study struct {
	// Version of this file's format.
	Version int `yaml:"version" jsonschema:"required,enum=1"`
	// Name of the study, the same as the file's.
	Name string `yaml:"study" jsonschema:"required"`
	// Title of the report; the name when left out.
	Title string `yaml:"title"`
	// Unit that was randomized, as the report calls it. Its key is the household_key of every table.
	Unit string `yaml:"unit" jsonschema:"enum=household,enum=user,enum=customer,enum=account,enum=device"`
	// Period under measurement.
	Period Period `yaml:"period" jsonschema:"required"`
	// Campaigns under measurement, by the names the exposure log has; all of the workspace's when left out.
	Campaigns []string `yaml:"campaigns,omitempty"`
	// Assignment of units to arms. Without it no lift can be estimated.
	Assignment *Assignment `yaml:"assignment,omitempty"`
	// Outcome says which conversions of an assigned unit count.
	Outcome Outcome `yaml:"outcome"`
	// Dedup says which records are one conversion.
	Dedup Dedup `yaml:"dedup"`
	// Metrics that lift is measured in.
	Metrics []Metric `yaml:"metrics" jsonschema:"required,minItems=1"`
	// Headline is the metric of the verdict; the first when left out.
	Headline string `yaml:"headline"`
	// Attribution of conversions to touches.
	Attribution Attribution `yaml:"attribution"`
	// Match says how old the evidence of an identity may be.
	Match Match `yaml:"match"`
	// Reconcile says how far from each other the lists of conversions may be.
	Reconcile Reconcile `yaml:"reconcile"`
	// Report settings.
	Report Report `yaml:"report"`
	// Changes of the measurement that nothing in the data tells, for the report's change log.
	Changes []Change `yaml:"changes,omitempty" json:",omitempty"`
	// Schedule of the report.
	Schedule Schedule `yaml:"schedule"`
}

// Period is the half-open time [Start, End) of a study.
type Period struct {
	// Start of the study, inclusive.
	Start Time `yaml:"start" jsonschema:"required"`
	// End of the study, exclusive.
	End Time `yaml:"end" jsonschema:"required"`
}

// Assignment says who was in which arm.
type Assignment struct {
	// Source of table assignment.
	Source string `yaml:"source" jsonschema:"required"`
	// Holdout is the arm that the others are compared with.
	Holdout string `yaml:"holdout" jsonschema:"required"`
	// Arms in the order of the report.
	Arms []Arm `yaml:"arms" jsonschema:"required,minItems=2"`
}

// Arm is one group of the experiment.
type Arm struct {
	// Name of the arm as the assignment source writes it.
	Name string `yaml:"name" jsonschema:"required"`
	// Label in the report; the name when left out.
	Label string `yaml:"label"`
	// Share of the units by design; the shares of all arms sum to 1.
	Share float64 `yaml:"share" jsonschema:"required"`
}

// Outcome is the window of the outcome after assignment.
type Outcome struct {
	// Window after assignment: 0 < converted - assigned <= window.
	Window Duration `yaml:"window"`
}

// Metric is one outcome of a unit.
type Metric struct {
	// Name of the metric.
	Name string `yaml:"name" jsonschema:"required"`
	// Label in the report; the name when left out.
	Label string `yaml:"label"`
	// Kind: the proportion of units with the event, or the mean value per unit.
	Kind string `yaml:"kind" jsonschema:"required,enum=proportion,enum=mean"`
	// Event of the dictionary.
	Event string `yaml:"event" jsonschema:"required"`
	// From: whose records count.
	From []string `yaml:"from" jsonschema:"required,minItems=1,enum=crm,enum=pixel,enum=server,enum=app,enum=analytics"`
}

// Attribution is the rule of credit.
type Attribution struct {
	// Event that is credited; that of the headline metric when left out.
	Event string `yaml:"event"`
	// From: whose records count.
	From []string `yaml:"from" jsonschema:"minItems=1,enum=crm,enum=pixel,enum=server,enum=app,enum=analytics"`
	// Windows before the conversion that a touch may lie in.
	Windows []Duration `yaml:"windows" jsonschema:"minItems=1"`
	// Primary window, one of them.
	Primary Duration `yaml:"primary"`
}

// Match is the rule of identity.
type Match struct {
	// Windows by link type: how old the evidence may be. A type that is not listed is not used.
	Windows map[string]Duration `yaml:"windows"`
	// Grid of windows for the sensitivity table.
	Grid []Duration `yaml:"grid"`
}

// Reconcile is the rule of parity between lists of conversions.
type Reconcile struct {
	// Acceptable difference of the ratio of two lists from the expected one; beyond it the pair is to be looked into.
	Acceptable float64 `yaml:"acceptable"`
	// Blocked is the difference beyond which the report is not final.
	Blocked float64 `yaml:"blocked"`
	// Pairs with an expectation of their own, or that are reconciled beside those that always are.
	Pairs []Parity `yaml:"pairs,omitempty"`
}

// Parity is what two lists are expected to be to each other.
type Parity struct {
	// First list, the one nearer to the sale: its units are the base of the ratio.
	First string `yaml:"first" jsonschema:"required,enum=deduplicated,enum=crm,enum=server,enum=app,enum=analytics,enum=pixel"`
	// Second list; platform is what platforms report, beside the deduplicated conversions or those of them that were sent.
	Second string `yaml:"second" jsonschema:"required,enum=crm,enum=server,enum=app,enum=analytics,enum=pixel,enum=platform"`
	// Platform of both lists, as far as they have one; every one when left out.
	Platform string `yaml:"platform,omitempty"`
	// Expected ratio of the second list to the first; 1 when left out.
	Expected *float64 `yaml:"expected,omitempty"`
	// Acceptable difference from it; that of all pairs when left out.
	Acceptable *float64 `yaml:"acceptable,omitempty"`
	// Blocked is the difference beyond which the report is not final; that of all pairs when left out.
	Blocked *float64 `yaml:"blocked,omitempty"`
}

// Report holds the settings of the report.
type Report struct {
	// Level of the intervals.
	Level float64 `yaml:"level"`
	// Currency of all money, ISO 4217.
	Currency string `yaml:"currency"`
	// MinConversions that an arm needs before a verdict is given.
	MinConversions int `yaml:"min_conversions"`
	// LateAfter is the delay from which a record counts as late.
	LateAfter Duration `yaml:"late_after"`
	// TimeZone in which a day of the report begins, an IANA name.
	TimeZone string `yaml:"time_zone"`
}

// Schedule says when the report is made.
type Schedule struct {
	// Cron expression of five fields, in UTC; without it the study is not scheduled.
	Cron string `yaml:"cron"`
	// CatchUp of missed intervals.
	CatchUp string `yaml:"catch_up" jsonschema:"enum=none,enum=latest,enum=all"`
	// MaxCatchUp is the most missed intervals that are made up.
	MaxCatchUp int `yaml:"max_catch_up"`
}

func defaultWorkspaceConfig() workspaceConfig {
	return workspaceConfig{
		Version: ConfigVersion, Engine: warehouse.DefaultConfig(), Identity: source.DefaultIdentity(),
		Roots: []string{"data"}, Sources: source.Config{},
	}
}

func defaultEventsConfig() eventsConfig {
	return eventsConfig{Version: ConfigVersion, Events: map[string]Event{}}
}

func defaultStudy() Study {
	return Study{
		Version: ConfigVersion,
		Unit:    "household",
		Outcome: Outcome{Window: 28 * Day},
		Dedup:   defaultDedup(),
		Attribution: Attribution{
			From: []string{"pixel", "server"}, Windows: []Duration{Day, 7 * Day, 14 * Day, 28 * Day}, Primary: 7 * Day,
		},
		Match: Match{
			Windows: map[string]Duration{
				"email": 180 * Day, "phone": 180 * Day, "customer": 180 * Day, "device": 90 * Day, "ip": 30 * Day,
			},
			Grid: []Duration{Day, 7 * Day, 30 * Day, 180 * Day},
		},
		Reconcile: Reconcile{Acceptable: 0.1, Blocked: 0.2},
		Report:    Report{Level: 0.95, Currency: "USD", MinConversions: 100, LateAfter: 7 * Day, TimeZone: "UTC"},
		Schedule:  Schedule{CatchUp: "latest", MaxCatchUp: 8},
	}
}

// Types are the link types that the study uses, in order.
func (m Match) Types() []string { return slices.Sorted(maps.Keys(m.Windows)) }

// Metric finds a metric of the study.
func (s Study) Metric(name string) (Metric, bool) {
	i := slices.IndexFunc(s.Metrics, func(m Metric) bool { return m.Name == name })
	if i < 0 {
		return Metric{}, false
	}
	return s.Metrics[i], true
}

// completeGrid is the grid in order, with the widest match window in it: in that
// row of the sensitivity table stand the numbers that the study reports.
func (m Match) completeGrid() []Duration {
	grid := slices.Clone(m.Grid)
	if widest := m.widest(); widest > 0 && !slices.Contains(grid, widest) {
		grid = append(grid, widest)
	}
	slices.Sort(grid)
	return grid
}

// widest is the widest match window of all link types, 0 when none is used.
func (m Match) widest() Duration {
	var widest Duration
	for _, window := range m.Windows {
		widest = max(widest, window)
	}
	return widest
}

// normalise writes out the defaults that depend on other values, and puts
// windows in order. It assumes a valid study.
func (s Study) normalise() Study {
	if s.Title == "" {
		s.Title = s.Name
	}
	if s.Assignment != nil {
		for i, arm := range s.Assignment.Arms {
			if arm.Label == "" {
				s.Assignment.Arms[i].Label = arm.Name
			}
		}
	}
	for i, m := range s.Metrics {
		if m.Label == "" {
			s.Metrics[i].Label = m.Name
		}
		slices.Sort(s.Metrics[i].From)
	}
	if s.Headline == "" {
		s.Headline = s.Metrics[0].Name
	}
	if s.Attribution.Event == "" {
		headline, _ := s.Metric(s.Headline)
		s.Attribution.Event = headline.Event
	}
	slices.Sort(s.Campaigns)
	s.Campaigns = slices.Compact(s.Campaigns)
	slices.Sort(s.Attribution.From)
	slices.Sort(s.Attribution.Windows)
	s.Match.Grid = s.Match.completeGrid()
	return s
}
