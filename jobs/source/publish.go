package source

import (
	"context"
	"fmt"

	"ghostlight/jobs/warehouse"
)

// registration is a row of ops.load.
type registration struct {
	FileID      int64   `db:"file_id"`
	Source      string  `db:"source"`
	Path        string  `db:"path"`
	SHA256      string  `db:"sha256"`
	Bytes       int64   `db:"bytes"`
	Records     int64   `db:"records"`
	Loaded      int64   `db:"loaded"`
	Duplicate   int64   `db:"duplicate"`
	Quarantined int64   `db:"quarantined"`
	Blank       int64   `db:"blank"`
	FirstUS     *int64  `db:"first_us"`
	LastUS      *int64  `db:"last_us"`
	State       string  `db:"state"`
	FirstError  *string `db:"first_error"`
	RunID       string  `db:"run_id"`
	Pack        string  `db:"pack"`
	PackVersion *int64  `db:"pack_version"`
	KeyID       string  `db:"key_id"`
	NormVersion int64   `db:"norm_version"`
	Extra       *string `db:"extra_columns"`
	Types       *string `db:"column_types"`
	Version     *string `db:"version"`
	CursorValue *string `db:"cursor_value"`
	ModifiedUS  *int64  `db:"modified_us"`
}

// publish moves stage_<table> to clean.<table>, ops.quarantine and ops.load, and
// asserts that every record went to exactly one place.
func (s *staging) publish(ctx context.Context) error {
	out := s.out
	if !s.moved {
		if foldsRepeats(s.out.Table) {
			if err := s.fold(ctx); err != nil {
				return err
			}
		}
		if err := s.append(ctx); err != nil {
			return err
		}
	}
	params := warehouse.Params{"source": s.req.Name, "file_id": out.ID}
	err := s.tx.Verify(ctx, "clean."+out.Table, params, out.Loaded, s.doubtful)
	if err != nil {
		return err
	}
	for _, beside := range s.mapper.beside {
		if _, err := s.tx.Append(ctx, "clean."+beside, params); err != nil {
			return err
		}
	}
	if err := s.allWords(ctx); err != nil {
		return err
	}
	if s.erasing { // nothing stays of the words of those who are kept out
		if err := forgetWords(ctx, s.tx, out.Table, "w.file_id = ?", out.ID); err != nil {
			return err
		}
	}
	if err := s.quarantine(ctx); err != nil {
		return err
	}
	if err := s.noteUnusable(ctx); err != nil {
		return err
	}
	if err := s.span(ctx); err != nil {
		return err
	}
	if out.Records != out.Loaded+out.Duplicate+out.Quarantined+out.Blank {
		return &IntegrityError{Source: s.req.Name, Path: out.Path, Records: out.Records, Loaded: out.Loaded,
			Duplicate: out.Duplicate, Quarantined: out.Quarantined, Blanks: out.Blank, Err: warehouse.ErrIntegrity}
	}
	row := registration{FileID: out.ID, Source: s.req.Name, Path: out.Path, SHA256: out.SHA256, Bytes: out.Size,
		Records: out.Records, Loaded: out.Loaded, Duplicate: out.Duplicate, Quarantined: out.Quarantined, Blank: out.Blank,
		FirstUS: out.FirstUS, LastUS: out.LastUS, State: out.State, RunID: s.req.RunID,
		Pack: s.req.Source.Format, KeyID: s.req.Keyer.ID(), NormVersion: NormVersion, Types: out.types}
	if out.FirstError != "" {
		row.FirstError = &out.FirstError
	}
	if s.layout.version > 0 {
		version := int64(s.layout.version)
		row.PackVersion = &version
	}
	if row.Extra, err = extraText(out.Extra); err != nil {
		return err
	}
	row.Version, row.CursorValue = optional(out.Version), optional(out.Cursor)
	if !out.Modified.IsZero() {
		us := out.Modified.UnixMicro()
		row.ModifiedUS = &us
	}
	if _, err := s.tx.Insert(ctx, "ops.load", []registration{row}); err != nil {
		return err
	}
	return s.drop(ctx)
}

