package jobs

import (
	"maps"
	"slices"

	"ghostlight/analysis/lift"
	"ghostlight/jobs/warehouse"
)

// Causes of model.reconciled for which a record of pixel or server has no partner in the
// other list, and the one for which it may still come. The others are of other lines.
var (
	aloneCauses = map[int64]string{
		1:  "the partner is not marked as a test",
		4:  "their ids or names disagree",
		7:  "the partner lies outside the dedup span",
		8:  "the partner is another event, or an order that does not count",
		10: "not delivered",
		11: "no partner and no order",
		12: "no partner",
	}
	lateCause = int64(9)
)

// ids: what pixel and server both send can be told to be one event.
func (c *checklist) ids(l *line) error {
	gaps, err := c.listGaps()
	if err != nil {
		return err
	}
	for _, g := range gaps {
		if g.pair.First != listNumber("server") || g.pair.Second != listNumber("pixel") {
			continue
		}
		first, second := g.names()
		for _, cause := range g.causes {
			if cause.Cause == 0 {
				l.see("%s in both %s and %s", countOf(cause.FirstUnits, c.event(g.event)), first, second)
				continue
			}
			c.alone(l, g, cause, cause.FirstUnits, first, second)
			c.alone(l, g, cause, cause.SecondUnits, second, first)
		}
		if err := c.apart(l, g, slices.Collect(maps.Keys(aloneCauses))...); err != nil {
			return err
		}
	}
	if err := c.odd(l, 4, 5, 6); err != nil {
		return err
	}
	if len(l.Evidence)+len(l.Failures)+len(l.Missing) == 0 {
		l.miss("an event that both pixel and server sent as a test")
	}
	return nil
}

// alone says of the units of one list that the other has no partner of them, if the cause is
// one of this line.
func (c *checklist) alone(l *line, g listGap, cause gapRow, units int64, of, other string) {
	why, isAlone := aloneCauses[cause.Cause]
	switch records := countOf(units, c.event(g.event)); {
	case units == 0:
	case isAlone:
		l.fail("%s of %s without one of %s: %s", records, of, other, why)
	case cause.Cause == lateCause:
		l.miss("what %s has of %s of %s: what is younger than %s may still come", other, records, of, c.study.Report.LateAfter)
	}
}

// odd fails a line for some findings of dedup, and names their places.
func (c *checklist) odd(l *line, wanted ...int64) error {
	found, err := readFindings(c.ctx, c.tx, c.id)
	if err != nil {
		return err
	}
	for _, f := range found {
		if slices.Contains(wanted, f.FindingNo) {
			l.fail("%s of %s: %s", countOf(f.Records, c.event(f.EventNo)), listOf(f.SurfaceNo, f.Platform), lift.InSentence(findings[f.FindingNo].label))
		}
	}
	places, err := warehouse.Read[struct {
		FindingNo int64  `db:"finding_no"`
		Path      string `db:"path"`
		Line      int64  `db:"line_no"`
	}](c.ctx, c.tx, `SELECT finding_no, path, line_no FROM result.dedup_sample WHERE run_id = ? ORDER BY finding_no, event_no, sample_no`, c.id)
	for _, p := range places {
		if slices.Contains(wanted, p.FindingNo) {
			l.at(p.Path, p.Line)
		}
	}
	return err
}

