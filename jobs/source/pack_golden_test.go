package source

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ghostlight/jobs/warehouse"

	"github.com/goccy/go-yaml"
	gocmp "github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the goldens anew")

// packDir has a folder for each pack. Every file in it is an input, but for
//
//	want.txt          what the inputs become, written anew by -update
//	source.yaml       keys of the source (names: ...) beside files; without it, format: auto
//	NAME.parquet.sql  the query whose rows are the input NAME.parquet
//
// identifiers.txt lists the people of all inputs, one identifier a line, so that the
// key of a hash is shown as the person it was made of.
const packDir = "testdata/packs"

// modified is when the inputs were last written, for packs that look at it.
var modified = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// Every pack, on payloads written from its format's field table, gives the clean
// rows of its golden, found by detection.
func TestPackGoldens(t *testing.T) {
	dirs, err := os.ReadDir(packDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range dirs {
		if !dir.IsDir() {
			continue
		}
		t.Run(dir.Name(), func(t *testing.T) {
			at := filepath.Join(packDir, dir.Name())
			w, src := newWorld(t), Source{Format: AutoFormat}
			var inputs [][]byte
			entries, err := os.ReadDir(at)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range entries {
				text, err := os.ReadFile(filepath.Join(at, e.Name()))
				if err != nil {
					t.Fatal(err)
				}
				switch name := e.Name(); {
				case name == "want.txt":
				case name == "source.yaml":
					if err := yaml.UnmarshalWithOptions(text, &src, yaml.Strict()); err != nil {
						t.Fatal(err)
					}
				case strings.HasSuffix(name, ".parquet.sql"):
					w.parquet(strings.TrimSuffix(name, ".sql"), string(text))
					inputs = append(inputs, text)
				default:
					w.write(name, string(text))
					inputs = append(inputs, text)
				}
			}
			got := w.golden(src, inputs...)
			if want := "pack " + dir.Name() + "\n"; src.Format == AutoFormat && strings.Count(got, want) != strings.Count(got, "\npack ") {
				t.Errorf("detection found another pack than %s:\n%s", dir.Name(), got)
			}
			golden(t, filepath.Join(at, "want.txt"), got)
		})
	}
}

// A platform's own sample is loaded by the pack that detection finds. A golden in
// testdata/samples names the sample; an empty one is filled by -update.
func TestSampleGoldens(t *testing.T) {
	const dir = "../../../shared/data/capi-samples"
	goldens, err := filepath.Glob("testdata/samples/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range goldens {
		name := strings.TrimSuffix(filepath.Base(want), ".txt")
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join(dir, name+".jsonl"))
			if errors.Is(err, fs.ErrNotExist) {
				t.Skip("left out: " + dir + "/" + name + ".jsonl is not there")
			}
			if err != nil {
				t.Fatal(err)
			}
			w := newWorld(t)
			w.write(name+".jsonl", string(text))
			golden(t, want, w.golden(Source{Format: AutoFormat}, text))
		})
	}
}

// golden compares with a file, or writes it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got; -update writes it anew):\n%s", name, diff)
	}
}

// golden loads every file in data/ and writes down what became of it. Of the inputs
// and the people it only learns what to call a key.
func (w *world) golden(src Source, inputs ...[]byte) string {
	w.t.Helper()
	files, err := filepath.Glob(filepath.Join(w.dir, "data", "*"))
	if err != nil {
		w.t.Fatal(err)
	}
	for _, f := range files {
		if err := os.Chtimes(f, modified, modified); err != nil {
			w.t.Fatal(err)
		}
	}
	src.Files, src.MaxQuarantine = Globs{"data/*"}, "100%"
	loaded, err := w.load(Config{"golden": src})
	if err != nil {
		var above *ToleranceError
		if !errors.As(err, &above) {
			w.t.Fatal(err)
		}
	}
	names := w.keyNames(inputs)
	var out strings.Builder
	for i, l := range loaded {
		if i > 0 {
			out.WriteByte('\n')
		}
		fmt.Fprintf(&out, "file %s: %d records, %d loaded, %d duplicate, %d quarantined, %d blank\n",
			strings.TrimPrefix(l.Path, "data/"), l.Records, l.Loaded, l.Duplicate, l.Quarantined, l.Blank)
		fmt.Fprintf(&out, "pack %s\n", w.packOf(src, l.File))
		for _, b := range w.blocks(l, names) {
			fmt.Fprintf(&out, "\n%s", b)
		}
	}
	return out.String()
}

