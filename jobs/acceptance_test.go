package jobs

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"ghostlight/analysis/simulate"
	"ghostlight/fixtures"
	"ghostlight/reports"
)

// testKey keys the identifiers of every test workspace, so that a rerun in
// another folder gives the same bytes.
const testKey = "only for tests: 0123456789abcdef"

func testOptions() OpenOptions {
	clock := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	return OpenOptions{
		Command: "test", CodeVersion: "test",
		Now:    func() time.Time { clock = clock.Add(time.Millisecond); return clock },
		Env:    func(name string) (string, bool) { return testKey, name == "GHOSTLIGHT_KEY" },
		Random: strings.NewReader(strings.Repeat("k", 64)),
	}
}

// runStudy opens the workspace, makes one report and returns it as results.json
// holds it.
func runStudy(t testing.TB, dir, study, asOf string) reports.Report {
	t.Helper()
	at, err := time.Parse(time.DateOnly, asOf)
	if err != nil {
		t.Fatal(err)
	}
	engine, err := Open(context.Background(), dir, testOptions())
	if err != nil {
		t.Fatal(err)
	}
	result, err := engine.Run(context.Background(), RunRequest{Study: study, AsOf: at})
	if err := errors.Join(err, engine.Close()); err != nil {
		t.Fatal(err)
	}
	return readReport(t, filepath.Join(dir, outFolder, study, result.RunID, "results.json"))
}

func readReport(t testing.TB, path string) (report reports.Report) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &report); err != nil {
		t.Fatal(err)
	}
	return report
}

// TestAdPSA is the real randomized trial of ads against public-service ads,
// 588,101 users, from files to report.
func TestAdPSA(t *testing.T) {
	if testing.Short() {
		t.Skip("left out with -short: the ad/PSA trial, 588,101 users")
	}
	dir := t.TempDir()
	if err := fixtures.AdPSA(dir); err != nil {
		t.Fatal(err)
	}
	report := runStudy(t, dir, "ad_psa", "2026-03-02")
	wantFigures(t, report, "../fixtures/ad_psa/want/expected.csv")
	if report.Verdict.State != "clear_increase" {
		t.Errorf("verdict %s: %s", report.Verdict.State, report.Verdict.Sentence)
	}
}

// TestHillstrom is the real randomized trial of two e-mail creatives against a
// holdout, 64,000 customers.
func TestHillstrom(t *testing.T) {
	const public = "../../shared/data/hillstrom.csv.gz"
	if _, err := os.Stat(public); errors.Is(err, fs.ErrNotExist) {
		t.Skip("left out: the Hillstrom trial; its public file is not there (make hillstrom FILE=... runs it from wherever you have it)")
	}
	dir := t.TempDir()
	if _, err := fixtures.Hillstrom(public, dir); err != nil {
		t.Fatal(err)
	}
	report := runStudy(t, dir, "hillstrom", "2008-04-15")
	wantFigures(t, report, "../fixtures/hillstrom/want/expected.csv")
	for _, c := range report.Creatives {
		if !c.IsRandomized || c.Lift.Estimate == nil || c.Lift.Grade != "randomized" {
			t.Errorf("creative %s was a randomized arm and is shown as %+v", c.Creative, c)
		}
	}
}

// wantFigures compares a report with a scenario's expected.csv.
func wantFigures(t *testing.T, report reports.Report, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) < 10 {
		t.Fatalf("%s holds %d figures", file, len(rows)-1)
	}
	for _, row := range rows[1:] {
		want, tolerance := number(t, row[3]), number(t, row[4])
		got, ok := figure(report, row[0], row[1], row[2])
		if !ok {
			t.Errorf("the report has no %s of %s %s", row[2], row[0], row[1])
		} else if !(math.Abs(got-want) <= tolerance) {
			t.Errorf("%s of %s %s is %.17g, want %s within %s (%s)", row[2], row[0], row[1], got, row[3], row[4], row[5])
		}
	}
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// figure finds one figure of a report by the words of expected.csv.
func figure(report reports.Report, metric, arm, name string) (float64, bool) {
	at := func(x *float64) (float64, bool) {
		if x == nil {
			return 0, false
		}
		return *x, true
	}
	switch name {
	case "srm_chi2":
		return at(report.SampleRatio.ChiSquare)
	case "srm_p":
		return at(report.SampleRatio.P)
	}
	for _, m := range report.Metrics {
		if m.Name != metric {
			continue
		}
		for _, a := range m.Arms {
			if a.Arm != arm {
				continue
			}
			switch name {
			case "units":
				return float64(a.Units), true
			case "count":
				return float64(a.Converters), true
			case "rate", "mean":
				return a.Mean, true
			case "sum_micros":
				return float64(a.SumMicros), true
			}
		}
		for _, c := range m.Contrasts {
			if c.Arm != arm {
				continue
			}
			quantity, end, _ := strings.Cut(name, "_")
			n, ok := map[string]reports.Number{"absolute": c.Absolute, "relative": c.Relative, "incremental": c.Incremental}[quantity]
			if !ok {
				return 0, false
			}
			switch end {
			case "":
				return at(n.Estimate)
			case "lo":
				return at(n.Lo)
			case "hi":
				return at(n.Hi)
			}
		}
	}
	return 0, false
}

