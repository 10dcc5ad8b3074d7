package source

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// No key that was met is taken for new; of the others few are held back.
func TestMetKeys(t *testing.T) {
	k := testKeyer(t)
	const n = 100_000
	met := newMetKeys(256*n, false)
	held := 0
	for i := range n {
		key := k.digest(fmt.Sprint(i))
		if met.add(key) {
			held++
		}
		if !met.add(key) {
			t.Fatalf("key %d was met and is taken for new", i)
		}
	}
	if held > n/50 {
		t.Errorf("%d of %d new keys were held back", held, n)
	}
}

// Events that a log holds up to four times, in any order, are one row each: at the first
// line, received when first sent, with the best answer. It is the same whether the rows go
// straight into their table or, for persons who are kept out, by a stage.
func TestRepeatsAreFolded(t *testing.T) {
	type sending struct{ id, sent, status int }
	rng := rand.New(rand.NewPCG(1, 2))
	var sendings []sending
	for id := range 3000 {
		for range []int{1, 1, 1, 2, 4}[id%5] {
			sendings = append(sendings, sending{id, rng.IntN(100), []int{200, 400, 0}[rng.IntN(3)]})
		}
	}
	rng.Shuffle(len(sendings), func(i, j int) { sendings[i], sendings[j] = sendings[j], sendings[i] })
	var log strings.Builder
	type event struct {
		line, sent, state int
	}
	best := map[int]*event{}
	for i, s := range sendings {
		status, state := fmt.Sprintf(`"status":%d,`, s.status), map[int]int{200: 3, 400: 1, 0: 2}[s.status]
		if s.status == 0 {
			status = ""
		}
		fmt.Fprintf(&log, `{"sent_at":%d,%s"payload":{"data":[{"event_name":"Purchase","event_time":1757203200,"event_id":"e%d","user_data":{"external_id":["c%d"]}}]}}`+"\n",
			1757203200+s.sent, status, s.id, s.id%100)
		e := best[s.id]
		if e == nil {
			e = &event{line: i + 1, sent: s.sent, state: state}
			best[s.id] = e
		}
		e.sent, e.state = min(e.sent, s.sent), max(e.state, state)
	}
	var want []string
	for id, e := range best {
		want = append(want, fmt.Sprintf("e%d,%d,%d,%s", id, e.line, 1757203200000000+e.sent*1_000_000, []string{"", "refused", "unknown", "accepted"}[e.state]))
	}
	slices.Sort(want)
	cost := strings.Repeat("2026-09-07,Autumn,Hero,5\n", 3)
	order := "1,2026-09-07 10:00:00,verified,1,USD,a@x.org\n"
	for _, staged := range []bool{false, true} {
		t.Run(fmt.Sprintf("staged %v", staged), func(t *testing.T) {
			w := newWorld(t)
			w.write("log.jsonl", log.String())
			w.write("cost.csv", "day,campaign,creative,cost\n"+cost)
			w.write("orders.csv", "id,at,state,total,cur,mail\n"+order+"2,bad,verified,1,USD,a@x.org\n"+strings.Repeat(order, 2))
			cfg := Config{"log": {Table: "event", Format: "meta_capi", Files: Globs{"data/log.jsonl"}}, "orders": crm("orders.csv"),
				"cost": {Table: "spend", Format: "csv", Files: Globs{"data/cost.csv"}, Columns: map[string]Column{
					"day": {Column: "day", Time: Date}, "campaign": {Column: "campaign"}, "creative": {Column: "creative"}, "spend": {Column: "cost"}, "currency": {Constant: "USD"}}}}
			if staged {
				if _, err := w.load(Config{}); err != nil {
					t.Fatal(err)
				}
				w.erase("000001", w.digests(crmLinks(), "email", "nobody@x.org"))
			}
			got, err := w.load(cfg)
			if err != nil {
				t.Fatal(err)
			}
			for i, counts := range map[int][4]int64{0: {3, 3, 0, 0}, 1: {int64(len(sendings)), 3000, int64(len(sendings)) - 3000, 0}, 2: {4, 1, 2, 1}} {
				g := got[i]
				if have := [4]int64{g.Records, g.Loaded, g.Duplicate, g.Quarantined}; have != counts {
					t.Errorf("%s: records, loaded, duplicate, quarantined %v, want %v", g.Path, have, counts)
				}
			}
			if diff := cmp.Diff(want, w.text("SELECT event_id, line_no, received_us, platform_state FROM clean.event ORDER BY concat_ws(',', event_id, line_no, received_us, platform_state)")); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
			w.equal("SELECT order_id, line_no FROM clean.crm_order", "1,2")
			w.equal("SELECT count(*) FROM clean.spend", "3")
		})
	}
}

// crmLinks is a workspace in which e-mail addresses are known.
func crmLinks() Config { return Config{"orders": crm("orders.csv")} }
