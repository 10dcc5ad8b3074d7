package jobs

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ghostlight/jobs/warehouse"
)

// TestDeniedRecordsChangeNoNumber: records that denied measurement are counted,
// and no stored number but those counts knows of them, though they carry the
// e-mails, addresses, event ids and order ids of records that are measured, where each
// record's consent is its own.
func TestDeniedRecordsChangeNoNumber(t *testing.T) {
	for seed := range uint64(2) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "a")
			smallWorld(t, dir, 80+seed)
			addSources(t, dir)
			ownConsentOnly(t, dir)
			pixel := readLines(t, filepath.Join(dir, "data", "pixel", "part-0001.csv"))
			head := pixel[0] + ",consent\n"
			writeData(t, dir, "denied/events.csv", head)
			writeData(t, dir, "denied/orders.csv", "order,at,status,total,email,consent\n")
			without := resultRows(t, dir)

			random := rand.New(rand.NewPCG(seed, 2))
			events, orders := head, "order,at,status,total,email,consent\n"
			for range 400 {
				row := strings.ReplaceAll(pixel[1+random.IntN(len(pixel)-1)], ",true,", ",false,") // a test is a test, denied or not
				email := strings.Split(row, ",")[emailColumn(t, pixel[0])]
				by := shift(random) // of a record's times together: none is received before it occurs
				events += stamp.ReplaceAllStringFunc(row, func(at string) string { return moved(t, at, by) }) + ",denied\n"
				if email != "" {
					orders += fmt.Sprintf("denied-%d,%s,paid,%d,%s,denied\n", random.IntN(200), moved(t, "2026-10-01T00:00:00Z", shift(random)), random.IntN(500), email)
				}
			}
			writeData(t, dir, "denied/events.csv", events)
			writeData(t, dir, "denied/orders.csv", orders)
			with := resultRows(t, dir)

			if diff := cmp.Diff(without.numbers, with.numbers); diff != "" {
				t.Errorf("denied records changed a number (-without +with):\n%s", diff)
			}
			if without.denied != 0 || with.denied < 500 {
				t.Errorf("%d denied records are counted without and %d with them", without.denied, with.denied)
			}
		})
	}
}

