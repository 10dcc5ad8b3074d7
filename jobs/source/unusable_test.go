package source

import "testing"

// A sale is kept when its optional identifier was typed wrong; what is wrong in
// another way refuses the record, and so does the only identifier of an exposure.
func TestUnusable(t *testing.T) {
	w := newWorld(t)
	event := func(id, user string) string {
		return `{"event_name":"Purchase","event_time":1757203200,"event_id":"` + id + `","user_data":{` + user + "}}\n"
	}
	w.write("m.jsonl", event("1", `"em":"not an address","ph":"call me","client_ip_address":"203.0.113.300"`)+
		event("2", `"ph":["call me","+12125550123","me too"]`)+
		event("3", `"em":"`+emptyHash+`"`)+
		event("4", `"em":"call me","external_id":{"a":1}`)+
		event("5", `"em":"null","ph":"","client_ip_address":"10.0.0.1"`))
	w.write("x.csv", "hh,ip,ts\nh1,300.0.0.1,1757203200000\n,300.0.0.1,1757203200000\n,203.0.113.1,1757203200000\n,,1757203200000\n")
	log := Source{Table: "exposure", Format: "csv", Files: Globs{"data/x.csv"}, MaxQuarantine: "100%", Columns: map[string]Column{
		"household_key": {Column: "hh"}, "ip_key": {Column: "ip"}, "exposed_at": {Column: "ts", Time: EpochMilli}}}
	cfg := Config{"capi": meta("m.jsonl"), "log": log}
	got, err := w.load(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if got[0].Loaded != 3 || got[0].Unusable != 2 || got[1].Loaded != 2 || got[1].Unusable != 1 {
		t.Errorf("got %+v", got)
	}
	w.equal(`SELECT event_id, email_key IS NULL, phone_key, ip_key FROM clean.event ORDER BY event_id`,
		"1,true,<nil>,<nil>", "2,true,"+w.key(Phone, "12125550123")+",<nil>", "5,true,<nil>,<nil>")
	w.equal(`SELECT source, column_name, rule, records FROM ops.unusable ORDER BY ALL`,
		"capi,email_key,not an e-mail address,1",
		"capi,ip_key,not an IP address,1",
		"capi,phone_key,not a phone number with country code,2",
		"log,ip_key,not an IP address,1")
	w.equal(`SELECT source, line_no, column_name, rule, excerpt FROM ops.quarantine ORDER BY source, line_no`,
		"capi,3,email_key,hash of an empty text,"+shape(emptyHash),
		"capi,4,customer_key,an object where an identifier is needed,",
		"log,3,ip_key,not an IP address,999.9.9.9",
		"log,5,household_key,missing,")
	w.remove("m.jsonl")
	w.remove("x.csv")
	for name, src := range cfg {
		src.Optional = true
		cfg[name] = src
	}
	if _, err := w.load(cfg); err != nil {
		t.Fatal(err)
	}
	w.equal(`SELECT count(*) FROM ops.unusable`, "0")
}
