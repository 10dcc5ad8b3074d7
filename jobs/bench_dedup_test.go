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

// benchDedupEvents is how many events a pixel and a server send.
const benchDedupEvents = 10_000_000

// Of a hundred sales the pixel has 85 and the server 90, with one event id; five of the
// server's have ids of their own and two are sent twice. Half of the records carry an order id.
const benchDedupRecords = `INSERT INTO model.record BY NAME
	WITH sale AS (SELECT i, 1788220800000000 + i * 250000 AS occurred, hash(i) % 100 AS draw FROM range($n) AS t(i)),
	told AS (
		SELECT 2 AS list_no, md5('e' || i) AS event_id, CASE WHEN i % 2 = 0 THEN 'o' || i END AS order_id, occurred, 'p' || i AS row_key, i FROM sale WHERE draw < 85
		UNION ALL
		SELECT 3, CASE WHEN draw < 15 THEN md5('s' || i) ELSE md5('e' || i) END, CASE WHEN i % 2 = 0 THEN 'o' || i END, occurred + 1000000, 's' || i, i FROM sale WHERE draw >= 10
		UNION ALL
		SELECT 3, md5('e' || i), NULL, occurred + 2000000, 'r' || i, i FROM sale WHERE draw IN (20, 21))
	SELECT row_number() OVER (ORDER BY occurred, list_no, row_key) AS record_id, list_no - 1 AS source_no, list_no - 1 AS surface_no, list_no, 1 AS event_no, 0 AS category, 1 AS is_last, 1 AS is_listed, event_id, order_id,
		occurred AS occurred_us, occurred AS received_us, (i % 200) * 1000000 AS value_micros, row_key, CASE list_no WHEN 2 THEN 'generic' ELSE 'meta' END AS platform,
		'unknown' AS consent_measurement, 'unknown' AS consent_personalisation
	FROM told`

// TestBenchDedup joins the records of ten million events to conversions, and beside it
// reads their ids, which is the least that any dedup does.
func TestBenchDedup(t *testing.T) {
	ctx := context.Background()
	n := benchDedupEvents / benchScale()
	db, err := warehouse.Open(ctx, filepath.Join(t.TempDir(), "dedup.duckdb"), benchEngine, warehouse.Options{TempDir: filepath.Join(t.TempDir(), "tmp")})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	generic, meta := "generic", "meta"
	lists := []dedupList{{1, crmSurface, "crm", nil}, {2, 1, "pixel", &generic}, {3, 2, "server", &meta}}
	rules, keys, err := defaultDedup().pairs(lists)
	if err != nil {
		t.Fatal(err)
	}
	params := warehouse.Params{"strictest": int64(1), "value_winner_rank": int64(99), "time_winner_rank": int64(99), "time_earliest_rank": int64(1)}
	err = db.Transact(ctx, func(tx *warehouse.Tx) error {
		if err := tx.Ensure(ctx, "model.record"); err != nil {
			return err
		}
		for table, rows := range map[string]any{
			"ops.list": lists, "ops.dedup_rule": rules, "ops.dedup_key": keys, "ops.authority": defaultDedup().Authority.rows(),
		} {
			if _, err := tx.Fill(ctx, table, rows); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, strings.ReplaceAll(benchDedupRecords, "$n", strconv.FormatInt(n*100/177, 10)))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	const (
		scan = "CREATE OR REPLACE TABLE scanned AS SELECT count(*) AS records, max(event_id) AS last FROM model.record"
		// least is a dedup without spans, lists, orders, winners or checks: one id, one conversion.
		least = `CREATE OR REPLACE TABLE scanned AS SELECT r.record_id, coalesce(g.first_id, r.record_id) AS conversion_id FROM model.record AS r
			LEFT JOIN (SELECT event_no, event_id, min(record_id) AS first_id FROM model.record GROUP BY event_no, event_id HAVING count(*) > 1) AS g
			ON g.event_no = r.event_no AND g.event_id = r.event_id`
	)
	var ours, bare, joined []float64
	for range benchRepeats {
		for _, side := range []struct {
			to *[]float64
			do func(*warehouse.Tx) error
		}{
			{&ours, func(tx *warehouse.Tx) error {
				_, err := replaceAll(ctx, tx, params, dedupTables...)
				return err
			}},
			{&bare, func(tx *warehouse.Tx) error { _, err := tx.Exec(ctx, scan); return err }},
			{&joined, func(tx *warehouse.Tx) error { _, err := tx.Exec(ctx, least); return err }},
		} {
			resetPeak(t)
			started := time.Now()
			if err := db.Transact(ctx, side.do); err != nil {
				t.Fatal(err)
			}
			*side.to = append(*side.to, time.Since(started).Seconds())
		}
	}
	fmt.Printf("\ndedup of %d events, median of %d\n", n, benchRepeats)
	fmt.Printf("scan of the event ids       %8.2f s\n", median(bare))
	fmt.Printf("one id, one conversion      %8.2f s   %6.2f x the scan\n", median(joined), median(joined)/median(bare))
	fmt.Printf("dedup                       %8.2f s   %6.2f x the scan (target 10), %.2f x the least\n", median(ours), median(ours)/median(bare), median(ours)/median(joined))
	fmt.Printf("peak memory of the process  %8.2f GB\n", peakGB(t))
}
