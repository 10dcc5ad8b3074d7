package jobs

import (
	"ghostlight/analysis"
	"ghostlight/analysis/lift"
	"ghostlight/reports"
)

// Subjects of an estimate: what it speaks of.
const (
	ofMetric      = "metric"       // subject: the metric's name
	ofSampleRatio = "sample_ratio" // subject: "units"
	ofCreative    = "creative"     // subject: the creative's number
	ofStudy       = "study"        // subject: the study's name
)

// Quantities of an estimate: what it measures.
const (
	absoluteDifference = "absolute"
	relativeLift       = "relative"
	incrementalTotal   = "incremental"
	chiSquare          = "chi_square"
	attributedRate     = "attributed_rate"
	costPerIncremental = "cost_per_incremental"
	returnOnSpend      = "incremental_return_on_spend"
)

// estimateRow is one row of result.estimate.
type estimateRow struct {
	RunID       string   `db:"run_id"`
	SubjectKind string   `db:"subject_kind"`
	Subject     string   `db:"subject"`
	Arm         string   `db:"arm"`
	Quantity    string   `db:"quantity"`
	HasEstimate int64    `db:"has_estimate"`
	Estimate    *float64 `db:"estimate"`
	HasInterval int64    `db:"has_interval"`
	Lo          *float64 `db:"lo"`
	Hi          *float64 `db:"hi"`
	LoUnbounded int64    `db:"lo_unbounded"`
	HiUnbounded int64    `db:"hi_unbounded"`
	Level       float64  `db:"level"`
	P           *float64 `db:"p"`
	NTreatment  int64    `db:"n_treatment"`
	NControl    int64    `db:"n_control"`
	Method      string   `db:"method"`
	Grade       string   `db:"grade"`
	Unit        string   `db:"unit"`
	Reason      string   `db:"reason"`
}

// subject names an estimate.
type subject struct{ kind, name, arm, quantity, unit string }

// estimateRow lays an estimate out as a row; the level is the study's also when
// there is no interval.
func (r *run) estimateRow(s subject, e analysis.Estimate) estimateRow {
	row := rowOf(s, r.study.Report.Level, e)
	row.RunID = r.id
	return row
}

func rowOf(s subject, level float64, e analysis.Estimate) estimateRow {
	row := estimateRow{
		SubjectKind: s.kind, Subject: s.name, Arm: s.arm, Quantity: s.quantity, Unit: s.unit,
		Level: level, NTreatment: e.NTreatment, NControl: e.NControl,
		Method: e.Method, Grade: string(e.Grade), Reason: e.NotEstimable,
	}
	if e.HasValue {
		row.HasEstimate, row.Estimate = 1, &e.Value
	}
	if e.HasP {
		row.P = &e.P
	}
	if !e.HasInterval {
		return row
	}
	row.HasInterval = 1
	if e.Interval.LoUnbounded {
		row.LoUnbounded = 1
	} else {
		row.Lo = &e.Interval.Lo
	}
	if e.Interval.HiUnbounded {
		row.HiUnbounded = 1
	} else {
		row.Hi = &e.Interval.Hi
	}
	return row
}

// number is the row as a report shows it.
func (e estimateRow) number() reports.Number {
	return reports.Number{
		Estimate: e.Estimate, Lo: e.Lo, Hi: e.Hi,
		LoUnbounded: e.LoUnbounded == 1, HiUnbounded: e.HiUnbounded == 1,
		Level: e.Level, P: e.P, NTreatment: e.NTreatment, NControl: e.NControl,
		Method: e.Method, Grade: e.Grade, Unit: e.Unit, NotEstimable: e.Reason,
	}
}

// numberOf is an estimate as a document shows it.
func numberOf(e analysis.Estimate, level float64, unit string) reports.Number {
	return rowOf(subject{unit: unit}, level, e).number()
}

// estimate is the row as the analysis knows it.
func (e estimateRow) estimate() analysis.Estimate {
	out := analysis.Estimate{
		HasValue: e.HasEstimate == 1, HasInterval: e.HasInterval == 1, HasP: e.P != nil,
		NTreatment: e.NTreatment, NControl: e.NControl,
		Method: e.Method, Grade: analysis.Grade(e.Grade), NotEstimable: e.Reason,
		Interval: analysis.Interval{LoUnbounded: e.LoUnbounded == 1, HiUnbounded: e.HiUnbounded == 1, Level: e.Level},
	}
	for _, set := range []struct {
		to   *float64
		from *float64
	}{{&out.Value, e.Estimate}, {&out.Interval.Lo, e.Lo}, {&out.Interval.Hi, e.Hi}, {&out.P, e.P}} {
		if set.from != nil {
			*set.to = *set.from
		}
	}
	return out
}

// options are the study's, for randomized comparisons.
func (r *run) options() lift.Options {
	return lift.Options{Level: r.study.Report.Level, Grade: analysis.Randomized}
}

// described are the study's options for numbers that show no cause.
func (r *run) described() lift.Options {
	return lift.Options{Level: r.study.Report.Level, Grade: analysis.Descriptive}
}
