package jobs

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Problem is one fault of the workspace's configuration and where it stands.
// Line and Col count from 1; a file that is missing is pointed to at 1:1.
type Problem struct {
	File    string `json:"file"` // relative to the workspace, or as it was named on the command line
	Line    int    `json:"line"`
	Col     int    `json:"col"`
	Path    string `json:"path,omitempty"` // such as arms[1].share
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}

// String is `file:line:col: message (path), hint`, in one line without
// control characters.
func (p Problem) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d:%d: %s", p.File, p.Line, p.Col, p.Message)
	if p.Path != "" {
		b.WriteString(" (" + clip(p.Path, 200) + ")")
	}
	if p.Hint != "" {
		b.WriteString(", " + p.Hint)
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return '\ufffd'
		}
		return r
	}, b.String())
}

// ConfigError holds every problem of the configuration, in the order of the
// files and lines.
type ConfigError struct{ Problems []Problem }

// Error is one line for each problem.
func (e *ConfigError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// configError returns nil when there are no problems.
func configError(problems []Problem) error {
	if len(problems) == 0 {
		return nil
	}
	slices.SortFunc(problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col),
			cmp.Compare(a.Path, b.Path), cmp.Compare(a.Message, b.Message))
	})
	return &ConfigError{Problems: slices.Compact(problems)}
}

// didYouMean is the hint for an unknown name: the nearest of the known ones,
// or all of them when none is near and they are few.
func didYouMean(got string, known []string) string {
	switch best := nearest(got, known); {
	case best != "":
		return "did you mean " + best + "?"
	case len(known) == 0:
		return "none is defined"
	case len(known) <= 16:
		return "one of: " + strings.Join(slices.Sorted(slices.Values(known)), ", ")
	}
	return ""
}

// nearest is the known name that differs from got by the fewest slips, and by
// no more than three or a third of its letters; "" when there is none.
func nearest(got string, known []string) string {
	best, distance := "", min(3, max(1, len(got)/3))+1
	for _, name := range slices.Sorted(slices.Values(known)) {
		if d := editDistance(strings.ToLower(got), strings.ToLower(name), distance); got != "" && d < distance {
			best, distance = name, d
		}
	}
	return best
}

// editDistance is the number of insertions, deletions, substitutions and
// swaps of neighbours between two words (optimal string alignment), or limit
// when their lengths alone differ by that much.
func editDistance(a, b string, limit int) int {
	s, t := []rune(a), []rune(b)
	if len(s)-len(t) >= limit || len(t)-len(s) >= limit {
		return limit
	}
	rows := make([][]int, len(s)+1)
	for i := range rows {
		rows[i] = make([]int, len(t)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(s); i++ {
		for j := 1; j <= len(t); j++ {
			cost := 1
			if s[i-1] == t[j-1] {
				cost = 0
			}
			d := min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				d = min(d, rows[i-2][j-2]+1)
			}
			rows[i][j] = d
		}
	}
	return rows[len(s)][len(t)]
}

// quoted shows text from a file inside a message.
func quoted(s string) string { return strconv.Quote(clip(s, 60)) }

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}
