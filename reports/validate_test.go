package reports

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestValidateNamesEveryFault(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*Report)
		want   string
	}{
		"NaN":               {func(r *Report) { r.Metrics[0].Arms[1].Mean = math.NaN() }, "metrics[0].arms[1].mean is NaN"},
		"Inf behind a link": {func(r *Report) { r.Metrics[1].Contrasts[0].Relative.Hi = ptr(math.Inf(1)) }, "metrics[1].contrasts[0].relative.hi is +Inf"},
		"no reason":         {func(r *Report) { r.KeyFigures[3].Number.NotEstimable = "" }, "key_figures[3].number has no estimate and does not say why"},
		"no interval":       {func(r *Report) { r.Creatives[0].Rate.Lo = nil }, "creatives[0].rate has no interval and does not say why"},
		"turned interval":   {func(r *Report) { n := &r.KeyFigures[0].Number; n.Lo, n.Hi = n.Hi, n.Lo }, "key_figures[0].number has an interval from"},
		"both":              {func(r *Report) { r.KeyFigures[0].Number.HiUnbounded = true }, "both given and unbounded"},
		"no method":         {func(r *Report) { r.KeyFigures[0].Number.Method = "" }, "key_figures[0].number names no method"},
		"grade":             {func(r *Report) { r.KeyFigures[0].Number.Grade = "sure" }, `has grade "sure"`},
		"unit":              {func(r *Report) { r.KeyFigures[0].Number.Unit = "dollars" }, `has unit "dollars"`},
		"level":             {func(r *Report) { r.KeyFigures[0].Number.Level = 95 }, "has an interval at level 95"},
		"state":             {func(r *Report) { r.Verdict.State = "trending" }, `verdict.state is "trending", not one of clear_decrease, clear_increase`},
		"light":             {func(r *Report) { r.Trust[2].Status = "yellow" }, `trust[2].status is "yellow"`},
		"severity":          {func(r *Report) { r.Warnings[0].Severity = "" }, `warnings[0].severity is ""`},
		"payment":           {func(r *Report) { r.Verification.Lists[1].States[0].State = "owed" }, `verification.lists[1].states[0].state is "owed"`},
		"payment sum":       {func(r *Report) { r.Verification.Lists[0].Units++ }, "verification.lists[0] has states that make 15870 of its 15871 units"},
		"claim":             {func(r *Report) { r.Reconciliation.Claims[0].ReportedMicros++ }, "reconciliation.claims[0] has causes that make 1212000000 and 1208500000 millionths of 1212000000 and 1208500001"},
		"claim not known":   {func(r *Report) { r.Reconciliation.Claims[1].FirstUnits = 1 }, "reconciliation.claims[1] is not compared and has a comparison"},
		"change":            {func(r *Report) { r.Changes[0].Kind = "tag" }, `changes[0].kind is "tag", which is no kind of change`},
		"origin":            {func(r *Report) { r.Changes[1].Origin = "heard" }, `changes[1].origin is "heard"`},
		"kind":              {func(r *Report) { r.Metrics[0].Kind = "ratio" }, `metrics[0].kind is "ratio"`},
	} {
		r := sample()
		tt.change(&r)
		dir := filepath.Join(t.TempDir(), "run")
		err := Write(dir, r)
		if !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
		if left, _ := os.ReadDir(filepath.Dir(dir)); len(left) != 0 {
			t.Errorf("%s: something was written", name)
		}
	}
	r := sample()
	r.Verdict.State, r.Warnings[0].Severity = "x", "y"
	if err := Validate(r); !strings.Contains(err.Error(), "verdict.state") || !strings.Contains(err.Error(), "warnings[0]") {
		t.Errorf("not all faults at once: %v", err)
	}
}

func TestMissingListsBecomeEmpty(t *testing.T) {
	in := Report{Verdict: Verdict{State: "not_estimable"}, Metrics: []Metric{{Kind: "mean"}}}
	data, err := JSON(in)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(strings.ReplaceAll(string(data), `"chi_square": null`, ""), "null,\n  \"") || strings.Contains(string(data), `"arms": null`) {
		t.Errorf("a list is null:\n%s", data)
	}
	if !strings.HasSuffix(string(data), "}\n") || !strings.Contains(string(data), `"schema_version": 1`) {
		t.Errorf("results.json: %.60q … %q", data, data[len(data)-4:])
	}
	if in.Metrics[0].Arms != nil || in.SchemaVersion != 0 {
		t.Error("the caller's report was changed")
	}
}

func TestReadJSON(t *testing.T) {
	dir := t.TempDir()
	write := func(text string) string {
		path := filepath.Join(dir, "results.json")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	data, err := JSON(mixed())
	if err != nil {
		t.Fatal(err)
	}
	r, err := ReadJSON(write(string(data)))
	if err != nil {
		t.Fatal(err)
	}
	again, err := JSON(r)
	if err != nil {
		t.Fatal(err)
	}
	if string(again) != string(data) {
		t.Error("results.json changes when it is read and written")
	}
	if _, err := ReadJSON(write(strings.Replace(string(data), `"schema_version": 1`, `"schema_version": 1, "new_field": {"a": 1}`, 1))); err != nil {
		t.Errorf("an added field: %v", err)
	}
	for text, want := range map[string]string{
		`{"schema_version": 2, "arms": "changed"}`: "version 2 and this program knows up to 1",
		`{"study": "x"}`:          "not a results.json",
		`{"schema_version": 1`:    "unexpected EOF",
		`{"schema_version": 1}{}`: "text after the JSON object",
		`[]`:                      "cannot unmarshal",
		``:                        "EOF",
	} {
		_, err := ReadJSON(write(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	if _, err := ReadJSON(write(`{"schema_version": 7}`)); !errors.Is(err, ErrSchemaVersion) {
		t.Errorf("%v is not ErrSchemaVersion", err)
	}
	if _, err := ReadJSON(filepath.Join(dir, "none.json")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}
