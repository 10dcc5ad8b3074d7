package source

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What DuckDB alone reads wrong or loses without a word, and whatever else a file
// can be: each case says how many records are loaded, duplicate, quarantined and
// blank, and which line breaks which rule, or why the file is refused. Loading
// again loads nothing, and the balance holds either way.
func TestChaos(t *testing.T) {
	row := func(id, at, value string) string { return id + "," + at + ",verified," + value + ",USD,\n" }
	good := row("g", "2026-09-07T10:00:00Z", "1")
	at := func(s string) string { return orderHeader + row("1", s, "1") + good }
	value := func(s string) string { return orderHeader + row("1", "2026-09-07T10:00:00Z", s) + good }
	id := func(s string) string { return orderHeader + row(s, "2026-09-07T10:00:00Z", "1") + good }
	zoneless := func(s *Source) { s.Columns["ordered_at"] = Column{Column: "at"} }
	newYork := func(s *Source) { s.Columns["ordered_at"] = Column{Column: "at", Zone: "America/New_York"} }
	hashed := func(s *Source) { s.Columns["email_key"] = Column{Column: "mail", ID: SHA256} }
	received := func(s *Source) {
		s.Columns["received_at"] = Column{Column: "mail", Zone: "UTC"}
		delete(s.Columns, "email_key")
	}
	mail := func(s string) string { return orderHeader + "1,2026-09-07T10:00:00Z,verified,1,USD," + s + "\n" + good }
	const amount = "value: not an amount (digits with a decimal point)"
	for _, c := range []struct {
		name, file string
		change     func(*Source)
		balance    string // loaded + duplicate + quarantined + blank
		faults     string // line: column: rule, of every quarantined record
		refused    string
	}{
		{name: "22 missing column in a line", file: orderHeader + "1,2\n" + good, balance: "1+0+1+0", faults: "2: (record): row has 2 fields, the header 6"},
		{name: "23 extra column in a line", file: orderHeader + "1,2,3,4,5,6,7\n" + good, balance: "1+0+1+0", faults: "2: (record): row has 7 fields, the header 6"},
		{name: "24 stray quote", file: orderHeader + "1,2\"3,4\n" + good, balance: "1+0+1+0", faults: "2: (record): stray quote"},
		{name: "25 unclosed quote", file: orderHeader + good + "\"1,2\n" + strings.Repeat(good, 99), refused: "o.csv:3: a quote opened in the row of this line is never closed"},
		{name: "26 line after an embedded newline", file: orderHeader + "\"a\nb\nc\",2026-09-07T10:00:00Z,verified,1,USD,\n" + row("1", "x", "1"), balance: "1+0+1+0", faults: "5: ordered_at: not an ISO 8601 time"},
		{name: "27 mixed line ends", file: strings.Replace(orderHeader, "\n", "\r\n", 1) + strings.Replace(good, "\n", "\r\n", 1) + row("1", "2026-09-07T10:00:00Z", "1"), balance: "2+0+0+0"},
		{name: "28 byte-order mark", file: "\ufeff" + orderHeader + good, balance: "1+0+0+0"},
		{name: "29 UTF-16", file: "i\x00d\x00,\x00a\x00t\x00", refused: "the text looks like UTF-16"},
		{name: "30 Latin-1", file: id("caf\xe9"), balance: "1+0+1+0", faults: "2: (record): row is not valid UTF-8"},
		{name: "31 NUL", file: id("a\x00b"), balance: "1+0+1+0", faults: "2: (record): row holds a NUL byte"},
		{name: "32 field of 3 MB", file: id(strings.Repeat("x", 3<<20)), balance: "1+0+1+0", faults: "2: (record): row is longer than 2 MiB"},
		{name: "34 last line without its end", file: orderHeader + good + strings.TrimSuffix(row("1", "2026-09-07T10:00:00Z", "1"), "\n"), balance: "2+0+0+0"},
		{name: "34 last line cut", file: orderHeader + good + "1,2026-09-07T10:0", balance: "1+0+1+0", faults: "3: (record): row has 2 fields, the header 6"},
		{name: "35 header in another order", file: "mail,cur,total,state,at,id\n,USD,1,verified,2026-09-07T10:00:00Z,1\n", balance: "1+0+0+0"},
		{name: "36 header renamed", file: "id,at,status,total,cur,mail\n", refused: "the header has no column state; did you mean status?"},
		{name: "37 header twice", file: "id,at,state,total,cur,mail,at\n", refused: "column at is there twice in the header"},
		{name: "39 not a date", file: at("not-a-date"), balance: "1+0+1+0", faults: "2: ordered_at: not an ISO 8601 time"},
		{name: "39 an epoch where ISO is declared", file: at("1767225600"), balance: "1+0+1+0", faults: "2: ordered_at: not an ISO 8601 time"},
		{name: "40 month 13", file: at("2026-13-01T00:00:00Z"), balance: "1+0+1+0", faults: "2: ordered_at: not an ISO 8601 time"},
		{name: "40 30 February", file: at("2026-02-30T00:00:00Z"), balance: "1+0+1+0", faults: "2: ordered_at: not an ISO 8601 time"},
		{name: "42 time without zone", file: at("2026-09-07 10:00:00"), change: zoneless, balance: "1+0+1+0", faults: "2: ordered_at: time has no zone and the source declares none"},
		{name: "42 no time has a zone", file: orderHeader + row("1", "2026-09-07 10:00:00", "1"), change: zoneless, refused: "o.csv:2: column ordered_at: time has no zone and the source declares none"},
		{name: "43 skipped hour", file: at("2026-03-08 02:30:00"), change: newYork, balance: "1+0+1+0", faults: "2: ordered_at: no such local time: the zone's clocks skip it"},
		{name: "43 repeated hour", file: at("2026-11-01 01:30:00"), change: newYork, balance: "2+0+0+0"},
		{name: "44 offset", file: at("2026-09-07T15:30:00+05:30"), balance: "2+0+0+0"},
		{name: "45 received before it took place", file: mail("2026-09-06 09:59:59"), change: received, balance: "1+0+1+0", faults: "2: ordered_at: time is more than a day after the record was received"},
		{name: "45 received the same day", file: mail("2026-09-07 00:00:00"), change: received, balance: "2+0+0+0"},
		{name: "46 1970", file: at("1970-01-01T00:00:00Z"), balance: "1+0+1+0", faults: "2: ordered_at: time is outside the years 2000 to 2100"},
		{name: "46 9999", file: at("9999-12-31T00:00:00Z"), balance: "1+0+1+0", faults: "2: ordered_at: time is outside the years 2000 to 2100"},
		{name: "47 NaN", file: value("NaN"), balance: "1+0+1+0", faults: "2: " + amount},
		{name: "47 infinity", file: value("inf"), balance: "1+0+1+0", faults: "2: " + amount},
		{name: "47 1e999", file: value("1e999"), balance: "1+0+1+0", faults: "2: value: amount is too large"},
		{name: "48 below zero", file: value("-1"), balance: "1+0+1+0", faults: "2: value: amount is below zero"},
		{name: "48 refunds allowed", file: value("-1"), change: func(s *Source) { s.AllowRefunds = true }, balance: "2+0+0+0"},
		{name: "49 decimal comma", file: value(`"1,5"`), balance: "1+0+1+0", faults: "2: value: " + commaRule},
		{name: "49 currency sign", file: value("$12"), balance: "1+0+1+0", faults: "2: " + amount},
		{name: "49 blank in a number", file: value("1 234"), balance: "1+0+1+0", faults: "2: " + amount},
		{name: "51 id of 20 digits", file: id("12345678901234567890"), balance: "2+0+0+0"},
		{name: "52 placeholder id", file: id("null"), balance: "1+0+1+0", faults: "2: order_id: missing"},
		{name: "52 id of zeros", file: id("00000000-0000-0000-0000-000000000000"), balance: "1+0+1+0", faults: "2: order_id: missing"},
		{name: "53 raw e-mail in a hash column", file: mail("ann@example.org"), change: hashed, balance: "1+0+1+0", faults: "2: email_key: not a SHA-256 hash (64 hex digits)"},
		{name: "53 raw phone in a hash column", file: mail("+12125550123"), change: hashed, balance: "1+0+1+0", faults: "2: email_key: not a SHA-256 hash (64 hex digits)"},
		{name: "53 hash of nothing", file: mail(emptyHash), change: hashed, balance: "1+0+1+0", faults: "2: email_key: hash of an empty text"},
		{name: "53 raw e-mail as an id", file: id("ann@example.org"), balance: "1+0+1+0", faults: "2: order_id: text holds an e-mail address"},
		{name: "53 raw phone as an id", file: id("+1 212 555 0123"), balance: "1+0+1+0", faults: "2: order_id: text holds a phone number"},
		{name: "a customer's typing error", file: mail("0151 nonsense"), balance: "2+0+0+0"},
		{name: "56 text that is code", file: id("\"=cmd|' /C calc'!A0</script><script>\u202e\""), balance: "2+0+0+0"},
		{name: "57 the same row twice", file: orderHeader + good + good, balance: "1+1+0+0"},
		{name: "58 the same order, other content", file: orderHeader + good + row("g", "2026-09-07T10:00:00Z", "2"), balance: "2+0+0+0"},
		{name: "9 header only", file: orderHeader, balance: "0+0+0+0"},
		{name: "blank lines", file: orderHeader + "\n" + good + "\r\n\n", balance: "1+0+0+3"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			src := crm("o.csv")
			if c.change != nil {
				c.change(&src)
			}
			w.write("o.csv", c.file)
			w.chaos(Config{"crm": src}, c.balance, c.faults, c.refused)
		})
	}
}

