//go:build bench

package jobs

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"ghostlight/jobs/warehouse"
)

// bareHMAC is a stand-in for the identity key as bare SQL has to apply it: an
// HMAC-SHA-256 of every distinct identifier, by the engine's own sha256.
const bareHMAC = `left(sha256('\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c\x5c'::BLOB
	|| unhex(sha256('\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36\x36'::BLOB || encode(%s)))), 32)`

// benchBare does the work of every stage as a person with a DuckDB prompt would:
// the engine's own readers, the same HMAC of each distinct identifier, and the
// text of the same SQL files, without registry, quarantine, checks, ledger or
// Go. It returns seconds by stage.
func benchBare(t *testing.T, dir string) map[string]float64 {
	t.Helper()
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "bare.duckdb")
	db, err := warehouse.Open(ctx, path, benchEngine, warehouse.Options{Dirs: []string{filepath.Join(dir, "data")}, TempDir: filepath.Join(t.TempDir(), "tmp")})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	engine, err := open(ctx, dir, testOptions(), &benchEngine)
	if err != nil {
		t.Fatal(err)
	}
	study, err := engine.Workspace.Study("ctv_known_effect")
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.Parse(time.DateOnly, benchAsOf)
	if err != nil {
		t.Fatal(err)
	}
	r := &run{Engine: engine, study: study, asOf: at, id: "bare"}
	if err := engine.Close(); err != nil {
		t.Fatal(err)
	}

	seconds := map[string]float64{}
	stage := func(name string, do func(*warehouse.Tx) error) {
		started := time.Now()
		if err := db.Transact(ctx, do); err != nil {
			t.Fatalf("bare %s: %v", name, err)
		}
		seconds[name] = time.Since(started).Seconds()
	}
	stage("load", func(tx *warehouse.Tx) error { return bareLoad(ctx, tx, filepath.Join(dir, "data")) })
	stage("clean", func(tx *warehouse.Tx) error {
		if err := r.fillStudy(ctx, tx); err != nil {
			return err
		}
		return bareTables(ctx, t, tx, r.params(), cleanTables)
	})
	stage("match", func(tx *warehouse.Tx) error { return bareTables(ctx, t, tx, r.params(), matchTables) })
	stage("attribute", func(tx *warehouse.Tx) error {
		return bareTables(ctx, t, tx, r.params(), []string{"model.last_touch", "result.window_count"})
	})
	stage("lift", func(tx *warehouse.Tx) error {
		return bareTables(ctx, t, tx, r.params(), []string{"model.outcome", "result.arm", "result.arm_sum"})
	})
	stage("creative", func(tx *warehouse.Tx) error {
		return bareTables(ctx, t, tx, r.params(), []string{"result.creative_sum", "result.creative_arm"})
	})
	stage("reconcile", func(tx *warehouse.Tx) error {
		if _, err := r.fillParity(ctx, tx); err != nil {
			return err
		}
		return bareTables(ctx, t, tx, r.params(), bareReconcile)
	})
	return seconds
}

// bareReconcile are the tables of the last stage but one, in its order.
var bareReconcile = []string{
	"model.record_match", "model.dedup_finding", "result.record_count", "result.overlap", "result.integrity", "result.consent", "result.consent_unit",
	"result.freshness", "result.undefined_event", "result.acceptance", "result.dedup", "result.dedup_finding", "result.dedup_sample",
	"model.meeting", "model.reconciled", "result.gap", "result.gap_touch", "result.gap_sample", "result.match_quality", "result.identifier_use", "result.identifier_validity",
	"result.coverage", "result.recovery", "result.dedup_count", "model.record_hour", "result.completeness", "result.completeness_version", "result.currency_day",
	"result.value_range", "result.value_range_sample", "result.refused_field", "result.test_record", "model.reported", "model.claimable",
	"model.verified", "result.verification", "result.early_event", "result.excess_refund",
}

var bareReads = regexp.MustCompile(`(?m)^-- reads: (.*)$`)

var bareParameter = regexp.MustCompile(`\$[a-z_]+`)

