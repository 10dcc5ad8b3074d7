package jobs

import (
	"bytes"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// TestRetryElsewhere: a file of a bucket is fetched and loaded again, and standard
// input is left to the next run without keeping the others.
func TestRetryElsewhere(t *testing.T) {
	dir := tinyWorkspace(t, "{}")
	backend := s3mem.New()
	server := httptest.NewServer(gofakes3.New(backend, gofakes3.WithLogger(gofakes3.DiscardLog())).Server())
	t.Cleanup(server.Close)
	if err := backend.CreateBucket("lake"); err != nil {
		t.Fatal(err)
	}
	orders := "order,household,at,status,total\nx1,h002,2026-09-08T00:00:00Z,booked,10.00\nx2,h002,2026-09-09T00:00:00Z,paid,10.00\n"
	if _, err := backend.PutObject("lake", "orders.csv", map[string]string{}, strings.NewReader(orders), int64(len(orders)), nil); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, workspaceFile)
	source := func(name, files string) string {
		return "  " + name + ":\n    table: crm_order\n    format: csv\n    max_quarantine: 50%\n    " + files +
			"\n    columns: {order_id: order, household_key: household, ordered_at: at, status: {column: status, values: {paid: verified}}}\n"
	}
	replaceIn(t, path, "sources:\n", "connections:\n  lake: {type: s3, endpoint: \""+server.URL+"\", region: us-east-1, path_style: true, anonymous: true}\nsources:\n"+
		source("aa_piped", `files: "-"`)+source("bucket", "files: \"s3://lake/orders.csv\"\n    connection: lake"))
	opt := testOptions()
	opt.Stdin = bytes.NewReader([]byte(orders))
	opened(t, dir, opt, func(e *Engine) {
		if _, err := e.Run(t.Context(), RunRequest{Study: "tiny", AsOf: utc(t, "2026-10-15 00:00")}); err != nil {
			t.Fatal(err)
		}
	})
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, bytes.ReplaceAll(text, []byte("{paid: verified}"), []byte("{paid: verified, booked: verified}")), 0o644); err != nil {
		t.Fatal(err)
	}
	opened(t, dir, testOptions(), func(e *Engine) {
		got, err := e.RetryQuarantine(t.Context(), QuarantineFilter{})
		if err != nil || len(got) != 2 {
			t.Fatalf("%+v, %v", got, err)
		}
		if got[0].Present || got[0].Reason != "not a file: run ghostlight run again" || got[0].After.Loaded != 1 {
			t.Errorf("piped: %+v", got[0])
		}
		if !got[1].Present || got[1].Before.Loaded != 1 || got[1].After.Loaded != 2 || got[1].After.Quarantined != 0 {
			t.Errorf("bucket: %+v", got[1])
		}
	})
	if left, err := os.ReadDir(filepath.Join(dir, stateFolder, spoolFolder)); len(left) > 0 {
		t.Errorf("the spool holds %d files, %v", len(left), err)
	}
}

// TestRetryBringsNothingBack: what was deleted by age stays deleted, and what a
// retry refuses is as old as what it was refused as before.
func TestRetryBringsNothingBack(t *testing.T) {
	dir := tinyWorkspace(t, "{}")
	path := filepath.Join(dir, workspaceFile)
	replaceIn(t, path, "sources:\n", "retention: {orders: 75d, quarantine: 30d}\nsources:\n")
	replaceIn(t, path, "data/orders*.csv\n", "data/orders*.csv\n    max_quarantine: 50%\n")
	old := "order,household,at,status,total\nx1,h002,2026-01-08T00:00:00Z,paid,10.00\nx3,h002,never,paid,10.00\n"
	if err := os.WriteFile(filepath.Join(dir, "data", "orders2.csv"), []byte(old), 0o644); err != nil {
		t.Fatal(err)
	}
	first := runTiny(t, dir, utc(t, "2026-10-15 00:00"))
	orders := func() int64 { return counted(t, dir, "SELECT count(*) FROM clean.crm_order") }
	left := orders()
	opened(t, dir, testOptions(), func(e *Engine) {
		if got, err := e.RetryQuarantine(t.Context(), QuarantineFilter{}); err != nil || len(got) != 1 || got[0].After.Quarantined != 1 {
			t.Errorf("%+v, %v", got, err)
		}
	})
	if n := orders(); n != left {
		t.Errorf("%d orders after the retry, want %d", n, left)
	}
	if n := counted(t, dir, "SELECT count(*) FROM ops.quarantine"); n != 1 {
		t.Errorf("%d refused records after the retry", n)
	}
	if again := runTiny(t, dir, utc(t, "2026-10-15 00:00")); again.RunID != first.RunID {
		t.Errorf("the same run has ids %s and %s", first.RunID, again.RunID)
	}
	runTiny(t, dir, utc(t, "2026-11-18 00:00"))
	if n := counted(t, dir, "SELECT count(*) FROM ops.quarantine"); n != 0 {
		t.Errorf("%d refused records are left after 34 days", n)
	}
}