// The same for JSON lines.
func TestChaosJSON(t *testing.T) {
	const good = `{"event":"purchase","at":1757203200,"id":"e1"}` + "\n"
	plain := Source{Table: "event", Format: "jsonl", Files: Globs{"data/e.jsonl"}, Surface: "pixel", MaxQuarantine: "100%", Columns: map[string]Column{
		"event_name": {Column: "event"}, "occurred_at": {Column: "at", Time: EpochSecond}, "event_id": {Column: "id"}, "value": {Column: "v"},
	}}
	lines := func(s string) string { return s + "\n" + good + `{"event":"lead","at":1757203200,"v":1}` + "\n" }
	for _, c := range []struct{ name, file, balance, faults, refused string }{
		{name: "33 object of 17 MB", file: lines(`{"event":"` + strings.Repeat("x", 17<<20) + `"}`), balance: "2+0+1+0", faults: "1: (record): line is longer than 16 MiB"},
		{name: "41 milliseconds among seconds", file: lines(`{"event":"purchase","at":1757203200000}`), balance: "2+0+1+0", faults: "1: occurred_at: time is epoch_ms by its size, declared epoch_s"},
		{name: "51 number of 20 digits", file: lines(`{"event":"purchase","at":1757203200,"id":12345678901234567890}`), balance: "3+0+0+0"},
		{name: "62 malformed line", file: lines(`{"event":`), balance: "2+0+1+0", faults: "1: (record): malformed JSON at byte 9"},
		{name: "62 array", file: lines(`[1]`), balance: "2+0+1+0", faults: "1: (record): line is no JSON object"},
		{name: "62 bare string", file: lines(`"text"`), balance: "2+0+1+0", faults: "1: (record): line is no JSON object"},
		{name: "62 blank line", file: lines(``), balance: "2+0+0+1"},
		{name: "63 the same key twice", file: lines(`{"event":"a","event":"b","at":1757203200}`), balance: "2+0+1+0", faults: "1: (record): an object has the same key twice"},
		{name: "64 text after the object", file: lines(`{"event":"a","at":1757203200} x`), balance: "2+0+1+0", faults: "1: (record): malformed JSON at byte 31"},
		{name: "47 NaN", file: lines(`{"event":"a","at":1757203200,"v":NaN}`), balance: "2+0+1+0", faults: "1: (record): malformed JSON at byte 34"},
		{name: "wrong type", file: lines(`{"event":{"a":1},"at":1757203200}`), balance: "2+0+1+0", faults: "1: event_name: an object where one value is needed"},
		{name: "65 required key misspelt", file: `{"evnt":"a","at":1757203200,"v":1}` + "\n", refused: "column event_name: 100% missing: none of the 1 records has event (correct columns.event_name of the source; did you mean evnt?)"},
		{name: "65 optional key misspelt", file: strings.Repeat(`{"event":"a","at":1757203200,"id":"e1","vaule":1}`+"\n", 10), refused: "column value: 100% missing: none of the 10 records has v"},
		{name: "65 few records without an optional key", file: good, balance: "1+0+0+0"},
		{name: "last line cut", file: good + `{"event":"purchase","at":17572`, balance: "1+0+1+0", faults: "2: (record): malformed JSON at byte 30"},
		{name: "UTF-16", file: "\xff\xfe{\x00", refused: "the text looks like UTF-16"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.write("e.jsonl", c.file)
			w.chaos(Config{"log": plain}, c.balance, c.faults, c.refused)
		})
	}
}

