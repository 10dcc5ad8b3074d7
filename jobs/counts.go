package jobs

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"ghostlight/analysis"
	"ghostlight/analysis/lift"
	"ghostlight/reports"
)

// CountsRequest asks what a file of counts says of lift.
type CountsRequest struct {
	Control    string             // the arm that the others are held against; found by its name when empty
	Where      map[string]string  // column to the text of the rows that are taken; all are when empty
	Level      float64            // of the intervals
	Shares     map[string]float64 // arm to the share of units that it was meant to have; not tested when empty
	Randomized bool               // chance made the arms
	Exact      bool               // exact intervals of rates, and Fisher's test beside the score test
}

// CountsLift is the lift of a file of counts.
type CountsLift struct {
	SchemaVersion int                 `json:"schema_version"`
	Arms          []CountsArm         `json:"arms"` // as they stand in the file
	SampleRatio   reports.SampleRatio `json:"sample_ratio"`
	Contrasts     []CountsContrast    `json:"contrasts"` // one an arm that is not the control
	Warnings      []reports.Warning   `json:"warnings"`
}

// CountsArm is one arm of a file of counts.
type CountsArm struct {
	Name       string         `json:"name"`
	IsControl  bool           `json:"is_control"`
	Units      int64          `json:"units"`
	Converters int64          `json:"converters"`
	Rate       reports.Number `json:"rate"`
	line       int
}

// CountsContrast is an arm against the control.
type CountsContrast struct {
	Arm         string         `json:"arm"`
	Difference  reports.Number `json:"difference"`  // of the rates
	Ratio       reports.Number `json:"ratio"`       // of the rates
	Lift        reports.Number `json:"lift"`        // the ratio less one
	Incremental reports.Number `json:"incremental"` // converters that the arm would not have had
	ExactP      *float64       `json:"exact_p"`     // Fisher's, where it was asked for
}

// MeasureCounts reads a CSV of counts, one row an arm, and estimates the lift of every arm
// against the control: Miettinen-Nurminen of the difference, Koopman of the ratio. name is
// the file's, for errors. A faulty file is a *source.FileError with its line, and a question
// that the file cannot answer a *UsageError.
func MeasureCounts(r io.Reader, name string, q CountsRequest) (out CountsLift, err error) {
	out = CountsLift{SchemaVersion: 1, Contrasts: []CountsContrast{}, Warnings: []reports.Warning{}}
	if !(q.Level >= 0.5 && q.Level <= 0.9999) {
		return out, &UsageError{Problem: fmt.Sprintf("a level of %v", q.Level), Hint: "from 0.5 to 0.9999, such as 0.95"}
	}
	if out.Arms, err = readCounts(r, name, q.Where); err != nil {
		return out, err
	}
	control, err := q.control(out.Arms)
	if err != nil {
		return out, err
	}
	out.Arms[control].IsControl = true
	var warnings []analysis.Warning
	if out.SampleRatio, warnings, err = q.sampleRatio(out.Arms); err != nil {
		return out, err
	}
	if !q.Randomized {
		warnings = append(warnings, notKnownRandomized)
	}
	for _, w := range warnings {
		out.Warnings = append(out.Warnings, reports.Warning{Code: w.Code, Severity: string(w.Severity), Text: w.Text})
	}
	options := lift.Options{Level: q.Level, Grade: analysis.Descriptive}
	if q.Randomized {
		options.Grade = analysis.Randomized
	}
	for i := range out.Arms {
		rate := lift.Wilson
		if q.Exact {
			rate = lift.ClopperPearson
		}
		e, err := rate(out.Arms[i].proportion(), options)
		if err != nil {
			return out, fmt.Errorf("estimate rate of arm %s: %w", out.Arms[i].Name, err)
		}
		out.Arms[i].Rate = numberOf(e, options.Level, "rate")
		if i == control {
			continue
		}
		contrast, err := out.Arms[i].against(out.Arms[control], options, q.Exact)
		if err != nil {
			return out, fmt.Errorf("compare arm %s: %w", out.Arms[i].Name, err)
		}
		out.Contrasts = append(out.Contrasts, contrast)
	}
	return out, nil
}

