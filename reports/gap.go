package reports

import (
	"fmt"

	"ghostlight/analysis/lift"
)

// Gap is the difference between two lists of one event. Every unit that the other list
// lacks stands under one cause, so that the causes sum to the whole difference:
// FirstUnits - SecondUnits is the sum of First - Second over them.
type Gap struct {
	First       string   `json:"first"`  // the list nearer to the sale, for example "crm"
	Second      string   `json:"second"` // for example "server (meta)"
	Event       string   `json:"event"`
	FirstUnits  int64    `json:"first_units"`
	SecondUnits int64    `json:"second_units"`
	BothUnits   int64    `json:"both_units"`
	Ratio       *float64 `json:"ratio"` // second to first, null where the first is empty
	Expected    float64  `json:"expected"`
	Acceptable  float64  `json:"acceptable"`
	Blocked     float64  `json:"blocked"`
	ChartLo     *float64 `json:"chart_lo"` // control limits of the ratio of a week by the eight before the last, null with too few
	ChartHi     *float64 `json:"chart_hi"`
	Status      string   `json:"status"` // expected, unknown, investigate or blocked
	Reason      string   `json:"reason"`
	Causes      []Cause  `json:"causes"`
	Days        []GapDay `json:"days"`
	// TouchDays are the same units by the day of the last touch before them, "" for those
	// without one; what both lists have on two days is there in both.
	TouchDays []GapDay `json:"touch_days"`
}

// Cause is one reason for which units of two lists have no counterpart, in the order in
// which reasons are looked for.
type Cause struct {
	Category string      `json:"category"`
	Label    string      `json:"label"`
	First    int64       `json:"first"`  // units of the first list that the second lacks
	Second   int64       `json:"second"` // units of the second list that the first lacks
	Samples  []GapSample `json:"samples"`
}

// GapSample is where a record of a cause stands.
type GapSample struct {
	List   string `json:"list"`
	Source string `json:"source"`
	Path   string `json:"path"`
	Line   int64  `json:"line"`
	Day    string `json:"day"`
}

// GapDay is the units of a cause on one day in the time zone of the report; of category
// "both" they are in both lists.
type GapDay struct {
	Day      string `json:"day"`
	Category string `json:"category"`
	First    int64  `json:"first"`
	Second   int64  `json:"second"`
}

// gapStatuses are how lists can be to each other, and how each looks.
var gapStatuses = map[string]tone{
	"expected":    {"good", "check", "As expected"},
	"unknown":     {"calm", "dash", "Cannot be known"},
	"investigate": {"watch", "warn", "Investigate"},
	"blocked":     {"bad", "stop", "Blocked"},
}

// gaps says which differences do not add up.
func (c *checker) gaps(gaps []Gap) {
	for i, g := range gaps {
		path := fmt.Sprintf("reconciliation.gaps[%d]", i)
		c.oneOf(path+".status", g.Status, keys(gapStatuses))
		first, second := g.BothUnits, g.BothUnits
		for _, cause := range g.Causes {
			first += cause.First
			second += cause.Second
		}
		if first != g.FirstUnits || second != g.SecondUnits {
			c.fault(path, "has causes that make %d and %d units of %d and %d", first, second, g.FirstUnits, g.SecondUnits)
		}
		for _, days := range [][]GapDay{g.Days, g.TouchDays} {
			if first, second = sumDays(days); len(days) > 0 && (first != g.FirstUnits || second != g.SecondUnits) {
				c.fault(path, "has days that make %d and %d units of %d and %d", first, second, g.FirstUnits, g.SecondUnits)
			}
		}
	}
}

// sumDays are the units of both lists over all days and causes.
func sumDays(days []GapDay) (first, second int64) {
	for _, d := range days {
		first += d.First
		second += d.Second
	}
	return first, second
}

// touched says how many units of a difference have a touch, and how many of them both
// lists have, "" where none has one.
func (g Gap) touched() string {
	var first, second, both int64
	for _, d := range g.TouchDays {
		if d.Day == "" {
			continue
		}
		first += d.First
		second += d.Second
		if d.Category == "both" {
			both += d.First
		}
	}
	if first+second == 0 {
		return ""
	}
	return fmt.Sprintf("By the day of the last touch %s and %s units can be counted, of which both lists have %s; the others were not attributed to a touch.",
		lift.FormatCount(first), lift.FormatCount(second), lift.FormatCount(both))
}