// chaos loads a source of one file twice and compares what became of it.
func (w *world) chaos(cfg Config, balance, faults, refused string) {
	w.t.Helper()
	got, err := w.load(cfg)
	var broken *FileError
	if refused != "" {
		if !errors.As(err, &broken) || !strings.Contains(err.Error(), refused) {
			w.t.Errorf("got %v, want %s", err, refused)
		}
		w.equal(`SELECT count(*) FROM duckdb_tables() WHERE (schema_name = 'clean' OR table_name IN ('load', 'quarantine', 'unusable')) AND estimated_size > 0`, "0")
		return
	}
	var all *ToleranceError
	if err != nil && !errors.As(err, &all) {
		w.t.Fatal(err)
	}
	g := got[0]
	if b := fmt.Sprintf("%d+%d+%d+%d", g.Loaded, g.Duplicate, g.Quarantined, g.Blank); b != balance || g.Records != g.Loaded+g.Duplicate+g.Quarantined+g.Blank {
		w.t.Errorf("balance %s of %d records, want %s", b, g.Records, balance)
	}
	found := w.text(`SELECT line_no || ': ' || column_name || ': ' || rule FROM ops.quarantine ORDER BY line_no, ordinal`)
	if diff := cmp.Diff(faults, strings.Join(found, "\n")); diff != "" {
		w.t.Errorf("quarantined (-want +got):\n%s", diff)
	}
	w.equal(`SELECT count(*) FROM clean.`+g.Table, fmt.Sprint(g.Loaded))
	if again, _ := w.load(cfg); again[0].State != StateSkipped {
		w.t.Errorf("loaded again: %+v", again[0])
	}
	w.equal(`SELECT count(*), sum(records - loaded - duplicate - quarantined - blank) FROM ops.load`, "1,0")
}

