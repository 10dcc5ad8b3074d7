package jobs

import (
	"fmt"
	"slices"

	"ghostlight/analysis/lift"
	"ghostlight/analysis/parity"
	"ghostlight/jobs/warehouse"
)

// Causes that test traffic plants on purpose and that other lines judge: what was sent
// again, and what is withheld by consent. No difference of lists is made of them here.
var plantedCauses = []int64{3, 6}

// listGap is how far two lists are apart in one event.
type listGap struct {
	pair   parityPair
	event  int64
	causes []gapRow
}

// listGaps are the differences of every pair of lists and event of the dictionary.
func (c *checklist) listGaps() ([]listGap, error) {
	pairs, err := warehouse.Read[parityPair](c.ctx, c.tx, `SELECT pair_no, first_surface_no, first_platform, second_surface_no, second_platform, has_crm
		FROM ops.parity ORDER BY pair_no`)
	if err != nil {
		return nil, err
	}
	rows, err := readGaps(c.ctx, c.tx, c.id)
	if err != nil {
		return nil, err
	}
	gaps := []listGap{}
	for _, row := range rows {
		if row.EventNo == undefinedEvent {
			continue // the first line names them
		}
		last := len(gaps) - 1
		if last < 0 || gaps[last].pair.PairNo != row.PairNo || gaps[last].event != row.EventNo {
			gaps = append(gaps, listGap{pair: pairs[row.PairNo-1], event: row.EventNo})
			last++
		}
		gaps[last].causes = append(gaps[last].causes, row)
	}
	return gaps, nil
}

// names are the names of the two lists.
func (g listGap) names() (first, second string) {
	return listName(g.pair.First, g.pair.FirstPlatform), listName(g.pair.Second, g.pair.SecondPlatform)
}

// counts are the units of both lists without those of some causes, and the causes of the
// rest.
func (g listGap) counts(without ...int64) (counts parity.Counts, causes []int64) {
	for _, cause := range g.causes {
		if slices.Contains(without, cause.Cause) {
			continue
		}
		counts.First += cause.FirstUnits
		counts.Second += cause.SecondUnits
		if cause.Cause == 0 {
			counts.Both = cause.FirstUnits
		}
		causes = append(causes, cause.Cause)
	}
	return counts, causes
}

// parity: the lists agree within the bands of the study.
func (c *checklist) parity(l *line) error {
	gaps, err := c.listGaps()
	if err != nil {
		return err
	}
	for _, g := range gaps {
		counts, causes := g.counts(plantedCauses...)
		if len(causes) == 0 {
			continue
		}
		band := c.study.Reconcile.bandOf(g.pair)
		j, err := parity.Judge(counts, band, nil)
		if err != nil {
			return err
		}
		settled, _ := g.counts(append([]int64{lateCause}, plantedCauses...)...)
		later, err := parity.Judge(settled, band, nil)
		if err != nil {
			return err
		}
		first, second := g.names()
		text := fmt.Sprintf("%s: %s in %s, %s in %s, %s in both", c.event(g.event), lift.FormatCount(counts.First), first,
			lift.FormatCount(counts.Second), second, lift.FormatCount(counts.Both))
		switch {
		case j.Status == parity.Unknown:
			l.miss("%s test records in %s to hold %s against", c.event(g.event), first, second)
		case j.Status == parity.Expected:
			l.see("%s", text)
		case later.Status == parity.Expected || later.Status == parity.Unknown && counts != settled:
			l.miss("the rest of %s; what is younger than %s may still come", text, c.study.Report.LateAfter)
		default:
			l.fail("%s, which is %s", text, j.Reason)
			if err := c.apart(l, g, causes...); err != nil {
				return err
			}
		}
	}
	if len(l.Evidence)+len(l.Failures)+len(l.Missing) == 0 {
		l.miss("test records of one event in two lists")
	}
	return nil
}

// apart names the places of the records that some causes of a difference are made of.
func (c *checklist) apart(l *line, g listGap, causes ...int64) error {
	places, err := warehouse.Read[struct {
		Cause int64  `db:"cause"`
		Path  string `db:"path"`
		Line  int64  `db:"line_no"`
	}](c.ctx, c.tx, `SELECT cause, path, line_no FROM result.gap_sample
		WHERE run_id = ? AND pair_no = ? AND event_no = ? ORDER BY cause, sample_no`, c.id, g.pair.PairNo, g.event)
	for _, p := range places {
		if slices.Contains(causes, p.Cause) {
			l.at(p.Path, p.Line)
		}
	}
	return err
}
