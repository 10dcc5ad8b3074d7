package source

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
)

func exposures(format, glob string) Source {
	return Source{Table: "exposure", Format: format, Files: Globs{"data/" + glob}, Columns: map[string]Column{
		"exposure_id":   {Column: "imp"},
		"household_key": {Column: "hh"},
		"exposed_at":    {Column: "ts", Time: EpochMilli},
		"creative":      {Column: "cr"},
		"kind":          {Column: "type", Values: map[string]string{"imp": "delivered"}},
		"campaign":      {Constant: "Always on"},
	}}
}

const exposureCSV = `imp,hh,ts,cr,type
i1,h1,1757203200000,A,imp
i2,h2,1757203201500,"B, ""big""",ghost
i3,h1,1757203202000,,
`

func TestLoadCSV(t *testing.T) {
	w := newWorld(t)
	w.write("a.csv", exposureCSV)
	cfg := Config{"log": exposures("csv", "*.csv")}
	got, err := w.load(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if g := got[0]; g.State != StateLoaded || g.Records != 3 || g.Loaded != 3 || *g.FirstUS != 1757203200000000 || *g.LastUS != 1757203202000000 {
		t.Errorf("got %+v", g)
	}
	h1, h2 := w.key(Opaque, "h1"), w.key(Opaque, "h2")
	w.equal(`SELECT exposure_id, household_key, exposed_us, received_us, campaign, creative, kind, line_no FROM `+shown+` ORDER BY line_no`,
		"i1,"+h1+",1757203200000000,1757203200000000,Always on,A,delivered,2",
		"i2,"+h2+`,1757203201500000,1757203201500000,Always on,B, "big",ghost,3`,
		"i3,"+h1+",1757203202000000,1757203202000000,Always on,(none),delivered,4")
	w.equal(`SELECT source, path, records, loaded, duplicate, quarantined, blank, state, first_error, run_id FROM ops.load`,
		"log,data/a.csv,3,3,0,0,0,loaded,<nil>,r1")

	again, err := w.load(cfg)
	if err != nil || again[0].State != StateSkipped {
		t.Errorf("second load: %+v, %v", again, err)
	}
	w.equal(`SELECT count(*) FROM clean.exposure`, "3")

	w.write("a.csv", strings.Replace(exposureCSV, "i3,h1", "i3,h2", 1)+"i4,h4,1757203209000,C,imp\n")
	restated, err := w.load(cfg)
	if err != nil || restated[0].State != StateRestated {
		t.Errorf("restated load: %+v, %v", restated, err)
	}
	w.equal(`SELECT count(*), count(*) FILTER (household_key = '`+h2+`') FROM clean.exposure`, "4,2")
	w.equal(`SELECT count(*) FROM ops.load`, "1")

	// The content moves to another path: nothing is loaded, the path follows.
	w.write("b.csv", strings.Replace(exposureCSV, "i3,h1", "i3,h2", 1)+"i4,h4,1757203209000,C,imp\n")
	w.remove("a.csv")
	moved, err := w.load(cfg)
	if err != nil || moved[0].State != StateSkipped {
		t.Errorf("moved: %+v, %v", moved, err)
	}
	w.equal(`SELECT path FROM ops.load`, "data/b.csv")

	// Another mapping is another load.
	src := cfg["log"]
	src.Columns["campaign"] = Column{Constant: "Autumn"}
	if _, err := w.load(cfg); err != nil {
		t.Fatal(err)
	}
	w.equal(`SELECT DISTINCT campaign FROM `+shown, "Autumn")
	w.equal(`SELECT count(*) FROM ops.load`, "1")

	// Files taken away take their rows with them.
	w.write("c.csv", exposureCSV)
	w.remove("b.csv")
	if _, err := w.load(cfg); err != nil {
		t.Fatal(err)
	}
	w.equal(`SELECT count(*), min(line_no) FROM clean.exposure`, "3,2")
}

func crm(glob string) Source {
	return Source{Table: "crm_order", Format: "csv", Files: Globs{"data/" + glob}, MaxQuarantine: "100%", Columns: map[string]Column{
		"order_id":   {Column: "id"},
		"ordered_at": {Column: "at", Zone: "UTC"},
		"status":     {Column: "state"},
		"value":      {Column: "total"},
		"currency":   {Column: "cur"},
		"email_key":  {Column: "mail"},
	}}
}

// Every fault of a row goes to quarantine with its physical line and rule, its
// neighbours are loaded, and nothing that could identify a person is kept.
func TestQuarantineCSV(t *testing.T) {
	w := newWorld(t)
	rows := []string{
		"id,at,state,total,cur,mail",
		`1,2026-09-07 10:00:00,verified,10.50,usd,a@x.org`,
		`2,2026-09-07 10:00:00,verified,10.50`,
		`3,2026-09-07 10:00:00,verified,10.50,USD,a@x.org,more`,
		`4,2026-09-07 10:00:00,ver"ified,10.50,USD,a@x.org`,
		"5,2026-09-07 10:00:00,verified,10.50,USD,a\x00b@x.org",
		"6,2026-09-07 10:00:00,verified,10.50,USD,jos\xe9@x.org",
		`7,not-a-date,verified,10.50,USD,a@x.org`,
		`8,2026-13-07 10:00:00,verified,10.50,USD,a@x.org`,
		``,
		`9,2026-09-07 10:00:00,verified,"1,5",USD,a@x.org`,
		`10,2026-09-07 10:00:00,verified,$12,USD,a@x.org`,
		`11,2026-09-07 10:00:00,verified,NaN,USD,a@x.org`,
		`12,2026-09-07 10:00:00,verified,-1,USD,a@x.org`,
		`13,2026-09-07 10:00:00,paid,1,USD,a@x.org`,
		`14,2026-09-07 10:00:00,verified,1,dollars,a@x.org`,
		`15,2026-09-07 10:00:00,verified,1,USD,secret.person`,
		`null,2026-09-07 10:00:00,verified,1,USD,a@x.org`,
		"\"16\n\n\",2026-09-07 10:00:00,verified,1,USD,secret@person.org",
		`17,2026-09-07 10:00:00,"bad`,
		`still",1,USD,secret@person.org`,
		`secret@person.org,2026-09-07 10:00:00,verified,1,USD,`,
		`1,2026-09-07 10:00:00,verified,10.50,usd,a@x.org`,
		"18,2026-09-07 10:00:00,verified,1,USD,\u00a0A@X.org\u200b",
	}
	file := "\ufeff" + strings.Join(rows[:5], "\r\n") + "\n" + strings.Join(rows[5:], "\n")
	w.write("o.csv", file)
	got, err := w.load(Config{"crm": crm("o.csv")})
	if err != nil {
		t.Fatal(err)
	}
	g := got[0]
	if g.Records != 22 || g.Loaded != 4 || g.Duplicate != 1 || g.Quarantined != 16 || g.Blank != 1 || g.Unusable != 1 {
		t.Errorf("got %+v", g)
	}
	w.equal(`SELECT order_id, value_micros, currency, email_key FROM clean.crm_order ORDER BY line_no`,
		"1,10500000,USD,"+w.key(Email, "a@x.org"), "15,1000000,USD,<nil>", "16,1000000,USD,"+w.key(Email, "secret@person.org"), "18,1000000,USD,"+w.key(Email, "a@x.org"))
	w.equal(`SELECT line_no, column_name, rule, excerpt FROM ops.quarantine ORDER BY line_no`,
		"3,(record),row has 4 fields, the header 6,9,9999-99-99 99:99:99,xxxxxxxx,99.99",
		"4,(record),row has 7 fields, the header 6,9,9999-99-99 99:99:99,xxxxxxxx,99.99,xxx,x@x.xxx…",
		"5,(record),stray quote,9,9999-99-99 99:99:99,xxx\"xxxxx,99.99,xxx,x@x.xx…",
		"6,(record),row holds a NUL byte,9,9999-99-99 99:99:99,xxxxxxxx,99.99,xxx,x?x@x.x…",
		"7,(record),row is not valid UTF-8,9,9999-99-99 99:99:99,xxxxxxxx,99.99,xxx,xxx?@x.…",
		"8,ordered_at,not an ISO 8601 time,xxx-x-xxxx",
		"9,ordered_at,not an ISO 8601 time,9999-99-99 99:99:99",
		"11,value,not an amount (it has a comma: number in its mapping says how to read it, \"1,234.5\", \"1.234,5\" or \"1 234,5\"),9,9",
		"12,value,not an amount (digits with a decimal point),$99",
		"13,value,not an amount (digits with a decimal point),xxx",
		"14,value,amount is below zero,-9",
		"15,status,none of verified, authorized, pending, refunded, void, unknown,paid",
		"16,currency,not a three-letter currency code,xxxxxxx",
		"18,order_id,missing,xxxx",
		"22,status,none of verified, authorized, pending, refunded, void, unknown,xxx?xxxxx",
		"24,order_id,text holds an e-mail address,xxxxxx@xxxxxx.xxx")
	w.equal(`SELECT source, column_name, rule, records FROM ops.unusable`, "crm,email_key,not an e-mail address,1")
	w.equal(`SELECT line_no, byte_offset FROM ops.quarantine WHERE line_no IN (3, 22) ORDER BY line_no`,
		fmt.Sprintf("3,%d", strings.Index(file, rows[2])), fmt.Sprintf("22,%d", strings.Index(file, "17,2026")))
}

func TestRefusedFiles(t *testing.T) {
	cases := []struct {
		name, file, content string
		line                int64
		want                string
	}{
		{"no header", "o.csv", "1,2026-09-07,x\n", 1, "the first line names none of the mapped columns (id, at, state, total, cur, mail)"},
		{"renamed column", "o.csv", "id,at,status,total,cur,mail\n", 1, "the header has no column state; did you mean status? (the file has: id, at, status, total, cur, mail)"},
		{"duplicate column", "o.csv", "id,at,state,total,cur,mail,at\n", 1, "column at is there twice"},
		{"UTF-16", "o.csv", "\xff\xfei\x00d\x00,\x00", 1, "looks like UTF-16"},
		{"unclosed quote", "o.csv", "id,at,state,total,cur,mail\n1,2,3,4,5,6\n1,\"2,3,4,5,6\n1,2,3,4,5,6\n", 3, "never closed"},
		{"compressed unnamed", "o.csv", "\x1f\x8b\x08\x00", 0, "compressed and its name does not say so"},
		{"plain text named gz", "o.csv.gz", "id,at,state,total,cur,mail\n", 0, "not compressed as its name says"},
		{"empty file", "o.csv", "", 0, "the file is empty (0 bytes)"},
		{"blank header", "o.csv", "\nid\n", 1, "the header line is blank"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.write(c.file, c.content)
			_, err := w.load(Config{"crm": crm("o.*")})
			var refused *FileError
			if !errors.As(err, &refused) || refused.Line != c.line || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want line %d: %s", err, c.line, c.want)
			}
			if n := w.text(`SELECT count(*) FROM duckdb_tables() WHERE table_name LIKE 'stage%' OR table_name LIKE 'source%'`); n[0] != "0" {
				t.Errorf("%s tables of the refused file are left", n[0])
			}
		})
	}
}