// Of a local time that the zone's clocks show twice the earlier instant is taken, and
// counted; an offset says which one is meant.
func TestRepeatedHour(t *testing.T) {
	w := newWorld(t)
	w.write("o.csv", orderHeader+
		"1,2026-11-01 00:59:59,verified,1,USD,\n"+
		"2,2026-11-01 01:00:00,verified,1,USD,\n"+
		"3,2026-11-01 01:59:59,verified,1,USD,\n"+
		"4,2026-11-01 02:00:00,verified,1,USD,\n"+
		"5,2026-11-01 01:30:00-05:00,verified,1,USD,\n")
	src := crm("o.csv")
	src.Columns["ordered_at"] = Column{Column: "at", Zone: "America/New_York"}
	got, err := w.load(Config{"crm": src})
	if err != nil || got[0].Twice != 2 || got[0].Unusable != 0 {
		t.Errorf("got %+v, %v", got, err)
	}
	w.equal(`SELECT order_id, epoch(make_timestamp(ordered_us))::BIGINT - 1793509200 FROM clean.crm_order ORDER BY order_id`, "1,-1", "2,0", "3,3599", "4,7200", "5,5400")
	w.equal(`SELECT column_name, rule, records FROM ops.unusable`, "ordered_at,"+ShownTwice+",2")
}

