package source

import (
	"errors"
	"strings"
	"testing"

	"ghostlight/jobs/warehouse"
)

// A time that stands in the mapping is in doubt for every record, and how many records a
// file has is the same at every reading of its beginning, whatever a line holds.
func TestCountsDoNotDependOnThreads(t *testing.T) {
	w := newWorld(t)
	w.write("a.csv", "household,arm\n"+strings.Repeat("h1,a\nh2,b\n", 3000))
	src := Source{Table: "assignment", Format: "csv", Files: Globs{"data/a.csv"}, Columns: map[string]Column{
		"household_key": {Column: "household"}, "arm": {Column: "arm"}, "assigned_at": {Constant: "2026-10-25 02:30:00", Zone: "Europe/Berlin"}}}
	got, err := w.load(Config{"assignment": src})
	if err != nil || got[0].Twice != 6000 || got[0].Loaded != 2 || got[0].Duplicate != 5998 {
		t.Errorf("got %+v, %v", got, err)
	}
	event := `{"event_name":"Purchase","event_time":1757203200,"event_id":"e","action_source":"website","custom_data":{"value":1,"currency":"USD"}}`
	w.write("b.jsonl", strings.Repeat(`{"data":[`+strings.Repeat(event+",", 2999)+event+"]}\n", 20))
	capi := Source{Table: "event", Format: "meta_capi", Files: Globs{"data/b.jsonl"}}
	var first int64
	for i := range 5 {
		head, err := w.head(capi, 2<<20)
		if i == 0 {
			first = head.Records
		}
		if !errors.Is(err, ErrHead) || head.Records != first || first == 0 || first == 60_000 {
			t.Errorf("%d records, then %d: %v", first, head.Records, err)
		}
	}
}

// head loads about so many bytes of a source's only file, and takes it back.
func (w *world) head(src Source, bytes int64) (out Loaded, err error) {
	w.t.Helper()
	packs, err := BuiltIn()
	if err != nil {
		w.t.Fatal(err)
	}
	src = Config{"head": src}.With(packs)["head"]
	roots, err := OpenRoots(w.dir, []string{"data"})
	if err != nil {
		w.t.Fatal(err)
	}
	defer roots.Close()
	files, err := roots.Find("head", src)
	if err != nil {
		w.t.Fatal(err)
	}
	err = w.db.Transact(w.t.Context(), func(tx *warehouse.Tx) (err error) {
		out, err = Load(w.t.Context(), tx, Request{Name: "head", Source: src, File: files[0], Roots: roots, Keyer: w.keyer, RunID: "r", Head: bytes})
		return err
	})
	return out, err
}
