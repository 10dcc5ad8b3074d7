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
	name, file string
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
			cases := brokenCSV(t, p, text)
			if form == "jsonl" {
				cases = brokenJSON(t, p, text)
			}
			testBroken(t, name, p.Table, form, cases)
		})
	}
	if len(done) == 0 {
		t.Error("no fixture")
	}
}

func testBroken(t *testing.T, pack, table, form string, cases []brokenCase) {
	w := newWorld(t)
	for i, c := range cases {
		w.write(fmt.Sprintf("%02d.%s", i, form), c.file)
	}
	got, err := w.load(Config{"broken": {Table: table, Format: pack, Files: Globs{"data/*"}, MaxQuarantine: "100%"}})
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range cases {
		l := got[i]
		var columns []string
		for _, r := range w.rows("SELECT column_name FROM ops.quarantine WHERE file_id = ?", l.ID) {
			columns = append(columns, r.text("column_name"))
		}
		switch {
		case c.blank:
			if l.Loaded != 0 || l.Quarantined != 0 || l.Blank != l.Records {
				t.Errorf("%s: %+v", c.name, l)
			}
		case c.column != "":
			if l.Records != 1 || !slices.Equal(columns, []string{c.column}) {
				t.Errorf("%s: quarantined for %v, not for %s: %s", c.name, columns, c.column, l.FirstError)
			}
		case l.Records != 1 || l.Loaded != 1:
			t.Errorf("%s: not loaded: %s", c.name, l.FirstError)
		case c.unnamed:
			r := w.rows("SELECT event_name, canonical_name FROM clean.event WHERE file_id = ?", l.ID)[0]
			if r.text("event_name") != neverHeard || r.value("canonical_name") != nil {
				t.Errorf("%s: became %v", c.name, r.values)
			}
		}
	}
}

const neverHeard = "Never heard of"

// brokenJSON breaks the first event of a file in every way.
func brokenJSON(t *testing.T, p *pack, text []byte) []brokenCase {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	with := func(change func(line *jsonTree)) string {
		tree := readTree(t, p, line)
		change(tree)
		out, err := json.Marshal(tree.line)
		if err != nil {
			t.Fatal(err)
		}
		return string(out) + "\n"
	}
	whole := with(func(*jsonTree) {})
	cases := []brokenCase{
		{name: "unharmed", file: whole},
		{name: "truncated", file: whole[:len(whole)/2] + "\n", column: wholeRecord},
		{name: "no object", file: "[" + strings.TrimSpace(whole) + "]\n", column: wholeRecord},
		{name: "duplicate key", file: `{"again": 1, "again": 2, ` + whole[1:], column: wholeRecord},
		{name: "empty list", file: `{"sent_at": "2025-09-07T00:00:00Z", "payload": []}` + "\n", blank: true},
	}
	if len(p.Envelope.lists()) > 0 {
		cases = append(cases, brokenCase{name: "empty list of events", blank: true, file: `{"` + strings.ReplaceAll(p.Envelope.List[0], ".", `": {"`) +
			`": []` + strings.Repeat("}", 1+strings.Count(p.Envelope.List[0], ".")) + "\n"})
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
					file: with(func(tree *jsonTree) { tree.at(place.Column)(wrong) })})
			}
			if spec.Name == "event_name" {
				cases = append(cases, brokenCase{name: "unknown event name", unnamed: true,
					file: with(func(tree *jsonTree) { tree.at(place.Column)(neverHeard) })})
			}
			break
		}
	}
	return cases
}

func (e *envelope) lists() []string {
	if e == nil {
		return nil
	}
	return e.List
}

// jsonTree is a line with one event, to be changed.
type jsonTree struct{ line, request, event map[string]any }

// readTree parses a line and leaves of its events the first.
func readTree(t *testing.T, p *pack, line []byte) *jsonTree {
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

// brokenCSV breaks the first row of a file in every way that rows know.
func brokenCSV(t *testing.T, p *pack, text []byte) []brokenCase {
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		return nil // no CSV
	}
	header, first := rows[0], rows[1]
	file := func(cells []string) string {
		var b strings.Builder
		out := csv.NewWriter(&b)
		if err := out.WriteAll([][]string{header, cells}); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	cases := []brokenCase{
		{name: "unharmed", file: file(first)},
		{name: "truncated", file: file(first[:len(first)/2]), column: wholeRecord},
	}
	for _, spec := range TableColumns(p.Table) {
		for _, place := range p.Columns[spec.Name].alternatives() {
			i := slices.Index(header, place.Column)
			if !spec.Required || i < 0 || first[i] == "" {
				continue
			}
			wrong := ""
			if spec.Type == TimeColumn || spec.Type == DayColumn || spec.Type == MoneyColumn {
				wrong = neverHeard
			}
			broken := slices.Clone(first)
			broken[i] = wrong
			cases = append(cases, brokenCase{name: place.Column, file: file(broken), column: spec.Name})
			break
		}
	}
	return cases
}
