package jobs

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"ghostlight/analysis/lift"
	"ghostlight/jobs/warehouse"
	"ghostlight/reports"
)

// testGroup counts the distinct test records of one list and event that are of one
// category of model.record.
type testGroup struct {
	EventNo   int64  `db:"event_no"`
	SurfaceNo int64  `db:"surface_no"`
	Platform  string `db:"platform"`
	Category  int64  `db:"category"`
	Records   int64  `db:"records"`
}

// testFinding is one row of result.test_finding.
type testFinding struct {
	FindingNo int64  `db:"finding_no"`
	EventNo   int64  `db:"event_no"`
	SurfaceNo int64  `db:"surface_no"`
	Platform  string `db:"platform"`
	SampleNo  int64  `db:"sample_no"`
	Records   int64  `db:"records"`
	Path      string `db:"path"`
	LineNo    int64  `db:"line_no"`
}

// Findings about single test records by their number in model.test_finding, as they
// follow a count of records.
var testFindings = [...]string{
	1:  "that the dictionary does not have",
	2:  "without value",
	3:  "without currency",
	4:  "without order id",
	5:  "without event id",
	6:  "in another currency than the report's",
	7:  "with a value outside the range of the dictionary",
	8:  "counted although a record with the same event id or order id denied measurement",
	9:  "counted although the person had denied measurement, and nothing says granted",
	10: "of a sale that the list has already, under a new id",
}

// checklist judges the lines of one study.
type checklist struct {
	*run
	ctx    context.Context
	tx     *warehouse.Tx
	groups []testGroup
	found  []testFinding
	others int64 // distinct records of events that are no test
}

// readiness makes the tables about test traffic and judges every line.
func (r *run) readiness(ctx context.Context, tx *warehouse.Tx) (reports.Readiness, error) {
	out := reports.Readiness{
		SchemaVersion: reports.ReadinessVersion, Study: r.study.Name, Title: r.study.Title, AsOf: r.asOf, Lines: []reports.ReadinessLine{},
		ConfigSHA256: r.Workspace.Hash(r.study.Name), DictionarySHA256: r.Workspace.DictionaryHash(), InputsSHA256: r.inputs, CodeVersion: r.opt.CodeVersion,
	}
	c := &checklist{run: r, ctx: ctx, tx: tx}
	if err := c.read(); err != nil {
		return out, err
	}
	for _, g := range c.groups {
		out.TestRecords += g.Records
	}
	out.OtherEvents = c.others
	for _, l := range []struct {
		name, label, needs string
		judge              func(*line) error
	}{
		{"dictionary", "Dictionary complete", "The dictionary has every event that test traffic sent, and every event of the dictionary was sent.", c.dictionary},
		{"parameters", "Parameters present", "Every test record has the parameters that its event requires, in the report's currency and within its range, and could be read.", c.parameters},
		{"ids", "Ids shared", "What pixel and server both send of one event has one event id or order id, and nothing stands alone.", c.ids},
		{"dedup", "Dedup verified", "Records of one conversion become one, and so do records that were sent twice; no id stands for two orders.", c.dedup},
		{"parity", "Parity in band", "The lists of test records are as far from each other as the study accepts.", c.parity},
		{"consent", "Consent honoured", "A test record that denied measurement is seen and not used, and nothing else of its person is counted.", c.consent},
		{"windows", "Windows and uniqueness written down", "The study states its windows and what counts as one conversion, and leaves none of them to a default.", c.windows},
		{"production", "Staging equals production", "Test records and all other records are of the same events and carry the same parameters.", c.production},
	} {
		of := &line{reports.ReadinessLine{
			Name: l.name, Label: l.label, Needs: l.needs, Evidence: []string{}, Failures: []string{}, Missing: []string{}, Places: []reports.EvidencePlace{},
		}}
		if err := l.judge(of); err != nil {
			return out, err
		}
		of.Status = of.Judge()
		out.Lines = append(out.Lines, of.ReadinessLine)
	}
	out.State = out.Judge()
	return out, nil
}

func (c *checklist) read() (err error) {
	if _, err := c.tx.Replace(c.ctx, "model.test_finding", c.params()); err != nil {
		return err
	}
	if _, err := c.tx.ReplaceRun(c.ctx, "result.test_finding", c.id, c.params()); err != nil {
		return err
	}
	c.groups, err = warehouse.Read[testGroup](c.ctx, c.tx, `SELECT event_no, surface_no, COALESCE(platform, '') AS platform, category, count(*) AS records
		FROM model.record WHERE category NOT IN (1, 8) AND is_last = 1
		GROUP BY event_no, surface_no, COALESCE(platform, ''), category ORDER BY event_no, surface_no, platform, category`)
	if err != nil {
		return err
	}
	c.found, err = warehouse.Read[testFinding](c.ctx, c.tx, `SELECT finding_no, event_no, surface_no, platform, sample_no, records, path, line_no
		FROM result.test_finding WHERE run_id = ? ORDER BY finding_no, event_no, surface_no, platform, sample_no`, c.id)
	if err != nil {
		return err
	}
	c.others, err = c.count("SELECT count(*) AS n FROM model.record WHERE category = 1 AND surface_no < 5")
	return err
}

// count is the one number of a query.
func (c *checklist) count(query string, args ...any) (int64, error) {
	rows, err := warehouse.Read[struct {
		N int64 `db:"n"`
	}](c.ctx, c.tx, query, args...)
	if err != nil {
		return 0, err
	}
	return rows[0].N, nil
}

