package reports

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
)

// file is one file of a report, by its path below the report's folder.
type file struct {
	Name string
	Data []byte
}

// table is a CSV table under construction. Text cells are made safe for
// spreadsheets; numbers are written raw and at full precision, so that a
// negative number stays a number.
type table struct {
	name   string
	header []string
	rows   [][]string
}

// blanks are what a spreadsheet skips before it looks for a formula.
const blanks = " \t\u00A0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200A\u200B\u202F\u205F\u2060\u3000\uFEFF"

// text makes a cell of text from outside: a quote is put before what a
// spreadsheet would run as a formula, at the start of the cell, behind leading
// blanks, and on every further line of it. The full-width signs are those that
// spreadsheets fold to plain ones.
func text(s string) string {
	var b strings.Builder
	for i, line := range strings.SplitAfter(strings.ReplaceAll(s, "\r", "\n"), "\n") {
		bare := []rune(strings.TrimLeft(line, blanks))
		isFormula := len(bare) > 0 && strings.ContainsRune("=+-@＝＋－＠", bare[0])
		isControl := i == 0 && line != "" && (line[0] == '\t' || line[0] == '\n')
		if isFormula || isControl {
			b.WriteByte('\'')
		}
		b.WriteString(line)
	}
	return b.String()
}

func num(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

func opt(x *float64) string {
	if x == nil {
		return ""
	}
	return num(*x)
}

func optInteger(n *int64) string {
	if n == nil {
		return ""
	}
	return integer(*n)
}

func integer(n int64) string { return strconv.FormatInt(n, 10) }

// numberColumns are the columns of one Number; the names end as every metric
// result column does.
func numberColumns(prefix string) []string {
	return []string{prefix + "_estimate", prefix + "_lo", prefix + "_hi", prefix + "_lo_unbounded", prefix + "_hi_unbounded",
		prefix + "_level", prefix + "_p", prefix + "_treatment_n", prefix + "_control_n", prefix + "_unit", prefix + "_method",
		prefix + "_grade", prefix + "_not_estimable"}
}

func (n Number) cells() []string {
	return []string{opt(n.Estimate), opt(n.Lo), opt(n.Hi), strconv.FormatBool(n.LoUnbounded), strconv.FormatBool(n.HiUnbounded),
		num(n.Level), opt(n.P), integer(n.NTreatment), integer(n.NControl), text(n.Unit), text(n.Method), text(n.Grade), text(n.NotEstimable)}
}

// tables lists the CSV tables of a report; every one begins with the study and
// the run, so that tables of several reports can be put under each other.
func (r Report) tables() []table {
	tables := []table{r.metricTable(), r.armTable(), r.armMetricTable(), r.creativeTable(), r.windowTable(),
		r.reconciliationTable(), r.overlapTable(), r.gapTable(), r.gapDayTable(), r.gapSampleTable(), r.matchTable(), r.matchWeekTable(), r.coverageTable(), r.recoveryTable(), r.conversionCostTable(), r.claimTable(), r.claimDayTable(), r.claimSampleTable(),
		r.verificationTable(), r.verifiedListTable(), r.excessRefundTable(), r.dedupTable(), r.dedupFindingTable(), r.dedupSampleTable(), r.undefinedTable(), r.freshnessTable(), r.acceptanceTable(), r.consentTable(), r.consentUnitTable(), r.changeTable(),
		r.inputTable(), r.checkTable()}
	return append(tables, r.integrityTables()...)
}

func (r Report) table(name string, header ...string) table {
	return table{name: name, header: append([]string{"study", "run"}, header...)}
}

func (r Report) add(t *table, cells ...string) {
	t.rows = append(t.rows, append([]string{text(r.Study), text(r.Run.ID)}, cells...))
}

func (r Report) metricTable() table {
	header := append([]string{"metric", "label", "kind", "event", "from", "is_headline", "arm"}, numberColumns("absolute")...)
	header = append(append(header, numberColumns("relative")...), numberColumns("incremental")...)
	t := r.table("metrics", header...)
	for _, m := range r.Metrics {
		for _, c := range m.Contrasts {
			cells := []string{text(m.Name), text(m.Label), text(m.Kind), text(m.Event), text(strings.Join(m.From, " ")),
				strconv.FormatBool(m.IsHeadline), text(c.Arm)}
			cells = append(append(append(cells, c.Absolute.cells()...), c.Relative.cells()...), c.Incremental.cells()...)
			r.add(&t, cells...)
		}
	}
	return t
}

func (r Report) armTable() table {
	t := r.table("arms", "arm", "label", "is_holdout", "units", "share", "design_share", "exposed_units", "ghost_units")
	for _, a := range r.Arms {
		r.add(&t, text(a.Name), text(a.Label), strconv.FormatBool(a.IsHoldout), integer(a.Units), num(a.Share), num(a.Design),
			integer(a.Exposed), integer(a.Ghost))
	}
	return t
}

func (r Report) armMetricTable() table {
	t := r.table("arm_metrics", "metric", "arm", "units", "converters", "conversions", "sum_micros", "mean", "variance")
	for _, m := range r.Metrics {
		for _, a := range m.Arms {
			r.add(&t, text(m.Name), text(a.Arm), integer(a.Units), integer(a.Converters), integer(a.Conversions),
				integer(a.SumMicros), num(a.Mean), num(a.Variance))
		}
	}
	return t
}

func (r Report) creativeTable() table {
	header := append([]string{"creative", "campaign", "impressions", "reach", "attributed_conversions", "attributed_value_micros",
		"spend_micros", "is_randomized", "arm"}, numberColumns("rate")...)
	t := r.table("creatives", append(header, numberColumns("lift")...)...)
	for _, c := range r.Creatives {
		cells := []string{text(c.Creative), text(c.Campaign), integer(c.Impressions), integer(c.Reach), integer(c.Attributed),
			integer(c.ValueMicros), integer(c.SpendMicros), strconv.FormatBool(c.IsRandomized), text(c.Arm)}
		r.add(&t, append(append(cells, c.Rate.cells()...), c.Lift.cells()...)...)
	}
	return t
}

func (r Report) windowTable() table {
	t := r.table("windows", "event", "rule", "match_window", "attribution_window", "is_primary", "attributed_conversions",
		"attributed_value_micros", "conversions")
	g := r.Windows
	for _, c := range g.Cells {
		primary := c.AttributionWindow == g.Primary && c.MatchWindow == g.PrimaryMatch
		r.add(&t, text(g.Event), text(g.Rule), text(c.MatchWindow), text(c.AttributionWindow), strconv.FormatBool(primary),
			integer(c.Attributed), integer(c.ValueMicros), integer(g.Conversions))
	}
	return t
}

func (r Report) reconciliationTable() table {
	t := r.table("reconciliation", "source", "surface", "event", "category", "label", "records", "flow_records")
	for _, f := range r.Reconciliation.Flows {
		for _, s := range f.Steps {
			r.add(&t, text(f.Source), text(f.Surface), text(f.Event), text(s.Category), text(s.Label), integer(s.Records), integer(f.Records))
		}
	}
	return t
}

func (r Report) overlapTable() table {
	t := r.table("overlap", "event", "surfaces", "conversions")
	for _, o := range r.Reconciliation.Overlap {
		r.add(&t, text(o.Event), text(o.Surfaces), integer(o.Conversions))
	}
	return t
}

func (r Report) inputTable() table {
	t := r.table("inputs", "source", "file", "sha256", "records", "loaded", "duplicate", "quarantined", "blank")
	for _, f := range r.Provenance.Inputs {
		r.add(&t, text(f.Source), text(f.File), text(f.SHA256), integer(f.Records), integer(f.Loaded), integer(f.Duplicate),
			integer(f.Quarantined), integer(f.Blank))
	}
	return t
}

func (r Report) checkTable() table {
	t := r.table("checks", "check", "label", "status", "value", "detail")
	for _, c := range r.Trust {
		r.add(&t, text(c.Name), text(c.Label), text(c.Status), text(c.Value), text(c.Detail))
	}
	return t
}

func (t table) file() (file, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if err := w.Write(t.header); err != nil {
		return file{}, fmt.Errorf("write table %s: %w", t.name, err)
	}
	if err := w.WriteAll(t.rows); err != nil {
		return file{}, fmt.Errorf("write table %s: %w", t.name, err)
	}
	return file{Name: "tables/" + t.name + ".csv", Data: b.Bytes()}, nil
}