// append moves the good rows of stage_<table> to clean.<table>.
func (s *staging) append(ctx context.Context) error {
	s.moved = true
	n, err := s.tx.Add(ctx, "clean."+s.out.Table, warehouse.Params{"source": s.req.Name, "file_id": s.out.ID})
	s.out.Loaded += n
	return err
}

// optional is nil for the empty text.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// quarantine copies the refused records and checks their number against what the
// reader counted.
func (s *staging) quarantine(ctx context.Context) error {
	if s.out.Quarantined == 0 && !(s.native && s.out.Loaded < s.out.Records) {
		return nil
	}
	n, err := s.tx.Exec(ctx, `INSERT INTO ops.quarantine BY NAME
		SELECT CAST(? AS BIGINT) AS file_id, line_no, ordinal, CAST(? AS VARCHAR) AS source,
			split_part(problem, ': ', 1) AS column_name,
			substr(problem, strpos(problem, ': ') + 2) AS rule,
			COALESCE(excerpt, '') AS excerpt, byte_offset
		FROM `+s.refused+` WHERE problem IS NOT NULL`, s.out.ID, s.req.Name)
	if err != nil {
		return fmt.Errorf("quarantine records: %w", err)
	}
	s.out.Quarantined = n
	if s.out.FirstError != "" || n == 0 {
		return nil
	}
	first, err := warehouse.Read[struct {
		Text string `db:"text"`
	}](ctx, s.tx, `SELECT 'row ' || line_no || ': ' || column_name || ': ' || rule AS text
		FROM ops.quarantine WHERE file_id = ? AND rule <> ? ORDER BY line_no, column_name, rule, ordinal LIMIT 1`, s.out.ID, ErasedPerson)
	if err != nil {
		return fmt.Errorf("find first quarantined record: %w", err)
	}
	for _, f := range first {
		s.out.FirstError = f.Text
	}
	return nil
}

// span finds the first and the last of the loaded rows' own times.
func (s *staging) span(ctx context.Context) error {
	if s.out.Loaded == 0 {
		return nil
	}
	own := ownTime(s.out.Table)
	if own == "day" {
		own = "epoch_us(CAST(day AS TIMESTAMP))"
	}
	var first, last int64
	query := "SELECT min(" + own + "), max(" + own + ") FROM clean." + s.out.Table + " WHERE file_id = ?"
	if err := s.tx.Conn().QueryRowContext(ctx, query, s.out.ID).Scan(&first, &last); err != nil {
		return fmt.Errorf("find first and last time: %w", err)
	}
	s.out.FirstUS, s.out.LastUS = &first, &last
	return nil
}

func (s *staging) scalar(ctx context.Context, query string, args ...any) (n int64, err error) {
	if err := s.tx.Conn().QueryRowContext(ctx, query, args...).Scan(&n); err != nil {
		return 0, fmt.Errorf("count rows of %s: %w", s.table, err)
	}
	return n, nil
}

// drop removes what staging made.
func (s *staging) drop(ctx context.Context) error {
	kind := func(isView bool) string {
		if isView {
			return "VIEW temp."
		}
		return "TABLE temp."
	}
	made := []string{kind(s.view) + s.table}
	for _, beside := range s.mapper.beside {
		made = append(made, kind(!s.isChanged(beside))+"stage_"+beside)
	}
	for _, table := range []string{refusedStage, stageAgain, stageMet, stageRepeat} {
		made = append(made, "TABLE IF EXISTS temp."+table)
	}
	if s.layout.format == "parquet" {
		for _, table := range []string{parquetRows, parquetKeys, parquetNames, parquetIDs} {
			made = append(made, "TABLE IF EXISTS temp."+table)
		}
	} else if s.erasing {
		made = append(made, "VIEW temp."+streamed)
	}
	for _, what := range made {
		if _, err := s.tx.Exec(ctx, "DROP "+what); err != nil {
			return fmt.Errorf("drop stage: %w", err)
		}
	}
	return nil
}