// event is the name of an event.
func (c *checklist) event(number int64) string {
	if number == undefinedEvent {
		return "undefined"
	}
	return c.Workspace.EventNames()[number-1]
}

// line is a line of the checklist while it is judged.
type line struct{ reports.ReadinessLine }

func (l *line) see(format string, args ...any) {
	l.Evidence = append(l.Evidence, fmt.Sprintf(format, args...))
}

func (l *line) fail(format string, args ...any) {
	l.Failures = append(l.Failures, fmt.Sprintf(format, args...))
}

func (l *line) miss(format string, args ...any) {
	l.Missing = append(l.Missing, fmt.Sprintf(format, args...))
}

func (l *line) at(path string, number int64) {
	if place := (reports.EvidencePlace{Path: path, Line: number}); !slices.Contains(l.Places, place) {
		l.Places = append(l.Places, place)
	}
}

// failOf fails a line for some findings about single records, and names their places.
func (c *checklist) failOf(l *line, findings ...int64) {
	for _, f := range c.found {
		if !slices.Contains(findings, f.FindingNo) {
			continue
		}
		if f.SampleNo == 1 {
			l.fail("%s of %s %s", countOf(f.Records, c.event(f.EventNo)), listOf(f.SurfaceNo, f.Platform), testFindings[f.FindingNo])
		}
		l.at(f.Path, f.LineNo)
	}
}

// countOf counts the records of an event.
func countOf(n int64, event string) string {
	if n == 1 {
		return "1 " + event + " record"
	}
	return lift.FormatCount(n) + " " + event + " records"
}

// dictionary: every event of test traffic is in the dictionary, and the reverse.
func (c *checklist) dictionary(l *line) error {
	names, err := warehouse.Read[struct {
		Platform string `db:"platform"`
		Name     string `db:"event_name"`
		Names    int64  `db:"names"`
		Records  int64  `db:"records"`
	}](c.ctx, c.tx, `SELECT COALESCE(platform, '') AS platform, event_name, CAST(sum(names) AS BIGINT) AS names, CAST(sum(records) AS BIGINT) AS records
		FROM result.undefined_event WHERE run_id = ? GROUP BY platform, event_name ORDER BY platform, event_name`, c.id)
	if err != nil {
		return err
	}
	for _, n := range names {
		name := fmt.Sprintf("the event %q", n.Name)
		if n.Name == "" {
			name = fmt.Sprintf("%d more events", n.Names)
		}
		l.fail("the dictionary does not have %s of %s (%s)", name, n.Platform, plural(int(n.Records), "record"))
	}
	for _, f := range c.found {
		if f.FindingNo == 1 {
			l.at(f.Path, f.LineNo)
		}
	}
	if len(c.groups) == 0 {
		l.miss("any test record")
		return nil
	}
	for i, name := range c.Workspace.EventNames() {
		var n int64
		for _, g := range c.groups {
			if g.EventNo == int64(i+1) {
				n += g.Records
			}
		}
		if n == 0 {
			l.miss("a test record of %s", name)
			continue
		}
		l.see("%s", countOf(n, name))
	}
	return nil
}

// parameters: what is required is there and plausible.
func (c *checklist) parameters(l *line) error {
	c.failOf(l, 2, 3, 4, 5, 6, 7)
	refused, err := warehouse.Read[struct {
		Source string `db:"source"`
		Column string `db:"column_name"`
		Rule   string `db:"rule"`
		Rows   int64  `db:"rows_refused"`
		Path   string `db:"path"`
		Line   int64  `db:"line_no"`
	}](c.ctx, c.tx, `SELECT q.source, q.column_name, q.rule, count(*) AS rows_refused, min_by(f.path, (f.path, q.line_no)) AS path, min_by(q.line_no, (f.path, q.line_no)) AS line_no
		FROM ops.quarantine AS q JOIN ops.load AS f ON f.file_id = q.file_id
		GROUP BY q.source, q.column_name, q.rule ORDER BY q.source, q.column_name, q.rule`)
	if err != nil {
		return err
	}
	for _, q := range refused {
		if table := c.Workspace.Sources[q.Source].Table; table != "" && table != "event" && table != "crm_order" {
			continue
		}
		l.fail("%s of source %s could not be read (%s: %s), and may be test records", plural(int(q.Rows), "row"), q.Source, q.Column, q.Rule)
		l.at(q.Path, q.Line)
	}
	for _, g := range c.usable(func(g testGroup) bool { return g.EventNo != undefinedEvent && g.Category != 7 }) {
		required := c.Workspace.Events[c.event(g.EventNo)].Required
		if g.SurfaceNo == crmSurface {
			required = slices.DeleteFunc(slices.Clone(required), func(p string) bool { return p == eventIDKey })
		}
		with := "which nothing is required of"
		if len(required) > 0 {
			with = "which require " + strings.Join(required, ", ")
		}
		l.see("%s of %s, %s", countOf(g.Records, c.event(g.EventNo)), listOf(g.SurfaceNo, g.Platform), with)
	}
	if len(l.Evidence) == 0 {
		l.miss("a test record of an event of the dictionary")
	}
	return nil
}

// usable are the groups of each list and event that are wanted, over all categories.
func (c *checklist) usable(wanted func(testGroup) bool) []testGroup {
	sums := []testGroup{}
	for _, g := range c.groups {
		if !wanted(g) {
			continue
		}
		if n := len(sums) - 1; n >= 0 && sums[n].EventNo == g.EventNo && sums[n].SurfaceNo == g.SurfaceNo && sums[n].Platform == g.Platform {
			sums[n].Records += g.Records
			continue
		}
		sums = append(sums, g)
	}
	return sums
}