func TestMissingFiles(t *testing.T) {
	w := newWorld(t)
	src := crm("none-*.csv")
	_, err := w.load(Config{"crm": src})
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "source crm: data/none-*.csv: no file matches this pattern") {
		t.Errorf("got %v", err)
	}
	src.Optional = true
	if got, err := w.load(Config{"crm": src}); err != nil || len(got) != 0 {
		t.Errorf("optional: %v, %v", got, err)
	}
	w.write("none-1.csv", "")
	got, err := w.load(Config{"crm": src})
	if err != nil || len(got) != 1 || got[0].Records != 0 {
		t.Errorf("optional and empty: %+v, %v", got, err)
	}
	w.write("none-1.csv", "id,at,state,total,cur,mail\n")
	got, err = w.load(Config{"crm": crm("none-*.csv")})
	if err != nil || len(got) != 1 || got[0].Records != 0 || got[0].FirstUS != nil {
		t.Errorf("header only: %+v, %v", got, err)
	}
	w.equal(`SELECT records, loaded, first_us FROM ops.load`, "0,0,<nil>")
}

func TestFilesAreSortedAndOnce(t *testing.T) {
	w := newWorld(t)
	for _, n := range []string{"b.csv", "a.csv", "c.csv"} {
		w.write(n, "id,at,state,total,cur,mail\n"+n+",2026-09-07 10:00:00,verified,1,USD,\n")
	}
	src := crm("*.csv")
	src.Files = append(src.Files, "data/a.csv", "data/[ab].csv")
	got, err := w.load(Config{"crm": src})
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, g := range got {
		paths = append(paths, g.Path)
	}
	if want := []string{"data/a.csv", "data/b.csv", "data/c.csv"}; !slices.Equal(paths, want) {
		t.Errorf("got %v, want %v", paths, want)
	}
}
