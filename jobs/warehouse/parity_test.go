package warehouse

import (
	"context"
	"fmt"
	"testing"
)

// lists makes the pairs of lists of the fixture and the days on which they are compared.
func (f *fixture) lists() {
	f.list("ops.parity", []string{"pair_no", "first_surface_no", "first_platform", "second_surface_no", "second_platform", "has_crm"},
		[]string{"1", "5", "", "2", "meta", "1"}, []string{"2", "5", "", "1", "", "1"}, []string{"3", "2", "meta", "1", "generic", "1"},
		[]string{"4", "6", "", "2", "", "0"}, []string{"5", "3", "generic", "4", "generic", "0"})
	f.list("ops.miscased_event", []string{"platform", "event_name", "event_no"}, []string{"generic", "Purchase", "1"})
	f.list("ops.load", []string{"file_id", "source", "path"}, []string{"5", "pixel", "data/a.jsonl"}, []string{"6", "capi", "data/b.jsonl"},
		[]string{"7", "crm", "data/c.csv"}, []string{"8", "shop", "data/d.csv"})
	const quarter = hour / 4
	rows := [][]string{}
	for at := start + 2*day; at < start+30*day; at += quarter {
		rows = append(rows, []string{text(at), text((at + hour) / day)}) // a zone an hour ahead
	}
	f.list("ops.report_day", []string{"quarter_us", "day_no"}, rows...)
}

// causesMakeTheDifference asserts of a random world that every unit of every list stands
// under one cause, that both lists have what stands under none, and so that the causes add
// up to the difference of the lists. The lists are counted again from the records alone.
func causesMakeTheDifference(ctx context.Context, t *testing.T, tx *Tx) error {
	const inScope = ` AND EXISTS (FROM ops.report_day AS d WHERE d.quarter_us = r.occurred_us - r.occurred_us % 900000000)
		AND ((p.first_surface_no <> 5) OR r.event_no = 0 OR r.event_no IN (SELECT event_no FROM ops.crm_event))`
	_, rows, err := tx.texts(ctx, `WITH listed AS (
			SELECT p.pair_no,
				CASE WHEN p.first_surface_no = 6 THEN (SELECT count(*) FROM model.conversion AS c JOIN model.record AS r ON r.record_id = c.conversion_id WHERE true`+inScope+`)
				ELSE (SELECT count(*) FROM model.record AS r WHERE r.surface_no = p.first_surface_no AND (p.first_platform IS NULL OR r.platform = p.first_platform)
					AND r.is_listed = 1`+inScope+`) END AS first_units,
				(SELECT count(*) FROM model.record AS r WHERE r.surface_no = p.second_surface_no AND (p.second_platform IS NULL OR r.platform = p.second_platform)`+inScope+`) AS second_units
			FROM ops.parity AS p),
		told AS (
			SELECT pair_no, sum(first_units) AS first_units, sum(second_units) AS second_units,
				sum(CASE WHEN cause > 0 THEN first_units - second_units ELSE 0 END) AS caused, count(DISTINCT cause) AS causes
			FROM result.gap GROUP BY pair_no)
		SELECT l.pair_no || ': ' || l.first_units || ' and ' || l.second_units || ' listed, ' || t.first_units || ' and ' || t.second_units
			|| ' under a cause, which make ' || t.caused
		FROM listed AS l LEFT JOIN told AS t USING (pair_no)
		WHERE t.pair_no IS NULL OR l.first_units <> t.first_units OR l.second_units <> t.second_units OR t.caused <> l.first_units - l.second_units OR t.causes < 5
		ORDER BY ALL`, nil)
	if err != nil {
		return fmt.Errorf("count lists again: %w", err)
	}
	for _, row := range rows {
		t.Errorf("pair %s", row[0])
	}
	_, twice, err := tx.texts(ctx, "SELECT source_no || ' ' || order_id FROM model.record WHERE surface_no = 5 AND is_listed = 1 GROUP BY source_no, order_id HAVING count(*) > 1 ORDER BY ALL", nil)
	if err != nil {
		return fmt.Errorf("count orders again: %w", err)
	}
	for _, row := range twice {
		t.Errorf("order %s is in the list twice", row[0])
	}
	return nil
}
