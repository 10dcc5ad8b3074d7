package reports

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	reflector "github.com/invopop/jsonschema"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// makeSchema generates results.json's schema from the Go types and their
// comments, with the word lists that Validate enforces.
func makeSchema(t *testing.T) []byte {
	t.Helper()
	r := &reflector.Reflector{AllowAdditionalProperties: true}
	if err := r.AddGoComments("ghostlight", ".", reflector.WithFullComment()); err != nil {
		t.Fatal(err)
	}
	for k, v := range r.CommentMap {
		delete(r.CommentMap, k)
		r.CommentMap[strings.Replace(k, "ghostlight.", "ghostlight/reports.", 1)] = v
	}
	s := r.Reflect(Report{})
	s.Title = "Ghostlight lift report, results.json"
	s.ID = ""
	words := func(list []string) []any {
		out := make([]any, len(list))
		for i, w := range list {
			out[i] = w
		}
		return out
	}
	property := func(def, name string) *reflector.Schema {
		p, ok := s.Definitions[def].Properties.Get(name)
		if !ok {
			t.Fatalf("no property %s.%s", def, name)
		}
		return p
	}
	property("Report", "schema_version").Const = SchemaVersion
	property("Verdict", "state").Enum = words(keys(verdictTones))
	property("Check", "status").Enum = words(keys(checkTones))
	property("Warning", "severity").Enum = words(keys(warningTones))
	for _, def := range []string{"Consent", "ConsentUnits"} {
		property(def, "state").Enum = words(consentStates)
	}
	property("PaymentState", "state").Enum = words(paymentStates)
	property("IdentityDrop", "what").Enum = words([]string{"carrying", "in_crm", "in_graph"})
	property("Gap", "status").Enum = words(keys(gapStatuses))
	property("Consent", "purpose").Enum = words(consentPurposes)
	property("Metric", "kind").Enum = words([]string{"mean", "proportion"})
	for def, names := range map[string][]string{"Number": {"estimate", "lo", "hi", "p"}, "SampleRatio": {"chi_square", "p"}, "Gap": {"ratio", "chart_lo", "chart_hi"}, "Claim": {"ratio", "chart_lo", "chart_hi"}} {
		for _, name := range names {
			p := property(def, name)
			p.Type = ""
			p.OneOf = []*reflector.Schema{{Type: "number"}, {Type: "null"}}
		}
	}
	for def, names := range map[string][]string{"Freshness": {"p50_us", "p95_us", "p99_us"}, "Acceptance": {"limit_us"},
		"Identifier": {"in_crm", "in_graph", "usable", "unusable"}, "MatchWeek": {"in_crm", "in_graph"}, "ConversionCost": {"spend_micros"}, "VerifiedList": {"early_p50_us", "early_p95_us"}} {
		for _, name := range names {
			p := property(def, name)
			p.Type = ""
			p.OneOf = []*reflector.Schema{{Type: "integer"}, {Type: "null"}}
		}
	}
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(data, '\n')
}

func TestSchemaIsThatOfTheTypes(t *testing.T) {
	got := makeSchema(t)
	if *update {
		if err := os.WriteFile("schema.json", got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(got, Schema()) {
		leave(t, "schema.json", got)
		t.Error("schema.json is not what the Go types say; run: go test ./reports -update")
	}
	if !strings.Contains(string(got), "Report is everything a lift report shows") {
		t.Error("the schema carries no descriptions")
	}
}

func validator(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(makeSchema(t)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("results.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("results.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestResultsValidateAgainstTheSchema(t *testing.T) {
	s := validator(t)
	for _, r := range []Report{sample(), mixed(), broken(), noHoldout()} {
		dir := filepath.Join(t.TempDir(), "run")
		if err := Write(dir, r); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(filepath.Join(dir, "results.json"))
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(doc); err != nil {
			t.Errorf("%s: %v", r.Study, err)
		}
	}
}

func TestSchemaRefuses(t *testing.T) {
	s := validator(t)
	data, err := JSON(sample())
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(map[string]any){
		"unknown state":   func(m map[string]any) { m["verdict"].(map[string]any)["state"] = "trending" },
		"missing arms":    func(m map[string]any) { delete(m, "arms") },
		"null list":       func(m map[string]any) { m["metrics"] = nil },
		"text for number": func(m map[string]any) { m["sample_ratio"].(map[string]any)["p"] = "NaN" },
		"other version":   func(m map[string]any) { m["schema_version"] = json.Number("2") },
	} {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		change(doc.(map[string]any))
		if s.Validate(doc) == nil {
			t.Errorf("%s: the schema lets it pass", name)
		}
	}
}
