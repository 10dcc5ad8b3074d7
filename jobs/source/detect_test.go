package source

import (
	"errors"
	"maps"
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
	return w.detectAmong(packsOf(w.t), name)
}

func (w *world) detectAmong(packs Packs, name string) (pack string, fits []Fit, err error) {
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
		pack, fits, err = roots.Detect(w.t.Context(), tx, packs, files[0])
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
		{"one event of Roku's alone", `{"event_name":"PURCHASE","event_type":"conversion","event_source":"website","event_time":1,"user_data":{"em":"x"}}`, "roku_events"},
		{"one event of Roku's with a name of Meta's", `{"event_name":"Purchase","event_type":"conversion","event_source":"website","event_time":1,"user_data":{"em":"x"}}`, "roku_events"},
		{"Meta's words for where it took place", `{"event_name":"PURCHASE","event_time":1,"action_source":"physical_store","user_data":{"em":"x"}}`,
			"!data/f.jsonl: no mapping pack fits; the nearest is "},
		{"one event of Meta's with a name of one's own", `{"event_name":"newsletter","event_time":1,"action_source":"website","user_data":{"em":["x"]}}`, "meta_capi"},
		{"without where it took place", `{"event_name":"newsletter","event_time":1,"user_data":{"em":["x"]}}`, "meta_capi"},
		{"a name that Pinterest has, too", `{"event_name":"checkout","event_time":1,"action_source":"website","user_data":{"em":["x"],"fbp":"y"}}`, "meta_capi"},
		{"some of Google's words", `{"timestamp":"2025-09-07T00:00:00Z","transactionId":"1","userData":{"email":"x"}}`, "!data/f.jsonl: no mapping pack fits; the nearest is google_data_manager, but it has no $.destinations or eventSource"},
		{"somebody's trackers", `{"tracker_id":"1","event_name":"purchase","value":1}`, "!data/f.jsonl: no mapping pack fits; the nearest is tradedesk_conversions, but it has no adv or "},
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

// What speaks against a pack is said once, and short enough to be read.
func TestDetectReasons(t *testing.T) {
	w := newWorld(t)
	w.write("f.jsonl", `{"event_name":"Purchase","event_time":1,"user_data":{"em":"x"}}`+"\n")
	_, fits, err := w.detect("f.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range fits {
		for i, said := range f.Against {
			if slices.Contains(f.Against[:i], said) {
				t.Errorf("%s: %q is said twice", f.Pack, said)
			}
			if len(said) > 120 {
				t.Errorf("%s: %q is too long to be read", f.Pack, said)
			}
		}
	}
	for pattern, want := range map[string]string{
		"^[A-Z]+$": "^[A-Z]+$",
		"^(add_payment_info|add_to_cart|add_to_wishlist|begin_checkout)$": "add_payment_info|add_to_cart|...",
	} {
		if got := readable(pattern); got != want {
			t.Errorf("%s: got %s, want %s", pattern, got, want)
		}
	}
}

// Of a workspace's own pack and a built-in one that both fit, its own is taken.
func TestOwnPackComesFirst(t *testing.T) {
	own, err := parsePack(PackText("shopify_orders"))
	if err != nil {
		t.Fatal(err)
	}
	own.Name = "our_orders"
	packs, err := BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	if problems := packs.Add("our_orders", own); len(problems) > 0 {
		t.Fatal(problems)
	}
	w := newWorld(t)
	w.write("s.csv", "Name,Financial Status,Total,Created at,Lineitem name\n#1,paid,5,2024-11-02 10:33:06 -0500,Cup\n")
	got, fits, err := w.detectAmong(packs, "s.csv")
	if err != nil || got != "our_orders" || len(fits) < 2 || !fits[0].Own || !fits[1].Fits {
		t.Errorf("got %s, %+v, %v", got, fits, err)
	}
	other := *own
	other.Name = "their_orders"
	packs.Add("their_orders", &other)
	if _, _, err := w.detectAmong(packs, "s.csv"); err == nil || !strings.Contains(err.Error(), "our_orders and their_orders fit alike") {
		t.Errorf("two of the workspace's own: %v", err)
	}
}

// Detection reads the beginning of a file once, within bounds, and a file that is
// loaded not again.
func TestDetectionIsBounded(t *testing.T) {
	w := newWorld(t)
	const request = `{"data":[{"event_name":"Purchase","event_time":1757203200,"event_id":"e1","action_source":"website","user_data":{"em":"` + mailHash + `"}}]}`
	auto := Source{Format: AutoFormat, Files: Globs{"data/m*"}}
	w.write("m.jsonl.gz", string(compressed(t, false, strings.Repeat("[", 40<<20))))
	if _, err := w.load(Config{"capi": auto}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("one line of 40 MiB: %v", err)
	}
	w.write("m.jsonl.gz", string(compressed(t, false, strings.Repeat(request+"\n", 10_000))))
	auto.MaxBytes = "1MB"
	if _, err := w.load(Config{"capi": auto}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("more than max_bytes: %v", err)
	}
	auto.MaxBytes = ""
	w.write("m.jsonl.gz", string(compressed(t, false, `{"pad":"`+strings.Repeat("x", 5<<20)+`",`+request[1:]+"\n"+request+"\n")))
	if got, err := w.load(Config{"capi": auto}); err != nil || got[0].Records != 2 {
		t.Fatalf("a first line of 5 MiB: %+v, %v", got, err)
	}
	packs := maps.Clone(packsOf(t)) // with another that fits alike, which detection would not choose from
	twin := *packs["meta_capi"]
	twin.Name = "twin"
	packs["twin"] = &twin
	w.packs = packs
	if got, err := w.load(Config{"capi": auto}); err != nil || got[0].State != StateSkipped {
		t.Errorf("loaded already: %+v, %v", got, err)
	}
	w.write("m.jsonl.gz", string(compressed(t, false, request+"\n")))
	var unknown *DetectError
	if _, err := w.load(Config{"capi": auto}); !errors.As(err, &unknown) {
		t.Errorf("new content: %v", err)
	}
}
