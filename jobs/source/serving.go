package source

import (
	"strings"
	"sync"

	"ghostlight/jobs/warehouse"
)

// serving is what an exposure shows and how: the words of servingColumns.
type serving [5]string

// servingColumns are the columns of an exposure that stand in clean.serving.
func servingColumns() []warehouse.Column {
	columns := warehouse.StageColumns("serving")
	return columns[1 : len(columns)-2] // without serving_no, line_no and problem
}

// servingOf takes the words of a row; an empty one is NULL.
func servingOf(words []warehouse.Value) (s serving) {
	for i := range s {
		s[i] = words[i].Text()
	}
	return s
}

// row is the serving as a row of stage_serving.
func (s serving) row(no int64) []warehouse.Value {
	row := []warehouse.Value{warehouse.Int(no)}
	for _, word := range s {
		row = append(row, warehouse.Text(word))
	}
	return append(row, warehouse.Int(no), warehouse.Value{})
}

// maxServings bounds how many servings are remembered. A file with more names some of
// them twice.
const maxServings = 1 << 16

// servings numbers the servings of a file and writes each to stage_serving. For
// concurrent use.
type servings struct {
	mu    sync.Mutex
	known map[serving]numbered
	last  int64
	to    appender
	err   error // the first of writing them
}

// number gives a serving's number, and the serving with words of its own.
func (n *servings) number(s serving) (int64, serving) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if met, ok := n.known[s]; ok {
		return met.no, met.serving
	}
	if n.known == nil || len(n.known) == maxServings {
		n.known = map[serving]numbered{}
	}
	for i := range s {
		s[i] = strings.Clone(s[i]) // of a record
	}
	n.last++
	n.known[s] = numbered{s, n.last}
	if err := n.to.Append(s.row(n.last)...); err != nil && n.err == nil {
		n.err = err
	}
	return n.last, s
}

// lateServings are those that one goroutine met of late, each at the place that some
// letters of its words give.
type lateServings [256]numbered

type numbered struct {
	serving serving
	no      int64
}

// number asks of, which all goroutines share, for what was not met of late.
func (l *lateServings) number(of *servings, s serving) int64 {
	at := uint(0)
	for _, word := range s {
		at = at*31 + uint(len(word))
		if word != "" {
			at = at*31 + uint(word[len(word)-1]) + uint(word[len(word)/2])<<2
		}
	}
	met := &l[at%uint(len(l))]
	if met.no == 0 || met.serving != s {
		met.no, met.serving = of.number(s)
	}
	return met.no
}
