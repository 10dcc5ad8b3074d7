//go:build bench

package jobs

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"ghostlight/jobs/warehouse"
)

// benchReconcileSales is how many sales the shop, a server and a pixel tell of.
const benchReconcileSales = 2_000_000

// The shop has every sale. The server has 90 of 100, one of a hundred twice, one without
// its value and one as a test; the pixel has 70, of which five have ids of their own. One
// order of fifty is not paid.
const benchReconcileRecords = `INSERT INTO model.record BY NAME
	WITH sale AS (SELECT i, 1788220800000000 + (i * 7919) % ($n * 1000) AS occurred, hash(i) % 100 AS draw FROM range($n) AS t(i)),
	told AS (
		SELECT 5 AS surface_no, CASE WHEN hash(i + 1) % 50 = 0 THEN 6 ELSE 0 END AS category, NULL AS event_id, 'o' || i AS order_id, occurred, 'c' || i AS row_key, i, NULL AS platform FROM sale
		UNION ALL
		SELECT 2, CASE WHEN draw = 1 THEN 3 WHEN draw = 2 THEN 1 ELSE 0 END, 'e' || i, 'o' || i, occurred + 1000000, 's' || i, i, 'meta' FROM sale WHERE draw < 90
		UNION ALL
		SELECT 2, 0, 'e' || i, 'o' || i, occurred + 2000000, 'r' || i, i, 'meta' FROM sale WHERE draw = 3
		UNION ALL
		SELECT 1, 0, CASE WHEN draw < 5 THEN 'p' || i ELSE 'e' || i END, CASE WHEN draw >= 5 THEN 'o' || i END, occurred - 1000000, 'p' || i, i, 'generic' FROM sale WHERE draw < 70)
	SELECT row_number() OVER (ORDER BY occurred, surface_no, row_key) AS record_id, surface_no AS source_no, surface_no, CASE surface_no WHEN 5 THEN 1 ELSE surface_no + 1 END AS list_no, 1 AS event_no, category, 1 AS is_last, CASE WHEN surface_no = 5 AND category > 0 THEN 0 ELSE 1 END AS is_listed, event_id, order_id,
		occurred AS occurred_us, occurred AS received_us, (i % 200) * 1000000 AS value_micros, md5(CAST(i // 3 AS VARCHAR)) AS email_key, row_key, platform,
		'unknown' AS consent_measurement, 'unknown' AS consent_personalisation
	FROM told`

// TestBenchReconcile gives every unit of two lists of two million sales its cause, and
// beside it joins the same two lists in full, which is what finding the difference alone
// costs.
func TestBenchReconcile(t *testing.T) {
	ctx := context.Background()
	n := benchReconcileSales / benchScale()
	db, err := warehouse.Open(ctx, filepath.Join(t.TempDir(), "reconcile.duckdb"), benchEngine, warehouse.Options{TempDir: filepath.Join(t.TempDir(), "tmp")})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	study := defaultStudy()
	for at, to := range map[string]*Time{"2026-09-01": &study.Period.Start, "2026-10-01": &study.Period.End} {
		if err := to.UnmarshalText([]byte(at)); err != nil {
			t.Fatal(err)
		}
	}
	days, err := study.reportDays()
	if err != nil {
		t.Fatal(err)
	}
	generic, meta := "generic", "meta"
	lists := []dedupList{{1, crmSurface, "crm", nil}, {2, 1, "pixel", &generic}, {3, 2, "server", &meta}}
	rules, keys, err := study.Dedup.pairs(lists)
	if err != nil {
		t.Fatal(err)
	}
	params := warehouse.Params{"strictest": int64(1), "value_winner_rank": int64(99), "time_winner_rank": int64(99), "time_earliest_rank": int64(1), "as_of_us": study.Period.End.UnixMicro() + (90 * Day).Micros(), "span_us": study.Dedup.Span.Micros(), "late_us": study.Report.LateAfter.Micros(), "wants_test": int64(0)}
	err = db.Transact(ctx, func(tx *warehouse.Tx) error {
		for _, table := range []string{"model.record", "ops.miscased_event"} {
			if err := tx.Ensure(ctx, table); err != nil {
				return err
			}
		}
		for table, rows := range map[string]any{
			"ops.parity":     []parityPair{{1, crmSurface, nil, listNumber("server"), &meta, 1}},
			"ops.report_day": days, "ops.list": lists, "ops.dedup_rule": rules, "ops.dedup_key": keys, "ops.authority": study.Dedup.Authority.rows(),
			"ops.crm_event": []crmEventRow{{"verified", 1, 1}},
		} {
			if _, err := tx.Fill(ctx, table, rows); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, strings.ReplaceAll(benchReconcileRecords, "$n", strconv.FormatInt(n, 10))); err != nil {
			return err
		}
		_, err := replaceAll(ctx, tx, params, dedupTables...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	const joined = `CREATE OR REPLACE TABLE joined AS
		SELECT coalesce(a.record_id, b.record_id) AS record_id, a.record_id IS NULL AS lacks_first, b.record_id IS NULL AS lacks_second
		FROM (FROM model.record WHERE surface_no = 5) AS a FULL OUTER JOIN (FROM model.record WHERE surface_no = 2) AS b ON a.order_id = b.order_id`
	// whole is the same join of the lists themselves: with the columns that the causes are told by.
	const whole = `CREATE OR REPLACE TABLE joined AS
		SELECT a.record_id AS first_id, a.event_no, a.category, a.event_id, a.order_id, a.occurred_us, a.value_micros, a.email_key, a.is_listed,
			b.record_id AS second_id, b.event_no AS second_event_no, b.category AS second_category, b.event_id AS second_event_id, b.order_id AS second_order_id,
			b.occurred_us AS second_us, b.value_micros AS second_micros, b.email_key AS second_email_key, b.is_listed AS second_is_listed
		FROM (FROM model.record WHERE surface_no = 5) AS a FULL OUTER JOIN (FROM model.record WHERE surface_no = 2) AS b ON a.order_id = b.order_id`
	var ours, bare, full []float64
	for range benchRepeats {
		for _, side := range []struct {
			to *[]float64
			do func(*warehouse.Tx) error
		}{
			{&ours, func(tx *warehouse.Tx) error { _, err := replaceAll(ctx, tx, params, reconcileTables...); return err }},
			{&bare, func(tx *warehouse.Tx) error { _, err := tx.Exec(ctx, joined); return err }},
			{&full, func(tx *warehouse.Tx) error { _, err := tx.Exec(ctx, whole); return err }},
		} {
			resetPeak(t)
			started := time.Now()
			if err := db.Transact(ctx, side.do); err != nil {
				t.Fatal(err)
			}
			*side.to = append(*side.to, time.Since(started).Seconds())
		}
	}
	fmt.Printf("\nreconciliation of %d sales, median of %d\n", n, benchRepeats)
	fmt.Printf("full outer join, ids alone   %8.2f s\n", median(bare))
	fmt.Printf("full outer join of the lists %8.2f s\n", median(full))
	fmt.Printf("twelve causes                %8.2f s   %5.2f x the join of ids (target 6), %.2f x that of the lists   peak %.2f GB\n",
		median(ours), median(ours)/median(bare), median(ours)/median(full), peakGB(t))
}
