package reports

import (
	"fmt"
	"math"
	"sort"
	"strings"
	"time"

	"ghostlight/analysis/lift"
)

// tone is a colour role with its own shape, so that colour is never the only
// sign.
type tone struct {
	Class string // good, bad, watch, calm
	Icon  string // name of an icon of the page
	Word  string
}

var verdictTones = map[string]tone{
	"clear_increase":  {"good", "up", "Clear increase"},
	"clear_decrease":  {"bad", "down", "Clear decrease"},
	"inconclusive":    {"calm", "dash", "Inconclusive"},
	"too_small":       {"calm", "dash", "Too small to say"},
	"too_early":       {"calm", "dash", "Too early to say"},
	"not_trustworthy": {"bad", "stop", "Not trustworthy"},
	"not_estimable":   {"calm", "dash", "Cannot be estimated"},
}

var checkTones = map[string]tone{
	"green": {"good", "check", "Passed"},
	"amber": {"watch", "warn", "Needs attention"},
	"red":   {"bad", "stop", "Failed"},
	"grey":  {"calm", "dash", "Not checked"},
}

var warningTones = map[string]tone{
	"info":    {"calm", "info", "Note"},
	"caution": {"watch", "warn", "Caution"},
	"stop":    {"bad", "stop", "Stop"},
}

type keyView struct {
	Label, Note string
	Figure      figure
}

type checkView struct {
	Tone                 tone
	Label, Value, Detail string
}

type warningView struct {
	Tone tone
	Text string
}

type armView struct {
	Label, Role                          string
	Units, Share, Design, Exposed, Ghost string
}

type metricView struct {
	ID, Label, Kind, Event, From string
	Headline                     bool
	RateName                     string // "Rate", or "Mean, USD"
	Lines                        []metricLine
}

type metricLine struct {
	Arm, Rate, Under       string
	Units, Converters, All string
	Contrast               *contrastView
}

type contrastView struct {
	Absolute, Relative, Incremental figure
}

type exactLine struct {
	Metric, Arm, What, Estimate, Lo, Hi, Unit, Level, P, N, Method, Grade string
}

func toneOf(tones map[string]tone, key string) tone {
	if t, ok := tones[key]; ok {
		return t
	}
	return tone{"calm", "dash", plain(key)}
}

func day(t time.Time) string { return t.UTC().Format("2 January 2006") }

// moment writes a time to the minute, or to the second where it needs one.
func moment(t time.Time) string {
	t = t.UTC()
	if t.Second() != 0 {
		return t.Format("2 January 2006, 15:04:05 UTC")
	}
	return t.Format("2 January 2006, 15:04 UTC")
}

// period writes a half-open period by its last full day.
func period(r Run) string {
	if r.PeriodStart.IsZero() && r.PeriodEnd.IsZero() {
		return "not stated"
	}
	end := r.PeriodEnd.UTC()
	if end.Equal(end.Truncate(24 * time.Hour)) {
		return day(r.PeriodStart) + " to " + day(end.Add(-time.Second))
	}
	return moment(r.PeriodStart) + " to " + moment(end)
}

func (r Report) armLabel(name string) string {
	for _, a := range r.Arms {
		if a.Name == name && a.Label != "" {
			return plain(a.Label)
		}
	}
	return plain(name)
}

func (r Report) keyViews() []keyView {
	out := make([]keyView, 0, len(r.KeyFigures))
	for _, k := range r.KeyFigures {
		out = append(out, keyView{Label: plain(k.Label), Note: plain(k.Note), Figure: k.Number.figure(slotOf(k.Name))})
	}
	return out
}

// slotOf reads from a key figure's name what kind of number it is, for callers
// that hand over a contrast's number with the unit rate or ratio.
func slotOf(name string) slot {
	switch {
	case strings.HasPrefix(name, "absolute"), strings.HasPrefix(name, "difference"), strings.HasPrefix(name, "incremental"):
		return slotChange
	case strings.HasPrefix(name, "relative"), strings.HasPrefix(name, "lift"):
		return slotLift
	}
	return slotPlain
}

