package jobs

import (
	"context"
	"fmt"
	"math/big"

	"ghostlight/analysis"
	"ghostlight/analysis/lift"
	"ghostlight/jobs/warehouse"
)

const microsPerUnit = 1e6

// armSum is one row of result.arm_sum.
type armSum struct {
	Arm         string `db:"arm"`
	IsHoldout   int64  `db:"is_holdout"`
	Metric      string `db:"metric"`
	Units       int64  `db:"units"`
	Converters  int64  `db:"converters"`
	Conversions int64  `db:"conversions"`
	Sum         int64  `db:"sum_micros"`
	SumSquared  string `db:"sum_squared_micros"`
}

// measureLift sums the outcomes of every arm in SQL and estimates, for every
// metric, each treatment arm against the holdout. Conversions reach units by
// identity alone, so no attribution setting can change a number here.
func measureLift(ctx context.Context, r *run) (int64, error) {
	return r.transact(ctx, func(tx *warehouse.Tx) (int64, error) {
		if _, err := tx.Replace(ctx, "model.outcome", r.params()); err != nil {
			return 0, err
		}
		for _, table := range []string{"result.arm", "result.arm_sum"} {
			if _, err := tx.ReplaceRun(ctx, table, r.id, r.params()); err != nil {
				return 0, err
			}
		}
		sums, err := readArmSums(ctx, tx, r.id)
		if err != nil {
			return 0, err
		}
		rows, err := r.estimateLift(sums)
		if err != nil {
			return 0, err
		}
		return tx.InsertRun(ctx, "result.estimate", r.id, rows)
	})
}

func readArmSums(ctx context.Context, tx *warehouse.Tx, runID string) ([]armSum, error) {
	return warehouse.Read[armSum](ctx, tx, `SELECT s.arm, a.is_holdout, s.metric, s.units, s.converters, s.conversions,
			s.sum_micros, CAST(s.sum_squared_micros AS VARCHAR) AS sum_squared_micros
		FROM result.arm_sum AS s
		JOIN result.arm AS a ON a.run_id = s.run_id AND a.arm_no = s.arm_no
		WHERE s.run_id = ?
		ORDER BY s.metric_no, s.arm_no`, runID)
}

// estimateLift computes the sample ratio and every contrast of the study.
func (r *run) estimateLift(sums []armSum) ([]estimateRow, error) {
	ratio, err := r.sampleRatio(sums)
	if err != nil {
		return nil, err
	}
	rows := []estimateRow{ratio}
	for _, metric := range r.study.Metrics {
		var holdout *armSum
		for i := range sums {
			if sums[i].Metric == metric.Name && sums[i].IsHoldout == 1 {
				holdout = &sums[i]
			}
		}
		for _, arm := range sums {
			if arm.Metric != metric.Name || arm.IsHoldout == 1 || holdout == nil {
				continue
			}
			contrast, err := r.contrast(metric, arm, *holdout)
			if err != nil {
				return nil, fmt.Errorf("estimate metric %s of arm %s: %w", metric.Name, arm.Arm, err)
			}
			rows = append(rows, contrast...)
		}
	}
	return rows, nil
}

// sampleRatio tests the arms' sizes, before any filter, against the design.
func (r *run) sampleRatio(sums []armSum) (estimateRow, error) {
	row := estimateRow{
		RunID: r.id, SubjectKind: ofSampleRatio, Subject: "units", Quantity: chiSquare,
		Level: r.study.Report.Level, Method: "Pearson chi-square", Grade: string(analysis.Randomized), Unit: "chi-square",
	}
	if r.study.Assignment == nil {
		row.Reason = noAssignment
		return row, nil
	}
	var counts []int64
	var shares []float64
	for _, sum := range sums {
		if sum.Metric != r.study.Metrics[0].Name {
			continue
		}
		counts = append(counts, sum.Units)
		shares = append(shares, r.study.Assignment.Arms[len(shares)].Share)
	}
	test, err := lift.SampleRatio(counts, shares)
	if err != nil {
		return row, err
	}
	row.NTreatment, row.Reason = test.N, test.NotEstimable
	if test.HasP {
		row.HasEstimate, row.Estimate, row.P = 1, &test.ChiSquare, &test.P
	}
	return row, nil
}

// noAssignment is the honest answer of a study without a randomized holdout.
const noAssignment = "the study has no randomized holdout, so nothing tells what would have happened without the campaign"

// contrast estimates one metric of one arm against the holdout: the difference
// per unit, the relative lift, and the total over the arm.
func (r *run) contrast(metric Metric, arm, holdout armSum) ([]estimateRow, error) {
	absolute, relative, err := r.compare(metric, arm, holdout)
	if err != nil {
		return nil, err
	}
	perUnit, total := "rate", "count"
	if metric.Kind == kindMean {
		perUnit, total = r.study.Report.Currency, r.study.Report.Currency
	}
	of := func(quantity, unit string) subject {
		return subject{kind: ofMetric, name: metric.Name, arm: arm.Arm, quantity: quantity, unit: unit}
	}
	return []estimateRow{
		r.estimateRow(of(absoluteDifference, perUnit), absolute),
		r.estimateRow(of(relativeLift, "ratio"), relative),
		r.estimateRow(of(incrementalTotal, total), lift.Incremental(absolute)),
	}, nil
}

func (r *run) compare(metric Metric, arm, holdout armSum) (absolute, relative analysis.Estimate, err error) {
	if metric.Kind != kindMean {
		treatment, control := lift.Proportion{X: arm.Converters, N: arm.Units}, lift.Proportion{X: holdout.Converters, N: holdout.Units}
		if absolute, err = lift.DifferenceMN(treatment, control, r.options()); err != nil {
			return absolute, relative, err
		}
		ratio, err := lift.RatioKoopman(treatment, control, r.options())
		return absolute, lift.RelativeLift(ratio), err
	}
	treatment, err := arm.moments()
	if err != nil {
		return absolute, relative, err
	}
	control, err := holdout.moments()
	if err != nil {
		return absolute, relative, err
	}
	welch, err := lift.Welch(treatment, control, r.options())
	if err != nil {
		return absolute, relative, err
	}
	fieller, err := lift.Fieller(treatment, control, r.options())
	return welch.Estimate, fieller.Estimate, err
}

// moments are the mean and variance of value per unit, in currency units.
func (s armSum) moments() (lift.Moments, error) {
	squared, ok := new(big.Int).SetString(s.SumSquared, 10)
	if !ok {
		return lift.Moments{}, fmt.Errorf("sum of squares of arm %s is not a whole number", s.Arm)
	}
	return lift.MomentsFromSums(s.Units, big.NewInt(s.Sum), squared, microsPerUnit)
}

// Kinds of a metric.
const (
	kindProportion = "proportion"
	kindMean       = "mean"
)
