package reports

import (
	"fmt"
	"slices"
	"strings"

	"ghostlight/analysis/lift"
)

// The page shows at most so many creatives, files and answers of platforms; the CSV tables hold all.
const (
	maxCreatives      = 300
	maxCreativesChart = 15
	maxInputs         = 300
	maxAcceptance     = 100
)

type creativeView struct {
	Creative, Campaign                           string
	Impressions, Reach, Attributed, Value, Spend string
	SortImpressions, SortReach, SortAttributed   int64
	SortValue, SortSpend                         int64
	Rate, Lift                                   figure
	Randomized                                   bool
	Note                                         string // letter of the note that says why there is no lift
}

type note struct{ Mark, Text string }

// creativeViews lists creatives with their reasons as lettered notes, since the
// same reason holds for most of them.
func (r Report) creativeViews() (views []creativeView, notes []note, hidden int) {
	marks := map[string]string{}
	for i, c := range r.Creatives {
		if i >= maxCreatives {
			hidden = len(r.Creatives) - maxCreatives
			break
		}
		v := creativeView{
			Creative: plain(c.Creative), Campaign: plain(c.Campaign),
			Impressions: lift.FormatCount(c.Impressions), Reach: lift.FormatCount(c.Reach), Attributed: lift.FormatCount(c.Attributed),
			Value: lift.FormatMoney(c.ValueMicros), Spend: lift.FormatMoney(c.SpendMicros),
			SortImpressions: c.Impressions, SortReach: c.Reach, SortAttributed: c.Attributed,
			SortValue: c.ValueMicros, SortSpend: c.SpendMicros,
			Rate: c.Rate.figure(slotPlain), Lift: c.Lift.figure(slotLift), Randomized: c.IsRandomized,
		}
		if !v.Lift.Has {
			if marks[c.Lift.NotEstimable] == "" {
				marks[c.Lift.NotEstimable] = letter(len(marks))
				notes = append(notes, note{Mark: letter(len(notes)), Text: plain(c.Lift.NotEstimable)})
			}
			v.Note = marks[c.Lift.NotEstimable]
		}
		views = append(views, v)
	}
	return views, notes, hidden
}

// letter is a, b, … z, aa, ab for 0, 1, ….
func letter(i int) string {
	s := ""
	for {
		s = string(rune('a'+i%26)) + s
		if i = i/26 - 1; i < 0 {
			return s
		}
	}
}

func (r Report) creativeRows() []row {
	var rows []row
	for i, c := range r.Creatives {
		if i >= maxCreativesChart {
			break
		}
		rows = append(rows, row{Label: plain(c.Creative), Number: c.Rate, Figure: c.Rate.figure(slotPlain)})
	}
	return rows
}

type windowCellView struct {
	Count, Value, Share string
	Heat                int // 0 to 9
	Primary             bool
	count               int64
	x, y                int
	attribution, match  string
}

type windowLine struct {
	Match string
	Cells []windowCellView
}

// windowCells lays the grid out by match window, then attribution window; a
// cell that is not in the report stays empty.
func (r Report) windowLines() []windowLine {
	g := r.Windows
	find := map[[2]string]WindowCell{}
	low, high := int64(-1), int64(0)
	for _, c := range g.Cells {
		find[[2]string{c.MatchWindow, c.AttributionWindow}] = c
		high = max(high, c.Attributed)
		if low < 0 || c.Attributed < low {
			low = c.Attributed
		}
	}
	var lines []windowLine
	for y, m := range g.MatchWindows {
		line := windowLine{Match: plain(m)}
		for x, a := range g.AttributionWindows {
			c := find[[2]string{m, a}]
			v := windowCellView{Count: lift.FormatCount(c.Attributed), Value: lift.FormatMoney(c.ValueMicros), Share: lift.FormatShare(c.Attributed, g.Conversions),
				count: c.Attributed, x: x, y: y, attribution: plain(a), match: plain(m),
				Primary: a == g.Primary && m == g.PrimaryMatch}
			if high > low {
				v.Heat = int(9 * (c.Attributed - low) / (high - low))
			}
			line.Cells = append(line.Cells, v)
		}
		lines = append(lines, line)
	}
	return lines
}