// packOf is the format that a file was read as.
func (w *world) packOf(src Source, f File) string {
	w.t.Helper()
	roots, err := OpenRoots(w.dir, []string{"data"})
	if err != nil {
		w.t.Fatal(err)
	}
	defer roots.Close()
	err = w.db.Transact(w.t.Context(), func(tx *warehouse.Tx) (err error) {
		src, err = Request{Source: src.with(packsOf(w.t)), File: f, Roots: roots, Keyer: w.keyer}.resolve(w.t.Context(), tx)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return src.Format
}

// unshown columns say nothing of a mapping.
var unshown = []string{"source", "file_id", "row_key", "occurred_us", "ordered_us", "exposed_us"}

// blocks writes each row and each quarantined record of a file, in the order of its
// lines.
func (w *world) blocks(l Loaded, names map[string]map[string]string) []string {
	w.t.Helper()
	type block struct {
		line int64
		text string
	}
	var blocks []block
	further := map[string][]string{}
	for _, r := range w.rows("SELECT row_key, id_type, hash_rule, id_key FROM clean.identifier WHERE file_id = ? ORDER BY ALL", l.ID) {
		kind, key := r.text("id_type"), r.text("row_key")
		further[key] = append(further[key], fmt.Sprintf("  also %s: %s\n", kind, keyName(names, kind, r.text("id_key"))))
	}
	for _, r := range w.rows("SELECT * FROM "+withWords(l.Table)+" WHERE file_id = ?", l.ID) {
		var b strings.Builder
		line := r.value("line_no").(int64)
		fmt.Fprintf(&b, "line %d\n", line)
		for i, c := range r.columns {
			v := r.values[i]
			if v == nil || c == "line_no" || slices.Contains(unshown, c) {
				continue
			}
			text := fmt.Sprint(v)
			switch {
			case strings.HasSuffix(c, "_key"):
				kind := strings.TrimSuffix(c, "_key")
				if kind == "id" {
					kind = r.text("id_type")
				}
				text = keyName(names, kind, text)
			case c == "accept_us":
				text = (time.Duration(v.(int64)) * time.Microsecond).String()
			case strings.HasSuffix(c, "_us"):
				text = time.UnixMicro(v.(int64)).UTC().Format(time.RFC3339Nano)
			case c == "day":
				text = v.(time.Time).Format(time.DateOnly)
			}
			if at, ok := v.(time.Time); ok && c != "day" {
				text = at.UTC().Format(time.RFC3339Nano)
			}
			fmt.Fprintf(&b, "  %s: %s\n", c, text)
		}
		if key, ok := r.find("row_key"); ok {
			also := further[key.(string)]
			slices.Sort(also)
			b.WriteString(strings.Join(also, ""))
		}
		blocks = append(blocks, block{line, b.String()})
	}
	for _, r := range w.rows("SELECT line_no, ordinal, column_name, rule, excerpt FROM ops.quarantine WHERE file_id = ?", l.ID) {
		line := r.value("line_no").(int64)
		blocks = append(blocks, block{line, fmt.Sprintf("line %d\n  quarantined: %s: %s\n", line, r.text("column_name"), r.text("rule"))})
	}
	slices.SortFunc(blocks, func(a, b block) int {
		return cmp.Or(cmp.Compare(a.line, b.line), strings.Compare(a.text, b.text))
	})
	var out []string
	for _, b := range blocks {
		out = append(out, b.text)
	}
	return out
}

// keyName is what a key stands for, as the inputs have it and under which hash rule.
func keyName(names map[string]map[string]string, kind, key string) string {
	if name := names[kind][key]; name != "" {
		return name
	}
	if name := names["other"][key]; name != "" {
		return name
	}
	return "a key of nothing in the inputs"
}

// keyNames gives, by kind of identifier and by key, what every text of the inputs
// and every person would be.
func (w *world) keyNames(inputs [][]byte) map[string]map[string]string {
	w.t.Helper()
	people, err := os.ReadFile(packDir + "/identifiers.txt")
	if err != nil {
		w.t.Fatal(err)
	}
	hashOf := map[string]string{}
	texts := []string{}
	for _, person := range strings.Fields(string(people)) {
		texts = append(texts, person)
		forms := phoneForms
		if strings.Contains(person, "@") {
			forms = emailForms
		}
		normal := strings.TrimPrefix(person, "+")
		for _, f := range slices.Backward(forms) {
			sum := sha256.Sum256([]byte(f.write(normal)))
			hashOf[hex.EncodeToString(sum[:])] = fmt.Sprintf("SHA-256 of %s", f.write(normal))
		}
	}
	for _, in := range inputs {
		texts = append(texts, textsOf(in)...)
	}
	names := map[string]map[string]string{}
	add := func(kind string, rule IDRule, hash HashRule, text string) {
		keys, _ := w.keyer.Keys(rule, hash, text)
		for _, key := range keys {
			name := text
			if of := hashOf[strings.ToLower(text)]; of != "" {
				name = of
			} else if len(text) > 60 {
				name = text[:8] + "..."
			}
			if key.Hash != "" {
				name += " (" + string(key.Hash) + ")"
			}
			if names[kind] == nil {
				names[kind] = map[string]string{}
			}
			if names[kind][key.ID] == "" {
				names[kind][key.ID] = name
			}
		}
	}
	for _, text := range texts {
		for _, hash := range []HashRule{Plain, Gmail, Bare, Untagged} {
			add("email", Email, hash, text)
		}
		for _, hash := range []HashRule{Digits, Plus} {
			add("phone", Phone, hash, text)
		}
		add("ip", IP, "", text)
		add("device", Device, "", text)
		add("other", Opaque, "", text)
	}
	return names
}

// textsOf are the texts of an input: of JSON every string, of CSV every cell, of a
// query every word between quotes.
func textsOf(in []byte) []string {
	var texts []string
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for _, key := range sortedKeys(v) {
				walk(v[key])
			}
		case []any:
			for _, e := range v {
				walk(e)
			}
		case string:
			texts = append(texts, v)
			var inner any
			if json.Unmarshal([]byte(v), &inner) == nil {
				walk(inner)
			}
		case json.Number:
			texts = append(texts, v.String())
		}
	}
	lines := bufio.NewScanner(bytes.NewReader(in))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if !bytes.HasPrefix(lines.Bytes(), []byte("{")) && !bytes.HasPrefix(lines.Bytes(), []byte("[")) {
			continue // a row of CSV may begin with a number
		}
		dec := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		dec.UseNumber()
		var v any
		if dec.Decode(&v) == nil {
			walk(v)
		}
	}
	if len(texts) > 0 {
		return texts
	}
	cells := csv.NewReader(bytes.NewReader(in))
	cells.FieldsPerRecord = -1
	if rows, err := cells.ReadAll(); err == nil {
		for _, row := range rows {
			texts = append(texts, row...)
		}
	}
	return append(texts, strings.Split(string(in), "'")...)
}
