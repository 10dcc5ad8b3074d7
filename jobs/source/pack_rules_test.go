package source

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"ghostlight/jobs/warehouse"
)

// formatOf gives what detection says of one file: the pack, or why there is none.
func (w *world) formatOf(name, content string) string {
	w.t.Helper()
	w.write(name, content)
	roots, err := OpenRoots(w.dir, []string{"data"})
	if err != nil {
		w.t.Fatal(err)
	}
	defer roots.Close()
	f, err := roots.Look("data/" + name)
	if err != nil {
		w.t.Fatal(err)
	}
	var found string
	err = w.db.Transact(w.t.Context(), func(tx *warehouse.Tx) (err error) {
		found, _, err = roots.Detect(w.t.Context(), tx, packsOf(w.t), f)
		return err
	})
	if err != nil {
		return err.Error()
	}
	return found
}

func TestFormatOf(t *testing.T) {
	const win = "auction_id,bid_time_epoch_in_usecs,win_cost_micros_usd,line_item_id,test_group_id\n"
	const kinds = "timestamp,event,ifa\n"
	for _, c := range []struct{ about, name, content, want string }{
		{"a win log in which some have no test group", "a.csv", win + "a,1,1,1,7\nb,1,1,1,\n", "beeswax_wins"},
		{"a log that may be of wins or of ghosts", "b.csv", win + "a,1,1,1,7\nb,1,1,1,8\n",
			"data/b.csv: beeswax_ghost_wins and beeswax_wins fit alike (say which it is with format: NAME)"},
		{"a header without rows", "c.csv", win, "beeswax_wins"},
		{"events of another vocabulary", "d.csv", kinds + "1,page_view,x\n",
			"data/d.csv: no mapping pack fits; the nearest is generic_events, but it has no event_type"},
		{"a title above the header", "e.csv", "Campaign report\n\"All, time\"\n\nDay,Campaign,Currency code,Conversions\n", "google_ads_report"},
		{"a title that never ends", "f.csv", strings.Repeat("x\n", 30), "data/f.csv: no mapping pack fits (ghostlight formats"},
		{"a click file of a data transfer", "g.csv", "Event Time,User ID,Impression ID,Event Type\n1,2,3,CLICK\n", "data/g.csv: no mapping pack fits; the nearest is dv360_data_transfer"},
		{"text", "h.csv", "hello\n", "data/h.csv: no mapping pack fits (ghostlight formats"},
		{"JSON of nobody", "i.jsonl", "{}\n", "data/i.jsonl: no mapping pack fits (ghostlight formats"},
		{"cut in the middle", "j.jsonl", `{"auction_id":"a","bid_time_epoch_in_usecs":"1","win_cost_micros_usd":"1","line_item_id":"2"}` + "\n" + `{"auction_id":`, "beeswax_wins"},
	} {
		if got := newWorld(t).formatOf(c.name, c.content); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: got %s, want %s", c.about, got, c.want)
		}
	}
}

// An empty text among values is no value: the next alternative is asked, also for
// the words of an enumeration, and an identifier that stands for nobody is none.
func TestValueOfNone(t *testing.T) {
	w := newWorld(t)
	src := Source{Table: "crm_order", Format: "csv", Files: Globs{"data/o.csv"}, MaxQuarantine: "100%", Columns: map[string]Column{
		"order_id": {Column: "id"}, "ordered_at": {Column: "at", Time: EpochSecond},
		"status": {First: []Column{
			{Column: "won", Values: map[string]string{"yes": "authorized", "*": ""}},
			{Column: "stage", Values: map[string]string{"lost": "void", "*": ""}},
			{Constant: "unknown"}}},
		"customer_key": {First: []Column{{Column: "customer", Values: map[string]string{"0": ""}}, {Column: "account"}}},
	}}
	if problems := (Config{"crm": src}).Validate([]string{"data"}, nil); len(problems) > 0 {
		t.Fatal(problems)
	}
	w.write("o.csv", "id,at,won,stage,customer,account\n1,1757203200,yes,lost,0,a\n2,1757203200,no,lost,c,a\n3,1757203200,,,0,\n")
	if _, err := w.load(Config{"crm": src}); err != nil {
		t.Fatal(err)
	}
	w.equal(`SELECT order_id, status, customer_key FROM clean.crm_order ORDER BY order_id`,
		"1,authorized,"+w.key(Opaque, "a"), "2,void,"+w.key(Opaque, "c"), "3,unknown,<nil>")

	src.Columns["customer_key"] = Column{Column: "customer", Values: map[string]string{"0": "nobody"}}
	problems := Config{"crm": src}.Validate([]string{"data"}, nil)
	if len(problems) != 1 || problems[0].Path != "crm.columns.customer_key.values.0" {
		t.Errorf("a translated identifier: %v", problems)
	}
}

// Lines of a title are above the header and totals are no records, in whatever place
// they stand; a row that only looks like a total because it is cut is refused.
func TestRowRules(t *testing.T) {
	rules := &RowRules{Header: "Day", Skip: map[string]string{"Day": "^(Total.*|)$"}}
	for _, c := range []struct{ about, in, want string }{
		{"title and total", "Report\n\"1, 2\"\n\nDay,N\n2026-01-01,1\nTotal: all,1\n", "5:2026-01-01 blank"},
		{"no title", "Day,N\n2026-01-01,1\n,1\n2026-01-02,1\n", "2:2026-01-01 blank 4:2026-01-02"},
		{"a cut total", "Day,N\nTotal\n", "2:row has 1 fields, the header 2"},
		{"no header", "Report\nx\n", "p:1: none of the first lines is a header with column Day"},
		{"a title that cannot be read", "Re\"port\nDay,N\n", "p:1: none of the first lines is a header with column Day"},
		{"nothing", "", "p:1: none of the first lines is a header with column Day"},
	} {
		var got []string
		r, err := newCSV(strings.NewReader(c.in), []string{"Day"}, nil, rules, testFault)
		rec := record{fields: make([]value, 1)}
		for err == nil {
			if err = r.next(&rec); err != nil {
				break
			}
			switch {
			case rec.blank:
				got = append(got, "blank")
			case rec.rule != "":
				got = append(got, fmt.Sprintf("%d:%s", rec.line, rec.rule))
			default:
				got = append(got, fmt.Sprintf("%d:%s", rec.line, rec.fields[0].text))
			}
		}
		if len(got) == 0 {
			got = append(got, strings.TrimPrefix(err.Error(), "source s: "))
		}
		if text := strings.Join(got, " "); !strings.HasPrefix(text, c.want) {
			t.Errorf("%s: got %s, want %s", c.about, text, c.want)
		}
	}
}

// Every pack has a payload of its own and states the evidence of what it says.
func TestEveryPackIsShown(t *testing.T) {
	packs := packsOf(t)
	for _, name := range packs.Names() {
		if _, err := os.Stat(packDir + "/" + name + "/want.txt"); err != nil {
			t.Errorf("pack %s has no golden: %v", name, err)
		}
		strongest, weakest := packs[name].Evidence()
		if slices.Index(evidences, strongest) > slices.Index(evidences, weakest) || weakest == "" {
			t.Errorf("pack %s: evidence %s to %s", name, strongest, weakest)
		}
	}
}
