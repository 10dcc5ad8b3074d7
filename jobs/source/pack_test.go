package source

import (
	"fmt"
	"strings"
	"testing"
)

func TestPacks(t *testing.T) {
	packs, err := BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"meta_capi", "shopify_orders"} {
		if packs[name] == nil {
			t.Errorf("no pack %s", name)
		}
	}
}

// A joined value is there when all of its parts are.
func TestJoin(t *testing.T) {
	src := crm("o.csv")
	src.Columns["alt_order_id"] = Column{Join: []string{"id", "part"}}
	w := newWorld(t)
	w.parquet("o.parquet", "SELECT 'o' || i AS id, CASE i WHEN 0 THEN 'p' END AS part, '2025-09-07T00:00:00Z' AS at, 'verified' AS state, '1' AS total, 'USD' AS cur, NULL::VARCHAR AS mail FROM range(2) t(i)")
	w.write("o.csv", "id,part,at,state,total,cur,mail\no0,p,2025-09-07T00:00:00Z,verified,1,USD,\no1,,2025-09-07T00:00:00Z,verified,1,USD,\n")
	for _, format := range []string{"csv", "parquet"} {
		src.Format, src.Files = format, Globs{"data/o." + format}
		if _, err := w.load(Config{"crm": src}); err != nil {
			t.Fatal(err)
		}
		w.equal("SELECT order_id, alt_order_id FROM clean.crm_order ORDER BY order_id", "o0,o0/p", "o1,<nil>")
	}
	src.Columns["alt_order_id"] = Column{Join: []string{"id", "none|part|", "state"}}
	for _, format := range []string{"csv", "parquet"} {
		src.Format, src.Files = format, Globs{"data/o." + format}
		if _, err := w.load(Config{"crm": src}); err != nil {
			t.Fatal(err)
		}
		w.equal("SELECT order_id, alt_order_id FROM clean.crm_order ORDER BY order_id", "o0,o0/p/verified", "o1,o1//verified")
	}
	src.Columns["alt_order_id"] = Column{Join: []string{"id", "parts"}}
	for _, format := range []string{"csv", "parquet"} {
		src.Format, src.Files = format, Globs{"data/o." + format}
		if _, err := w.load(Config{"crm": src}); err == nil || !strings.Contains(err.Error(), "has no column parts; did you mean part?") {
			t.Errorf("%s without a part: %v", format, err)
		}
	}
	for _, c := range []struct {
		name   string
		column Column
		want   string
	}{
		{"order_id", Column{Join: []string{"a", "b"}}, ""},
		{"order_id", Column{Join: []string{"a", "b|c|"}, ID: Opaque}, ""},
		{"order_id", Column{Join: []string{"a", ""}}, "a column without a name"},
		{"order_id", Column{Join: []string{"a", "|b"}}, "a column without a name"},
		{"order_id", Column{Join: []string{"a", "b||c"}}, "a column without a name"},
		{"order_id", Column{Join: []string{"a"}, ID: Email}, "join stands beside other keys"},
		{"order_id", Column{Join: []string{"a"}, Column: "b"}, "join stands beside other keys"},
		{"order_id", Column{First: []Column{{Column: "b"}}, Join: []string{"a"}}, "first stands beside other keys"},
		{"value", Column{Join: []string{"a"}}, "value is no text"},
	} {
		v := &validation{}
		spec, _ := columnNamed("crm_order", c.name)
		if v.column(c.name, c.column, spec); (len(v.problems) > 0) != (c.want != "") || c.want != "" && v.problems[0].Message != c.want {
			t.Errorf("%+v: %v", c.column, v.problems)
		}
	}
}

// Conversions of different people are not one, whatever their ordinal and time; an
// update of one is. What tells them apart is stored as a key only.
func TestCM360EventID(t *testing.T) {
	w := newWorld(t)
	one := func(person string) string {
		return `{"conversions":[{"floodlightActivityId":"4","floodlightConfigurationId":"3","ordinal":"1","timestampMicros":"1757203200000000","value":1,` + person + `}]}` + "\n"
	}
	w.write("c.jsonl", one(`"gclid":"G1"`)+one(`"dclid":"D1"`)+one(`"matchId":"M1"`)+one(`"userIdentifiers":[{"hashedEmail":"`+mailHash+`"}]`)+one(`"quantity":"2"`)+
		one(`"gclid":"G1","userIdentifiers":[{"hashedEmail":"`+mailHash+`"}]`))
	src := Source{Format: "google_cm360", Files: Globs{"data/c.jsonl"}, Names: map[string]string{"4": "purchase"}}
	if _, err := w.load(Config{"c": src}); err != nil {
		t.Fatal(err)
	}
	w.equal(`SELECT count(*), count(event_id), count(DISTINCT event_id), count(*) FILTER (WHERE contains(event_id, 'G1') OR contains(event_id, '/')) FROM clean.event`, "6,6,5,0")
}

