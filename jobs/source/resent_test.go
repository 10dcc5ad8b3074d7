package source

import "testing"

// A request that was logged with its failure and again with its success tells of one
// event, received when it was first sent, in one file as in two.
func TestResentRequest(t *testing.T) {
	const purchase = `{"data":[{"event_name":"Purchase","event_time":1757203200,"user_data":{"external_id":"c1"},"custom_data":{"value":5,"currency":"USD"}}]}`
	failed := `{"sent_at":"2025-09-07T00:05:00Z","status":500,"payload":` + purchase + "}\n"
	accepted := `{"sent_at":"2025-09-07T00:06:00Z","status":200,"payload":` + purchase + "}\n"
	w := newWorld(t)
	w.write("m.jsonl", failed+accepted)
	got, err := w.load(Config{"capi": meta("m*.jsonl")})
	if err != nil || got[0].Loaded != 1 || got[0].Duplicate != 1 {
		t.Fatalf("%+v, %v", got, err)
	}
	w.equal(`SELECT received_us, platform_state, line_no FROM clean.event`, "1757203500000000,accepted,1")
	w.write("m.jsonl", failed)
	w.write("m2.jsonl", accepted)
	if _, err := w.load(Config{"capi": meta("m*.jsonl")}); err != nil {
		t.Fatal(err)
	}
	w.equal(`SELECT count(*), count(DISTINCT row_key) FROM clean.event`, "2,1")
}