func (r Report) primaryCell() (WindowCell, bool) {
	for _, c := range r.Windows.Cells {
		if c.AttributionWindow == r.Windows.Primary && c.MatchWindow == r.Windows.PrimaryMatch {
			return c, true
		}
	}
	return WindowCell{}, false
}

type stepKey struct {
	Category, Label, Colour string
	Index                   int
}

type flowView struct {
	Name, Source, Surface, Event, Records string
	Cells                                 []flowCell // in the order of the step keys
	Balance                               string
	Balanced                              bool
	Bars                                  []flowBar
	records                               int64
	byCategory                            map[string]int64
}

type flowCell struct {
	Count string
	Zero  bool
}

type flowBar struct {
	X, Width string
	Index    int
}

func (f flowView) recordsOf(category string) int64 { return f.byCategory[category] }

func (f flowView) shareOf(category string) float64 {
	if f.records == 0 {
		return 0
	}
	return float64(f.byCategory[category]) / float64(f.records) * 100
}

// palette is the number of colours for categories; the first is kept for the
// category "counted", which the page sets against all others.
const palette = 12

// stepKeys merges the categories of all flows into one order that agrees with
// the order within each: a category new to the list goes before the next one of
// its flow that is in it already.
func (r Report) stepKeys() []stepKey {
	var keys []stepKey
	at := func(category string) int {
		return slices.IndexFunc(keys, func(k stepKey) bool { return k.Category == category })
	}
	for _, f := range r.Reconciliation.Flows {
		place := len(keys)
		for i := len(f.Steps) - 1; i >= 0; i-- {
			s := f.Steps[i]
			if known := at(s.Category); known >= 0 {
				place = known
				continue
			}
			label := s.Label
			if label == "" {
				label = s.Category
			}
			keys = slices.Insert(keys, place, stepKey{Category: s.Category, Label: plain(label)})
		}
	}
	next := 1
	for i := range keys {
		if keys[i].Category != "counted" {
			keys[i].Index = next
			next = next%(palette-1) + 1
		}
		keys[i].Colour = fmt.Sprintf("--part-%d", keys[i].Index)
	}
	return keys
}

// flowViews lays all flows on one list of categories and prints the sum check of
// each.
func (r Report) flowViews() ([]flowView, []stepKey) {
	keys := r.stepKeys()
	var out []flowView
	for _, f := range r.Reconciliation.Flows {
		v := flowView{Source: plain(f.Source), Surface: plain(f.Surface), Event: plain(f.Event), Records: lift.FormatCount(f.Records),
			records: f.Records, byCategory: map[string]int64{}}
		v.Name = v.Source + " · " + v.Event
		var sum int64
		for _, s := range f.Steps {
			v.byCategory[s.Category] += s.Records
			sum += s.Records
		}
		at := 0.0
		for _, k := range keys {
			n := v.byCategory[k.Category]
			v.Cells = append(v.Cells, flowCell{Count: lift.FormatCount(n), Zero: n == 0})
			if w := v.shareOf(k.Category); w > 0 {
				v.Bars = append(v.Bars, flowBar{X: fmt.Sprintf("%.3f%%", at), Width: fmt.Sprintf("%.3f%%", w), Index: k.Index})
				at += w
			}
		}
		v.Balanced = sum == f.Records
		v.Balance = "Adds up"
		if !v.Balanced {
			v.Balance = "Off by " + lift.FormatCount(f.Records-sum)
		}
		out = append(out, v)
	}
	return out, keys
}

type overlapView struct {
	Event, Surfaces, Conversions, Share, Width string
}