// States, consent and flags are words, whatever their capitals: exactly as listed first.
func TestWordsWithoutCapitals(t *testing.T) {
	w := newWorld(t)
	w.write("s.csv", "Name,Financial Status,Total,Created at\n1,Paid,5,2024-11-02 10:33:06 -0500\n2,REFUNDED,5,2024-11-02 10:33:06 -0500\n")
	w.write("g.jsonl", `{"client_id":"1.2","timestamp_micros":1757203200000000,"consent":{"ad_user_data":"denied","ad_personalization":"Granted"},"events":[{"name":"purchase","params":{}}]}`+"\n")
	plain := crm("o.csv")
	plain.Columns["status"] = Column{Column: "state", Values: map[string]string{"OK": "verified", "ok": "pending", "gone": "void"}}
	w.write("o.csv", "id,at,state,total,cur,mail\n1,2025-09-07T00:00:00Z,OK,1,USD,\n2,2025-09-07T00:00:00Z,ok,1,USD,\n3,2025-09-07T00:00:00Z,Gone,1,USD,\n4,2025-09-07T00:00:00Z,Verified,1,USD,\n")
	if _, err := w.load(Config{"shop": {Format: "shopify_orders", Files: Globs{"data/s.csv"}}, "ga": {Format: "ga4_measurement_protocol", Files: Globs{"data/g.jsonl"}}, "own": plain}); err != nil {
		t.Fatal(err)
	}
	w.equal(`SELECT source, order_id, status FROM clean.crm_order ORDER BY source, order_id`,
		"own,1,verified", "own,2,pending", "own,3,void", "own,4,verified", "shop,1,verified", "shop,2,refunded")
	w.equal(`SELECT consent_measurement, consent_personalisation FROM clean.event JOIN clean.signal USING (file_id, signal_no)`, "denied,granted")
}

// A file without a column that its pack is known by is another's: an order without
// Total would be one of no value.
func TestNamedPackNeedsItsColumns(t *testing.T) {
	w := newWorld(t)
	w.write("s.csv", "Name,Financial Status,Created at,Cancelled at\n1,paid,2024-11-02 10:33:06 -0500,\n")
	w.write("t.csv", "Name,Totals,Created at\n1,5,2024-11-02 10:33:06 -0500\n")
	w.parquet("e.parquet", "SELECT 'a' AS transaction, TIMESTAMP '2025-09-07' AS at")
	for _, c := range []struct{ format, file, want string }{
		{"shopify_orders", "s.csv", "the header has no column Total (the file has: Name, Financial Status, Created at, Cancelled at)"},
		{"shopify_orders", "t.csv", "the header has no column Financial Status, Total (the file has: Name, Totals, Created at"},
		{"generic_exposures", "e.parquet", "the file has: transaction, at"},
	} {
		if _, err := w.load(Config{"s": {Format: c.format, Files: Globs{"data/" + c.file}}}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s as %s: %v, want %s", c.file, c.format, err, c.want)
		}
	}
}

// A page of an API's answer, a list on one line, is as many records as it has elements.
func TestListOnALine(t *testing.T) {
	w := newWorld(t)
	order := func(id string) string {
		return `{"id":` + id + `,"status":"completed","date_created_gmt":"2025-09-07T00:00:00","total":"5","currency":"USD","billing":{}}`
	}
	w.write("p.jsonl", "["+order("1")+","+order("2")+"]\n["+order("3")+",7]\n[]\n[1]\n"+order("4")+"\n")
	if pack, _, err := w.detect("p.jsonl"); pack != "woocommerce_orders" {
		t.Errorf("detected as %q: %v", pack, err)
	}
	got, err := w.load(Config{"s": {Format: "woocommerce_orders", Files: Globs{"data/p.jsonl"}, MaxQuarantine: "100%"}})
	if err != nil {
		t.Fatal(err)
	}
	if g := got[0]; g.Records != 7 || g.Loaded != 4 || g.Quarantined != 2 || g.Blank != 1 {
		t.Errorf("got %+v", g)
	}
	w.equal("SELECT order_id, line_no FROM clean.crm_order ORDER BY order_id", "1,1", "2,1", "3,2", "4,5")
	w.equal("SELECT line_no, rule FROM ops.quarantine ORDER BY line_no", "2,an element of the list is no JSON object", "4,line is no JSON object")
}

// A refusal is found in the answer itself, though it has an object named data, and in
// the body that a client put it into.
func TestRefusedWithData(t *testing.T) {
	w := newWorld(t)
	var lines strings.Builder
	for i, answer := range []string{`{"code":0,"data":{}}`, `{"code":40002,"data":{}}`, `{"body":{"code":40002}}`, `{"data":{"code":0}}`} {
		fmt.Fprintf(&lines, `{"status":200,"response":%s,"payload":{"event_source":"web","event_source_id":"P","data":[{"event":"Purchase","event_time":1757203200,"event_id":"%d","user":{}}]}}`+"\n", answer, i)
	}
	w.write("t.jsonl", lines.String())
	if _, err := w.load(Config{"t": {Format: "tiktok_events", Files: Globs{"data/t.jsonl"}}}); err != nil {
		t.Fatal(err)
	}
	w.equal("SELECT event_id, platform_state FROM clean.event ORDER BY event_id", "0,accepted", "1,refused", "2,refused", "3,accepted")
}

