package source

import (
	"io"
	"os"
	"strings"
	"testing"
	"unicode/utf8"
)

func meta(glob string) Source {
	return Source{Table: "event", Format: "meta_capi", Files: Globs{"data/" + glob}, MaxQuarantine: "100%"}
}

const mailHash = "48ddb93f0b30c475423fe177832912c5bcdce3cc72872f8051627967ef278e08"

func TestMetaPack(t *testing.T) {
	w := newWorld(t)
	w.write("m.jsonl", strings.Join([]string{
		`{"data":[{"event_name":"Purchase","event_time":1757203200,"event_id":"e1","action_source":"website","user_data":{"em":"` + strings.ToUpper(mailHash) + `","ph":["+1 (212) 555-0000","x"],"external_id":[" c1 "],"client_ip_address":"2001:DB8::1","madid":"AAAA-1"},"custom_data":{"value":59.980000000000004,"currency":"usd","order_id":1001}},{"event_name":"Lead","event_time":1757203201}]}`,
		`{"received_at":"2025-09-07T00:05:00Z","test_event_code":"TEST1","data":[{"event_name":"Purchase","event_time":1757203202,"custom_data":{"value":"12","currency":"USD"}}]}`,
		`{"received_at":1757203500123,"data":[{"event_name":"PageView","event_time":"1757203203"}]}`,
		`{"event_name":"Purchase","event_time":1757203204,"user_data":{"em":"` + "\u00a0" + `Ann@Example.com ","ph":"0012125550000"}}`,
		``,
		`{"data":[]}`,
		`{"data":[{"event_name":"Purchase","event_time":1757203200000},7]}`,
		`{"data":{}}`,
		`[{"event_name":"Purchase","event_time":1757203200}]`,
		`"text"`,
		`{"event_name":"Purchase","event_time":1757203200} trailing`,
		`{"event_name":"Purchase","event_time":1757203200,"event_name":"Lead"}`,
		`{"event_name":"Purchase","event_time":1757203200,`,
		`{"event_time":1757203200}`,
		`{"event_name":"Purchase","event_time":1757203200,"custom_data":{"value":NaN}}`,
		`{"event_name":"Purchase","event_time":1757203200,"custom_data":{"value":1e999}}`,
		`{"event_name":"Purchase","event_time":1757203200,"custom_data":{"value":[1]}}`,
		`{"event_name":"Purchase","event_time":1757203200,"user_data":{"em":"` + emptyHash + `"}}`,
		`{"event_name":"Purchase","event_time":1757203200,"user_data":{"em":["` + emptyHash + `","` + mailHash + `"]}}`,
		`{"event_name":"Purch` + "\xff" + `ase","event_time":1757203200}`,
		`{"event_name":"Lead","event_time":1757203201}`,
	}, "\n"))
	got, err := w.load(Config{"capi": meta("m.jsonl")})
	if err != nil {
		t.Fatal(err)
	}
	g := got[0]
	if g.Records != 23 || g.Loaded != 6 || g.Duplicate != 1 || g.Quarantined != 14 || g.Blank != 2 {
		t.Errorf("got %+v", g)
	}
	em, phone := w.key(SHA256, mailHash), w.key(Phone, "12125550000")
	w.equal(`SELECT line_no, surface, platform, event_name, event_id, order_id, occurred_us, received_us, value_micros, currency, is_test FROM clean.event JOIN clean.signal USING (file_id, signal_no) ORDER BY line_no, occurred_us`,
		"1,server,meta,Purchase,e1,1001,1757203200000000,1757203200000000,59980000,USD,false",
		"1,server,meta,Lead,<nil>,<nil>,1757203201000000,1757203201000000,<nil>,<nil>,false",
		"2,server,meta,Purchase,<nil>,<nil>,1757203202000000,1757203500000000,12000000,USD,true",
		"3,server,meta,PageView,<nil>,<nil>,1757203203000000,1757203500123000,<nil>,<nil>,false",
		"4,server,meta,Purchase,<nil>,<nil>,1757203204000000,1757203204000000,<nil>,<nil>,false",
		"19,server,meta,Purchase,<nil>,<nil>,1757203200000000,1757203200000000,<nil>,<nil>,false")
	w.equal(`SELECT line_no, email_key, phone_key, customer_key, ip_key, device_key FROM clean.event WHERE email_key IS NOT NULL ORDER BY line_no`,
		strings.Join([]string{"1", em, phone, w.key(Opaque, "c1"), w.key(IP, "2001:db8::1"), w.key(Device, "aaaa-1")}, ","),
		strings.Join([]string{"4", w.key(Email, "ann@example.com"), phone, "<nil>,<nil>,<nil>"}, ","),
		"19,"+em+",<nil>,<nil>,<nil>,<nil>")
	w.equal(`SELECT line_no, ordinal, column_name, rule FROM ops.quarantine ORDER BY line_no, ordinal`,
		"7,1,occurred_at,time is epoch_ms by its size, declared epoch_s",
		"7,2,(record),an element of data is no JSON object",
		"8,1,event_name,missing",
		"9,1,(record),line is no JSON object",
		"10,1,(record),line is no JSON object",
		"11,1,(record),malformed JSON at byte 51",
		"12,1,(record),an object has the same key twice",
		"13,1,(record),malformed JSON at byte 49",
		"14,1,event_name,missing",
		"15,1,(record),malformed JSON at byte 73",
		"16,1,value,amount is too large",
		"17,1,value,a list where one value is needed",
		"18,1,email_key,hash of an empty text",
		"20,1,(record),line is not valid UTF-8")
}