// bareTables makes tables from the text of their files.
func bareTables(ctx context.Context, t *testing.T, tx *warehouse.Tx, p warehouse.Params, tables []string) error {
	for _, table := range tables {
		text := bareText(t, p, table)
		for read := range strings.SplitSeq(bareReads.FindStringSubmatch(text)[1], ", ") {
			if err := tx.Ensure(ctx, read); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, "CREATE OR REPLACE TABLE "+table+" AS\n"+text); err != nil {
			return fmt.Errorf("%s: %w", table, err)
		}
	}
	return nil
}

// bareText is a table's SELECT with the parameters written into it.
func bareText(t *testing.T, p warehouse.Params, table string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "sql", filepath.FromSlash(strings.Replace(table, ".", "/", 1))+".sql"))
	if err != nil {
		t.Fatal(err)
	}
	return bareParameter.ReplaceAllStringFunc(string(text), func(name string) string {
		switch v := p[name[1:]].(type) {
		case string:
			return "'" + strings.ReplaceAll(v, "'", "''") + "'"
		default:
			return fmt.Sprint(v)
		}
	})
}

// bareLoad reads the simulated workspace's files with the engine's own readers.
func bareLoad(ctx context.Context, tx *warehouse.Tx, data string) error {
	text := func(path string) string { return "'" + filepath.Join(data, path) + "'" }
	hmac := func(x string) string { return fmt.Sprintf(bareHMAC, x) }
	keyed := func(from, column string) string {
		return "(SELECT raw, " + hmac("raw") + " AS key FROM (SELECT DISTINCT " + column + " AS raw FROM " + from + ") WHERE raw IS NOT NULL)"
	}
	exposures := "read_parquet(" + text("exposures/*.parquet") + ", file_row_number = true)"
	assignment := "read_csv(" + text("assignment/*.csv") + ", header = true)"
	pixel := "read_csv(" + text("pixel/*.csv") + ", header = true, types = {'order_id': 'VARCHAR', 'event_id': 'VARCHAR', 'value': 'DECIMAL(18,2)', 'email_sha256': 'VARCHAR', 'currency': 'VARCHAR'})"
	emails := "read_csv(" + text("identity_email/*.csv") + ", header = true)"
	ips := "read_csv(" + text("identity_ip/*.csv") + ", header = true)"
	shop := "read_csv(" + text("crm/*.csv") + ", header = true, all_varchar = true)"
	spend := "read_csv(" + text("spend.csv") + ", header = true)"
	capi := `(SELECT received_at, test_event_code, unnest(data) AS e FROM read_json(` + text("capi/*.jsonl") + `, format = 'newline_delimited', columns = {
		received_at: 'TIMESTAMP', test_event_code: 'VARCHAR',
		data: 'STRUCT(event_name VARCHAR, event_time BIGINT, event_id VARCHAR, user_data STRUCT(em VARCHAR[], client_ip_address VARCHAR), custom_data STRUCT("value" DECIMAL(18,2), currency VARCHAR, order_id VARCHAR))[]'}))`
	for _, query := range []string{
		`CREATE TABLE clean.serving AS SELECT 1::BIGINT AS file_id, row_number() OVER () AS serving_no, campaign, creative,
			CASE type WHEN 'imp' THEN 'delivered' ELSE 'ghost' END AS kind, type FROM (SELECT DISTINCT campaign, creative, type FROM ` + exposures + `)`,
		`CREATE TABLE clean.exposure AS SELECT false AS is_invalid, NULL::BIGINT AS quartile, NULL::VARCHAR AS device_key, NULL::VARCHAR AS ip_key, NULL::VARCHAR AS customer_key, e.impression_id AS exposure_id, k.key AS household_key,
			e.ts_ms * 1000 AS exposed_us, e.ts_ms * 1000 AS received_us, s.serving_no, 1::BIGINT AS file_id, e.file_row_number AS line_no
			FROM ` + exposures + ` AS e JOIN ` + keyed(exposures, "household") + ` AS k ON k.raw = e.household
			JOIN clean.serving AS s ON s.campaign = e.campaign AND s.creative = e.creative AND s.type = e.type`,
		`CREATE TABLE clean.assignment AS SELECT DISTINCT 'assignment' AS source, k.key AS household_key, a."group" AS arm, a.region AS stratum,
			a.assigned_at::TIMESTAMP AS assigned_at, epoch_us(a.assigned_at::TIMESTAMP) AS assigned_us, epoch_us(a.assigned_at::TIMESTAMP) AS received_us,
			md5(concat_ws('|', a.household, a."group", a.assigned_at)) AS row_key, 1::BIGINT AS file_id, 1::BIGINT AS line_no
			FROM ` + assignment + ` AS a JOIN ` + keyed(assignment, "household") + ` AS k ON k.raw = a.household`,
		`CREATE TABLE clean.identity_link AS SELECT DISTINCT 'identity_email' AS source, 'email' AS id_type, i.key AS id_key, k.key AS household_key,
			epoch_us(l.first_seen::TIMESTAMP) AS first_seen_us, l.last_seen::TIMESTAMP AS last_seen_at, epoch_us(l.last_seen::TIMESTAMP) AS last_seen_us,
			epoch_us(l.last_seen::TIMESTAMP) AS received_us, md5(concat_ws('|', l.email_sha256, l.household, l.first_seen, l.last_seen)) AS row_key, 1::BIGINT AS file_id, 1::BIGINT AS line_no
			FROM ` + emails + ` AS l JOIN ` + keyed(emails, "household") + ` AS k ON k.raw = l.household JOIN ` + keyed(emails, "email_sha256") + ` AS i ON i.raw = l.email_sha256
			UNION ALL SELECT DISTINCT 'identity_ip', 'ip', i.key, k.key,
			epoch_us(l.first_seen::TIMESTAMP), l.last_seen::TIMESTAMP, epoch_us(l.last_seen::TIMESTAMP),
			epoch_us(l.last_seen::TIMESTAMP), md5(concat_ws('|', l.ip, l.household, l.first_seen, l.last_seen)), 1::BIGINT, 1::BIGINT
			FROM ` + ips + ` AS l JOIN ` + keyed(ips, "household") + ` AS k ON k.raw = l.household JOIN ` + keyed(ips, "ip") + ` AS i ON i.raw = l.ip`,
		`CREATE TEMP TABLE capi AS SELECT received_at, test_event_code, e.event_name, e.event_time, e.event_id, e.user_data.em[1] AS em, e.user_data.client_ip_address AS ip,
			e.custom_data."value" AS "value", e.custom_data.currency AS currency, e.custom_data.order_id AS order_id FROM ` + capi,
		`CREATE TABLE clean.signal AS SELECT file_id, row_number() OVER () AS signal_no, source, surface, platform, event_name, NULL::VARCHAR AS canonical_name, 'conversion' AS kind, NULL::VARCHAR AS dataset_id,
			NULL::VARCHAR AS app_version, NULL::VARCHAR AS device_family, NULL::VARCHAR AS browser_family, NULL::BIGINT AS accept_us, currency, is_test, 'unknown' AS consent_measurement, 'unknown' AS consent_personalisation FROM (
				SELECT DISTINCT 1::BIGINT AS file_id, 'pixel' AS source, 'pixel' AS surface, 'generic' AS platform, event AS event_name, currency, is_test FROM ` + pixel + `
				UNION ALL SELECT DISTINCT 2, 'capi', 'server', 'meta', event_name, currency, test_event_code IS NOT NULL FROM capi)`,
		`CREATE TABLE clean.event AS SELECT DISTINCT 'unknown' AS platform_state, s.signal_no, p.event_id, p.order_id,
			p.ts::TIMESTAMP AS occurred_at, epoch_us(p.ts::TIMESTAMP) AS occurred_us, epoch_us(p.received_at::TIMESTAMP) AS received_us,
			(p.value * 1000000)::BIGINT AS value_micros, NULL::VARCHAR AS household_key, m.key AS email_key, NULL::VARCHAR AS phone_key,
			NULL::VARCHAR AS device_key, i.key AS ip_key, NULL::VARCHAR AS customer_key, NULL::VARCHAR AS click_key, NULL::VARCHAR AS cookie_key, NULL::BIGINT AS unusable, md5(concat_ws('|', p.event_id, p.ts, p.received_at, p.order_id)) AS row_key, 1::BIGINT AS file_id, 1::BIGINT AS line_no
			FROM ` + pixel + ` AS p LEFT JOIN ` + keyed(pixel, "email_sha256") + ` AS m ON m.raw = p.email_sha256 LEFT JOIN ` + keyed(pixel, "ip") + ` AS i ON i.raw = p.ip
			JOIN clean.signal AS s ON s.file_id = 1 AND s.event_name = p.event AND s.currency IS NOT DISTINCT FROM p.currency AND s.is_test = p.is_test`,
		`INSERT INTO clean.event SELECT DISTINCT 'unknown', s.signal_no, c.event_id, c.order_id, make_timestamp(c.event_time * 1000000), c.event_time * 1000000,
			epoch_us(c.received_at), (c.value * 1000000)::BIGINT, NULL, m.key, NULL, NULL, i.key, NULL, NULL, NULL, NULL,
			md5(concat_ws('|', c.event_id, c.event_time, c.received_at)), 2, 1
			FROM capi AS c LEFT JOIN ` + keyed("capi", "em") + ` AS m ON m.raw = c.em LEFT JOIN ` + keyed("capi", "ip") + ` AS i ON i.raw = c.ip
			JOIN clean.signal AS s ON s.file_id = 2 AND s.event_name = c.event_name AND s.currency IS NOT DISTINCT FROM c.currency AND s.is_test = (c.test_event_code IS NOT NULL)`,
		`CREATE TEMP TABLE shop AS SELECT *, strptime("Created at", '%Y-%m-%d %H:%M:%S %z') AS created FROM ` + shop + ` WHERE "Financial Status" IS NOT NULL AND "Financial Status" <> ''`,
		`CREATE TABLE clean.crm_order AS SELECT DISTINCT 'unknown' AS consent_measurement, 'unknown' AS consent_personalisation, 'shop' AS source, s."Name" AS order_id, NULL::VARCHAR AS alt_order_id, NULL::BIGINT AS paid_us, s."Financial Status" AS stated_status, s.created::TIMESTAMP AS ordered_at,
			epoch_us(s.created) AS ordered_us, epoch_us(s.created) AS received_us,
			CASE s."Financial Status" WHEN 'paid' THEN 'verified' WHEN 'partially_refunded' THEN 'verified' WHEN 'voided' THEN 'void' ELSE s."Financial Status" END AS status,
			(s."Total"::DECIMAL(18,2) * 1000000)::BIGINT AS value_micros, coalesce((s."Refunded Amount"::DECIMAL(18,2) * 1000000)::BIGINT, 0) AS refunded_micros, s."Currency" AS currency,
			NULL::VARCHAR AS household_key, m.key AS email_key, NULL::VARCHAR AS phone_key, NULL::VARCHAR AS customer_key,
			md5(concat_ws('|', s."Name", s."Created at", s."Financial Status")) AS row_key, 1::BIGINT AS file_id, 1::BIGINT AS line_no
			FROM shop AS s LEFT JOIN (SELECT raw, ` + hmac("sha256(raw)") + ` AS key FROM (SELECT DISTINCT "Email" AS raw FROM shop)) AS m ON m.raw = s."Email"`,
		`CREATE TABLE clean.spend AS SELECT 'spend' AS source, day, campaign, creative, NULL::VARCHAR AS line_item, spend_micros::BIGINT AS spend_micros, currency, epoch_us(day::TIMESTAMP) AS received_us,
			md5(concat_ws('|', day, campaign, creative)) AS row_key, 1::BIGINT AS file_id, 1::BIGINT AS line_no FROM ` + spend,
		`CREATE TABLE clean.identifier (table_name VARCHAR, row_key VARCHAR, id_type VARCHAR, hash_rule VARCHAR, id_key VARCHAR)`,
	} {
		if _, err := tx.Exec(ctx, query); err != nil {
			return err
		}
	}
	return nil
}
