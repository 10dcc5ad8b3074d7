package source

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// brokenCase is one record that went wrong on its way, and what must become of it.
type brokenCase struct {
	name, line string
	column     string // that the quarantine names, "" for a record that is loaded
	blank      bool   // nothing was in it
	unnamed    bool   // loaded without a canonical event
}

// Every pack meets what every format meets: a payload that is cut off, a wrong type in
// each required field, an event that nobody knows, a key that is there twice, an empty
// list. The base is the first record of the pack's own fixture.
func TestPacksBroken(t *testing.T) {
	inputs, err := filepath.Glob(packDir + "/*/*.*")
	if err != nil {
		t.Fatal(err)
	}
	packs, done := packsOf(t), map[string]bool{}
	for _, input := range inputs {
		name, form := filepath.Base(filepath.Dir(input)), strings.TrimPrefix(filepath.Ext(input), ".")
		p := packs[name]
		if done[name+form] || p == nil || form != "jsonl" && form != "csv" {
			continue
		}
		done[name+form] = true
		t.Run(name+"."+form, func(t *testing.T) {
			text, err := os.ReadFile(input)
			if err != nil {
				t.Fatal(err)
			}
			if form == "jsonl" {
				testBroken(t, name, p.Table, form, "", brokenJSON(t, p, text))
				return
			}
			header, cases := brokenCSV(t, p, text)
			testBroken(t, name, p.Table, form, header, cases)
		})
	}
	if len(done) == 0 {
		t.Error("no fixture")
	}
}

// testBroken loads one file with a line for each case.
func testBroken(t *testing.T, pack, table, form, header string, cases []brokenCase) {
	w := newWorld(t)
	file, first := header, int64(1+strings.Count(header, "\n"))
	for _, c := range cases {
		file += c.line + "\n"
	}
	w.write("broken."+form, file)
	if _, err := w.load(Config{"broken": {Table: table, Format: pack, Files: Globs{"data/*"}, MaxQuarantine: "100%"}}); err != nil {
		t.Fatal(err)
	}
	refused, loaded := map[int64][]string{}, map[int64][]tableRow{}
	for _, r := range w.rows("SELECT line_no, column_name FROM ops.quarantine ORDER BY ALL") {
		line := r.value("line_no").(int64)
		refused[line] = append(refused[line], r.text("column_name"))
	}
	for _, r := range w.rows("SELECT * FROM " + withWords(table)) {
		line := r.value("line_no").(int64)
		loaded[line] = append(loaded[line], r)
	}
	for i, c := range cases {
		columns, rows := refused[first+int64(i)], loaded[first+int64(i)]
		switch {
		case c.blank:
			if len(columns)+len(rows) > 0 {
				t.Errorf("%s: %d rows, quarantined for %v", c.name, len(rows), columns)
			}
		case c.column != "":
			if len(rows) > 0 || !slices.Equal(columns, []string{c.column}) {
				t.Errorf("%s: quarantined for %v, not for %s; %d rows", c.name, columns, c.column, len(rows))
			}
		case len(columns) > 0 || len(rows) != 1:
			t.Errorf("%s: %d rows, quarantined for %v", c.name, len(rows), columns)
		case c.unnamed && (rows[0].text("event_name") != neverHeard || rows[0].value("canonical_name") != nil):
			t.Errorf("%s: became %v, which is %v", c.name, rows[0].value("event_name"), rows[0].value("canonical_name"))
		}
	}
}

const neverHeard = "Never heard of"

