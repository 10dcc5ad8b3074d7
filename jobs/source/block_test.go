package source

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// Lines are the same whether they are read one by one or come from blocks: their texts,
// numbers, places, and which are too long.
func TestLinesOfBlocks(t *testing.T) {
	const limit = 3 * batchBytes
	big := strings.Repeat("x", batchBytes-3)
	for name, text := range map[string]string{
		"nothing":               "",
		"no end":                "a\nb",
		"blank lines":           "\n\na\n\r\n\n",
		"a mark, carriage ends": "\xef\xbb\xbfa\r\nb\r\n",
		"many blocks":           strings.Repeat("0123456789\n", batchBytes/4),
		"a line over blocks":    "a\n" + big + big + "\nb\n",
		"as long as may be":     "a\n" + strings.Repeat("x", limit-1) + "\nb\n",
		"one too long":          "a\n" + strings.Repeat("x", limit) + "\nb\n",
		"much too long":         "a\n" + strings.Repeat("x", 2*limit+5) + "\nb\nc",
		"too long at the end":   "a\n" + strings.Repeat("x", limit+1),
		"two too long":          strings.Repeat("x", limit+9) + "\n" + strings.Repeat("y", limit+9) + "\nz\n",
	} {
		t.Run(name, func(t *testing.T) {
			want := readLines(t, newLines(strings.NewReader(text), limit), limit)
			from := newBlocks(iotest.HalfReader(strings.NewReader(text)), limit)
			all := &batches[textBlock]{ctx: t.Context(), fill: from.fill}
			if diff := cmp.Diff(want, readLines(t, &blockLines{from: all, limit: limit}, limit)); diff != "" {
				t.Errorf("(-one by one +of blocks):\n%s", diff)
			}
		})
	}
}

// What ends before its end, as a compressed file that was cut off does, is no end.
func TestBlocksOfACutFile(t *testing.T) {
	cut := io.MultiReader(strings.NewReader("a\nb\n"), iotest.ErrReader(io.ErrUnexpectedEOF))
	if err := newBlocks(cut, maxObject).fill(&textBlock{}); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v", err)
	}
}

// readLines describes every line, a long one by its beginning.
func readLines(t *testing.T, lines lineReader, limit int) (all []string) {
	t.Helper()
	for {
		line, err := lines.next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		at := lines.place()
		n := len(line)
		if at.long {
			n = min(n, limit)
		}
		all = append(all, fmt.Sprintf("%d at %d, long %v: %d %.20q", at.no, at.at, at.long, n, line))
	}
}
