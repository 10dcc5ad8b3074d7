package jobs

import (
	"context"
	"fmt"
	"time"

	"ghostlight/jobs/warehouse"
)

type attemptRow struct {
	AttemptID     string     `db:"attempt_id"`
	RunID         string     `db:"run_id"`
	Study         string     `db:"study"`
	IntervalStart *time.Time `db:"interval_start"`
	AsOf          time.Time  `db:"as_of"`
	ConfigSHA256  string     `db:"config_sha256"`
	EngineVersion string     `db:"engine_version"`
	CodeVersion   string     `db:"code_version"`
	State         string     `db:"state"`
	StartedAt     time.Time  `db:"started_at"`
	// Known when the attempt ends.
	InputsSHA256 *string    `db:"inputs_sha256"`
	Error        *string    `db:"error"`
	FinishedAt   *time.Time `db:"finished_at"`
	Report       *string    `db:"report"`
}

type stageRow struct {
	AttemptID string  `db:"attempt_id"`
	StageNo   int64   `db:"stage_no"`
	Stage     string  `db:"stage"`
	RowCount  int64   `db:"row_count"`
	Seconds   float64 `db:"seconds"`
}

// begin opens the run's line in the ledger.
func (r *run) begin(ctx context.Context, interval time.Time) error {
	return r.db.Transact(ctx, func(tx *warehouse.Tx) error {
		attempts, err := warehouse.Read[struct {
			N int64 `db:"n"`
		}](ctx, tx, "SELECT count(*) AS n FROM ops.run")
		if err != nil {
			return err
		}
		r.attempt = fmt.Sprintf("%06d", attempts[0].N+1)
		row := attemptRow{
			AttemptID: r.attempt, Study: r.study.Name, AsOf: r.asOf, ConfigSHA256: r.Workspace.Hash(r.study.Name),
			EngineVersion: r.version, CodeVersion: r.opt.CodeVersion, State: "running", StartedAt: r.opt.Now().UTC(),
		}
		if !interval.IsZero() {
			interval = interval.UTC()
			row.IntervalStart = &interval
		}
		_, err = tx.Insert(ctx, "ops.run", []attemptRow{row})
		return err
	})
}

// note writes down a stage that is done, and what run it is of, so that the
// report of an attempt that dies can be found.
func (r *run) note(ctx context.Context, number int, name string, rows int64, seconds float64) error {
	return r.db.Transact(ctx, func(tx *warehouse.Tx) error {
		if _, err := tx.Exec(ctx, "UPDATE ops.run SET run_id = ?, inputs_sha256 = ? WHERE attempt_id = ?", r.id, r.inputs, r.attempt); err != nil {
			return fmt.Errorf("write ledger: %w", err)
		}
		_, err := tx.Insert(ctx, "ops.stage_run", []stageRow{{r.attempt, int64(number), name, rows, seconds}})
		return err
	})
}

// end closes the run's line. It also writes when ctx is done, so that a stopped
// run is known as such.
func (r *run) end(ctx context.Context, state string, cause error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	message := ""
	if cause != nil {
		message = cause.Error()
	}
	return r.db.Transact(ctx, func(tx *warehouse.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE ops.run
			SET state = ?, error = nullif(?, ''), finished_at = make_timestamp(?), run_id = ?, inputs_sha256 = ?, report = ?
			WHERE attempt_id = ?`,
			state, message, r.opt.Now().UnixMicro(), r.id, r.inputs, r.result.Report, r.attempt)
		if err != nil {
			return fmt.Errorf("close ledger: %w", err)
		}
		return nil
	})
}

// Attempt is one line of the ledger.
type Attempt struct {
	ID            string     `json:"attempt" db:"attempt_id"`
	RunID         string     `json:"run_id" db:"run_id"`
	Study         string     `json:"study" db:"study"`
	AsOf          time.Time  `json:"as_of" db:"as_of"`
	IntervalStart *time.Time `json:"interval_start" db:"interval_start"`
	State         string     `json:"state" db:"state"`
	Error         *string    `json:"error" db:"error"`
	StartedAt     time.Time  `json:"started_at" db:"started_at"`
	FinishedAt    *time.Time `json:"finished_at" db:"finished_at"`
	Report        *string    `json:"report" db:"report"`
	Verdict       *string    `json:"verdict" db:"verdict"`
	Rows          *int64     `json:"rows_loaded" db:"rows_loaded"`
	Seconds       *float64   `json:"seconds" db:"seconds"`
	Expired       *int64     `json:"rows_deleted_by_age,omitempty" db:"rows_expired"`
}

// Status returns the ledger, newest attempt first, at most limit lines.
func (e *Engine) Status(ctx context.Context, limit int) (attempts []Attempt, err error) {
	err = e.db.Transact(ctx, func(tx *warehouse.Tx) error {
		attempts, err = warehouse.Read[Attempt](ctx, tx, `SELECT
				a.attempt_id, a.run_id, a.study, a.as_of, a.interval_start, a.state, a.error,
				a.started_at, a.finished_at, nullif(a.report, '') AS report, r.verdict,
				(SELECT CAST(sum(s.row_count) AS BIGINT) FROM ops.stage_run AS s
					WHERE s.attempt_id = a.attempt_id AND s.stage = 'load') AS rows_loaded,
				(SELECT sum(s.seconds) FROM ops.stage_run AS s WHERE s.attempt_id = a.attempt_id) AS seconds,
				(SELECT CAST(sum(d.records) AS BIGINT) FROM ops.removed AS d
					WHERE d.removed_by = a.attempt_id AND d.reason = 'retention') AS rows_expired
			FROM ops.run AS a
			LEFT JOIN result.run AS r ON r.run_id = a.run_id
			ORDER BY a.attempt_id DESC
			LIMIT ?`, limit)
		return err
	})
	return attempts, err
}

// publishedIntervals are the starts of the study's scheduled intervals that a
// report was published for.
func (e *Engine) publishedIntervals(ctx context.Context, study string) (done map[time.Time]bool, err error) {
	done = map[time.Time]bool{}
	err = e.db.Transact(ctx, func(tx *warehouse.Tx) error {
		rows, err := warehouse.Read[struct {
			Start time.Time `db:"interval_start"`
		}](ctx, tx, `SELECT DISTINCT interval_start FROM ops.run
			WHERE study = ? AND state = 'published' AND interval_start IS NOT NULL ORDER BY interval_start`, study)
		for _, row := range rows {
			done[row.Start.UTC()] = true
		}
		return err
	})
	return done, err
}