func (r Report) checkViews() (views []checkView, summary string) {
	counts := map[string]int{}
	for _, c := range r.Trust {
		t := toneOf(checkTones, c.Status)
		counts[c.Status]++
		views = append(views, checkView{Tone: t, Label: plain(c.Label), Value: plain(c.Value), Detail: plain(c.Detail)})
	}
	var parts []string
	for _, s := range []struct{ status, words string }{
		{"red", "failed"}, {"amber", "needs attention"}, {"green", "passed"}, {"grey", "not checked"},
	} {
		n := counts[s.status]
		if n > 1 && s.status == "amber" {
			s.words = "need attention"
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, s.words))
		}
	}
	return views, strings.Join(parts, ", ")
}

// Attention lists what the page calls attention to, each as one line, in its words
// and order: the checks that failed or need attention, then the warnings.
func (r Report) Attention() []string {
	lines := []string{}
	for _, c := range r.Trust {
		if c.Status == "red" || c.Status == "amber" {
			lines = append(lines, toneOf(checkTones, c.Status).Word+": "+plain(c.Detail))
		}
	}
	for _, w := range r.warningViews() {
		lines = append(lines, w.Tone.Word+": "+w.Text)
	}
	return lines
}

// warningViews leaves out what a check says in the same words, for it stands
// right above.
func (r Report) warningViews() []warningView {
	said := map[string]bool{}
	for _, c := range r.Trust {
		said[c.Detail] = true
	}
	var out []warningView
	for _, w := range r.Warnings {
		if said[w.Text] {
			continue
		}
		out = append(out, warningView{Tone: toneOf(warningTones, w.Severity), Text: plain(w.Text)})
	}
	rank := map[string]int{"bad": 0, "watch": 1, "calm": 2}
	sort.SliceStable(out, func(i, j int) bool { return rank[out[i].Tone.Class] < rank[out[j].Tone.Class] })
	return out
}

func (r Report) armViews() []armView {
	var out []armView
	for _, a := range r.Arms {
		v := armView{
			Label: r.armLabel(a.Name), Role: "Could see the ads", Units: lift.FormatCount(a.Units),
			Share: lift.FormatFraction(a.Share), Design: lift.FormatFraction(a.Design),
			Exposed: lift.FormatCount(a.Exposed), Ghost: lift.FormatCount(a.Ghost),
		}
		if a.IsHoldout {
			v.Role = "Holdout"
		} else if a.Ghost == 0 {
			v.Ghost = "n/a" // a ghost is logged in place of an ad
		}
		out = append(out, v)
	}
	return out
}

// sampleRatio is the sentence under the table of groups.
func (r Report) sampleRatio() string {
	s := r.SampleRatio
	if s.P == nil {
		reason := s.NotEstimable
		if reason == "" {
			reason = "there is no assignment to test"
		}
		return "The sizes of the groups could not be tested against the design: " + plain(reason) + "."
	}
	text := "Sample-ratio test: " + lift.FormatP(*s.P)
	if s.ChiSquare != nil {
		text += fmt.Sprintf(" (chi-square %s, %d degree", lift.Ratio.Within(*s.ChiSquare, 0), s.DF)
		if s.DF != 1 {
			text += "s"
		}
		text += " of freedom)"
	}
	if *s.P < lift.SampleRatioAlert {
		return text + ". The groups are not the sizes that the design asks for, so something other than chance decided who is in them."
	}
	return text + ". The sizes of the groups are compatible with the design."
}