func TestMetaSample(t *testing.T) {
	sample, err := os.ReadFile("../../../shared/data/capi-samples/meta_capi.jsonl")
	if err != nil {
		t.Skip("left out: ../../../shared/data/capi-samples/meta_capi.jsonl is not there")
	}
	w := newWorld(t)
	w.write("m.jsonl", string(sample))
	if _, err := w.load(Config{"capi": meta("m.jsonl")}); err != nil {
		t.Fatal(err)
	}
	w.equal(`SELECT event_name, event_id, occurred_at, value_micros, currency, email_key FROM clean.event JOIN clean.signal USING (file_id, signal_no)`,
		"Purchase,<nil>,2023-11-12 10:16:51 +0000 UTC,400000000,USD,"+w.key(SHA256, mailHash))
}

func TestShopifyPack(t *testing.T) {
	w := newWorld(t)
	const header = "Name,Email,Financial Status,Paid at,Currency,Total,Created at,Lineitem name,Refunded Amount,Id,Phone\n"
	w.write("s.csv", header+
		"#1001,a@x.org,paid,2024-11-02 10:33:07 -0500,USD,20.00,2024-11-02 10:33:06 -0500,Cup,0.00,9001,\n"+
		"#1001,,,,,,2024-11-02 10:33:06 -0500,\"Plate,\nblue\",,,\n"+
		"#1001,,,,,,,Spoon,,,\n"+
		"#1002,,partially_refunded,,USD,30.00,2024-11-02 10:33:06 -0500,Cup,12.50,9002,'+12125550000\n"+
		"#1003,,voided,,USD,1,2024-11-02 10:33:06 +0000,Cup,,9003,+1 212 555 0000\n"+
		"#1004,,exotic,,USD,1,2024-11-02 10:33:06 +0000,Cup,,9004,\n"+
		"#1005,,,,,,2024-11-02 10:33:06 +0000,Cup,,,\n"+
		"#1006,,refunded,,USD,1,2024-11-02 10:33:06 +0000,Cup,1,9006,\n"+
		"#1006,,,,,,,Cup,,,\n")
	src := Source{Table: "crm_order", Format: "shopify_orders", Files: Globs{"data/s.csv"}, MaxQuarantine: "100%"}
	got, err := w.load(Config{"shop": src})
	if err != nil {
		t.Fatal(err)
	}
	if g := got[0]; g.Records != 6 || g.Loaded != 5 || g.Quarantined != 1 {
		t.Errorf("got %+v", g)
	}
	w.equal(`SELECT line_no, order_id, status, value_micros, refunded_micros, currency, ordered_us FROM clean.crm_order ORDER BY line_no`,
		"2,1001,verified,20000000,0,USD,1730561586000000",
		"6,1002,verified,30000000,12500000,USD,1730561586000000",
		"7,1003,void,1000000,0,USD,1730543586000000",
		"8,1004,unknown,1000000,0,USD,1730543586000000",
		"10,1006,refunded,1000000,1000000,USD,1730543586000000")
	w.equal(`SELECT order_id, email_key FROM clean.crm_order WHERE email_key IS NOT NULL`, "1001,"+w.key(Email, "a@x.org"))
	w.equal(`SELECT order_id, phone_key FROM clean.crm_order WHERE phone_key IS NOT NULL`,
		"1002,"+w.key(Phone, "12125550000"), "1003,"+w.key(Phone, "12125550000"))
	w.equal(`SELECT line_no, column_name, rule, excerpt FROM ops.quarantine ORDER BY line_no`, "9,status,missing,")

	// An export without the columns that newer shops have is read; one without
	// the state of the order is not.
	w.write("s.csv", "Name,Financial Status,Total,Created at\n#1,paid,5,2024-11-02 10:33:06 -0500\n")
	if got, err := w.load(Config{"shop": src}); err != nil || got[0].Loaded != 1 {
		t.Errorf("short export: %+v, %v", got, err)
	}
	w.write("s.csv", "Name,Total,Created at\n#1,5,2024-11-02 10:33:06 -0500\n")
	if _, err := w.load(Config{"shop": src}); err == nil || !strings.Contains(err.Error(), "has no column Financial Status") {
		t.Errorf("without state: %v", err)
	}
}

