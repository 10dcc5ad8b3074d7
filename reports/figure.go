package reports

import (
	"strings"

	"ghostlight/analysis"
	"ghostlight/analysis/lift"
)

// slot is the place in a contrast that a number stands in. It settles what the
// units rate and ratio mean there, and whether the number is a change.
type slot int

const (
	slotPlain  slot = iota
	slotChange      // an absolute difference or its total
	slotLift        // a ratio minus one
)

// quantityOf says how a Number of this unit is written. How numbers look is
// settled in analysis/lift, for the verdict sentence and the page alike.
func quantityOf(unit string, in slot) lift.Quantity {
	var q lift.Quantity
	switch {
	case unit == "points", unit == "rate" && in == slotChange:
		return lift.Points
	case unit == "lift", unit == "ratio" && in == slotLift:
		return lift.Percent
	case unit == "rate":
		return lift.Rate
	case unit == "ratio":
		return lift.Ratio
	case unit == "count":
		q = lift.Count("")
	default:
		q = lift.Money(plain(unit))
	}
	if in == slotChange {
		return q.AsChange()
	}
	return q
}

// AsEstimate is the number as the analysis knows it.
func (n Number) AsEstimate() analysis.Estimate {
	e := analysis.Estimate{
		HasValue:    n.Estimate != nil,
		HasInterval: (n.Lo != nil || n.LoUnbounded) && (n.Hi != nil || n.HiUnbounded),
		Interval:    analysis.Interval{LoUnbounded: n.LoUnbounded, HiUnbounded: n.HiUnbounded, Level: n.Level},
	}
	for _, set := range []struct{ to, from *float64 }{{&e.Value, n.Estimate}, {&e.Interval.Lo, n.Lo}, {&e.Interval.Hi, n.Hi}} {
		if set.from != nil {
			*set.to = *set.from
		}
	}
	return e
}

// figure is a Number in words, rounded to what its interval supports.
type figure struct {
	lift.Written
	Level  string // "95% interval"
	Reason string // why there is no estimate or no interval
	P      string // "p = 0.0015"
	N      string // "564,577 vs 23,524"
	Method string
	Grade  string
	Has    bool // there is an estimate
}

func (n Number) figure(in slot) figure {
	f := figure{
		Written: quantityOf(n.Unit, in).Write(n.AsEstimate()),
		Level:   levelText(n.Level),
		Reason:  plain(n.NotEstimable),
		Method:  plain(n.Method),
		Grade:   plain(n.Grade),
		Has:     n.Estimate != nil,
	}
	if n.P != nil {
		f.P = lift.FormatP(*n.P)
	}
	if n.NTreatment > 0 || n.NControl > 0 {
		f.N = lift.FormatCount(n.NTreatment)
		if n.NControl > 0 {
			f.N += " vs " + lift.FormatCount(n.NControl)
		}
	}
	return f
}

// Text is the figure in one line, for alternative texts and tooltips.
func (f figure) Text() string {
	s := f.Written.Text()
	if !f.Has {
		s = "not estimable"
	}
	if f.Range != "" {
		s += ", " + f.Level + " " + f.Range
	} else if f.Has && f.Reason != "" {
		s += ", no interval"
	}
	if f.Reason != "" {
		s += ": " + f.Reason
	}
	return s
}

// Short is the figure beside a chart: "+43% (30% to 58%)".
func (f figure) Short() string {
	s := f.Written.Text()
	if !f.Has {
		s = "not estimable"
	}
	if f.Range != "" {
		s += "  (" + f.Range + ")"
	}
	return s
}

// Probability is the p-value for a column that says p: "0.0015", "< 0.001".
func (f figure) Probability() string {
	return strings.TrimPrefix(strings.TrimPrefix(f.P, "p "), "= ")
}

// levelText names an interval by its level.
func levelText(level float64) string {
	if level <= 0 {
		return "interval"
	}
	return lift.FormatLevel(level) + " interval"
}

// plain takes the characters out of a name that would change the direction or
// the lines of the text around it. Bidirectional controls become visible
// replacement characters, line ends and other controls become spaces.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069:
			return '\uFFFD'
		case r < 0x20, r >= 0x7F && r <= 0x9F, r == 0x2028, r == 0x2029:
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// short cuts a name to at most n characters.
func short(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n-1]) + "…"
}
