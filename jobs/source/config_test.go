package source

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestKeyRef(t *testing.T) {
	for _, text := range []string{"env:GHOSTLIGHT_KEY", "file:.ghostlight/key", "file:/run/secrets/key"} {
		var k KeyRef
		if err := k.UnmarshalText([]byte(text)); err != nil || k.String() != text {
			t.Errorf("%s: %v %v", text, k, err)
		}
	}
	for _, text := range []string{"", "hunter2", "env:", "env:a b", "env:hunter2=", "file:", "file:../hunter2", "file:a\nhunter2", "FILE:hunter2"} {
		k := DefaultIdentity().Key
		err := k.UnmarshalText([]byte(text))
		if err == nil {
			t.Errorf("%q is taken as %v", text, k)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the secret is repeated: %v", err)
		}
		if k != DefaultIdentity().Key {
			t.Errorf("%q leaves %v behind", text, k)
		}
	}
}

func TestNormalise(t *testing.T) {
	c := Config{
		"capi":   {Table: "event", Format: "meta_capi", Files: Globs{"data/a"}},
		"orders": {Table: "crm_order", Format: "shopify_orders", Files: Globs{"data/b"}},
		"pixel": {Table: "event", Format: "jsonl", Files: Globs{"data/c"}, Surface: "app", Columns: map[string]Column{
			"event_name":    {Column: "name"},
			"occurred_at":   {Column: "at"},
			"received_at":   {Column: "got", Time: EpochMilli},
			"value":         {Column: "total"},
			"email_key":     {Column: "mail"},
			"ip_key":        {Column: "ip", ID: SHA256},
			"household_key": {Column: "hh"},
		}},
		"links": {Table: "identity_link", Format: "csv", Files: Globs{"data/d"}, Columns: map[string]Column{
			"id_type": {Column: "type"}, "id_key": {Column: "id"}, "household_key": {Column: "hh"}, "last_seen_at": {Column: "at"},
		}},
		"spend": {Table: "spend", Format: "csv", Files: Globs{"data/e"}, Columns: map[string]Column{
			"day": {Column: "day"}, "spend": {Column: "cost", Unit: Cents}, "currency": {Constant: "USD"},
		}},
	}
	c = c.With(packsOf(t))
	if problems := c.Validate([]string{"data"}, packsOf(t)); len(problems) > 0 {
		t.Fatal(problems)
	}
	got := c.Normalise()
	want := Config{
		"capi":   {Table: "event", Format: "meta_capi", Files: Globs{"data/a"}, Surface: "server", Platform: "meta", Columns: map[string]Column{}},
		"orders": {Table: "crm_order", Format: "shopify_orders", Files: Globs{"data/b"}, Columns: map[string]Column{}},
		"pixel": {Table: "event", Format: "jsonl", Files: Globs{"data/c"}, Surface: "app", Platform: "generic", Columns: map[string]Column{
			"event_name":    {Column: "name"},
			"occurred_at":   {Column: "at", Time: ISO},
			"received_at":   {Column: "got", Time: EpochMilli},
			"value":         {Column: "total", Unit: Units},
			"email_key":     {Column: "mail", ID: Email, Hash: Plain},
			"ip_key":        {Column: "ip", ID: SHA256},
			"household_key": {Column: "hh", ID: Opaque},
		}},
		"links": {Table: "identity_link", Format: "csv", Files: Globs{"data/d"}, Columns: map[string]Column{
			"id_type": {Column: "type"}, "id_key": {Column: "id", ID: ByType}, "household_key": {Column: "hh", ID: Opaque},
			"last_seen_at": {Column: "at", Time: ISO},
		}},
		"spend": {Table: "spend", Format: "csv", Files: Globs{"data/e"}, Columns: map[string]Column{
			"day": {Column: "day", Time: Date}, "spend": {Column: "cost", Unit: Cents}, "currency": {Constant: "USD"},
		}},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(Source{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, got.Normalise(), cmpopts.IgnoreUnexported(Source{})); diff != "" {
		t.Errorf("a second time (-want +got):\n%s", diff)
	}
}

// TestTables: every table has columns with distinct names, and every format
// fills a table that exists.
func TestTables(t *testing.T) {
	for _, table := range Tables() {
		seen, required := map[string]bool{}, 0
		for _, c := range TableColumns(table) {
			if seen[c.Name] || !identifier.MatchString(c.Name) || (c.Type == EnumColumn || c.Type == ConsentColumn) != (len(c.Enum) > 0) {
				t.Errorf("%s.%+v", table, c)
			}
			seen[c.Name] = true
			if c.Required {
				required++
			}
		}
		if required == 0 {
			t.Errorf("%s requires nothing", table)
		}
	}
	if TableColumns("nothing") != nil {
		t.Error("an unknown table has columns")
	}
}

// The single faults of a section are files in the workspace's own tests; here
// are the rules that decide what may be read.
func TestFilesStayBelowRoots(t *testing.T) {
	for _, c := range []struct {
		glob string
		ok   bool
	}{
		{"data/a.csv", true}, {"data/*/a.csv", true}, {"./data//x/*.csv", true}, {"more/in/a", true},
		{"data", false}, {"database/a", false}, {"more/out/a", false}, {"*/a.csv", false}, {"dat?/a", false},
		{"", false}, {"/data/a", false}, {"data/../a", false}, {"../data/a", false}, {`data\a`, false},
		{"data/a\x00b", false}, {"C:/a", false}, {"data/[a", false}, {"data/**/a", false},
	} {
		v := &validation{}
		v.files("s", Globs{c.glob}, []string{"data", "more/in"})
		if ok := len(v.problems) == 0; ok != c.ok {
			t.Errorf("%q: %v", c.glob, v.problems)
		}
	}
}
