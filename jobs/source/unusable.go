package source

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"ghostlight/jobs/warehouse"
)

// Rules that an identifier breaks when it was typed wrong. A record can do without
// an optional one of these; everything else that is wrong with an identifier, such
// as a raw address where a hash is declared, refuses the record.
const (
	notEmail = "not an e-mail address"
	notPhone = "not a phone number with country code"
	notIP    = "not an IP address"
)

func isUnusable(rule string) bool { return rule == notEmail || rule == notPhone || rule == notIP }

// note is an identifier, or a time of receipt, that a record was mapped without, or a
// time that may be another. The excerpt is the shape of its value; it is not part of what
// is counted.
type note struct{ column, rule, excerpt string }

// noteBadIDs fills the column that says which identifiers the record goes without because
// they are not well formed.
func (m *mapper) noteBadIDs() {
	var bad int64
	for _, n := range m.unusable {
		switch n.rule {
		case notEmail:
			bad |= 1
		case notPhone:
			bad |= 2
		case notIP:
			bad |= 4
		}
	}
	if bad > 0 {
		m.out[m.badIDs] = warehouse.Int(bad)
	}
}

// noHousehold is the fault of an exposure without any identifier: the first that
// it has and that cannot be used, if there is one.
func (m *mapper) noHousehold() (problem, excerpt string) {
	for _, n := range m.unusable {
		if n.column != "received_at" && n.rule != ShownTwice {
			return n.column + ": " + n.rule, n.excerpt
		}
	}
	return "household_key: missing", ""
}

// unusableRow is a row of ops.unusable.
type unusableRow struct {
	FileID  int64  `db:"file_id"`
	Source  string `db:"source"`
	Column  string `db:"column_name"`
	Rule    string `db:"rule"`
	Records int64  `db:"records"`
}

// noteUnusable stores what was counted.
func (s *staging) noteUnusable(ctx context.Context) error {
	if len(s.unusable) == 0 {
		return nil
	}
	var rows []unusableRow
	for n, records := range s.unusable {
		rows = append(rows, unusableRow{s.out.ID, s.req.Name, n.column, n.rule, records})
	}
	slices.SortFunc(rows, func(a, b unusableRow) int {
		return cmp.Or(cmp.Compare(a.Column, b.Column), cmp.Compare(a.Rule, b.Rule))
	})
	if _, err := s.tx.Insert(ctx, "ops.unusable", rows); err != nil {
		return fmt.Errorf("count unusable identifiers: %w", err)
	}
	return nil
}