// TestKnownEffect runs the committed simulated campaign and finds, by counting
// in the warehouse, exactly what was planted.
func TestKnownEffect(t *testing.T) {
	dir := copyFixture(t)
	report := runStudy(t, dir, "ctv_known_effect", "2026-11-23")
	wantTruth(t, report, dir)
	wantCauses(t, report, readTruth(t, dir))
	wantPayments(t, report, readTruth(t, dir))
	wantCoverage(t, report, readTruth(t, dir))
	for _, w := range []string{"absolute", "relative"} {
		lo, _ := figure(report, "purchase", "treatment", w+"_lo")
		hi, _ := figure(report, "purchase", "treatment", w+"_hi")
		truth := readTruth(t, dir).Lift
		planted := map[string]float64{"absolute": truth.Absolute, "relative": truth.Relative}[w]
		if !(lo <= planted && planted <= hi) {
			t.Errorf("the %s interval %v to %v does not cover the true %v", w, lo, hi, planted)
		}
	}
}

func copyFixture(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../fixtures/ctv_known_effect")); err != nil {
		t.Fatal(err)
	}
	return dir
}

func readTruth(t testing.TB, dir string) (truth simulate.Truth) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "truth.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &truth); err != nil {
		t.Fatal(err)
	}
	return truth
}

// wantTruth compares every count that was planted with the report's.
func wantTruth(t testing.TB, report reports.Report, dir string) {
	t.Helper()
	truth := readTruth(t, dir)
	step := func(category string) (n int64) {
		for _, flow := range report.Reconciliation.Flows {
			if flow.Surface == "crm" {
				continue
			}
			for _, s := range flow.Steps {
				if s.Category == category {
					n += s.Records
				}
			}
		}
		return n
	}
	type count struct {
		what      string
		got, want int64
	}
	counts := []count{
		{"duplicates", step("duplicate"), truth.Planted.Duplicates.Records},
		{"staging events", step("staging"), truth.Planted.Staging.Records},
		{"undefined events", step("undefined_event"), truth.Planted.Undefined.Records},
		{"events with missing parameters", step("missing_parameters"), truth.Planted.Missing.Records},
	}
	for _, flow := range report.Reconciliation.Flows {
		if flow.Surface != "crm" {
			continue
		}
		for _, s := range flow.Steps {
			if s.Category == "outside_window" {
				counts = append(counts, count{"verified orders outside the window", s.Records, truth.Planted.Outside.Conversions})
			}
		}
	}
	overlap := map[string]int64{}
	for _, o := range report.Reconciliation.Overlap {
		if o.Event == "purchase" {
			overlap[o.Surfaces] = o.Conversions
		}
	}
	c := truth.Conversions
	counts = append(counts,
		count{"late events", shown(report, "freshness"), truth.Planted.Late},
		count{"shared IPs and false links", shown(report, "identity"), truth.Planted.SharedIPs.Keys + truth.Planted.FalseLinks},
		count{"conversions of pixel only", overlap["pixel"], c.Pixel},
		count{"conversions of server only", overlap["server"], c.Server},
		count{"conversions of CRM only", overlap["crm"], c.CRM},
		count{"conversions of pixel and CRM", overlap["pixel+crm"], c.PixelCRM},
		count{"conversions of server and CRM", overlap["server+crm"], c.ServerCRM},
		count{"conversions of all three", overlap["pixel+server+crm"], c.All},
	)
	for _, arm := range truth.Arms {
		for _, m := range report.Metrics {
			for _, a := range m.Arms {
				if a.Arm == arm.Name {
					counts = append(counts,
						count{m.Name + " units of " + a.Arm, a.Units, arm.Households},
						count{m.Name + " buyers of " + a.Arm, a.Converters, arm.PaidBuyers},
						count{m.Name + " orders of " + a.Arm, a.Conversions, arm.PaidOrders},
						count{m.Name + " value of " + a.Arm, a.SumMicros, arm.KeptMicros})
				}
			}
		}
	}
	for _, c := range counts {
		if c.got != c.want {
			t.Errorf("%s: counted %d, planted %d", c.what, c.got, c.want)
		}
	}
}

// shown is the count at the start of a trust light's detail; for identity, of
// both its counts.
func shown(report reports.Report, name string) (n int64) {
	for _, light := range report.Trust {
		if light.Name != name {
			continue
		}
		for clause := range strings.SplitSeq(light.Detail, ", and ") {
			var first int64
			if _, err := fmt.Sscanf(strings.ReplaceAll(clause, ",", ""), "%d", &first); err == nil {
				n += first
			}
		}
	}
	return n
}
