package warehouse

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

const goodHeader = `-- One row per household, with its arm:
-- two lines of sentence.
-- grain: household
-- key: household_id, arm_id
-- reads: model.household, stage_event
-- params: as_of_us
-- not null: share
--
-- More words: these are not read.
SELECT 1`

func TestParseHeader(t *testing.T) {
	f, err := parseFile("model/unit.sql", goodHeader)
	if err != nil {
		t.Fatal(err)
	}
	if f.Table != "model.unit" || f.Check != "" || f.Grain != "household" || f.Text != goodHeader ||
		f.Sentence != "One row per household, with its arm: two lines of sentence." {
		t.Errorf("%+v", f)
	}
	for name, c := range map[string][2][]string{
		"key":      {f.Key, {"household_id", "arm_id"}},
		"reads":    {f.Reads, {"model.household", "stage_event"}},
		"params":   {f.Params, {"as_of_us"}},
		"not null": {f.NotNull, {"share"}},
	} {
		if !slices.Equal(c[0], c[1]) {
			t.Errorf("%s: %q, want %q", name, c[0], c[1])
		}
	}
	check, err := parseFile("check/model.unit.shares.sql", goodHeader)
	if err != nil || check.Table != "model.unit" || check.Check != "shares" {
		t.Errorf("check file: %+v, %v", check, err)
	}
}

func TestParseHeaderRefuses(t *testing.T) {
	swap := func(old, new string) string { return strings.Replace(goodHeader, old, new, 1) }
	for want, c := range map[string][2]string{
		"a sentence":              {"model/x.sql", swap("-- One row per household, with its arm:\n-- two lines of sentence.\n", "")},
		"ends in a full stop":     {"model/x.sql", swap("sentence.", "sentence")},
		`no "grain:"`:             {"model/x.sql", swap("-- grain: household\n", "")},
		`"grain:" is empty`:       {"model/x.sql", swap("grain: household", "grain:")},
		`no "key:"`:               {"model/x.sql", swap("-- key: household_id, arm_id\n", "")},
		`"none; really" is not`:   {"model/x.sql", swap("household_id, arm_id", "none; really")},
		`no "reads:"`:             {"model/x.sql", swap("-- reads: model.household, stage_event\n", "")},
		`"" is not a name`:        {"model/x.sql", swap("model.household, stage_event", "")},
		`"Model.X" is not a name`: {"model/x.sql", swap("model.household", "Model.X")},
		`no "params:"`:            {"model/x.sql", swap("-- params: as_of_us\n", "")},
		`"$as_of_us" is not`:      {"model/x.sql", swap("as_of_us", "$as_of_us")},
		`"key" twice`:             {"model/x.sql", swap("-- params", "-- key: a\n-- params")},
		`"a" twice`:               {"model/x.sql", swap("household_id, arm_id", "a, a")},
		"want <schema>":           {"raw/x.sql", goodHeader},
		"want <schema>/":          {"check/x.sql", goodHeader},
		"with schema one of":      {"check/raw.x.y.sql", goodHeader},
	} {
		_, err := parseFile(c[0], c[1])
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), c[0]) {
			t.Errorf("%v, want %q with the path", err, want)
		}
	}
	orphan := fstest.MapFS{"check/model.unit.shares.sql": {Data: []byte(goodHeader)}}
	if _, err := readCatalog(orphan); err == nil || !strings.Contains(err.Error(), "no file makes table model.unit") {
		t.Errorf("a check of no table: %v", err)
	}
}

func TestStages(t *testing.T) {
	if got := strings.Join(StageTables(), " "); got != "assignment crm_order event exposure identifier identity_link platform_report serving signal spend" {
		t.Errorf("stages: %s", got)
	}
	if StageColumns("none") != nil {
		t.Error("columns of a stage that is not there")
	}
	columns := StageColumns("spend")
	first, last := columns[0], columns[len(columns)-1]
	if first != (Column{Name: "day", Type: "DATE"}) || last != (Column{Name: "problem", Type: "VARCHAR"}) {
		t.Errorf("columns of spend: %v", columns)
	}
}
