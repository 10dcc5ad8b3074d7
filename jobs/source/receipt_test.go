package source

import "testing"

// A time of receipt that cannot be read refuses no event; it is counted.
func TestUnreadableReceipt(t *testing.T) {
	w := newWorld(t)
	event := func(id, around string) string {
		return "{" + around + `,"status":200,"payload":{"data":[{"event_name":"Purchase","event_time":1757203200,"event_id":"` + id + `"}]}}` + "\n"
	}
	w.write("m.jsonl", event("1", `"request_time":0.25`)+event("2", `"sent_at":"soon"`)+event("3", `"ts":12`)+
		event("4", `"request_time":0.25,"time":"2025-09-07T00:05:00Z"`))
	own := Source{Table: "event", Format: "csv", Surface: "pixel", Files: Globs{"data/p.csv"}, Columns: map[string]Column{
		"event_name": {Column: "name"}, "occurred_at": {Column: "at", Zone: "UTC"}, "received_at": {Column: "got", Time: EpochSecond}}}
	w.write("p.csv", "name,at,got\nvisit,2025-09-07 00:00:00,1757203500000\nvisit,2025-09-07 00:00:01,1757203500\n")
	got, err := w.load(Config{"capi": meta("m.jsonl"), "pixel": own})
	if err != nil || got[0].Loaded != 4 || got[0].Unusable != 2 || got[1].Loaded != 2 {
		t.Fatalf("%+v, %v", got, err)
	}
	w.equal(`SELECT event_id, received_us - 1757203200000000 FROM clean.event JOIN clean.signal USING (file_id, signal_no) WHERE source = 'capi' ORDER BY event_id`, "1,0", "2,0", "3,0", "4,300000000")
	w.equal(`SELECT source, column_name, rule, records FROM ops.unusable ORDER BY ALL`,
		"capi,received_at,not an ISO 8601 time,1", "capi,received_at,time is outside the years 2000 to 2100,1",
		"pixel,received_at,time is epoch_ms by its size, declared epoch_s,1")
}

// The engine by itself does the same with a Parquet log.
func TestUnreadableReceiptParquet(t *testing.T) {
	w := newWorld(t)
	w.parquet("l.parquet", `SELECT * FROM (VALUES ('h1', 1757203200000, 1757203201000), ('h1', 1757203200000, 17), ('h1', 1757203200000, NULL), ('null', 1757203200000, 17)) t(hh, ts, rec)`)
	log := Source{Table: "exposure", Format: "parquet", Files: Globs{"data/l.parquet"}, MaxQuarantine: "100%", Columns: map[string]Column{
		"household_key": {Column: "hh"}, "exposed_at": {Column: "ts", Time: EpochMilli}, "received_at": {Column: "rec", Time: EpochMilli}}}
	got, err := w.load(Config{"log": log})
	if err != nil || got[0].Loaded != 3 || got[0].Unusable != 1 {
		t.Fatalf("%+v, %v", got, err)
	}
	w.equal(`SELECT received_us - exposed_us FROM clean.exposure ORDER BY line_no`, "1000000", "0", "0")
	w.equal(`SELECT column_name, rule, records FROM ops.unusable`, "received_at,"+implausibleTime+",1")
}