// A name of one's own beside a standard tracking type does not take its place.
func TestRedditNames(t *testing.T) {
	w := newWorld(t)
	w.write("v2.jsonl", `{"event_at":"2025-09-07T00:00:00Z","event_type":{"tracking_type":"Purchase","custom_event_name":"Big buy"}}
{"event_at":"2025-09-07T00:00:00Z","event_type":{"tracking_type":"Custom","custom_event_name":"Quiz"}}
{"event_at":"2025-09-07T00:00:00Z","event_type":{"tracking_type":"Custom"}}
`)
	w.write("v3.jsonl", `{"event_at":1757203200000,"type":{"tracking_type":"PURCHASE","custom_event_name":"Big buy"}}
{"event_at":1757203200000,"type":{"tracking_type":"CUSTOM","custom_event_name":"Quiz"}}
`)
	if _, err := w.load(Config{"v2": {Format: "reddit_capi_v2", Files: Globs{"data/v2.jsonl"}}, "v3": {Format: "reddit_capi_v3", Files: Globs{"data/v3.jsonl"}}}); err != nil {
		t.Fatal(err)
	}
	w.equal(`SELECT source, line_no, event_name, canonical_name FROM clean.event JOIN clean.signal USING (file_id, signal_no) ORDER BY source, line_no`,
		"v2,1,Purchase,purchase", "v2,2,Quiz,<nil>", "v2,3,Custom,<nil>", "v3,1,PURCHASE,purchase", "v3,2,Quiz,<nil>")
}

// A prefix is stripped from texts only, and amounts only have a form of numbers.
func TestStripAndNumber(t *testing.T) {
	for _, c := range []struct {
		name   string
		column Column
		want   string
	}{
		{"order_id", Column{Column: "a", Strip: "#"}, ""},
		{"order_id", Column{Constant: "a", Strip: "#"}, "a constant has no prefix to strip"},
		{"value", Column{Column: "a", Strip: "#"}, "value is no text"},
		{"order_id", Column{First: []Column{{Column: "b"}}, Strip: "#"}, "first stands beside other keys"},
		{"value", Column{Column: "a", Number: CommaGroups}, ""},
		{"value", Column{Column: "a", Number: "1'234.5"}, "unknown number form"},
		{"order_id", Column{Column: "a", Number: CommaGroups}, "order_id is not money"},
	} {
		v := &validation{}
		spec, _ := columnNamed("crm_order", c.name)
		if v.column(c.name, c.column, spec); (len(v.problems) > 0) != (c.want != "") || c.want != "" && v.problems[0].Message != c.want {
			t.Errorf("%+v: %v", c.column, v.problems)
		}
	}
}

// Of consent the strictest word counts, however it is spelt.
func TestConsent(t *testing.T) {
	w := newWorld(t)
	src := crm("o.jsonl")
	src.Format = "jsonl"
	src.Columns["consent_measurement"] = Column{Column: "plain"}
	src.Columns["consent_personalisation"] = Column{First: []Column{
		{Column: "ads", Values: map[string]string{"GRANTED": "granted", "DENIED": "denied", "*": "unknown"}},
		{Column: "limited", Values: map[string]string{"true": "denied", "*": "unknown"}},
	}}
	var lines strings.Builder
	for i, said := range []string{`"plain": "Denied", "ads": "denied"`, `"plain": "granted", "ads": "Granted"`, `"ads": "GRANTED", "limited": true`,
		`"ads": "GRANTED", "limited": "True"`, `"ads": ["GRANTED", "DENIED"]`, `"plain": "maybe", "limited": false`, `"x": 1`} {
		fmt.Fprintf(&lines, `{"id": %d, "at": "2025-09-07T00:00:00Z", "state": "verified", %s}`+"\n", i, said)
	}
	w.write("o.jsonl", lines.String())
	if _, err := w.load(Config{"crm": src}); err != nil {
		t.Fatal(err)
	}
	w.equal("SELECT order_id, consent_measurement, consent_personalisation, consent_text FROM clean.crm_order ORDER BY order_id",
		"0,denied,denied,plain=Denied ads=denied",
		"1,granted,granted,plain=granted ads=Granted",
		"2,unknown,denied,ads=GRANTED limited=true",
		"3,unknown,denied,ads=GRANTED limited=True",
		"4,unknown,denied,ads=GRANTED,DENIED",
		"5,unknown,unknown,plain=maybe limited=false",
		"6,unknown,unknown,<nil>")
}