func (r Report) metricViews() []metricView {
	var out []metricView
	for i, m := range r.Metrics {
		v := metricView{ID: fmt.Sprintf("metric-%d", i+1), Label: plain(m.Label), Kind: plain(m.Kind), Event: plain(m.Event),
			From: plain(strings.Join(m.From, ", ")), Headline: m.IsHeadline}
		unit := m.unit(r.Run.Currency)
		v.RateName = "Rate"
		if m.Kind == "mean" {
			v.RateName = strings.TrimSuffix("Mean, "+unit, ", ")
		}
		for _, a := range m.Arms {
			line := metricLine{
				Arm: r.armLabel(a.Arm), Units: lift.FormatCount(a.Units), Converters: lift.FormatCount(a.Converters),
				All: lift.FormatCount(a.Conversions), Rate: a.Text(m.Kind, unit), Under: a.sums(m.Kind, unit),
			}
			for _, c := range m.Contrasts {
				if c.Arm == a.Arm {
					line.Contrast = &contrastView{
						Absolute: c.Absolute.figure(slotChange), Relative: c.Relative.figure(slotLift),
						Incremental: c.Incremental.figure(slotChange),
					}
				}
			}
			v.Lines = append(v.Lines, line)
		}
		out = append(out, v)
	}
	return out
}

// unit is the currency of a mean of values, and empty for a mean of counts.
func (m Metric) unit(currency string) string {
	for _, c := range m.Contrasts {
		if c.Absolute.Unit == "count" {
			return ""
		}
	}
	return plain(currency)
}

// Text is an arm's rate or mean to the decimal that its own standard error
// supports, without the currency.
func (a ArmValue) Text(kind, currency string) string {
	if a.Units == 0 {
		return "none"
	}
	q := lift.Rate
	switch {
	case kind == "mean" && currency != "":
		q = lift.Money(currency)
	case kind == "mean":
		q = lift.Ratio
	}
	return q.Within(a.Mean, 1.96*math.Sqrt(max(a.Variance, 0)/float64(a.Units)))
}

// sums are what an arm's rate or mean was made of.
func (a ArmValue) sums(kind, currency string) string {
	units := lift.FormatCount(a.Units)
	switch {
	case a.Units == 0:
		return "no units"
	case kind == "mean" && currency != "":
		return currency + " " + lift.FormatMoney(a.SumMicros) + " over " + units
	case kind == "mean":
		return lift.FormatCount(a.Conversions) + " over " + units
	}
	return lift.FormatCount(a.Converters) + " of " + units
}

func (r Report) exactLines() []exactLine {
	var out []exactLine
	for _, m := range r.Metrics {
		for _, c := range m.Contrasts {
			for _, q := range []struct {
				what string
				n    Number
				in   slot
			}{
				{"Difference", c.Absolute, slotChange}, {"Relative lift", c.Relative, slotLift}, {"Incremental", c.Incremental, slotChange},
			} {
				f := q.n.figure(q.in)
				exact := func(x *float64) string {
					if x == nil {
						return ""
					}
					return quantityOf(q.n.Unit, q.in).Exact(*x)
				}
				l := exactLine{Metric: plain(m.Label), Arm: r.armLabel(c.Arm), What: q.what, Unit: f.Currency + f.Unit, Level: lift.FormatLevel(q.n.Level),
					P: f.Probability(), N: f.N, Method: f.Method, Grade: f.Grade,
					Estimate: exact(q.n.Estimate), Lo: exact(q.n.Lo), Hi: exact(q.n.Hi)}
				if q.n.LoUnbounded {
					l.Lo = "unbounded"
				}
				if q.n.HiUnbounded {
					l.Hi = "unbounded"
				}
				if !f.Has {
					l.Estimate = "not estimable: " + plain(q.n.NotEstimable)
				}
				out = append(out, l)
			}
		}
	}
	return out
}

// liftRows are the rows of the forest plot: every metric and treatment arm.
func (r Report) liftRows() []row {
	var rows []row
	for _, m := range r.Metrics {
		for _, c := range m.Contrasts {
			label := r.armLabel(c.Arm)
			if len(m.Contrasts) == 1 {
				label = ""
			}
			rows = append(rows, row{Group: plain(m.Label), Label: label, Number: c.Relative, Figure: c.Relative.figure(slotLift)})
		}
	}
	return rows
}
