package jobs

import (
	"strconv"

	"ghostlight/jobs/warehouse"
	"ghostlight/reports"
)

// creatives builds the creative table. A creative is randomized when it was a
// treatment arm of its own: delivered in that arm only, and alone there.
func (b *builder) creatives(out *reports.Report) error {
	sums, err := readCreativeSums(b.ctx, b.tx, b.runID)
	if err != nil {
		return err
	}
	arms, err := readCreativeArms(b.ctx, b.tx, b.runID)
	if err != nil {
		return err
	}
	headline := ""
	for _, metric := range out.Metrics {
		if metric.IsHeadline {
			headline = metric.Name
		}
	}
	out.Creatives = []reports.Creative{}
	for _, c := range sums {
		line := reports.Creative{
			Creative: c.Creative, Campaign: c.Campaign, Impressions: c.Impressions, Reach: c.Reach,
			Attributed: c.Attributed, ValueMicros: c.Value, SpendMicros: c.Spend,
			Rate: b.number(ofCreative, strconv.FormatInt(c.CreativeID, 10), "", attributedRate),
		}
		line.Arm, line.Lift.NotEstimable = ownArm(c, arms, b.run.Unit)
		line.IsRandomized = line.Arm != ""
		if line.IsRandomized {
			line.Lift = b.number(ofMetric, headline, line.Arm, relativeLift)
		} else {
			line.Lift.Level, line.Lift.Unit = b.run.Level, "ratio"
		}
		out.Creatives = append(out.Creatives, line)
	}
	return nil
}

// ownArm returns the treatment arm that a creative is the same as, or why it
// is none.
func ownArm(c creativeSum, arms []creativeArm, unit string) (arm, why string) {
	var mine []creativeArm
	for _, a := range arms {
		if a.CreativeID == c.CreativeID {
			mine = append(mine, a)
		}
	}
	switch {
	case c.Impressions == 0 && c.GhostImpressions > 0:
		return "", "it is logged only as a ghost exposure and was not shown"
	case len(mine) == 0:
		return "", "it reached no " + unit + " of the study"
	case len(mine) > 1:
		return "", "it ran in several arms, so nothing compares those who saw it with those who could not"
	case mine[0].IsHoldout == 1:
		return "", "it ran in the holdout, which is what the others are compared with"
	}
	for _, a := range arms {
		if a.Arm == mine[0].Arm && a.CreativeID != c.CreativeID {
			return "", "which creative a " + unit + " saw was not randomized; delivery chose it"
		}
	}
	return mine[0].Arm, ""
}

func (b *builder) windows(out *reports.Report) error {
	rows, err := warehouse.Read[struct {
		AttributionUS int64  `db:"attribution_us"`
		MatchUS       int64  `db:"match_us"`
		Attribution   string `db:"attribution_window"`
		Match         string `db:"match_window"`
		Attributed    int64  `db:"attributed"`
		Value         int64  `db:"value_micros"`
	}](b.ctx, b.tx, `SELECT attribution_us, match_us, attribution_window, match_window, attributed, value_micros
		FROM result.window_count WHERE run_id = ? ORDER BY match_us, attribution_us`, b.runID)
	if err != nil {
		return err
	}
	totals, err := warehouse.Read[integrityCount](b.ctx, b.tx,
		"SELECT name, found, out_of FROM result.integrity WHERE run_id = ? AND name = 'attributable_conversions' ORDER BY name", b.runID)
	if err != nil {
		return err
	}
	grid := reports.WindowGrid{
		Event: b.run.AttributionEvent, Rule: "last touch", Primary: b.run.PrimaryWindow,
		AttributionWindows: []string{}, MatchWindows: []string{}, Cells: []reports.WindowCell{},
	}
	if len(totals) > 0 {
		grid.Conversions = totals[0].OutOf
	}
	seenAttribution, seenMatch := map[int64]bool{}, map[int64]bool{}
	for _, row := range rows {
		if !seenAttribution[row.AttributionUS] {
			seenAttribution[row.AttributionUS] = true
			grid.AttributionWindows = append(grid.AttributionWindows, row.Attribution)
		}
		if !seenMatch[row.MatchUS] {
			seenMatch[row.MatchUS] = true
			grid.MatchWindows = append(grid.MatchWindows, row.Match)
		}
		grid.Cells = append(grid.Cells, reports.WindowCell{
			AttributionWindow: row.Attribution, MatchWindow: row.Match, Attributed: row.Attributed, ValueMicros: row.Value,
		})
	}
	if n := len(grid.MatchWindows); n > 0 {
		grid.PrimaryMatch = grid.MatchWindows[n-1] // the widest holds what the rest of the report counts
	}
	out.Windows = grid
	return nil
}