func (r Report) overlapViews() []overlapView {
	total := map[string]int64{}
	for _, o := range r.Reconciliation.Overlap {
		total[o.Event] += o.Conversions
	}
	var out []overlapView
	for _, o := range r.Reconciliation.Overlap {
		v := overlapView{Event: plain(o.Event), Surfaces: plain(strings.ReplaceAll(o.Surfaces, "+", " + ")),
			Conversions: lift.FormatCount(o.Conversions), Share: lift.FormatShare(o.Conversions, total[o.Event]), Width: "0%"}
		if total[o.Event] > 0 {
			v.Width = fmt.Sprintf("%.2f%%", float64(o.Conversions)/float64(total[o.Event])*100)
		}
		out = append(out, v)
	}
	return out
}

type inputView struct {
	Source, File, SHA256, ShortSHA                      string
	Records, Loaded, Duplicate, Quarantined, Blank, Sum string
	Balanced                                            bool
}

func (r Report) inputViews() (views []inputView, hidden int) {
	for i, f := range r.Provenance.Inputs {
		if i >= maxInputs {
			return views, len(r.Provenance.Inputs) - maxInputs
		}
		v := inputView{Source: plain(f.Source), File: plain(f.File), SHA256: plain(f.SHA256), ShortSHA: short(plain(f.SHA256), 13),
			Records: lift.FormatCount(f.Records), Loaded: lift.FormatCount(f.Loaded), Duplicate: lift.FormatCount(f.Duplicate), Quarantined: lift.FormatCount(f.Quarantined), Blank: lift.FormatCount(f.Blank)}
		gap := f.Records - f.Loaded - f.Duplicate - f.Quarantined - f.Blank
		v.Balanced = gap == 0
		v.Sum = "Adds up"
		if gap != 0 {
			v.Sum = "Off by " + lift.FormatCount(gap)
		}
		views = append(views, v)
	}
	return views, 0
}

// causedView sets what the holdout shows beside what attribution claims, for
// one treatment arm of the headline metric.
type causedView struct {
	Arm                         string
	Total                       string
	Baseline, Caused            figure
	BaselineWidth, CausedWidth  string
	CausedX                     string
	Attributed, AttributedWidth string
	HasBar                      bool
	HasAttributed               bool
}

func (r Report) causedViews() []causedView {
	var out []causedView
	cell, has := r.primaryCell()
	for _, m := range r.Metrics {
		if !m.IsHeadline || m.Kind != "proportion" {
			continue
		}
		has = has && m.Event == r.Windows.Event && len(m.Contrasts) == 1
		for _, c := range m.Contrasts {
			v := causedView{Arm: r.armLabel(c.Arm), HasAttributed: has, Attributed: lift.FormatCount(cell.Attributed), Caused: c.Incremental.figure(slotChange)}
			for _, a := range m.Arms {
				if a.Arm != c.Arm {
					continue
				}
				v.Total = lift.FormatCount(a.Converters)
				if c.Incremental.Estimate == nil || *c.Incremental.Estimate < 0 || *c.Incremental.Estimate > float64(a.Converters) || a.Converters == 0 {
					continue
				}
				base := c.Incremental.restOf(float64(a.Converters))
				whole := float64(a.Converters)
				if has {
					whole = max(whole, float64(cell.Attributed))
				}
				v.HasBar = true
				v.Baseline = base.figure(slotPlain)
				v.BaselineWidth = fmt.Sprintf("%.3f%%", *base.Estimate/whole*100)
				v.CausedX = v.BaselineWidth
				v.CausedWidth = fmt.Sprintf("%.3f%%", *c.Incremental.Estimate/whole*100)
				v.AttributedWidth = fmt.Sprintf("%.3f%%", float64(cell.Attributed)/whole*100)
			}
			out = append(out, v)
		}
	}
	return out
}

// restOf is what is left of a total, which is not below none.
func (n Number) restOf(total float64) Number {
	rest := func(x *float64) *float64 {
		if x == nil {
			return nil
		}
		left := max(0, total-*x)
		return &left
	}
	n.Estimate, n.Lo, n.Hi = rest(n.Estimate), rest(n.Hi), rest(n.Lo)
	n.LoUnbounded, n.HiUnbounded = n.HiUnbounded, n.LoUnbounded
	return n
}
