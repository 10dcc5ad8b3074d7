package source

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// ErrOutside is wrapped by the error of a file that lies outside the declared
// roots, or that a link would lead out of them.
var ErrOutside = errors.New("outside the declared roots")

// ErrChanged is wrapped by the error of a file whose bytes changed between
// being found and being read.
var ErrChanged = errors.New("the file changed while it was being read")

// ErrTooLarge is wrapped by the error of a file that is larger, or unpacks to
// more, than its source allows.
var ErrTooLarge = errors.New("larger than max_bytes")

// ErrIncomplete is wrapped by the error of a delivery of which files are still to
// come.
var ErrIncomplete = errors.New("incomplete delivery")

// ErrHead is the error of a load that was to look at the beginning of a file, and
// found no fault in it. What was counted is what was read.
var ErrHead = errors.New("read the beginning of the file")

// FileError refuses a whole file, or says that there is none. Nothing of the
// file was loaded.
type FileError struct {
	Source string // source name, "" outside one
	Path   string // file, or the pattern that matched none
	Line   int64  // physical line, 0 when the file as a whole is meant
	What   string // what is wrong; never quotes a value of the file, headers excepted
	Hint   string
	Err    error // cause, may be nil
}

func (e *FileError) Error() string {
	var b strings.Builder
	if e.Source != "" {
		b.WriteString("source " + e.Source + ": ")
	}
	b.WriteString(printable(e.Path))
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d", e.Line)
	}
	b.WriteString(": " + e.What)
	if e.Hint != "" {
		b.WriteString(" (" + e.Hint + ")")
	}
	return b.String()
}

func (e *FileError) Unwrap() error { return e.Err }

// printable is a path as a message may show it: quoted when it holds characters that
// a terminal would act on.
func printable(path string) string {
	if strings.ContainsFunc(path, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }) {
		return strconv.Quote(path)
	}
	return path
}

// IntegrityError says that the records of a file do not add up: a defect of the
// engine. The load was rolled back. It wraps warehouse.ErrIntegrity.
type IntegrityError struct {
	Source, Path                                    string
	Records, Loaded, Duplicate, Quarantined, Blanks int64
	Err                                             error
}

func (e *IntegrityError) Error() string {
	return fmt.Sprintf("source %s: %s: %d records are not %d loaded + %d duplicate + %d quarantined + %d blank",
		e.Source, printable(e.Path), e.Records, e.Loaded, e.Duplicate, e.Quarantined, e.Blanks)
}

func (e *IntegrityError) Unwrap() error { return e.Err }