func TestPlainJSONL(t *testing.T) {
	w := newWorld(t)
	w.write("l.jsonl", `{"type":"email","id":"A@x.org","hh":{"id":7},"seen":"2026-09-07T10:00:00+05:30"}
{"type":"ip","id":"::ffff:203.0.113.1","hh.id":"7","seen":"2026-09-07T10:00:00Z"}
{"type":"customer","id":"c\u0031","hh":{"id":"7"},"seen":"2026-09-07T10:00:00.5Z"}
`)
	src := Source{Table: "identity_link", Format: "jsonl", Files: Globs{"data/*.jsonl"}, Columns: map[string]Column{
		"id_type": {Column: "type"}, "id_key": {Column: "id"}, "household_key": {Column: "hh.id"},
		"last_seen_at": {Column: "seen"}, "received_at": {Column: "misspelt"},
	}}
	got, err := w.load(Config{"link": src})
	if err != nil {
		t.Fatal(err)
	}
	if len(got[0].Absent) != 1 || got[0].Absent[0] != "misspelt" {
		t.Errorf("absent paths %v", got[0].Absent)
	}
	hh := w.key(Opaque, "7")
	w.equal(`SELECT id_type, id_key, household_key, first_seen_us, last_seen_us, received_us FROM clean.identity_link ORDER BY line_no`,
		"email,"+w.key(Email, "a@x.org")+","+hh+",1788755400000000,1788755400000000,1788755400000000",
		"ip,"+w.key(IP, "203.0.113.1")+","+hh+",1788775200000000,1788775200000000,1788775200000000",
		"customer,"+w.key(Opaque, "c1")+","+hh+",1788775200500000,1788775200500000,1788775200500000")

	w.write("l.jsonl", "{\n \"type\": \"email\"\n}\n")
	if _, err := w.load(Config{"link": src}); err == nil || !strings.Contains(err.Error(), "one JSON text over several lines") {
		t.Errorf("pretty-printed JSON: %v", err)
	}
}

// FuzzMeta: whatever a line holds, every record is either mapped or refused with
// a rule, text is valid UTF-8, and reading ends.
func FuzzMeta(f *testing.F) {
	f.Add([]byte(`{"data":[{"event_name":"Purchase","event_time":1757203200,"user_data":{"em":["x"]}}]}`))
	f.Add([]byte("{\"data\":[1,{},[]],\"data\":{}}\n\n{\"a\":\"\\u0000\\ud800\"}"))
	f.Add([]byte(`{"":{"":[[[{}]]]}}`))
	l, err := layoutOf("capi", meta("x").with(packsOf(f)), File{Form: "jsonl"})
	if err != nil {
		f.Fatal(err)
	}
	keyer, err := NewKeyer(testSecret)
	if err != nil {
		f.Fatal(err)
	}
	m, err := newMapper("capi", l, keyer)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := newJSONL(strings.NewReader(string(data)), m.wanted, l.envelope, testFault)
		if err != nil {
			return
		}
		drain(t, r, m)
	})
}

func testFault(line int64, what, hint string) error {
	return &FileError{Source: "s", Path: "p", Line: line, What: what, Hint: hint}
}

// drain reads to the end and asserts what must hold for every record.
func drain(t *testing.T, r reader, m *mapper) {
	rec := record{fields: make([]value, len(m.wanted))}
	last := int64(0)
	for {
		err := r.next(&rec)
		if err == io.EOF {
			return
		}
		if err != nil {
			if _, ok := err.(*FileError); !ok {
				t.Fatalf("error is no FileError: %v", err)
			}
			return
		}
		if rec.line < last {
			t.Fatalf("line %d after %d", rec.line, last)
		}
		last = rec.line
		if rec.blank || rec.rule != "" {
			continue
		}
		problem, excerpt := m.row(&rec)
		if !utf8.ValidString(excerpt) || problem != "" && !strings.Contains(problem, ": ") {
			t.Fatalf("problem %q, excerpt %q", problem, excerpt)
		}
		if problem != "" {
			continue
		}
		for _, f := range m.fields {
			if f.Required && m.out[f.out].IsNull() {
				t.Fatalf("row without %s", f.Name)
			}
			if s := m.out[f.out].Text(); s != "" && (!utf8.ValidString(s) || strings.Contains(s, "\x00") || f.Type == KeyColumn && len(s) != 32) {
				t.Fatalf("%s is %q", f.Name, s)
			}
		}
	}
}
