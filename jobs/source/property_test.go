package source

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"

	"ghostlight/jobs/warehouse"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// one loads one file.
func (w *world) one(req Request) (out Loaded, err error) {
	req.Keyer, req.RunID = w.keyer, "r1"
	err = w.db.Transact(w.t.Context(), func(tx *warehouse.Tx) (err error) {
		out, err = Load(w.t.Context(), tx, req)
		return err
	})
	return out, err
}

// However the rows are ordered, split into files and delivered again, the
// distinct clean rows and the share that is refused are the same.
func TestOrderSplitAndRepetitionDoNotMatter(t *testing.T) {
	const header = "id,at,state,total,cur,mail\n"
	if f := flag.Lookup("rapid.checks"); f.Value.String() == f.DefValue { // each check loads four files
		if err := f.Value.Set("25"); err != nil {
			t.Fatal(err)
		}
		defer f.Value.Set(f.DefValue)
	}
	w := newWorld(t)
	rapid.Check(t, func(rt *rapid.T) {
		var rows []string
		for i := range rapid.IntRange(1, 12).Draw(rt, "rows") {
			at := rapid.SampledFrom([]string{"2026-09-07 10:00:00", "bad"}).Draw(rt, "at")
			rows = append(rows, fmt.Sprintf("o%d,%s,verified,1.%d,USD,p%d@x.org\n", i, at, i, i%3))
		}
		load := func(files []string) []string {
			for i, f := range files {
				w.write(fmt.Sprintf("f%d.csv", i), header+f)
			}
			src := crm("f*.csv")
			_, err := w.load(Config{"crm": src})
			if err != nil && !strings.Contains(err.Error(), "every one of") {
				rt.Fatal(err)
			}
			for i := range files {
				w.remove(fmt.Sprintf("f%d.csv", i))
			}
			balance := w.text(`SELECT count(*) FROM ops.load WHERE records <> loaded + duplicate + quarantined + blank`)
			if balance[0] != "0" {
				rt.Fatalf("%s files do not balance", balance[0])
			}
			return w.text(`SELECT DISTINCT order_id, ordered_us, value_micros, email_key, row_key FROM clean.crm_order ORDER BY ALL`)
		}
		want := load([]string{strings.Join(rows, "")})
		mixed := rapid.Permutation(append(slices.Clone(rows), rapid.SliceOfN(rapid.SampledFrom(rows), 0, 4).Draw(rt, "again")...)).Draw(rt, "order")
		cut := rapid.IntRange(0, len(mixed)).Draw(rt, "cut")
		got := load([]string{strings.Join(mixed[:cut], ""), strings.Join(mixed[cut:], ""), strings.Join(rows[:1], "")})
		if diff := cmp.Diff(want, got); diff != "" {
			rt.Fatalf("-want +got:\n%s", diff)
		}
	})
}