// However an id is written, it becomes one key; names become one by their composed
// form.
func TestOneKeyHoweverWritten(t *testing.T) {
	w := newWorld(t)
	w.write("o.csv", orderHeader+
		"1,2026-09-07T10:00:00Z,verified,1,USD,ann@example.org\n"+
		"\u200b1\u00a0,2026-09-07T10:00:00Z,verified,1,USD,\u00a0 ANN@Exam\u200bple.org\u200b\n"+
		"cafe\u0301,2026-09-07T10:00:00Z,verified,1,USD,\n"+
		"caf\u00e9,2026-09-07T10:00:00Z,verified,1,USD,\n"+
		"12345678901234567890,2026-09-07T15:30:00+05:30,verified,1,USD,\n")
	got, err := w.load(Config{"crm": crm("o.csv")})
	if err != nil || got[0].Duplicate != 2 {
		t.Errorf("got %+v, %v", got, err)
	}
	w.equal(`SELECT order_id, email_key, ordered_us FROM clean.crm_order ORDER BY order_id`,
		"1,"+w.key(Email, "ann@example.org")+",1788775200000000",
		"12345678901234567890,<nil>,1788775200000000",
		"caf\u00e9,<nil>,1788775200000000")
}

// A Parquet file that is cut anywhere is refused; a flipped byte in plain data is
// not seen without a manifest, and with one it is.
func TestChaosParquet(t *testing.T) {
	w := newWorld(t)
	const query = `SELECT i AS id, TIMESTAMPTZ '2026-09-07 10:00:00+00' AS at, 'verified' AS state, 1 AS total, 'USD' AS cur, 'order' AS mail FROM range(2000) t(i)`
	w.parquet("whole.parquet", query)
	whole, err := os.ReadFile(filepath.Join(w.dir, "data", "whole.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	w.remove("whole.parquet")
	src := crm("o.parquet")
	src.Format = "parquet"
	src.Columns["email_key"] = Column{Column: "mail", ID: Opaque}
	for name, data := range map[string][]byte{
		"half": whole[:len(whole)/2], "no footer": whole[:len(whole)-8], "no magic": whole[:len(whole)-1],
		"only magic": []byte("PAR1"), "text": []byte(orderHeader), "doubled": append(bytes.Clone(whole[:len(whole)-8]), make([]byte, 8)...),
	} {
		w.write("o.parquet", string(data))
		_, err := w.load(Config{"crm": src})
		var refused *FileError
		if !errors.As(err, &refused) {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.write("o.parquet", string(whole))
	if got, err := w.load(Config{"crm": src}); err != nil || got[0].Loaded != 2000 {
		t.Errorf("whole: %+v, %v: %v", got, err, errors.Unwrap(err))
	}
	files, err := w.find("crm", src)
	if err != nil {
		t.Fatal(err)
	}
	w.write("list", files[0].SHA256+"  o.parquet\n")
	src.Manifest = "data/list"
	if _, err := w.find("crm", src); err != nil {
		t.Errorf("with its manifest: %v", err)
	}
	whole[len(whole)/3] ^= 0x10
	w.write("o.parquet", string(whole))
	if _, err := w.find("crm", src); err == nil || !strings.Contains(err.Error(), "not what the manifest data/list states (SHA-256)") {
		t.Errorf("a flipped byte: %v", err)
	}
}

// A file of the same size that takes the place of another within the same second is
// read as it is, and not from what the engine remembers.
func TestParquetRewrittenAtOnce(t *testing.T) {
	w := newWorld(t)
	src := crm("o.parquet")
	src.Format = "parquet"
	for _, id := range []string{"a", "b", "c"} {
		w.parquet("o.parquet", `SELECT '`+id+`' AS id, '2026-09-07 10:00:00' AS at, 'verified' AS state, 1 AS total, 'USD' AS cur, '' AS mail`)
		if _, err := w.load(Config{"crm": src}); err != nil {
			t.Fatal(err)
		}
		w.equal(`SELECT order_id FROM clean.crm_order`, id)
	}
}

// find lists the files of a source.
func (w *world) find(name string, src Source) ([]File, error) {
	roots, err := OpenRoots(w.dir, []string{"data"})
	if err != nil {
		return nil, err
	}
	defer roots.Close()
	return roots.Find(name, src)
}

// An id that was text and is a number in the next file has lost what joined it.
func TestParquetTypeChanged(t *testing.T) {
	w := newWorld(t)
	const rest = `, TIMESTAMPTZ '2026-09-07 10:00:00+00' AS at, 'verified' AS state, CAST(1 AS DECIMAL(9,2)) AS total, 'USD' AS cur, '' AS mail`
	src := crm("*.parquet")
	src.Format = "parquet"
	w.parquet("1.parquet", "SELECT '007' AS id"+rest)
	w.parquet("2.parquet", "SELECT '008' AS id"+strings.Replace(rest, "CAST(1 AS DECIMAL(9,2))", "1", 1)) // another width of number
	if _, err := w.load(Config{"crm": src}); err != nil {
		t.Fatal(err)
	}
	w.parquet("3.parquet", "SELECT 9 AS id"+rest)
	_, err := w.load(Config{"crm": src})
	const want = "data/3.parquet: column id is INTEGER, and VARCHAR in data/1.parquet (the file has: at TIMESTAMP WITH TIME ZONE, cur VARCHAR, id INTEGER"
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v", err)
	}
	w.equal(`SELECT count(*) FROM clean.crm_order`, "2")
}

var smallFiles = flag.Int("small-files", 120, "how many small files TestManySmallFiles loads")

// Many small files are loaded one by one in the memory of one.
func TestManySmallFiles(t *testing.T) {
	w := newWorld(t)
	files := *smallFiles
	for i := range files {
		w.write(fmt.Sprintf("%05d.csv", i), orderHeader+fmt.Sprintf("o%d,2026-09-07 10:00:00,verified,1,USD,\n", i))
	}
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	got, err := w.load(Config{"crm": crm("*.csv")})
	if err != nil || len(got) != files {
		t.Fatalf("%d files, %v", len(got), err)
	}
	if grown := int64(heap()) - int64(before); grown > min(int64(files)*64<<10, 32<<20) {
		t.Errorf("memory grew by %d bytes over %d files", grown, files)
	}
	w.equal(`SELECT count(*), sum(loaded) FROM ops.load`, fmt.Sprintf("%d,%d", files, files))
	again, err := w.load(Config{"crm": crm("*.csv")})
	if err != nil || again[0].State != StateSkipped || again[files-1].State != StateSkipped {
		t.Errorf("again: %v", err)
	}
}

// An exposure log that the engine reads by itself refuses what the mapper does.
func TestChaosParquetLog(t *testing.T) {
	w := newWorld(t)
	w.parquet("l.parquet", `SELECT * FROM (VALUES ('i1', 'h1', 1757203200000, 1757203200000), ('+12125550123', 'h1', 1757203200000, 1757203200000),
		('a@b', 'h1', 1757203200000, 1757203200000), ('ab+cd/12', 'h1', 1757203200000, 1757203200000), ('i2', 'h1', 1757203200000, 1757000000000),
		('i3', '203.0.113.300', 1757203200000, NULL)) t(imp, hh, ts, rec)`)
	src := exposures("parquet", "l.parquet")
	src.MaxQuarantine = "100%"
	delete(src.Columns, "creative")
	delete(src.Columns, "kind")
	src.Columns["received_at"] = Column{Column: "rec", Time: EpochMilli}
	for _, native := range []bool{true, false} {
		if !native { // an alternative is read in Go
			src.Columns["line_item"] = Column{First: []Column{{Column: "imp", Values: map[string]string{"*": "x"}}, {Constant: "x"}}}
		}
		if _, err := w.load(Config{"log": src}); err != nil {
			t.Fatal(err)
		}
		// a@b is no address
		w.equal(`SELECT line_no, column_name, rule FROM ops.quarantine ORDER BY line_no`,
			"2,exposure_id,text holds a phone number", "5,exposed_at,"+lateRule)
	}
}
