package reports

import (
	"math"
	"sort"
	"strconv"

	"ghostlight/analysis/lift"
)

// row is one line of an interval plot.
type row struct {
	Group  string // the metric
	Label  string // the arm, or the creative; empty when there is one arm only
	Number Number
	Figure figure
}

// name joins what the row has of group and label.
func (r row) name(by string) string {
	if r.Group == "" || r.Label == "" {
		return r.Group + r.Label
	}
	return r.Group + by + r.Label
}

// axis is the shared horizontal scale of an interval plot, in shown units
// (percent for rates and lifts).
type axis struct {
	Min, Max float64
	Step     float64
	Ticks    []tick
	Zero     string // position of zero, "" when the axis does not hold it
	Suffix   string
}

// tick is one labelled position; At is a CSS percentage of the plot's width.
type tick struct {
	At   string
	Text string
}

// mark is what the static plot draws for one row; positions are percentages of
// the plot's width. An end that is unbounded, or beyond the axis, is an arrow.
type mark struct {
	Point, Lo, Hi    string
	LoArrow, HiArrow bool
	Has              bool // there is a point
	HasInterval      bool
	HoldsZero        bool // the point is drawn hollow
}

// plot is an interval plot made ready for drawing.
type plot struct {
	Rows    []plotRow
	Axis    axis
	Finding string // what the plot shows, in words
	Height  int
}

type plotRow struct {
	row
	Mark mark
}

// newPlot lays rows out on one axis that holds zero, every estimate and the
// interval ends. An interval much wider than the others is cut at the axis and
// drawn with an arrow, so that one weak row does not flatten the rest.
func newPlot(title string, rows []row, in slot) plot {
	q := lift.Rate
	if len(rows) > 0 {
		q = quantityOf(rows[0].Number.Unit, in)
	}
	p := plot{Axis: newAxis(rows, q), Finding: title, Height: 50 + 56*len(rows)}
	for _, r := range rows {
		p.Rows = append(p.Rows, plotRow{row: r, Mark: p.Axis.mark(r.Number, q)})
		p.Finding += ". " + r.name(", ") + ": " + r.Figure.Text()
	}
	p.Finding += "."
	return p
}

func newAxis(rows []row, q lift.Quantity) axis {
	var points, widths []float64
	lo, hi := 0.0, 0.0
	for _, r := range rows {
		n := r.Number
		if n.Estimate == nil {
			continue
		}
		est := *n.Estimate * q.Factor
		points = append(points, est)
		lo, hi = min(lo, est), max(hi, est)
		for _, end := range []*float64{n.Lo, n.Hi} {
			if end != nil {
				widths = append(widths, math.Abs(*end*q.Factor-est))
			}
		}
	}
	if len(points) == 0 {
		lo, hi = -1, 1
	}
	reach := math.Inf(1)
	if len(widths) > 0 {
		sort.Float64s(widths)
		reach = 5 * widths[(len(widths)-1)/2]
	}
	pointLo, pointHi := lo, hi
	for _, r := range rows {
		n := r.Number
		if n.Estimate == nil {
			continue
		}
		if n.Lo != nil {
			lo = min(lo, max(*n.Lo*q.Factor, pointLo-reach))
		}
		if n.Hi != nil {
			hi = max(hi, min(*n.Hi*q.Factor, pointHi+reach))
		}
	}
	if hi-lo <= 0 {
		lo, hi = lo-1, hi+1
	}
	pad := (hi - lo) * 0.06
	if lo < 0 {
		lo -= pad
	}
	if hi > 0 {
		hi += pad
	}
	a := axis{Step: niceStep((hi - lo) / 5), Suffix: q.Suffix}
	a.Min = math.Floor(lo/a.Step) * a.Step
	a.Max = math.Ceil(hi/a.Step) * a.Step
	decimals := max(0, -int(math.Floor(math.Log10(a.Step)+1e-9)))
	for i := 0; ; i++ {
		v := a.Min + float64(i)*a.Step
		if v > a.Max+a.Step/2 {
			break
		}
		a.Ticks = append(a.Ticks, tick{At: a.at(v), Text: lift.Plain(v, decimals) + q.Suffix})
	}
	if a.Min <= 0 && a.Max >= 0 {
		a.Zero = a.at(0)
	}
	return a
}

// niceStep is the smallest of 1, 2, 2.5 or 5 times a power of ten that is at
// least x.
func niceStep(x float64) float64 {
	base := math.Pow10(int(math.Floor(math.Log10(x))))
	for _, m := range []float64{1, 2, 2.5, 5} {
		if m*base >= x*(1-1e-9) {
			return m * base
		}
	}
	return 10 * base
}

func (a axis) at(v float64) string {
	share := (v - a.Min) / (a.Max - a.Min) * 100
	share = min(max(share, 0), 100)
	return strconv.FormatFloat(math.Round(share*1000)/1000, 'f', -1, 64) + "%"
}

func (a axis) mark(n Number, q lift.Quantity) mark {
	m := mark{}
	if n.Estimate == nil {
		return m
	}
	m.Has = true
	m.Point = a.at(*n.Estimate * q.Factor)
	hasLo, hasHi := n.Lo != nil || n.LoUnbounded, n.Hi != nil || n.HiUnbounded
	if !hasLo || !hasHi {
		return m
	}
	m.HasInterval = true
	m.Lo, m.Hi = "0%", "100%"
	m.LoArrow, m.HiArrow = n.LoUnbounded, n.HiUnbounded
	if n.Lo != nil {
		v := *n.Lo * q.Factor
		m.Lo, m.LoArrow = a.at(v), v < a.Min
	}
	if n.Hi != nil {
		v := *n.Hi * q.Factor
		m.Hi, m.HiArrow = a.at(v), v > a.Max
	}
	m.HoldsZero = !n.excludesZero()
	return m
}

func (n Number) excludesZero() bool {
	return (n.Lo != nil && *n.Lo > 0 && (n.Hi != nil || n.HiUnbounded)) ||
		(n.Hi != nil && *n.Hi < 0 && (n.Lo != nil || n.LoUnbounded))
}