// brokenJSON breaks the first event of a file in every way.
func brokenJSON(t *testing.T, p *Pack, text []byte) []brokenCase {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	with := func(change func(line *jsonTree)) string {
		tree := readTree(t, p, line)
		change(tree)
		out, err := json.Marshal(tree.line)
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	whole := with(func(*jsonTree) {})
	cases := []brokenCase{
		{name: "unharmed", line: whole},
		{name: "truncated", line: whole[:len(whole)/2], column: wholeRecord},
		{name: "no object", line: "[" + whole + "]", column: wholeRecord},
		{name: "duplicate key", line: `{"again": 1, "again": 2, ` + whole[1:], column: wholeRecord},
		{name: "empty list", line: `{"sent_at": "2025-09-07T00:00:00Z", "payload": []}`, blank: true},
	}
	if p.Envelope != nil && p.Envelope.Page {
		cases = slices.Delete(cases, 2, 3) // it is a page
	}
	if len(p.Envelope.lists()) > 0 {
		cases = append(cases, brokenCase{name: "empty list of events", blank: true, line: `{"` + strings.ReplaceAll(p.Envelope.List[0], ".", `": {"`) +
			`": []` + strings.Repeat("}", 1+strings.Count(p.Envelope.List[0], "."))})
	}
	for _, spec := range TableColumns(p.Table) {
		if !spec.Required {
			continue
		}
		for _, place := range p.Columns[spec.Name].alternatives() {
			if readTree(t, p, line).at(place.Column) == nil {
				continue
			}
			for _, wrong := range []any{map[string]any{"an": "object"}, []any{"one", "two"}, true} {
				if _, isFlag := wrong.(bool); isFlag && spec.Type != TimeColumn && spec.Type != MoneyColumn {
					continue // a word like any other
				}
				cases = append(cases, brokenCase{name: fmt.Sprintf("%T in %s", wrong, place.Column), column: spec.Name,
					line: with(func(tree *jsonTree) { tree.at(place.Column)(wrong) })})
			}
			if spec.Name == "event_name" {
				cases = append(cases, brokenCase{name: "unknown event name", unnamed: true,
					line: with(func(tree *jsonTree) { tree.at(place.Column)(neverHeard) })})
			}
			break
		}
	}
	return cases
}

func (e *Envelope) lists() []string {
	if e == nil {
		return nil
	}
	return e.List
}

// jsonTree is a line with one event, to be changed.
type jsonTree struct{ line, request, event map[string]any }

// readTree parses a line and leaves of its events the first.
func readTree(t *testing.T, p *Pack, line []byte) *jsonTree {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.UseNumber()
	tree := &jsonTree{}
	if err := dec.Decode(&tree.line); err != nil {
		t.Fatal(err)
	}
	tree.request = tree.line
	if payload, ok := tree.line["payload"].(map[string]any); ok {
		tree.request = payload
	}
	tree.event = tree.request
	for _, path := range p.Envelope.lists() {
		keys := strings.Split(path, ".")
		parent := walk(tree.request, keys[:len(keys)-1])
		switch in := parent[keys[len(keys)-1]].(type) {
		case []any:
			tree.event = in[0].(map[string]any)
			parent[keys[len(keys)-1]] = in[:1]
			return tree
		case map[string]any:
			tree.event = in
			return tree
		}
	}
	return tree
}

// at gives a function that replaces what a plain path leads to, nil where it leads to
// nothing.
func (j *jsonTree) at(path string) func(any) {
	from := j.event
	if rest, ok := strings.CutPrefix(path, "$."); ok {
		from, path = j.request, rest
	}
	keys := strings.Split(path, ".")
	parent := walk(from, keys[:len(keys)-1])
	last := keys[len(keys)-1]
	if parent[last] == nil {
		return nil
	}
	return func(v any) { parent[last] = v }
}

func walk(from map[string]any, keys []string) map[string]any {
	for _, key := range keys {
		from, _ = from[key].(map[string]any)
	}
	return from
}

// brokenCSV breaks the first row of a file in every way that rows know. header is the
// line that names the columns. A total, which a pack skips, is known by what it lacks.
func brokenCSV(t *testing.T, p *Pack, text []byte) (header string, cases []brokenCase) {
	in := csv.NewReader(bytes.NewReader(text))
	in.FieldsPerRecord = -1 // titles stand above some headers
	rows, err := in.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	top := 0
	if p.Rows != nil && p.Rows.Header != "" {
		top = slices.IndexFunc(rows, func(cells []string) bool { return slices.Contains(cells, p.Rows.Header) })
	}
	names, first := rows[top], rows[top+1]
	line := func(cells []string) string {
		var b strings.Builder
		out := csv.NewWriter(&b)
		if err := out.WriteAll([][]string{cells}); err != nil {
			t.Fatal(err)
		}
		return strings.TrimSuffix(b.String(), "\n")
	}
	cases = []brokenCase{
		{name: "unharmed", line: line(first)},
		{name: "truncated", line: line(first[:len(first)/2]), column: wholeRecord},
	}
	for _, spec := range TableColumns(p.Table) {
		places := p.Columns[spec.Name].alternatives()
		if !spec.Required || spec.Name == "platform" || slices.ContainsFunc(places, func(c Column) bool { return c.Constant != "" || strings.HasPrefix(c.Column, "@") }) {
			continue
		}
		missing, wrong, isSkipped := slices.Clone(first), slices.Clone(first), false
		for _, place := range places {
			if i := slices.Index(names, place.Column); i >= 0 {
				missing[i], wrong[i] = "", neverHeard
				isSkipped = isSkipped || p.Rows != nil && p.Rows.Skip[place.Column] != ""
			}
		}
		cases = append(cases, brokenCase{name: "no " + spec.Name, line: line(missing), column: spec.Name, blank: isSkipped})
		switch spec.Type {
		case TimeColumn, DayColumn, MoneyColumn:
			cases = append(cases, brokenCase{name: "a word in " + spec.Name, line: line(wrong), column: spec.Name})
		}
	}
	return line(names) + "\n", cases
}
