package reports

import (
	"encoding/csv"
	"strings"
	"testing"
)

func TestTextCellsAreInert(t *testing.T) {
	for in, want := range map[string]string{
		"=cmd|' /C calc'!A0":    "'=cmd|' /C calc'!A0",
		"+1":                    "'+1",
		"-2+3":                  "'-2+3",
		"@SUM(A1)":              "'@SUM(A1)",
		"\t=1":                  "'\t=1",
		"\r=1":                  "'\n'=1",
		"\n=1":                  "'\n'=1",
		" =1":                   "' =1",
		"\u00A0=1":              "'\u00A0=1",
		"\u200B\u3000@x":        "'\u200B\u3000@x",
		"\uFEFF+1":              "'\uFEFF+1",
		"＝1+1":                  "'＝1+1",
		"fine\n=HYPERLINK(1)":   "fine\n'=HYPERLINK(1)",
		"fine\r\n  +1":          "fine\n\n'  +1",
		"plain name":            "plain name",
		"a = b":                 "a = b",
		"e-mail":                "e-mail",
		"":                      "",
		"'already":              "'already",
		"Ünïcödé — name, \"q\"": "Ünïcödé — name, \"q\"",
	} {
		if got := text(in); got != want {
			t.Errorf("text(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestTables reads every table back: rows are as wide as the header, and a cell
// that a spreadsheet would run is nowhere but in a number column, where it is a
// number.
func TestTables(t *testing.T) {
	r := sample()
	evil := "=1+1"
	r.Study, r.Run.ID = evil, evil
	r.Creatives[0].Creative, r.Creatives[0].Campaign, r.Creatives[0].Lift.NotEstimable = evil, evil, evil
	r.Metrics[0].Label, r.Metrics[0].From = evil, []string{evil}
	r.Arms[0].Label = evil
	r.Provenance.Inputs[0].File, r.Provenance.Inputs[0].Source = evil, evil
	r.Reconciliation.Flows[0].Source, r.Reconciliation.Flows[0].Steps[0].Label = evil, evil
	r.Reconciliation.Overlap[0].Surfaces = evil
	r.Reconciliation.Gaps[0].First, r.Reconciliation.Gaps[0].Causes[0].Samples[0].Path, r.Reconciliation.Gaps[0].Days[0].Day = evil, evil, evil
	r.Verification.Lists[0].List, r.Verification.Lists[0].States[0].Label, r.Verification.ExcessRefunds[0].Path = evil, evil, evil
	r.Trust[0].Detail = evil
	r.Integrity.Checks[0].Source, r.Integrity.Checks[0].Detail, r.Integrity.Refused[0].Rule, r.Integrity.Currencies[0].Currency, r.Integrity.Versions[0].AppVersion = evil, evil, evil, evil, evil
	r.Integrity.Ranges[0].Samples[0].Path, r.Integrity.Steps[0].Subject = evil, evil
	r.Metrics[0].Contrasts[0].Absolute.Lo = ptr(-0.25)
	names := map[string]bool{}
	for _, tab := range r.tables() {
		f, err := tab.file()
		if err != nil {
			t.Fatal(err)
		}
		names[f.Name] = true
		rows, err := csv.NewReader(strings.NewReader(string(f.Data))).ReadAll()
		if err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		if len(rows) < 2 {
			t.Errorf("%s has no rows", f.Name)
		}
		for _, row := range rows[1:] {
			if row[0] != "'=1+1" {
				t.Errorf("%s: study is %q", f.Name, row[0])
			}
			for i, cell := range row {
				if strings.ContainsRune("=+@", []rune(cell + " ")[0]) {
					t.Errorf("%s: %s is %q", f.Name, rows[0][i], cell)
				}
				if strings.HasPrefix(cell, "-") && cell != "-0.25" {
					if !strings.HasSuffix(rows[0][i], "_lo") {
						t.Errorf("%s: %s is %q", f.Name, rows[0][i], cell)
					}
				}
			}
		}
	}
	for _, want := range []string{"metrics", "arms", "arm_metrics", "creatives", "windows", "reconciliation", "overlap", "gaps", "gap_days", "gap_samples", "stream_checks", "streams", "stream_days", "silences", "completeness", "completeness_versions", "stream_steps", "value_ranges", "value_range_samples", "refused_fields", "currencies", "test_traffic", "inputs", "checks"} {
		if !names["tables/"+want+".csv"] {
			t.Errorf("there is no tables/%s.csv", want)
		}
	}
}

func TestNumbersKeepFullPrecision(t *testing.T) {
	f, err := sample().metricTable().file()
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(f.Data))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]string{}
	for i, name := range rows[0] {
		at[name] = rows[1][i]
	}
	// 14423/564577 - 420/23524, and its Miettinen-Nurminen interval.
	for name, want := range map[string]string{
		"absolute_lo": "0.00587493", "absolute_hi": "0.00936169", "relative_lo": "0.2998523", "relative_hi": "0.5753006",
		"absolute_treatment_n": "564577", "absolute_control_n": "23524",
	} {
		if at[name] != want {
			t.Errorf("%s is %q, want %q", name, at[name], want)
		}
	}
	if got := at["absolute_estimate"]; !strings.HasPrefix(got, "0.00769245") || len(got) < 17 {
		t.Errorf("absolute_estimate is %q", got)
	}
}
