package source

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/bits"
	"strings"
	"sync/atomic"

	"ghostlight/jobs/warehouse"
)

// foldsRepeats tells that equal rows of a file are one row of the table. Two equal rows
// of spend are two costs, two of a platform's report may differ in a column that nobody
// mapped, and repeats of exposures are counted where touches are made.
func foldsRepeats(table string) bool {
	return hasRowKey(table) && table != "spend" && table != "platform_report"
}

// metKeys tells of most row keys for certain that no row before had them (a Bloom filter
// of one word a key: Putze, Sanders and Singler, "Cache-, Hash- and Space-Efficient Bloom
// Filters", 2007). For concurrent use.
type metKeys struct{ words []atomic.Uint64 }

// A file of n bytes gets n/metBytes words within these bounds: 16 bits or more for a row
// of 256 bytes. Where there are fewer, more rows are looked at again.
const (
	metBytes = 1024
	minMet   = 1 << 10
	maxMet   = 1 << 22
	packed   = 8 // times as many for a compressed file
)

func newMetKeys(bytes int64, compressed bool) *metKeys {
	if compressed {
		bytes *= packed
	}
	n := min(max(bytes/metBytes, minMet), maxMet)
	m := &metKeys{words: make([]atomic.Uint64, 1<<bits.Len64(uint64(n-1)))}
	askHugePages(m.words)
	for i := 0; i < len(m.words); i += pageBytes / 8 {
		m.words[i].Store(0)
	}
	return m
}

// add notes a key, of 32 hex digits, and tells whether it may have been there before.
func (m *metKeys) add(key string) bool {
	const odd = 0x9e3779b97f4a7c15 // mixes the digits, of which each is half of a byte
	at := binary.LittleEndian.Uint64([]byte(key[:8])) * odd >> 32
	hash := binary.LittleEndian.Uint64([]byte(key[8:16])) * odd >> 32
	mask := uint64(0)
	for i := range 5 {
		mask |= 1 << (hash >> (6 * i) & 63)
	}
	return m.words[at&uint64(len(m.words)-1)].Or(mask)&mask == mask
}

// Temporary tables of rows whose keys were met before, and of keys.
const (
	stageAgain  = "stage_again"  // rows that were held back
	stageMet    = "stage_met"    // keys of rows that did meet another
	stageRepeat = "stage_repeat" // rows of the stage that are equal
)

// noKey selects none.
const noKey = "SELECT '' WHERE false"

// foldAgain folds the rows that were held back, because their keys may have been met
// before, with those of the same keys that are in clean.<table>.
func (s *staging) foldAgain(ctx context.Context, again *warehouse.Spool) error {
	if err := again.Table(ctx); err != nil {
		return err
	}
	s.doubtful = "SELECT row_key FROM temp." + stageAgain
	table := "clean." + s.out.Table
	var columns []string
	for _, c := range warehouse.StageColumns(s.out.Table) {
		if c.Name != "problem" {
			columns = append(columns, c.Name)
		}
	}
	list := strings.Join(columns, ", ")
	const met = " WHERE file_id = ? AND row_key IN (SELECT row_key FROM temp." + stageMet + ")"
	var taken int64
	for _, do := range []struct {
		query string
		args  []any
	}{
		{query: "DROP VIEW temp." + s.table},
		{query: "CREATE TEMP TABLE " + s.table + " AS SELECT " + list + ", CAST(NULL AS VARCHAR) AS problem FROM temp." + stageAgain},
		{query: "CREATE TEMP TABLE " + stageMet + " AS SELECT row_key FROM " + table + " WHERE file_id = ? AND row_key IN (" + s.doubtful + ")", args: []any{s.out.ID}},
		{query: "INSERT INTO " + s.table + " BY NAME SELECT " + list + " FROM " + table + met, args: []any{s.out.ID}},
		{query: "DELETE FROM " + table + met, args: []any{s.out.ID}},
	} {
		var err error
		if taken, err = s.tx.Exec(ctx, do.query, do.args...); err != nil {
			return fmt.Errorf("fold repeats: %w", err)
		}
	}
	s.view = false
	s.out.Loaded -= taken
	if err := s.fold(ctx); err != nil {
		return err
	}
	return s.append(ctx)
}

// fold makes one row of equal ones in stage_<table>, at the first of their lines, and
// counts the others. An event that was sent again was received when it first was, with
// the best answer it ever got: accepted, unknown, refused.
func (s *staging) fold(ctx context.Context) error {
	_, err := s.tx.Exec(ctx, "CREATE OR REPLACE TEMP TABLE "+stageRepeat+" AS SELECT * FROM "+s.table+" WHERE problem IS NULL AND row_key IN (SELECT row_key FROM "+
		s.table+" WHERE problem IS NULL GROUP BY row_key HAVING count(*) > 1)")
	if err != nil {
		return fmt.Errorf("find repeats: %w", err)
	}
	s.out.Duplicate, err = s.scalar(ctx, "SELECT count(*) - count(DISTINCT row_key) FROM temp."+stageRepeat)
	if err != nil || s.out.Duplicate == 0 {
		return err
	}
	if _, err := s.tx.Exec(ctx, "DELETE FROM "+s.table+" WHERE problem IS NULL AND row_key IN (SELECT row_key FROM temp."+stageRepeat+")"); err != nil {
		return fmt.Errorf("fold repeats: %w", err)
	}
	first := "min(line_no) OVER same AS line_no"
	if s.out.Table == "event" {
		first += `, min(received_us) OVER same AS received_us, CASE max(CASE platform_state WHEN 'accepted' THEN 3 WHEN 'unknown' THEN 2 WHEN 'refused' THEN 1 END)
			OVER same WHEN 3 THEN 'accepted' WHEN 2 THEN 'unknown' WHEN 1 THEN 'refused' END AS platform_state`
	}
	_, err = s.tx.Exec(ctx, "INSERT INTO "+s.table+" BY NAME SELECT DISTINCT ON (row_key) * REPLACE ("+first+") FROM temp."+stageRepeat+
		" WINDOW same AS (PARTITION BY row_key) ORDER BY row_key")
	if err != nil {
		return fmt.Errorf("fold repeats: %w", err)
	}
	return nil
}
