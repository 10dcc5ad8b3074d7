package jobs

import (
	"strconv"

	"ghostlight/analysis/lift"
	"ghostlight/reports"
)

// Tables are the arms, and then each contrast, as rows of text.
func (l CountsLift) Tables() [][][]string {
	arms := [][]string{{"", "units", "converted", "rate, " + l.Arms[0].Rate.Method, ""}}
	for _, a := range l.Arms {
		role := ""
		if a.IsControl {
			role = "control"
		}
		arms = append(arms, []string{a.Name, lift.FormatCount(a.Units), lift.FormatCount(a.Converters), withRange(lift.Rate, a.Rate), role})
	}
	tables := [][][]string{arms}
	for _, c := range l.Contrasts {
		rows := [][]string{
			{c.Arm, "", ""},
			{"  difference", withRange(lift.Points, c.Difference), c.Difference.Method},
			{"  lift", withRange(lift.Percent, c.Lift), c.Lift.Method},
			{"  ratio", digits(c.Ratio), c.Ratio.Method},
			{"  incremental", withRange(lift.Count("conversions").AsChange(), c.Incremental), c.Incremental.Method},
		}
		if c.Difference.P != nil {
			rows = append(rows, []string{"  no effect", lift.FormatP(*c.Difference.P), "score test, two-sided"})
		}
		if c.ExactP != nil {
			rows = append(rows, []string{"", lift.FormatP(*c.ExactP), "Fisher's exact test, two-sided"})
		}
		tables = append(tables, rows)
	}
	return tables
}

// Notes are what must be read beside the numbers, the doubts in the words of a report.
func (l CountsLift) Notes() []string {
	return append([]string{sizes(l.SampleRatio)}, reports.Report{Warnings: l.Warnings}.Attention()...)
}

// sizes says what was found of the arms' sizes.
func sizes(r reports.SampleRatio) string {
	if r.P == nil {
		return "Sizes of the arms: not tested, " + r.NotEstimable + "."
	}
	return "Sizes of the arms against their shares: " + lift.FormatP(*r.P) + "."
}

// withRange is a number with its interval, or why there is none.
func withRange(q lift.Quantity, n reports.Number) string {
	e := n.AsEstimate()
	written := q.Write(e)
	switch {
	case written.Value == "" && written.Range == "":
		return n.NotEstimable
	case written.Value == "":
		return written.RangeAlone
	case written.Range == "":
		return written.Text()
	}
	return written.Text() + " (" + lift.FormatLevel(n.Level) + " interval " + written.Range + ")"
}

// digits writes a ratio with the digits by which other programs are checked.
func digits(n reports.Number) string {
	end := func(x *float64) string {
		if x == nil {
			return "unbounded"
		}
		return strconv.FormatFloat(*x, 'f', 7, 64)
	}
	if n.Lo == nil && n.Hi == nil {
		return n.NotEstimable
	}
	text := end(n.Lo) + " to " + end(n.Hi)
	if n.Estimate != nil {
		text = end(n.Estimate) + " (" + text + ")"
	}
	return text
}
