package jobs

import (
	"context"
	"fmt"
	"strconv"

	"ghostlight/analysis/lift"
	"ghostlight/jobs/warehouse"
)

// creativeSum is one row of result.creative_sum.
type creativeSum struct {
	CreativeID       int64  `db:"creative_id"`
	Campaign         string `db:"campaign"`
	Creative         string `db:"creative"`
	Impressions      int64  `db:"impressions"`
	Reach            int64  `db:"reach"`
	GhostImpressions int64  `db:"ghost_impressions"`
	Attributed       int64  `db:"attributed"`
	Converters       int64  `db:"converters"`
	Value            int64  `db:"value_micros"`
	Spend            int64  `db:"spend_micros"`
}

// creativeArm is one row of result.creative_arm, with the arm's name.
type creativeArm struct {
	CreativeID int64  `db:"creative_id"`
	Arm        string `db:"arm"`
	IsHoldout  int64  `db:"is_holdout"`
	Units      int64  `db:"units"`
}

// measureCreatives counts what each creative delivered and was credited with,
// which is descriptive, and what the campaign's media cost per incremental
// result. Where each creative was a randomized arm of its own, the report takes
// its lift from that arm.
func measureCreatives(ctx context.Context, r *run) (int64, error) {
	return r.transact(ctx, func(tx *warehouse.Tx) (int64, error) {
		var written int64
		for _, table := range []string{"result.creative_sum", "result.creative_arm"} {
			rows, err := tx.ReplaceRun(ctx, table, r.id, r.params())
			if err != nil {
				return 0, err
			}
			written += rows
		}
		creatives, err := readCreativeSums(ctx, tx, r.id)
		if err != nil {
			return 0, err
		}
		estimates, err := readEstimates(ctx, tx, r.id)
		if err != nil {
			return 0, err
		}
		rows := make([]estimateRow, 0, len(creatives)+2)
		var spend int64
		for _, c := range creatives {
			spend += c.Spend
			row, err := r.creativeRate(c)
			if err != nil {
				return 0, fmt.Errorf("estimate creative %d: %w", c.CreativeID, err)
			}
			rows = append(rows, row)
		}
		costs, err := r.costs(estimates, spend)
		if err != nil {
			return 0, err
		}
		added, err := tx.InsertRun(ctx, "result.creative_estimate", r.id, append(rows, costs...))
		return written + added, err
	})
}

// creativeRate is the share of reached households with an attributed conversion.
func (r *run) creativeRate(c creativeSum) (estimateRow, error) {
	of := subject{kind: ofCreative, name: strconv.FormatInt(c.CreativeID, 10), quantity: attributedRate, unit: "rate"}
	rate, err := lift.Wilson(lift.Proportion{X: c.Converters, N: c.Reach}, r.described())
	return r.estimateRow(of, rate), err
}

// costs are the cost per incremental result of the headline metric and the
// incremental revenue per unit of spend. They need the media cost and one
// treatment arm: with several, nothing says which arm a cost belongs to.
func (r *run) costs(estimates []estimateRow, spendMicros int64) ([]estimateRow, error) {
	if spendMicros <= 0 || r.study.Assignment == nil || len(r.study.Assignment.Arms) != 2 {
		return nil, nil
	}
	spend := float64(spendMicros) / microsPerUnit
	currency := r.study.Report.Currency
	var rows []estimateRow
	for _, e := range estimates {
		if e.SubjectKind != ofMetric || e.Quantity != incrementalTotal {
			continue
		}
		of := subject{kind: ofStudy, name: r.study.Name, arm: e.Arm}
		switch metric, _ := r.study.Metric(e.Subject); {
		case metric.Kind == kindProportion && metric.Name == r.study.Headline:
			cost, err := lift.CostPer(spend, e.estimate())
			if err != nil {
				return nil, err
			}
			of.quantity, of.unit = costPerIncremental, currency
			rows = append(rows, r.estimateRow(of, cost))
		case metric.Kind == kindMean && !hasQuantity(rows, returnOnSpend):
			of.quantity, of.unit = returnOnSpend, "ratio"
			rows = append(rows, r.estimateRow(of, e.estimate().Scale(1/spend)))
		}
	}
	return rows, nil
}

func hasQuantity(rows []estimateRow, quantity string) bool {
	for _, row := range rows {
		if row.Quantity == quantity {
			return true
		}
	}
	return false
}

func readCreativeSums(ctx context.Context, tx *warehouse.Tx, runID string) ([]creativeSum, error) {
	return warehouse.Read[creativeSum](ctx, tx, `SELECT creative_id, campaign, creative, impressions, reach,
			ghost_impressions, attributed, converters, value_micros, spend_micros
		FROM result.creative_sum WHERE run_id = ?
		ORDER BY campaign, creative`, runID)
}

func readCreativeArms(ctx context.Context, tx *warehouse.Tx, runID string) ([]creativeArm, error) {
	return warehouse.Read[creativeArm](ctx, tx, `SELECT c.creative_id, a.arm, a.is_holdout, c.units
		FROM result.creative_arm AS c
		JOIN result.arm AS a ON a.run_id = c.run_id AND a.arm_no = c.arm_no
		WHERE c.run_id = ?
		ORDER BY c.creative_id, c.arm_no`, runID)
}

func readEstimates(ctx context.Context, tx *warehouse.Tx, runID string) ([]estimateRow, error) {
	return warehouse.Read[estimateRow](ctx, tx, `SELECT run_id, subject_kind, subject, arm, quantity, has_estimate, estimate,
			has_interval, lo, hi, lo_unbounded, hi_unbounded, level, p, n_treatment, n_control, method, grade, unit, reason
		FROM (
			SELECT * FROM result.estimate WHERE run_id = ?
			UNION ALL
			SELECT * FROM result.creative_estimate WHERE run_id = ?
		)
		ORDER BY subject_kind, subject, arm, quantity`, runID, runID)
}
