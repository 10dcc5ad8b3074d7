package source

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"ghostlight/jobs/warehouse"
)

// What a source does with a file whose content changed, and with columns that its
// mapping does not name.
const (
	policyError   = "error"
	policyReplace = "replace"
	policyAppend  = "append"
	policyAccept  = "accept"
)

// minEarlierFiles is how many files make a median worth comparing with.
const minEarlierFiles = 3

// policies checks the keys that say which files of a source are good enough.
func (v *validation) policies(name string, src Source, roots []string) {
	if src.Restated != "" {
		v.oneOf(name+".restated", "policy", src.Restated, []string{policyError, policyReplace, policyAppend})
	}
	if src.ExtraColumns != "" {
		v.oneOf(name+".extra_columns", "policy", src.ExtraColumns, []string{policyAccept, policyError})
	}
	if _, ok := parseShare(src.MinRowsVsMedian); !ok {
		v.add(name+".min_rows_vs_median", "not a share", "such as 50% (0% to 100%)")
	}
	if _, ok := parseBytes(src.MaxBytes); src.MaxBytes != "" && !ok {
		v.add(name+".max_bytes", "not a size", "such as 20GB or 500MB")
	}
	if src.Manifest != "" {
		v.files(name+".manifest", Globs{src.Manifest}, roots)
	}
}

// KeepsFormer tells whether the former contents of a path stay loaded beside its
// present one.
func (s Source) KeepsFormer() bool { return s.Restated == policyAppend }

// parseBytes reads 500MB, 20 GiB or 4096, which are bytes.
func parseBytes(s string) (int64, bool) {
	if strings.Trim(s, "0123456789") == "" {
		s += "B"
	}
	n, err := warehouse.ParseSize(s)
	return int64(n), err == nil && n >= 1
}

// ordinary checks the number of a file's records against the median of the other
// files of the source that are loaded. It is asked before the file is, so that a
// file that is too short is refused by every run and not by the first one alone.
func (s *staging) ordinary(ctx context.Context) error {
	least, ok := parseShare(s.req.Source.MinRowsVsMedian)
	if s.req.Source.MinRowsVsMedian == "" || !ok {
		return nil
	}
	rows, err := warehouse.Read[struct {
		Rows int64 `db:"rows"`
	}](ctx, s.tx, `SELECT records - blank AS rows FROM ops.load WHERE source = ? AND path <> ? ORDER BY rows`, s.req.Name, s.out.Path)
	if err != nil {
		return fmt.Errorf("read rows of earlier files: %w", err)
	}
	n := len(rows)
	if n < minEarlierFiles {
		return nil
	}
	median := (rows[(n-1)/2].Rows + rows[n/2].Rows) / 2
	got := s.out.Records - s.out.Blank
	if got*1_000_000 >= median*least {
		return nil
	}
	return s.fault(0, fmt.Sprintf("the file has %d records; the median of the source's %d other files is %d, and %s%% of it are asked for (min_rows_vs_median)",
		got, n, median, percent(least)), "deliver the whole file, or lower min_rows_vs_median; nothing was published")
}

// extra notes the columns of a file that the mapping does not name, and refuses
// the file when the source says so.
func (s *staging) extra(columns []string) error {
	var extra []string
	for _, name := range columns {
		if name != "" && !slices.Contains(s.mapper.wanted, name) {
			extra = append(extra, label(name))
		}
	}
	slices.Sort(extra)
	extra = slices.Compact(extra)
	if len(extra) > 0 && s.req.Source.ExtraColumns == policyError {
		return s.fault(0, "the mapping does not name column "+strings.Join(extra, ", "),
			"map what is needed, or write extra_columns: accept")
	}
	s.out.Extra = extra
	return nil
}

// columns reads which extra columns the files of the source had so far, before any
// of them is removed.
func (p *past) columns(ctx context.Context, tx *warehouse.Tx, source string) error {
	rows, err := warehouse.Read[struct {
		Extra string `db:"extra"`
	}](ctx, tx, `SELECT DISTINCT COALESCE(extra_columns, '[]') AS extra FROM ops.load WHERE source = ? ORDER BY extra`, source)
	if err != nil {
		return fmt.Errorf("read columns of earlier files: %w", err)
	}
	p.any, p.extra = len(rows) > 0, map[string]bool{}
	for _, r := range rows {
		var columns []string
		if err := json.Unmarshal([]byte(r.Extra), &columns); err != nil {
			return fmt.Errorf("read columns of earlier files: %w", err)
		}
		for _, c := range columns {
			p.extra[c] = true
		}
	}
	return nil
}

// drift is which of the extra columns no earlier file of the source had. The first
// file of a source has none.
func (p *past) drift(extra []string) (fresh []string) {
	for _, c := range extra {
		if p.any && !p.extra[c] {
			fresh = append(fresh, c)
		}
	}
	return fresh
}

// extraText is how extra columns are stored.
func extraText(columns []string) (*string, error) {
	if len(columns) == 0 {
		return nil, nil
	}
	text, err := json.Marshal(columns)
	if err != nil {
		return nil, fmt.Errorf("store extra columns: %w", err)
	}
	s := string(text)
	return &s, nil
}
