package source

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ghostlight/jobs/warehouse"
)

// detect tells what detection makes of a file in data/.
func (w *world) detect(name string) (pack string, fits []Fit, err error) {
	w.t.Helper()
	roots, err := OpenRoots(w.dir, []string{"data"})
	if err != nil {
		w.t.Fatal(err)
	}
	defer roots.Close()
	files, err := roots.Find("s", Source{Files: Globs{"data/" + name}})
	if err != nil {
		w.t.Fatal(err)
	}
	err = w.db.Transact(w.t.Context(), func(tx *warehouse.Tx) (err error) {
		pack, fits, err = roots.Detect(w.t.Context(), tx, packsOf(w.t), files[0])
		return err
	})
	return pack, fits, err
}

// Of all packs exactly one fits each file of the goldens: the one that it was written
// for. Where nothing tells a format from another, the golden's source names it, and it
// is one of those that fit.
func TestOnePackFitsEachFixture(t *testing.T) {
	files, err := filepath.Glob(packDir + "/*/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		base, want := filepath.Base(file), filepath.Base(filepath.Dir(file))
		if base == "want.txt" || base == "source.yaml" {
			continue
		}
		t.Run(want+"/"+base, func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			w := newWorld(t)
			if name, ok := strings.CutSuffix(base, ".sql"); ok {
				w.parquet(name, string(text))
				base = name
			} else {
				w.write(base, string(text))
			}
			_, fits, err := w.detect(base)
			var unknown *DetectError
			if err != nil && !errors.As(err, &unknown) {
				t.Fatal(err)
			}
			var names []string
			for _, f := range fits {
				if f.Fits {
					names = append(names, f.Pack)
				}
			}
			source, _ := os.ReadFile(filepath.Join(filepath.Dir(file), "source.yaml"))
			named := strings.HasPrefix(string(source), "format: ") && slices.Contains(names, want)
			if !named && !slices.Equal(names, []string{want}) {
				t.Errorf("fits %v, want %s alone (%v)", names, want, err)
			}
		})
	}
}

// What tells the formats apart that are most alike, and what is said where nothing does.
func TestDetect(t *testing.T) {
	for _, c := range []struct {
		name, lines, want string // want: pack, or "!" and the error
	}{
		{"Meta without action_source", `{"data":[{"event_name":"Purchase","event_time":1,"user_data":{"em":"x"}}]}`, "meta_capi"},
		{"Meta with names of one's own", `{"data":[{"event_name":"newsletter","event_time":1,"action_source":"website","user_data":{"em":"x"}},{"event_name":"QUIZ","event_time":1,"action_source":"website","user_data":{"em":"x"}},{"event_name":"Lead","event_time":1,"action_source":"app","user_data":{"em":"x"}}]}`, "meta_capi"},
		{"Meta's browser id", `{"event_name":"QUIZ","event_time":1,"action_source":"website","user_data":{"fbp":"x"}}`, "meta_capi"},
		{"Snap with lower-case sources", `{"data":[{"event_name":"PURCHASE","event_time":1,"action_source":"website","user_data":{"em":"x"}}]}`, "snap_capi"},
		{"Snap in a log record", `{"status":200,"payload":"{\"data\":[{\"event_name\":\"PAGE_VIEW\",\"event_time\":\"1\",\"user_data\":{\"em\":\"x\"}}]}"}`, "snap_capi"},
		{"Pinterest's names are lower case, and so may Meta's be", `{"data":[{"event_name":"lead","event_time":1,"action_source":"web","user_data":{"em":["x"]}}]}`, "pinterest_capi"},
		{"Meta with a name of Pinterest's", `{"data":[{"event_name":"lead","event_time":1,"action_source":"website","user_data":{"em":["x"]}}]}`, "meta_capi"},
		{"Roku with Snap's names", `{"event_group_id":"g","events":[{"event_name":"PURCHASE","event_time":1,"user_data":{"em":"x"}}]}`, "roku_events"},
		{"ECAPI with Meta's words", `{"data_set_id":"d","timestamp":1,"event_type":"purchase","event_name":"Purchase","event_time":1,"user_data":{}}`, "iab_ecapi"},
		{"one's own flat events", `{"event_type":"purchase","timestamp":1,"value":1}`, "generic_events"},
		{"one's own names", `{"event_type":"bought","timestamp":1,"value":1}`,
			"!data/f.jsonl: no mapping pack fits; the nearest is generic_events, but event_type is not like "},
		{"one kind of line after another", `{"data":[{"event_name":"Purchase","event_time":1,"user_data":{"em":"x"}}]}` + "\n" + `{"data":[{"event_name":"PURCHASE","event_time":1,"user_data":{"sc_click_id":"x"}}]}`,
			"!data/f.jsonl: no mapping pack fits; the nearest is snap_capi, but event_name is not like ^[A-Z][A-Z0-9_]*$ (describe the file by columns, or copy that pack and change it)"},
		{"names that Meta and Snap could have", `{"event_name":"QUIZ","event_time":1,"action_source":"website","user_data":{"em":"x"}}`,
			"!data/f.jsonl: meta_capi and snap_capi fit alike (say which it is with format: NAME)"},
		{"Snap's flat second version", `{"event_conversion_type":"WEB","event_type":"PURCHASE","timestamp":"1","hashed_email":"x","price":"1"}`, "!data/f.jsonl: no mapping pack fits; the nearest is generic_events, but "},
		{"Vibe", `{"a":"purchase","aid":"x","eid":"1","ts":1,"ip":"203.0.113.7","ed":"{}"}`,
			"!data/f.jsonl: no mapping pack fits (ghostlight formats lists them; describe the file by columns, or write a pack)"},
		{"one text over several lines", "{\n\"event_name\": \"x\"\n}", "!data/f.jsonl: no mapping pack fits: the file is one JSON text over several lines (write one object a line (JSON Lines))"},
		{"cut JSON", `{"event_name":"Purchase","event_time":1,"user_da`, "!data/f.jsonl: no mapping pack fits: the first line: "},
		{"semicolons", "order_id;total;created_at\n1;2;3", "!data/f.jsonl: no mapping pack fits: the first line has no comma (it seems to be divided by semicolons: divide it by commas)"},
		{"binary", "\x7fELF\n\x00\x01", "!data/f.jsonl: no mapping pack fits: row holds a NUL byte (the file looks binary: only text, JSON and Parquet are read)"},
		{"nothing that can be read", "{\n", "!data/f.jsonl: no mapping pack fits"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.write("f.jsonl", c.lines+"\n")
			got, _, err := w.detect("f.jsonl")
			if err != nil {
				got = "!" + err.Error()
			}
			if got != c.want && !(strings.HasPrefix(c.want, "!") && strings.HasPrefix(got, c.want)) {
				t.Errorf("got %s\nwant %s", got, c.want)
			}
		})
	}
}
