package source

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"ghostlight/jobs/warehouse"
)

// parquet writes a query's rows as data/<name>.
func (w *world) parquet(name, query string) {
	w.t.Helper()
	err := w.db.Transact(w.t.Context(), func(tx *warehouse.Tx) error {
		_, err := tx.Exec(w.t.Context(), "COPY ("+query+") TO "+quoteText(filepath.Join(w.dir, "data", name))+" (FORMAT parquet)")
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// A Parquet log that the engine reads by itself and the same rows as CSV, read in
// Go, become the same clean rows, with the same faults found.
func TestParquetAgreesWithCSV(t *testing.T) {
	t.Run("names that break rules", func(t *testing.T) { testParquetAgrees(t, "a@x.org", "other", true) })
	t.Run("names that break none", func(t *testing.T) { testParquetAgrees(t, "it''s", "ghost", false) })
}

func testParquetAgrees(t *testing.T, creative, kind string, broken bool) {
	const hh = `CASE i % 7 WHEN 0 THEN ' h' || i % 50 || chr(160) WHEN 1 THEN upper(sha256('h' || i % 50)) WHEN 2 THEN 'null' WHEN 3 THEN '' WHEN 4 THEN NULL ELSE 'h' || i % 50 END`
	const ts = `CASE i % 11 WHEN 0 THEN 1757203200 + i WHEN 1 THEN NULL ELSE 1757203200000 + i END`
	cr := `CASE i % 13 WHEN 0 THEN '' WHEN 1 THEN NULL WHEN 2 THEN ' Ä ' WHEN 3 THEN '` + creative + `' ELSE 'creative ' || i % 3 END`
	kd := `CASE i % 17 WHEN 0 THEN '` + kind + `' WHEN 1 THEN '' WHEN 2 THEN 'ghost' ELSE 'imp' END`
	const id = `CASE i % 19 WHEN 0 THEN '' WHEN 1 THEN NULL WHEN 2 THEN 'null' WHEN 3 THEN 'i' || i || chr(160) WHEN 4 THEN '00000000-0000-0000-0000-000000000000'
		WHEN 5 THEN '{{imp}}' WHEN 6 THEN '${imp}' WHEN 7 THEN 'a@1' WHEN 8 THEN 'p' || i || '@x.org' WHEN 9 THEN '+12125550' || 100 + i % 3 WHEN 10 THEN 'x+' || i || '+/=='
		WHEN 11 THEN ' (not set) ' WHEN 12 THEN '+19' WHEN 13 THEN '0000' WHEN 14 THEN chr(9) || 'i' || i ELSE 'i' || i END`
	query := "SELECT " + id + " AS imp, " + hh + " AS hh, " + ts + " AS ts, " + cr + " AS cr, " + kd + " AS type FROM range(5000) t(i)"

	w := newWorld(t)
	w.parquet("a.parquet", query)
	err := w.db.Transact(t.Context(), func(tx *warehouse.Tx) error {
		_, err := tx.Exec(t.Context(), "COPY ("+query+") TO "+quoteText(filepath.Join(w.dir, "data", "a.csv"))+" (HEADER, FORCE_QUOTE *)")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	p, c := exposures("parquet", "a.parquet"), exposures("csv", "a.csv")
	p.MaxQuarantine, c.MaxQuarantine = "100%", "100%"
	got, err := w.load(Config{"p": p, "c": c})
	if err != nil {
		t.Fatal(err)
	}
	if got[0].Loaded == 0 || got[0].Loaded != got[1].Loaded || got[0].Quarantined != got[1].Quarantined || got[1].Records != 5000 {
		t.Errorf("csv %+v\nparquet %+v", got[0], got[1])
	}
	w.equal(`SELECT count(*) FROM (
		SELECT exposure_id, household_key, exposed_us, received_us, campaign, creative, kind, line_no - 1 FROM `+shown+` WHERE source = 'c'
		EXCEPT ALL SELECT exposure_id, household_key, exposed_us, received_us, campaign, creative, kind, line_no FROM `+shown+` WHERE source = 'p')`, "0")
	w.equal(`SELECT count(DISTINCT household_key), count(DISTINCT creative), count(DISTINCT kind) FROM `+shown+` WHERE source = 'p'`, map[bool]string{true: "50,5,2", false: "50,6,2"}[broken])
	w.equal(`SELECT count(exposure_id) FROM `+shown+` WHERE source = 'p' AND (exposure_id LIKE '%00000%' OR exposure_id LIKE '%{%')`, "0")
	w.equal(`SELECT count(*) > 0 FROM `+shown+` WHERE source = 'p' AND exposure_id = 'a@1'`, "true")
	if !broken {
		return
	}
	// A row with several faults names one of them; which one may differ.
	w.equal(`SELECT count(*) FROM (
		SELECT line_no - 1 FROM ops.quarantine WHERE source = 'c'
		EXCEPT ALL SELECT line_no FROM ops.quarantine WHERE source = 'p')`, "0")
	w.equal(`SELECT DISTINCT column_name, rule FROM ops.quarantine WHERE source = 'p' ORDER BY ALL`,
		"creative,text holds an e-mail address",
		"exposed_at,missing",
		"exposed_at,time is outside the years 2000 to 2100",
		"exposure_id,text holds a phone number",
		"exposure_id,text holds an e-mail address",
		"household_key,missing",
		"kind,none of delivered, ghost, progress")
	if !strings.HasPrefix(got[1].FirstError, "row 1: ") {
		t.Errorf("first error %q", got[1].FirstError)
	}
}

// Joined columns, which only Go joins, are read in both.
func TestParquetJoinedColumns(t *testing.T) {
	w := newWorld(t)
	w.write("j.csv", "hh,ts,a,b\nh1,1757203200000,A,B\n")
	w.parquet("j.parquet", "SELECT 'h1' AS hh, 1757203200000 AS ts, 'A' AS a, 'B' AS b")
	for _, format := range []string{"csv", "parquet"} {
		src := Source{Table: "exposure", Format: format, Files: Globs{"data/j." + format}, Columns: map[string]Column{
			"household_key": {Column: "hh"}, "exposed_at": {Column: "ts", Time: EpochMilli},
			"exposure_id": {Join: []string{"a", "b"}}, "campaign": {Join: []string{"a", "b"}}, "creative": {Column: "b"}}}
		if _, err := w.load(Config{"log": src}); err != nil {
			t.Fatal(err)
		}
		w.equal("SELECT exposure_id, campaign, creative FROM "+shown, "A/B,A/B,B")
	}
}

func TestParquetTimes(t *testing.T) {
	w := newWorld(t)
	w.parquet("t.parquet", `SELECT 'h1' AS hh, TIMESTAMP '2025-09-07 02:30:00.25' AS ts,
		TIMESTAMPTZ '2025-09-07 02:30:00.25+02' AS tz, '2025-09-07T02:30:00.25+02:00' AS txt, DATE '2025-09-07' AS day`)
	for _, c := range []struct {
		column Column
		want   string
	}{
		{Column{Column: "ts", Zone: "UTC"}, "1757212200250000"},
		{Column{Column: "ts", Zone: "Europe/Berlin"}, "1757205000250000"},
		{Column{Column: "tz"}, "1757205000250000"},
		{Column{Column: "txt"}, "1757205000250000"},
		{Column{Column: "day", Time: Date}, "1757203200000000"},
	} {
		src := Source{Table: "exposure", Format: "parquet", Files: Globs{"data/*.parquet"}, Columns: map[string]Column{
			"household_key": {Column: "hh"}, "exposed_at": c.column,
		}}
		if _, err := w.load(Config{"log": src}); err != nil {
			t.Fatal(err)
		}
		w.equal(`SELECT exposed_us FROM clean.exposure`, c.want)
	}
}

func TestParquetRefused(t *testing.T) {
	w := newWorld(t)
	w.parquet("t.parquet", `SELECT 'h1' AS hh, 1.5 AS ts, TIMESTAMP '2025-09-07 00:00:00' AS at, [1] AS list`)
	w.write("cut.parquet", "PAR1 no more")
	at := func(file, hh string, exposed Column) Source {
		return Source{Table: "exposure", Format: "parquet", Files: Globs{"data/" + file}, Columns: map[string]Column{
			"household_key": {Column: hh}, "exposed_at": exposed}}
	}
	for _, c := range []struct {
		src  Source
		want string
	}{
		{at("t.parquet", "hh", Column{Column: "at", Time: EpochMilli}), "column at is TIMESTAMP, but exposed_at is declared epoch_ms, which needs an integer"},
		{at("t.parquet", "hh", Column{Column: "ts"}), "column ts is DECIMAL(2,1), but exposed_at is declared iso, which needs TIMESTAMP or text"},
		{at("t.parquet", "hh", Column{Column: "at"}), "which needs a time zone (add zone: UTC to the mapping)"},
		{at("t.parquet", "list", Column{Column: "at", Zone: "UTC"}), "column list is INTEGER[], but household_key is text"},
		{at("t.parquet", "household", Column{Column: "at", Zone: "UTC"}), "the file has no column household (the file has: hh, ts, at, list)"},
		{at("cut.parquet", "hh", Column{Column: "at", Zone: "UTC"}), "not a complete Parquet file"},
	} {
		_, err := w.load(Config{"log": c.src})
		var refused *FileError
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
}

// Tables other than exposure are mapped row by row, whatever the file's types.
func TestParquetRows(t *testing.T) {
	w := newWorld(t)
	w.parquet("o.parquet", `SELECT 1001 + i AS id, TIMESTAMP '2026-09-07 10:00:00' AS at, 'verified' AS state,
		CASE WHEN i = 3 THEN NULL ELSE CAST(10.5 AS DECIMAL(9,2)) END AS total, 'USD' AS cur, 'P' || i || '@X.org' AS mail FROM range(120000) t(i)`)
	src := crm("o.parquet")
	src.Format = "parquet"
	got, err := w.load(Config{"crm": src})
	if err != nil || got[0].Loaded != 120000 {
		t.Fatalf("%+v, %v", got, err)
	}
	w.equal(`SELECT count(*), count(DISTINCT email_key), sum(value_micros), min(ordered_us), max(line_no) FROM clean.crm_order`,
		"120000,120000,1259989500000,1788775200000000,120000")
	w.equal(`SELECT email_key FROM clean.crm_order WHERE order_id = '1008'`, w.key(Email, "p7@x.org"))
}

// Paths lead into nested columns as they do in JSON lines.
func TestParquetNested(t *testing.T) {
	w := newWorld(t)
	w.parquet("n.parquet", `SELECT 'o' || i AS id, 1757203200000000 + i AS at, {'state': 'verified', 'total': 10.5} AS pay,
		[{'key': 'currency', 'value': {'s': 'USD', 'n': NULL}}, {'key': 'number', 'value': {'s': NULL, 'n': i}}] AS params,
		MAP {'mail': 'p' || i || '@x.org'} AS who FROM range(3) t(i)`)
	src := Source{Table: "crm_order", Format: "parquet", Files: Globs{"data/*.parquet"}, Columns: map[string]Column{
		"order_id": {Column: "id"}, "ordered_at": {Column: "at", Time: EpochMicro}, "status": {Column: "pay.state"}, "value": {Column: "pay.total"},
		"currency":     {Column: "params[key=currency].value.s"},
		"alt_order_id": {First: []Column{{Column: "params[key=number].value.s"}, {Column: "params[key=number].value.n"}}},
		"email_key":    {Column: "who.mail"},
	}}
	if _, err := w.load(Config{"crm": src}); err != nil {
		t.Fatal(err)
	}
	w.equal(`SELECT order_id, alt_order_id, ordered_us, status, value_micros, currency, email_key, line_no FROM clean.crm_order ORDER BY line_no`,
		"o0,0,1757203200000000,verified,10500000,USD,"+w.key(Email, "p0@x.org")+",1",
		"o1,1,1757203200000001,verified,10500000,USD,"+w.key(Email, "p1@x.org")+",2",
		"o2,2,1757203200000002,verified,10500000,USD,"+w.key(Email, "p2@x.org")+",3")

	src.Columns["value"] = Column{Column: "payment.total"}
	if _, err := w.load(Config{"crm": src}); err == nil || !strings.Contains(err.Error(), "the file has no column payment.total") {
		t.Errorf("a path into a column that is not there: %v", err)
	}
}