// mostExact is how many converters are tested exactly: the time grows with them.
const mostExact = 10_000_000

func (a CountsArm) proportion() lift.Proportion { return lift.Proportion{X: a.Converters, N: a.Units} }

func (a CountsArm) against(control CountsArm, o lift.Options, exact bool) (CountsContrast, error) {
	c := CountsContrast{Arm: a.Name}
	difference, err := lift.DifferenceMN(a.proportion(), control.proportion(), o)
	if err != nil {
		return c, err
	}
	ratio, err := lift.RatioKoopman(a.proportion(), control.proportion(), o)
	if err != nil {
		return c, err
	}
	c.Difference = numberOf(difference, o.Level, "rate")
	c.Ratio = numberOf(ratio, o.Level, "ratio")
	c.Lift = numberOf(lift.RelativeLift(ratio), o.Level, "ratio")
	c.Incremental = numberOf(lift.Incremental(difference), o.Level, "count")
	if exact && a.Converters+control.Converters > mostExact {
		return c, &UsageError{Problem: fmt.Sprintf("--exact with more than %s converters", lift.FormatCount(mostExact)), Hint: "leave it out: with so many the score test says the same"}
	}
	if exact && a.Units > 0 && control.Units > 0 {
		p, err := lift.FisherP(a.proportion(), control.proportion())
		if err != nil {
			return c, err
		}
		c.ExactP = &p
	}
	return c, nil
}

// controlNames are what a control is called that nobody names.
var controlNames = []string{"control", "holdout", "psa", "ghost"}

// control is the place of the arm that the others are held against.
func (q CountsRequest) control(arms []CountsArm) (int, error) {
	names := armNames(arms)
	if q.Control != "" {
		if i := slices.Index(names, q.Control); i >= 0 {
			return i, nil
		}
		return 0, &UsageError{Problem: "no arm is called " + strconv.Quote(q.Control), Hint: "the arms are " + strings.Join(names, ", ")}
	}
	found := -1
	for i, name := range names {
		if !slices.Contains(controlNames, strings.ToLower(name)) {
			continue
		}
		if found >= 0 {
			return 0, &UsageError{Problem: names[found] + " and " + name + " may both be the control", Hint: "name it with --control"}
		}
		found = i
	}
	if found < 0 {
		return 0, &UsageError{Problem: "nothing says which arm is the control", Hint: "name it with --control: " + strings.Join(names, ", ")}
	}
	return found, nil
}

// sampleRatio tests the sizes of the arms against their shares, where these are given.
func (q CountsRequest) sampleRatio(arms []CountsArm) (ratio reports.SampleRatio, warnings []analysis.Warning, err error) {
	if len(q.Shares) == 0 {
		return reports.SampleRatio{NotEstimable: "the shares that the arms were meant to have are not given"}, nil, nil
	}
	var counts []int64
	var shares []float64
	for _, a := range arms {
		share := q.Shares[a.Name]
		if !(share > 0 && share <= mostShare) || len(q.Shares) != len(arms) {
			return ratio, nil, &UsageError{Problem: "the shares are not one of each arm", Hint: "give one larger than 0 of each of " + strings.Join(armNames(arms), ", ")}
		}
		counts, shares = append(counts, a.Units), append(shares, share)
	}
	test, err := lift.SampleRatio(counts, shares)
	if err != nil {
		return ratio, nil, err
	}
	ratio = reports.SampleRatio{DF: test.DF, NotEstimable: test.NotEstimable}
	if test.HasP {
		ratio.ChiSquare, ratio.P = &test.ChiSquare, &test.P
	}
	return ratio, test.Warnings, nil
}

// mostShare is the largest number that a share may be given by.
const mostShare = 1e9

func armNames(arms []CountsArm) []string {
	names := make([]string, len(arms))
	for i, a := range arms {
		names[i] = a.Name
	}
	return names
}

// notKnownRandomized is the doubt that no count can lift.
var notKnownRandomized = analysis.Warning{
	Code: "not_known_randomized", Severity: analysis.Caution,
	Text: "Counts do not tell whether chance made the arms. If it did not, they may differ by who is in them, and a difference is no effect.",
}
