package jobs_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ghostlight/jobs"
	"ghostlight/jobs/source"
)

const checkedWorkspace = `version: 1
engine: {threads: 1, memory_limit: 512MB}
sources:
  orders:
    table: crm_order
    format: csv
    files: [data/*.csv]
    columns: {order_id: id, ordered_at: {column: at, zone: UTC}, status: {constant: verified}, household_key: household}
`

func checkedFolder(t *testing.T, csv string) string {
	t.Helper()
	dir := t.TempDir()
	for path, text := range map[string]string{
		"ghostlight.yaml":     checkedWorkspace,
		"events.yaml":         "version: 1\nevents:\n  purchase: {stage: purchase, crm: [verified]}\n",
		"studies/autumn.yaml": "version: 1\nstudy: autumn\nperiod: {start: 2026-09-07, end: 2026-10-19}\nmetrics:\n  - {name: purchase, kind: proportion, event: purchase, from: [crm]}\n",
		"data/orders.csv":     csv,
	} {
		path = filepath.Join(dir, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestCheckReadsTheBeginning looks at some megabytes of a long file and not at
// what comes after: a fault at its end is left to the run.
func TestCheckReadsTheBeginning(t *testing.T) {
	const rows = 300_000
	row := "o1,2026-09-12 10:00:00,h1\n"
	long := "id,at,household\n" + strings.Repeat(row, rows) + "o2,\"never closed\n"
	checked, err := jobs.Check(t.Context(), checkedFolder(t, long), nil, jobs.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s := checked.Sources[0]
	if s.IsWhole || s.Records < 100_000 || s.Records >= rows || s.Refused != 0 || s.Bytes != int64(len(long)) {
		t.Errorf("checked %+v", s)
	}
}

// TestCheckLongFileOfRefusedRecords does not need the end of a file of which
// every record is refused.
func TestCheckLongFileOfRefusedRecords(t *testing.T) {
	long := "id,at,household\n" + strings.Repeat("o1,yesterday,h1\n", 500_000)
	_, err := jobs.Check(t.Context(), checkedFolder(t, long), nil, jobs.OpenOptions{})
	refused, ok := errors.AsType[*source.ToleranceError](err)
	if !ok || refused.Quarantined < 100_000 || !strings.HasPrefix(refused.First, "data/orders.csv: line 2: ordered_at: ") {
		t.Errorf("error %v", err)
	}
	if code := jobs.ExitCode(err); code != jobs.ExitData {
		t.Errorf("exit code %d", code)
	}
	if p := jobs.Explain(err).Problems; len(p) != 1 || p[0].File != "data/orders.csv" || p[0].Line != 2 {
		t.Errorf("problems %+v", p)
	}
}
