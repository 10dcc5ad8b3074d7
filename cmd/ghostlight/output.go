package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode"

	"golang.org/x/term"

	"ghostlight/jobs"
)

// emit writes the answer of a command: the document with --json, text without.
func (a *app) emit(document any, text func(io.Writer) error) error {
	if a.json {
		return writeJSON(a.stdout, document)
	}
	return text(a.stdout)
}

func writeJSON(w io.Writer, document any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(document); err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	return nil
}

// table writes rows in aligned columns, the first row as the heading.
func table(w io.Writer, rows [][]string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		for i, cell := range row {
			row[i] = strings.ReplaceAll(printable(cell), "\n", "\ufffd")
		}
		if _, err := fmt.Fprintln(t, strings.TrimRight(strings.Join(row, "\t"), "\t ")); err != nil {
			return err
		}
	}
	return t.Flush()
}

// faultDocument is what stderr holds with --json when a command fails.
type faultDocument struct {
	SchemaVersion int        `json:"schema_version"`
	Error         jobs.Fault `json:"error"`
}

// printFault says on stderr what went wrong and what to do about it. The flags
// may be what went wrong, so that --json is also looked for in the arguments.
func (a *app) printFault(f jobs.Fault, args []string) {
	if a.json || slices.Contains(args, "--json") {
		_ = writeJSON(a.stderr, faultDocument{1, f}) // nowhere is left to report a failure to
		return
	}
	fmt.Fprintln(a.stderr, "ghostlight: "+printable(f.Message))
	for _, p := range listed(f) {
		p.File = a.path(p.File)
		fmt.Fprintln(a.stderr, placed(p))
	}
	if f.Hint != "" {
		fmt.Fprintln(a.stderr, "hint: "+printable(f.Hint))
	}
}

// placed is a problem with what is known of its place.
func placed(p jobs.Problem) string {
	text := printable(p.String())
	switch {
	case p.Line == 0:
		return strings.Replace(text, ":0:0: ", ": ", 1)
	case p.Col == 0:
		return strings.Replace(text, ":0: ", ": ", 1)
	}
	return text
}

// listed are the problems that the message does not tell by itself.
func listed(f jobs.Fault) []jobs.Problem {
	if len(f.Problems) > 1 && f.Kind != "partial" || f.Code == jobs.ExitUsage && f.Hint == "" {
		return f.Problems
	}
	return nil
}

// printable keeps a text from steering the terminal that shows it.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
			return '\ufffd'
		}
		return r
	}, text)
}

// path is a file of the workspace as it is reached from here. An absolute one stays.
func (a *app) path(file string) string {
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(a.dir, filepath.FromSlash(file))
}

// isTerminal tells whether a stream is a terminal.
func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// Colours of a terminal.
const (
	bold   = "\x1b[1m"
	red    = "\x1b[31m"
	green  = "\x1b[32m"
	yellow = "\x1b[33m"
	plain  = "\x1b[0m"
)

// colour paints a word on a terminal; NO_COLOR and a dumb terminal stay plain.
func (a *app) colour(colour, word string) string {
	if os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" || !isTerminal(a.stdout) {
		return word
	}
	return colour + word + plain
}