// ownConsentOnly has no record withhold another one.
func ownConsentOnly(t *testing.T, dir string) {
	t.Helper()
	path := filepath.Join(dir, "studies", "ctv_known_effect.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	changed := regexp.MustCompile(`(?m)^dedup:.*$`).ReplaceAllString(string(text), "dedup: {authority: {consent: own}}")
	if changed == string(text) {
		changed += "dedup: {authority: {consent: own}}\n"
	}
	if err := os.WriteFile(path, []byte(changed), 0o644); err != nil {
		t.Fatal(err)
	}
}

var stamp = regexp.MustCompile(`20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`)

// moved is a time up to a week earlier or later.
// shift is up to a week either way.
func shift(random *rand.Rand) time.Duration {
	return time.Duration(random.Int64N(14*24)-7*24) * time.Hour
}

func moved(t *testing.T, at string, by time.Duration) string {
	t.Helper()
	when, err := time.Parse(time.RFC3339Nano, at)
	if err != nil {
		t.Fatal(err)
	}
	return when.Add(by).Format(time.RFC3339)
}

func emailColumn(t *testing.T, header string) int {
	t.Helper()
	for i, name := range strings.Split(header, ",") {
		if name == "email_sha256" {
			return i
		}
	}
	t.Fatalf("no column email_sha256 in %s", header)
	return 0
}

// addSources gives the workspace a source of events and one of orders that say
// what their person consented to.
func addSources(t *testing.T, dir string) {
	t.Helper()
	path := filepath.Join(dir, "ghostlight.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text = append(text, `  denied_events:
    table: event
    surface: server
    format: csv
    files: data/denied/events.csv
    columns:
      event_id: event_id
      event_name: event
      occurred_at: ts
      received_at: received_at
      order_id: order_id
      value: value
      currency: currency
      is_test: is_test
      email_key: {column: email_sha256, id: sha256}
      ip_key: ip
      consent_measurement: consent
  denied_orders:
    table: crm_order
    format: csv
    files: data/denied/orders.csv
    columns:
      order_id: order
      ordered_at: at
      status: {column: status, values: {paid: verified}}
      value: total
      currency: {constant: USD}
      email_key: {column: email, id: sha256}
      consent_measurement: consent
`...)
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
}

func writeData(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, "data", filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func readLines(t *testing.T, path string) []string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

type storedRows struct {
	numbers map[string][]string // by table of result
	denied  int64               // records counted as denied
}

// resultRows runs the study and returns every row of result.* that is no count
// of consent, is no comparison of lists, and does not name the files.
func resultRows(t *testing.T, dir string) storedRows {
	t.Helper()
	ctx := context.Background()
	engine, err := Open(ctx, dir, testOptions())
	if err != nil {
		t.Fatal(err)
	}
	run, err := engine.Run(ctx, RunRequest{Study: "ctv_known_effect", AsOf: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	rows := storedRows{numbers: map[string][]string{}}
	err = engine.db.Transact(ctx, func(tx *warehouse.Tx) error {
		tables, err := warehouse.Read[struct {
			Name string `db:"table_name"`
		}](ctx, tx, "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'result' ORDER BY table_name")
		if err != nil {
			return err
		}
		for _, table := range tables {
			where := map[string]string{
				"record_count": " AND category <> 'consent_denied'",
				"trust":        " AND name NOT IN ('consent', 'quarantine', 'parity')",
				"warning":      " AND code <> 'parity'",
				"stream_check": " AND name <> 'types'", // out of the rows delivered
			}[table.Name]
			columns := map[string]string{"run": "verdict, sentence, reasons"}[table.Name]
			switch table.Name {
			case "input", "consent", "consent_unit":
				continue
			case "gap", "gap_sample", "gap_touch", "parity": // the lists of all that was sent, of which consent withholds a part
				continue
			case "warning":
				columns = "* EXCLUDE (run_id, warning_no)"
			case "run":
			default:
				columns = "* EXCLUDE (run_id)"
			}
			found, err := warehouse.Read[struct {
				Text string `db:"text"`
			}](ctx, tx, "SELECT CAST(r AS VARCHAR) AS text FROM (SELECT "+columns+" FROM result."+table.Name+" WHERE run_id = ?"+where+") AS r ORDER BY text", run.RunID)
			if err != nil {
				return err
			}
			for _, row := range found {
				rows.numbers[table.Name] = append(rows.numbers[table.Name], row.Text)
			}
		}
		counted, err := warehouse.Read[struct {
			Records int64 `db:"records"`
		}](ctx, tx, "SELECT CAST(COALESCE(SUM(records), 0) AS BIGINT) AS records FROM result.record_count WHERE run_id = ? AND category = 'consent_denied' ORDER BY ALL", run.RunID)
		if err == nil {
			rows.denied = counted[0].Records
		}
		return err
	})
	if err := errors.Join(err, engine.Close()); err != nil {
		t.Fatal(err)
	}
	if len(rows.numbers) < 12 {
		t.Fatalf("only %d tables hold results", len(rows.numbers))
	}
	return rows
}

// TestConsentLight: the light compares the shares of units that denied, arm by
// arm, and warns only of a difference that chance does not make.
func TestConsentLight(t *testing.T) {
	study := Study{Unit: "household", Report: Report{Level: 0.95}, Assignment: &Assignment{Holdout: "holdout", Arms: []Arm{
		{Name: "treatment", Label: "Ads"}, {Name: "holdout", Label: "Holdout"},
	}}}
	records := func(state string, n int64) consentCount {
		return consentCount{ArmNo: 1, SurfaceNo: 2, Purpose: forMeasurement, State: state, Records: n}
	}
	units := func(armNo int64, denying, granting int64) []consentUnit {
		return []consentUnit{{armNo, denied, denying}, {armNo, "granted", granting}}
	}
	for _, c := range []struct {
		name          string
		of            evidence
		noAssignment  bool
		status, shown string
		detail        string
	}{
		{name: "nothing is stated", of: evidence{consent: []consentCount{records(notStated, 9)}}, status: grey, shown: "not stated",
			detail: "no event or order record says whether measurement was allowed"},
		{name: "another purpose is no word on measurement", of: evidence{consent: []consentCount{{ArmNo: 1, SurfaceNo: 2, Purpose: "personalisation", State: denied, Records: 9}}},
			status: grey, shown: "not stated", detail: "no event or order record says whether measurement was allowed"},
		{name: "all granted", of: evidence{consent: []consentCount{records("granted", 9), records(notStated, 1)}}, status: green, shown: "none",
			detail: "none of 10 event and order records denied measurement"},
		{name: "alike in both arms", of: evidence{consent: []consentCount{records(denied, 250), records("granted", 2250)}, consentUnits: append(units(1, 200, 1800), units(2, 50, 450)...)},
			status: green, shown: "10.0%",
			detail: "250 of 2,500 event and order records denied measurement and are not used; of the households with a record, 10.0% (200 of 2,000) in Ads denied against 10.0% (50 of 500) in Holdout, p > 0.99"},
		{name: "in one arm only", of: evidence{consent: []consentCount{records(denied, 200), records("granted", 2300)}, consentUnits: append(units(1, 200, 1800), units(2, 0, 500)...)},
			status: amber, shown: "8.0%",
			detail: "200 of 2,500 event and order records denied measurement and are not used; of the households with a record, 10.0% (200 of 2,000) in Ads denied against 0% (0 of 500) in Holdout, p < 0.001, so more is missing in one arm than in the other, which biases the lift"},
		{name: "an arm without records", of: evidence{consent: []consentCount{records(denied, 1)}, consentUnits: units(1, 1, 0)}, status: green, shown: "100%",
			detail: "1 of 1 event and order records denied measurement and are not used"},
		{name: "no assignment", noAssignment: true, of: evidence{consent: []consentCount{records(denied, 1)}}, status: green, shown: "100%",
			detail: "1 of 1 event and order records denied measurement and are not used"},
	} {
		r := run{study: study}
		if c.noAssignment {
			r.study.Assignment = nil
		}
		light, err := r.consentLight(c.of)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		want := trustRow{Name: "consent", Label: "Measurement denied", Status: c.status, Shown: c.shown, Detail: c.detail}
		if diff := cmp.Diff(want, light); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}
