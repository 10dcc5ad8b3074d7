package warehouse

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/duckdb/duckdb-go/v2"
)

// The classes of failure that callers act on. Test with errors.Is.
var (
	// ErrLocked: another process holds the warehouse; try again later.
	ErrLocked = errors.New("warehouse is in use")
	// ErrIntegrity: the file is damaged or foreign, a stored table breaks its own
	// rules, or the engine is not hardened. Nothing it says can be trusted.
	ErrIntegrity = errors.New("warehouse integrity")
	// ErrResources: memory, disk space or a permission is missing; the data is well.
	ErrResources = errors.New("warehouse resources")
)

// Error is what every function of this package returns on failure.
type Error struct {
	Op    string // verb: "open", "replace", "append", "read" …
	Table string // "model.touch"; empty when no table is concerned
	Err   error  // the cause
	Hint  string // what an operator can do; may be empty

	class error // ErrLocked, ErrIntegrity, ErrResources or nil
}

// Error says what was done to what, why it failed, and what to do.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Op)
	if e.Table != "" {
		b.WriteString(" " + e.Table)
	}
	fmt.Fprintf(&b, ": %v", e.Err)
	if e.Hint != "" {
		b.WriteString(" (hint: " + e.Hint + ")")
	}
	return b.String()
}

// Unwrap makes both the cause and the class visible to errors.Is and errors.As.
func (e *Error) Unwrap() []error {
	if e.class == nil {
		return []error{e.Err}
	}
	return []error{e.class, e.Err}
}

// failed wraps err with the operation and its class; nil stays nil, and an error
// that already says its operation and table is passed through.
func failed(op, table string, err error) error {
	if err == nil {
		return nil
	}
	var done *Error
	if errors.As(err, &done) && (table == "" || done.Table != "") {
		return err
	}
	hint, class := classify(err)
	return &Error{Op: op, Table: table, Err: err, Hint: hint, class: class}
}

// broken is an integrity failure found by this package itself.
func broken(op, table, hint string, format string, args ...any) error {
	return &Error{Op: op, Table: table, Err: fmt.Errorf(format, args...), Hint: hint, class: ErrIntegrity}
}

// symptom ties a text in the engine's message to a class. The engine has no error
// code for most of these; the texts are those of DuckDB 1.5 and each has a test.
type symptom struct {
	text, hint string
	class      error
}

var symptoms = []symptom{
	{"Could not set lock on file", "", ErrLocked},
	{"but we can only read versions", "the file was written by a newer engine; use that version of ghostlight, or rebuild the warehouse from its sources", ErrIntegrity},
	{"not a valid DuckDB database file", "the path holds something else; move it away and the warehouse is rebuilt from its sources", ErrIntegrity},
	{"Corrupt", "restore the file from a backup, or delete it and its .wal and rebuild from the sources", ErrIntegrity},
	{"Could not read enough bytes", "the file is cut short; restore it from a backup, or delete it and its .wal and rebuild from the sources", ErrIntegrity},
	{"checksum", "restore the file from a backup, or delete it and its .wal and rebuild from the sources", ErrIntegrity},
	{"INTERNAL Error", "the file may be damaged, or its .wal belongs to another file; restore both together from a backup, or rebuild from the sources", ErrIntegrity},
	{"No space left on device", "free disk space and run again; committed data is intact", ErrResources},
	{"max_temp_directory_size", "raise engine.temp_limit or engine.memory_limit", ErrResources},
	{"Out of Memory Error", "raise engine.memory_limit, lower engine.threads, or raise engine.temp_limit", ErrResources},
	{"failed to allocate", "raise engine.memory_limit, lower engine.threads, or raise engine.temp_limit", ErrResources},
	{"no space left on device", "free disk space and run again; committed data is intact", ErrResources},
	{"read-only file system", "the folder must be writable", ErrResources},
	{"Read-only file system", "the folder must be writable", ErrResources},
	{"Permission denied", "the folder and the file must be readable and writable by this user", ErrResources},
	{"permission denied", "the folder and the file must be readable and writable by this user", ErrResources},
}

var lockHolder = regexp.MustCompile(`\(PID (\d+)\)`)

func classify(err error) (hint string, class error) {
	var check *CheckError
	if errors.As(err, &check) {
		return "", ErrIntegrity
	}
	var known *Error
	if errors.As(err, &known) {
		return known.Hint, known.class
	}
	text := err.Error()
	for _, s := range symptoms {
		if !strings.Contains(text, s.text) {
			continue
		}
		if s.class == ErrLocked {
			hint = "wait for the other process to end"
			if m := lockHolder.FindStringSubmatch(text); m != nil {
				hint = "wait for process " + m[1] + " to end"
			}
			return hint, ErrLocked
		}
		return s.hint, s.class
	}
	return "", nil
}

// refused reports whether the engine itself denied the statement on grounds of
// its security settings.
func refused(err error) bool {
	var e *duckdb.Error
	if !errors.As(err, &e) {
		return false
	}
	return e.Type == duckdb.ErrorTypePermission ||
		strings.Contains(e.Msg, "the configuration has been locked")
}