type gapView struct {
	Lists, Event, First, Second, Both, Difference string
	FirstName, SecondName, Reason, Touched        string
	Tone                                          tone
	Causes                                        []causeView
}

type causeView struct {
	Label, First, Second, Adds string
	Samples                    []string
	Hidden                     string // how many more there are, "" for none
}

// maxGapSamples is how many places of a cause the page shows; results.json has all.
const maxGapSamples = 5

func (r Report) gapViews() []gapView {
	var out []gapView
	for _, g := range r.Reconciliation.Gaps {
		v := gapView{
			Lists: plain(g.First) + " and " + plain(g.Second), Event: plain(g.Event), FirstName: plain(g.First), SecondName: plain(g.Second),
			First: lift.FormatCount(g.FirstUnits), Second: lift.FormatCount(g.SecondUnits), Both: lift.FormatCount(g.BothUnits),
			Difference: lift.Signed(float64(g.FirstUnits-g.SecondUnits), 0),
			Tone:       gapStatuses[g.Status], Reason: plain(g.Reason), Touched: g.touched(),
		}
		for _, c := range g.Causes {
			cause := causeView{Label: plain(c.Label), First: lift.FormatCount(c.First), Second: lift.FormatCount(c.Second),
				Adds: lift.Signed(float64(c.First-c.Second), 0)}
			cause.Samples, cause.Hidden = places(c.Samples, c.First+c.Second)
			v.Causes = append(v.Causes, cause)
		}
		out = append(out, v)
	}
	return out
}

func (r Report) gapTable() table {
	t := r.table("gaps", "first", "second", "event", "status", "first_units", "second_units", "both_units", "ratio", "expected", "acceptable", "blocked",
		"chart_lo", "chart_hi", "category", "label", "first_only", "second_only")
	for _, g := range r.Reconciliation.Gaps {
		own := []string{text(g.First), text(g.Second), text(g.Event), text(g.Status), integer(g.FirstUnits), integer(g.SecondUnits), integer(g.BothUnits),
			opt(g.Ratio), num(g.Expected), num(g.Acceptable), num(g.Blocked), opt(g.ChartLo), opt(g.ChartHi)}
		if len(g.Causes) == 0 {
			r.add(&t, append(own, "", "", "0", "0")...)
		}
		for _, c := range g.Causes {
			r.add(&t, append(append([]string{}, own...), text(c.Category), text(c.Label), integer(c.First), integer(c.Second))...)
		}
	}
	return t
}

func (r Report) gapDayTable() table {
	t := r.table("gap_days", "first", "second", "event", "basis", "day", "category", "first_only", "second_only")
	for _, g := range r.Reconciliation.Gaps {
		for _, basis := range []struct {
			name string
			days []GapDay
		}{{"conversion", g.Days}, {"touch", g.TouchDays}} {
			for _, d := range basis.days {
				r.add(&t, text(g.First), text(g.Second), text(g.Event), basis.name, text(d.Day), text(d.Category), integer(d.First), integer(d.Second))
			}
		}
	}
	return t
}

// places are the first samples for the page, and how many of all records it does not show;
// nothing where no record is known.
func places(samples []GapSample, records int64) (shown []string, hidden string) {
	for _, s := range samples[:min(len(samples), maxGapSamples)] {
		shown = append(shown, fmt.Sprintf("%s line %d", plain(s.Path), s.Line))
	}
	if more := records - int64(len(shown)); more > 0 && len(shown) > 0 {
		hidden = lift.FormatCount(more)
	}
	return shown, hidden
}

func (r Report) gapSampleTable() table {
	t := r.table("gap_samples", "first", "second", "event", "category", "list", "source", "path", "line", "day")
	for _, g := range r.Reconciliation.Gaps {
		for _, c := range g.Causes {
			for _, s := range c.Samples {
				r.add(&t, text(g.First), text(g.Second), text(g.Event), text(c.Category), text(s.List), text(s.Source), text(s.Path), integer(s.Line), text(s.Day))
			}
		}
	}
	return t
}