// dedup: several records of one conversion are one.
func (c *checklist) dedup(l *line) error {
	if err := c.odd(l, 1, 2, 3); err != nil {
		return err
	}
	c.failOf(l, 10)
	rows, err := warehouse.Read[struct {
		Records  int64 `db:"records"`
		Lists    int64 `db:"lists"`
		Repeated int64 `db:"repeated"`
	}](c.ctx, c.tx, `SELECT count(*) AS records, count(DISTINCT list_no) AS lists, count(*) - count(DISTINCT list_no) AS repeated
		FROM model.conversion_record WHERE list_no > 1 GROUP BY conversion_id ORDER BY conversion_id`)
	if err != nil {
		return err
	}
	var records, paired, repeated int64
	for _, row := range rows {
		records, paired, repeated = records+row.Records, paired+isOne(row.Lists > 1), repeated+row.Repeated
	}
	resent := int64(0)
	if c.others == 0 { // only then are they known to be tests
		if resent, err = c.resent(); err != nil {
			return err
		}
	}
	if records > 0 {
		l.see("%s of events became %s, %s of them out of several lists; %s repeat one of their own list", plural(int(records), "usable record"),
			plural(len(rows), "conversion"), lift.FormatCount(paired), lift.FormatCount(repeated))
	}
	if resent > 0 {
		l.see("%s sent again unchanged and kept once", plural(int(resent), "row"))
	}
	if paired == 0 {
		l.miss("a conversion that two lists of events tell of")
	}
	if repeated+resent == 0 {
		l.miss("a record that was sent twice and merged")
	}
	return nil
}

// resent counts the rows of events that came unchanged more than once.
func (c *checklist) resent() (n int64, err error) {
	loads, err := warehouse.Read[inputRow](c.ctx, c.tx, `SELECT '' AS run_id, source, path, sha256, records, loaded, duplicate, quarantined, blank
		FROM ops.load AS f WHERE EXISTS (SELECT 1 FROM clean.event AS e WHERE e.file_id = f.file_id) ORDER BY source, path, sha256`)
	for _, f := range loads {
		n += f.Duplicate
	}
	if err != nil {
		return 0, err
	}
	again, err := c.count("SELECT count(*) - count(DISTINCT row_key) AS n FROM clean.event WHERE received_us <= ?", c.asOf.UnixMicro())
	return n + again, err
}

// consent: who denied is not counted.
func (c *checklist) consent(l *line) error {
	c.failOf(l, 8, 9)
	for _, g := range c.usable(func(g testGroup) bool { return g.Category == 7 }) {
		l.see("%s of %s denied measurement and not used", countOf(g.Records, c.event(g.EventNo)), listOf(g.SurfaceNo, g.Platform))
	}
	withheld, err := c.count("SELECT count(*) AS n FROM model.withheld")
	if err != nil {
		return err
	}
	if len(l.Evidence) == 0 {
		l.miss("a test record that denied measurement")
	} else if withheld > 0 {
		l.see("%s of the same conversions withheld with them", plural(int(withheld), "record"))
	}
	return nil
}

// windows: what the numbers depend on is stated.
func (c *checklist) windows(l *line) error {
	d, err := c.Workspace.studyDocument(c.study.Name)
	if err != nil {
		return err
	}
	s := c.study
	var windows []string
	for _, w := range s.Attribution.Windows {
		windows = append(windows, w.String())
	}
	var match []string
	for _, kind := range s.Match.Types() {
		match = append(match, kind+" "+s.Match.Windows[kind].String())
	}
	for _, stated := range []struct{ path, value string }{
		{"outcome.window", s.Outcome.Window.String()},
		{"attribution.windows", list(windows)},
		{"attribution.primary", s.Attribution.Primary.String()},
		{"match.windows", list(match)},
		{"dedup.span", s.Dedup.Span.String()},
		{"dedup.authority.existence", list(s.Dedup.Authority.Existence)},
	} {
		if d.has(stated.path) {
			l.see("%s is %s", stated.path, stated.value)
			continue
		}
		l.fail("%s is not stated, so that the default holds: %s", stated.path, stated.value)
		l.at(d.file, int64(d.position(stated.path).line))
	}
	for _, m := range s.Metrics {
		counting := "each " + s.Unit + " once, whatever it did more"
		if m.Kind == kindMean {
			counting = "the value of all conversions of each " + s.Unit
		}
		l.see("metric %s counts %s (%s)", m.Name, counting, m.Kind)
	}
	return nil
}
