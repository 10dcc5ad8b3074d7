package jobs

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ghostlight/jobs/warehouse"
)

// TestObserve: test traffic and production of one warehouse are told apart; a record that is
// in two files counts once, and an event id that another surface has too is shared.
func TestObserve(t *testing.T) {
	ctx := context.Background()
	db, err := warehouse.Open(ctx, "", warehouse.DefaultConfig(), warehouse.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	w := &Workspace{Events: map[string]Event{"purchase": {Aliases: map[string][]string{"meta": {"Buy"}}}}}
	var tests, live Observed
	err = db.Transact(ctx, func(tx *warehouse.Tx) error {
		for _, table := range []string{"clean.event", "clean.signal", "ops.quarantine"} {
			if err := tx.Ensure(ctx, table); err != nil {
				return err
			}
		}
		for _, q := range []string{
			`INSERT INTO clean.signal BY NAME SELECT * FROM (VALUES
				(1, 1, 'capi', 'server', 'meta', 'Buy', false, 'granted', 'unknown'), (1, 2, 'web', 'pixel', 'meta', 'Buy', false, 'granted', 'unknown'),
				(1, 3, 'capi', 'server', 'meta', 'Buy', true, 'denied', 'unknown'), (2, 1, 'capi', 'server', 'meta', 'Buy', false, 'granted', 'unknown'))
				AS v(file_id, signal_no, source, surface, platform, event_name, is_test, consent_measurement, consent_personalisation)`,
			`INSERT INTO clean.event BY NAME SELECT * FROM (VALUES
				(1, 1, 10, 'a', 'k1', 1), (2, 1, 10, 'a', 'k1', 1), (1, 1, 11, 'b', 'k2', 2), (1, 2, 9, 'a', 'k3', 3), (1, 3, 8, 'c', 'k4', 4), (1, 3, 8, 'c', 'k5', 5))
				AS v(file_id, signal_no, occurred_us, event_id, row_key, line_no)`,
		} {
			if _, err := tx.Exec(ctx, q); err != nil {
				return err
			}
		}
		yes, no := true, false
		var err error
		if tests, err = w.Observe(ctx, tx, ObservedRecords{IsTest: &yes}); err != nil {
			return err
		}
		live, err = w.Observe(ctx, tx, ObservedRecords{IsTest: &no})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if live.Records != 3 || tests.Records != 2 {
		t.Errorf("%d records of production and %d tests, want 3 and 2", live.Records, tests.Records)
	}
	got := []string{}
	for _, c := range DiffObserved(tests, live) {
		got = append(got, c.String())
	}
	want := []string{
		"added purchase (pixel, meta)",
		"changed purchase (server, meta) consent.measurement: denied -> granted",
		"changed purchase (server, meta) ids.repeated: always -> never",
		"changed purchase (server, meta) ids.shared: never -> sometimes",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
