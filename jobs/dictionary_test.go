package jobs

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func writeDictionary(t *testing.T, events string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), eventsFile)
	if err := os.WriteFile(file, []byte("version: 1\nevents:\n"+events), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// oneEvent is a dictionary that the tests change one thing of.
const oneEvent = `  purchase:
    stage: purchase
    crm: [verified, pending]
    required: [value, currency]
    optional: [order_id]
    aliases: {meta: [Purchase, Buy], generic/app: [sold]}
`

// TestDictionaryHash: what is a set may stand in any order, defaults may be written
// out, and whatever else changes is another dictionary and a line of the diff.
func TestDictionaryHash(t *testing.T) {
	for _, c := range []struct {
		name, old, now string
		want           []string // lines of the diff; none: the same hash
	}{
		{"comment", "stage: purchase", "stage: purchase # paid", nil},
		{"order of states", "[verified, pending]", "[pending, verified]", nil},
		{"order of parameters", "[value, currency]", "[currency, value]", nil},
		{"order of aliases", "[Purchase, Buy]", "[Buy, Purchase]", nil},
		{"order of platforms", "meta: [Purchase, Buy], generic/app: [sold]", "generic/app: [sold], meta: [Purchase, Buy]", nil},
		{"platform without aliases", "generic/app: [sold]", "generic/app: [sold], roku: []", nil},
		{"defaults written out", "stage: purchase", "stage: purchase\n    version: 1\n    value_rule: net\n    counting: every", nil},
		{"counting", "stage: purchase", "stage: purchase\n    counting: per_unit", []string{"changed purchase counting: every -> per_unit"}},
		{"least of a range", "stage: purchase", "stage: purchase\n    ranges: {value: {max: 3}}",
			[]string{"changed purchase ranges.value: none -> 0 to 3"}},
		{"owner", "stage: purchase", "stage: purchase\n    owner: shop",
			[]string{"changed purchase owner: none -> shop"}},
		{"fixed value", "stage: purchase", "stage: purchase\n    value_rule: fixed\n    fixed_value: 12.5",
			[]string{"changed purchase fixed_value: none -> 12.5", "changed purchase value_rule: net -> fixed"}},
		{"fixed value of zero", "stage: purchase", "stage: purchase\n    value_rule: fixed\n    fixed_value: 0",
			[]string{"changed purchase fixed_value: none -> 0", "changed purchase value_rule: net -> fixed"}},
		{"stage and version", "stage: purchase", "stage: checkout\n    version: 2",
			[]string{"changed purchase stage: purchase -> checkout", "changed purchase version: 1 -> 2"}},
		{"surface", "generic/app", "generic",
			[]string{`changed purchase aliases.generic: none -> ["sold"]`, `changed purchase aliases.generic/app: ["sold"] -> none`}},
		{"name with a comma", "[Purchase, Buy]", `["Buy, Purchase"]`,
			[]string{`changed purchase aliases.meta: ["Buy", "Purchase"] -> ["Buy, Purchase"]`}},
		{"parameter", "    optional: [order_id]\n", "",
			[]string{"changed purchase optional: [order_id] -> none"}},
		{"another event", "  purchase:", "  lead: {stage: lead}\n  visit: {stage: visit}\n  purchase:",
			[]string{"added lead", "added visit"}},
		{"another name", "  purchase:", "  order:",
			[]string{"added order", "removed purchase"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if !strings.Contains(oneEvent, c.old) {
				t.Fatalf("nothing to change: %q", c.old)
			}
			read, err := ReadDictionaries(writeDictionary(t, oneEvent), writeDictionary(t, strings.Replace(oneEvent, c.old, c.now, 1)))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, change := range DiffDictionaries(read[0], read[1]) {
				got = append(got, change.String())
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
			if same := read[0].SHA256 == read[1].SHA256; same != (c.want == nil) {
				t.Errorf("the hash is the same: %t", same)
			}
			if len(read[0].SHA256) != 64 {
				t.Errorf("hash %q", read[0].SHA256)
			}
		})
	}
}

// TestDictionaryOfWorkspace: what reports name is what the dictionary by itself has.
func TestDictionaryOfWorkspace(t *testing.T) {
	read, err := ReadDictionaries(goodConfig)
	if err != nil {
		t.Fatal(err)
	}
	if got := loadGood(t).DictionaryHash(); got != read[0].SHA256 {
		t.Errorf("the workspace has %s, its file %s", got, read[0].SHA256)
	}
}

// TestEveryFieldIsCompared: a field of an event that the diff leaves out would change
// the hash and nobody could see why.
func TestEveryFieldIsCompared(t *testing.T) {
	read, err := ReadDictionaries(writeDictionary(t, `  lead:
    owner: sales
    version: 3
    stage: lead
    crm: [pending]
    required: [event_id]
    optional: [value]
    ranges: {value: {max: 10}}
    value_rule: fixed
    fixed_value: 4
    aliases: {meta: [Lead]}
`))
	if err != nil {
		t.Fatal(err)
	}
	var compared []string
	for field := range read[0].Events["lead"].fields() {
		field, _, _ = strings.Cut(field, ".")
		compared = append(compared, field)
	}
	for i := range reflect.TypeFor[Event]().NumField() {
		name, _, _ := strings.Cut(reflect.TypeFor[Event]().Field(i).Tag.Get("yaml"), ",")
		if !slices.Contains(compared, name) {
			t.Errorf("field %s is not compared", name)
		}
	}
}

// TestDictionaryRows: a platform's alias is one on each of its surfaces, and only a
// fixed value takes the place of what records state.
func TestDictionaryRows(t *testing.T) {
	events, aliases, orders := loadGood(t).dictionaryRows()
	quarter := int64(250_000)
	wantEvents := []eventRuleRow{
		{1, "app_open", "visit", 0, 0, 0, 0, 0, &quarter, 0},
		{2, "purchase", "purchase", 1, 1, 0, 1, 1, nil, 1},
		{3, "visit", "visit", 0, 0, 0, 0, 0, nil, 0},
	}
	if diff := cmp.Diff(wantEvents, events); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	var got []eventAliasRow
	for _, a := range aliases {
		if a.Platform == "meta" {
			got = append(got, a)
		}
	}
	wantAliases := []eventAliasRow{
		{"meta", "app", "Open", 1}, {"meta", "pixel", "AppOpen", 1},
		{"meta", "pixel", "Purchase", 2}, {"meta", "server", "Purchase", 2}, {"meta", "app", "Purchase", 2}, {"meta", "analytics", "Purchase", 2},
		{"meta", "pixel", "PageView", 3}, {"meta", "server", "PageView", 3}, {"meta", "app", "PageView", 3}, {"meta", "analytics", "PageView", 3},
	}
	if diff := cmp.Diff(wantAliases, got); diff != "" {
		t.Errorf("aliases of meta (-want +got):\n%s", diff)
	}
	if len(orders) == 0 || orders[0].EventNo != 2 {
		t.Errorf("orders %v", orders)
	}
}

// TestMeanOfFixedValue: an event of a fixed value has a mean, whatever its records
// must carry.
func TestMeanOfFixedValue(t *testing.T) {
	for rule, valid := range map[string]bool{"value_rule: fixed\n    fixed_value: 40": true, "value_rule: net": false} {
		dir := t.TempDir()
		if err := os.CopyFS(dir, os.DirFS(goodConfig)); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, eventsFile)
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		now := strings.NewReplacer("required: [value, currency, event_id]", "required: [event_id]", "value_rule: gross", rule).Replace(string(text))
		if err := os.WriteFile(file, []byte(now), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadWorkspace(dir); (err == nil) != valid {
			t.Errorf("%s: %v", rule, err)
		}
	}
}
