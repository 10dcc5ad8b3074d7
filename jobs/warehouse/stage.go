package warehouse

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// stagePrefix of the temporary tables through which rows enter: stage_event is
// what sql/clean/event.sql reads.
const stagePrefix = "stage_"

// Column is a column name and its SQL type.
type Column struct {
	Name, Type string
	Empty      bool // it is NULL in every row, which spares a stream the work
}

// stages are the canonical columns of every stage table. Keys are 32 hex digits,
// times BIGINT epoch microseconds UTC, money BIGINT micros. problem is NULL for a
// good row and "column: rule" for one that goes to quarantine. line_no is counted
// by the reader and is unique in a stage of rows without a row_key; the key checks rely on
// it (proof.go). Good rows with equal row_keys are folded into one, but for those of
// spend and platform_report: a stream lets the first of them through and folds it with the others afterwards.
var stages = map[string]string{
	"stage_exposure": `exposure_id VARCHAR, household_key VARCHAR, exposed_us BIGINT, received_us BIGINT,
		serving_no BIGINT, quartile BIGINT, cost_micros BIGINT, is_invalid BOOLEAN,
		device_key VARCHAR, ip_key VARCHAR, customer_key VARCHAR`,
	"stage_serving": `serving_no BIGINT, campaign VARCHAR, creative VARCHAR, line_item VARCHAR, kind VARCHAR, currency VARCHAR`,
	"stage_event": `signal_no BIGINT, event_id VARCHAR, order_id VARCHAR, occurred_us BIGINT, received_us BIGINT,
		platform_state VARCHAR, value_micros BIGINT, consent_text VARCHAR,
		household_key VARCHAR, email_key VARCHAR, phone_key VARCHAR, device_key VARCHAR, ip_key VARCHAR,
		customer_key VARCHAR, click_key VARCHAR, cookie_key VARCHAR, unusable BIGINT, row_key VARCHAR`,
	"stage_signal": `signal_no BIGINT, surface VARCHAR, platform VARCHAR, event_name VARCHAR, canonical_name VARCHAR, kind VARCHAR,
		dataset_id VARCHAR, accept_us BIGINT, currency VARCHAR, action_source VARCHAR,
		app_version VARCHAR, device_family VARCHAR, browser_family VARCHAR,
		is_test BOOLEAN, consent_measurement VARCHAR, consent_personalisation VARCHAR`,
	"stage_crm_order": `order_id VARCHAR, alt_order_id VARCHAR, ordered_us BIGINT, paid_us BIGINT, received_us BIGINT,
		status VARCHAR, stated_status VARCHAR, value_micros BIGINT, refunded_micros BIGINT, currency VARCHAR,
		consent_measurement VARCHAR, consent_personalisation VARCHAR, consent_text VARCHAR,
		household_key VARCHAR, email_key VARCHAR, phone_key VARCHAR, customer_key VARCHAR, row_key VARCHAR`,
	"stage_platform_report": `day DATE, platform VARCHAR, campaign VARCHAR, creative VARCHAR, event_name VARCHAR,
		attribution_window VARCHAR, conversions_micros BIGINT, value_micros BIGINT, currency VARCHAR,
		received_us BIGINT, row_key VARCHAR`,
	"stage_identifier": `table_name VARCHAR, row_key VARCHAR, id_type VARCHAR, hash_rule VARCHAR, id_key VARCHAR`,
	"stage_assignment": `household_key VARCHAR, arm VARCHAR, stratum VARCHAR, assigned_us BIGINT,
		received_us BIGINT, row_key VARCHAR`,
	"stage_identity_link": `id_type VARCHAR, id_key VARCHAR, household_key VARCHAR, first_seen_us BIGINT,
		last_seen_us BIGINT, received_us BIGINT, row_key VARCHAR`,
	"stage_spend": `day DATE, campaign VARCHAR, creative VARCHAR, line_item VARCHAR, spend_micros BIGINT, currency VARCHAR,
		received_us BIGINT, row_key VARCHAR`,
}

// StageColumns returns the columns of temporary table stage_<table> in order,
// line_no and problem last, or nil for a table that has none.
func StageColumns(table string) []Column {
	list, ok := stages[stagePrefix+table]
	if !ok {
		return nil
	}
	var columns []Column
	for column := range strings.SplitSeq(list+", line_no BIGINT, problem VARCHAR", ",") {
		name, kind, _ := strings.Cut(strings.TrimSpace(column), " ")
		columns = append(columns, Column{Name: name, Type: kind})
	}
	return columns
}

// StageTables returns the tables that have a stage, sorted.
func StageTables() []string {
	var tables []string
	for name := range stages {
		tables = append(tables, strings.TrimPrefix(name, stagePrefix))
	}
	slices.Sort(tables)
	return tables
}

// CreateStage makes temporary table stage_<table> anew, empty.
func (tx *Tx) CreateStage(ctx context.Context, table string) error {
	columns := StageColumns(table)
	if columns == nil {
		return failed("create stage", table, fmt.Errorf("no such stage; there are %s", strings.Join(StageTables(), ", ")))
	}
	var list []string
	for _, c := range columns {
		list = append(list, c.Name+" "+c.Type)
	}
	query := "CREATE OR REPLACE TEMP TABLE " + stagePrefix + table + " (" + strings.Join(list, ", ") + ")"
	return failed("create stage", table, tx.run(ctx, query))
}

// ensureStage makes a stage when neither a temporary table nor a view of that
// name is there, and says whether it did.
func (tx *Tx) ensureStage(ctx context.Context, stage string) (made bool, err error) {
	var found bool
	err = tx.conn.QueryRowContext(ctx, `SELECT EXISTS (
		SELECT 1 FROM duckdb_tables() WHERE temporary AND table_name = ?
		UNION ALL SELECT 1 FROM duckdb_views() WHERE temporary AND view_name = ?)`, stage, stage).Scan(&found)
	if err != nil || found {
		return false, err
	}
	return true, tx.CreateStage(ctx, strings.TrimPrefix(stage, stagePrefix))
}
