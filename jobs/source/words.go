package source

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"ghostlight/jobs/warehouse"

	"github.com/zeebo/xxh3"
)

// wordsOf is the table that holds the words which many rows of a table share: what
// exposures show, what events say they are. Rows name theirs by number. "" for a table
// whose rows hold their own.
func wordsOf(table string) string {
	switch table {
	case "exposure":
		return "serving"
	case "event":
		return "signal"
	}
	return ""
}

// wordColumns are the columns of a table that stand in the table of its words.
func wordColumns(table string) []warehouse.Column {
	columns := warehouse.StageColumns(wordsOf(table))
	if columns == nil {
		return nil
	}
	return columns[1 : len(columns)-2] // without the number, line_no and problem
}

// allWords asserts that the words of every row are there: who reads the rows joins them,
// and would lose the others without a sound.
func (s *staging) allWords(ctx context.Context) error {
	words := wordsOf(s.out.Table)
	if words == "" {
		return nil
	}
	no := words + "_no"
	lost, err := s.scalar(ctx, "SELECT count(*) FROM (SELECT DISTINCT "+no+" FROM clean."+s.out.Table+" WHERE file_id = ?) AS r WHERE NOT EXISTS (FROM clean."+
		words+" AS w WHERE w.file_id = ? AND w."+no+" = r."+no+")", s.out.ID, s.out.ID)
	if err != nil || lost == 0 {
		return err
	}
	return fmt.Errorf("%d numbers of rows of %s are in no row of clean.%s: %w", lost, s.out.Path, words, warehouse.ErrIntegrity)
}

// forgetWords deletes the words that no row of their file names any more. A condition on w
// says of which files.
func forgetWords(ctx context.Context, tx *warehouse.Tx, table, condition string, args ...any) error {
	words := wordsOf(table)
	if words == "" {
		return nil
	}
	no := words + "_no"
	_, err := tx.Exec(ctx, "DELETE FROM clean."+words+" AS w WHERE "+condition+" AND NOT EXISTS (FROM clean."+table+
		" AS r WHERE r.file_id = w.file_id AND r."+no+" = w."+no+")", args...)
	if err != nil {
		return fmt.Errorf("remove words of clean.%s: %w", table, err)
	}
	return nil
}

// maxWords bounds how many combinations of words are remembered. A file with more names
// some of them twice.
const maxWords = 1 << 16

// sharedWords numbers the combinations of words in a file and writes each to its stage.
// For concurrent use.
type sharedWords struct {
	mu    sync.Mutex
	known map[string]int64
	last  int64
	to    appender
	err   error // the first of writing them
}

// number gives the number of words, which key stands for.
func (s *sharedWords) number(key string, words []warehouse.Value) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if no, ok := s.known[key]; ok {
		return no
	}
	if s.known == nil || len(s.known) == maxWords {
		s.known = map[string]int64{}
	}
	s.last++
	s.known[key] = s.last
	row := slices.Concat([]warehouse.Value{warehouse.Int(s.last)}, words, []warehouse.Value{warehouse.Int(s.last), {}})
	if err := s.to.Append(row...); err != nil && s.err == nil {
		s.err = err
	}
	return s.last
}

// lateWords are those that one goroutine met of late, each at the place that its hash gives.
type lateWords [4096]numbered

type numbered struct {
	key string
	no  int64
}

// number asks of, which all goroutines share, for what was not met of late.
func (l *lateWords) number(of *sharedWords, key []byte, words []warehouse.Value) int64 {
	met := &l[xxh3.Hash(key)%uint64(len(l))]
	if met.no == 0 || met.key != string(key) {
		met.key = string(key)
		met.no = of.number(met.key, words)
	}
	return met.no
}
