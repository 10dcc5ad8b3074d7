package source

import (
	"context"
	"fmt"
	"strings"

	"ghostlight/jobs/warehouse"
)

// Balance checks that every record of every registered file is accounted for:
// loaded, duplicate, quarantined or blank; and that what was loaded or
// quarantined is stored, or noted as removed. It reads all tables. The error is an
// *IntegrityError for the first file that does not balance.
func Balance(ctx context.Context, tx *warehouse.Tx) error {
	var stored []string
	for _, t := range Tables() {
		stored = append(stored, "SELECT file_id, count(*) AS n FROM clean."+t+" GROUP BY file_id",
			"SELECT file_id, sum(records) AS n FROM ops.removed WHERE table_name = 'clean."+t+"' GROUP BY file_id")
	}
	rows, err := warehouse.Read[struct {
		Source      string `db:"source"`
		Path        string `db:"path"`
		Records     int64  `db:"records"`
		Loaded      int64  `db:"loaded"`
		Duplicate   int64  `db:"duplicate"`
		Quarantined int64  `db:"quarantined"`
		Blank       int64  `db:"blank"`
		Stored      int64  `db:"stored"`
		Refused     int64  `db:"refused"`
	}](ctx, tx, `SELECT l.source, l.path, l.records, l.loaded, l.duplicate, l.quarantined, l.blank,
			CAST(COALESCE(s.n, 0) AS BIGINT) AS stored, CAST(COALESCE(q.n, 0) AS BIGINT) AS refused
		FROM ops.load AS l
		LEFT JOIN (SELECT file_id, sum(n) AS n FROM (`+strings.Join(stored, " UNION ALL ")+`) GROUP BY file_id) AS s ON s.file_id = l.file_id
		LEFT JOIN (SELECT file_id, sum(n) AS n FROM (
			SELECT file_id, count(*) AS n FROM ops.quarantine GROUP BY file_id UNION ALL
			SELECT file_id, sum(records) AS n FROM ops.removed WHERE table_name = 'ops.quarantine' AND reason <> 'suppression' GROUP BY file_id
		) GROUP BY file_id) AS q ON q.file_id = l.file_id
		WHERE l.records <> l.loaded + l.duplicate + l.quarantined + l.blank
			OR l.loaded <> COALESCE(s.n, 0) OR l.quarantined <> COALESCE(q.n, 0)
		ORDER BY l.source, l.path, l.file_id LIMIT 1`)
	if err != nil {
		return fmt.Errorf("check balance: %w", err)
	}
	if len(rows) == 0 {
		return nil
	}
	r := rows[0]
	e := &IntegrityError{Source: r.Source, Path: r.Path, Records: r.Records, Loaded: r.Loaded, Duplicate: r.Duplicate,
		Quarantined: r.Quarantined, Blanks: r.Blank, Err: warehouse.ErrIntegrity}
	if r.Stored != r.Loaded || r.Refused != r.Quarantined {
		return fmt.Errorf("%w: of these %d loaded and %d quarantined are stored or noted as removed", e, r.Stored, r.Refused)
	}
	return e
}
