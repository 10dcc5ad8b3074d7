package jobs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"syscall"

	"ghostlight/jobs/source"
	"ghostlight/jobs/warehouse"
)

// Exit codes of the program.
const (
	ExitOK          = 0
	ExitUnexpected  = 1
	ExitUsage       = 2   // the command line or the configuration
	ExitData        = 3   // files that cannot be used; nothing was published
	ExitLocked      = 5   // another process works in the workspace
	ExitResources   = 6   // disk, memory or a permission
	ExitIntegrity   = 7   // what is stored, or the engine, cannot be trusted
	ExitPartial     = 8   // some studies were published and some failed
	ExitTemporary   = 75  // the same command may succeed later
	ExitInterrupted = 130 // stopped by the user
)

// UsageError is a command that cannot be meant.
type UsageError struct{ Problem, Hint string }

func (e *UsageError) Error() string { return e.Problem + " (hint: " + e.Hint + ")" }

// class is a kind of failure, and how to know it.
type class struct {
	code int
	kind string
	is   func(error) bool
}

// classes in the order in which they are tried: an error that is of several is
// of the first.
var classes = []class{
	{ExitPartial, "partial", isType[*PartialError]},
	{ExitData, "data", func(err error) bool {
		e, ok := errors.AsType[*UnreadyError](err)
		return ok && len(e.Failed) > 0
	}},
	{ExitPartial, "partial", isType[*UnreadyError]},
	{ExitInterrupted, "interrupted", is(context.Canceled)},
	{ExitTemporary, "temporary", is(source.ErrChanged, source.ErrIncomplete, source.ErrUnreachable, context.DeadlineExceeded)},
	{ExitIntegrity, "integrity", is(warehouse.ErrIntegrity)},
	{ExitUsage, "configuration", func(err error) bool {
		return isType[*ConfigError](err) || isType[*KeyError](err) || isType[*source.SecretError](err) || is(source.ErrOutside, source.ErrNoZone)(err)
	}},
	{ExitUsage, "usage", func(err error) bool {
		return isType[*UsageError](err) || isType[*UnknownStudyError](err) || isType[*UnknownRunError](err)
	}},
	{ExitResources, "resources", is(source.ErrTooLarge)},
	{ExitData, "data", func(err error) bool {
		return isType[*source.FileError](err) || isType[*source.ToleranceError](err) || isType[*RetentionError](err) || isType[*source.DetectError](err)
	}},
	{ExitLocked, "locked", is(warehouse.ErrLocked)},
	{ExitResources, "resources", is(warehouse.ErrResources, fs.ErrPermission, io.ErrShortWrite,
		syscall.EROFS, syscall.ENOSPC, syscall.EDQUOT, syscall.ENOMEM, syscall.ENOTDIR, syscall.EEXIST, syscall.EMFILE)},
	{ExitUnexpected, "unexpected", func(error) bool { return true }},
}

func is(targets ...error) func(error) bool {
	return func(err error) bool {
		for _, target := range targets {
			if errors.Is(err, target) {
				return true
			}
		}
		return false
	}
}

func isType[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

func classify(err error) class {
	for _, c := range classes {
		if c.is(err) {
			return c
		}
	}
	return classes[len(classes)-1]
}

// ExitCode is the exit code of the program for the error of a command. A
// *PartialError of which nothing was published has the code of its first
// failure.
func ExitCode(err error) int {
	if err == nil {
		return ExitOK
	}
	if partial, ok := errors.AsType[*PartialError](err); ok && partial.Published == 0 && len(partial.Failed) > 0 {
		return ExitCode(partial.Failed[0].Err)
	}
	return classify(err).code
}

// Fault is an error taken apart for people and programs: what happened, where,
// and what to do. Nothing in it is a value of the data, headers excepted.
type Fault struct {
	Code     int       `json:"code"` // the exit code
	Kind     string    `json:"kind"` // usage, configuration, data, locked, resources, integrity, partial, temporary, interrupted or unexpected
	Message  string    `json:"message"`
	Hint     string    `json:"hint,omitempty"`
	Problems []Problem `json:"problems,omitempty"` // every place that is wrong
}

// Explain takes an error apart.
func Explain(err error) Fault {
	c := classify(err)
	f := Fault{Code: ExitCode(err), Kind: c.kind}
	f.Message, f.Hint = explain(err)
	leaves(err, func(leaf error) {
		if e, ok := leaf.(*ConfigError); ok {
			f.Problems = append(f.Problems, e.Problems...)
		} else if p, ok := problem(leaf); ok {
			f.Problems = append(f.Problems, p)
		}
	})
	return f
}

// explain is the message of an error without its hint, and the hint.
func explain(err error) (message, hint string) {
	message = err.Error()
	if cut := strings.Index(message, "\n\nStack Trace"); cut >= 0 { // of the database engine
		message = message[:cut]
	}
	if isType[*PartialError](err) {
		return message, ""
	}
	if errors.Is(err, context.Canceled) {
		return "interrupted", "nothing half-done was published; the same command goes on from here"
	}
	if isType[*UnwellError](err) {
		return message, "the lines that say fail tell what to do"
	}
	if e, ok := errors.AsType[*ConfigError](err); ok {
		return plural(len(e.Problems), "problem") + " in the configuration", ""
	}
	if e, ok := errors.AsType[*CheckFailure](err); ok && len(e.Causes) != 1 {
		return e.summary(), e.unread
	}
	if e, ok := errors.AsType[*warehouse.LockedError](err); ok {
		return lockedMessage(e.Owner), "wait for it to end; the lock is freed when its process ends, however it ends"
	}
	for _, h := range []func(error) (text, hint string){hintOfUsage, hintOfFile, hintOfTolerance, hintOfWarehouse, hintOfSystem} {
		if text, hint := h(err); hint != "" {
			message = strings.Replace(message, text, "", 1)
			if e, ok := errors.AsType[*CheckFailure](err); ok && e.unread != "" {
				hint += "; " + e.unread
			}
			return message, hint
		}
	}
	return message, ""
}

// The hints of errors and the text by which their message shows them.

func hintOfUsage(err error) (text, hint string) {
	if e, ok := errors.AsType[*UsageError](err); ok {
		hint = e.Hint
	}
	if e, ok := errors.AsType[*KeyError](err); ok {
		hint = e.Hint
	}
	if e, ok := errors.AsType[*source.SecretError](err); ok {
		hint = e.Hint
	}
	if e, ok := errors.AsType[*UnknownRunError](err); ok {
		hint = e.Hint
	}
	if e, ok := errors.AsType[*UnknownStudyError](err); ok {
		return ", " + e.Hint, e.Hint
	}
	return " (hint: " + hint + ")", hint
}

func hintOfWarehouse(err error) (text, hint string) {
	if e, ok := errors.AsType[*warehouse.Error](err); ok {
		hint = e.Hint
	}
	return " (hint: " + hint + ")", hint
}

func hintOfFile(err error) (text, hint string) {
	if e, ok := errors.AsType[*source.FileError](err); ok {
		hint = e.Hint
	}
	if e, ok := errors.AsType[*source.DetectError](err); ok {
		hint = e.Hint()
	}
	return " (" + hint + ")", hint
}

func hintOfTolerance(err error) (text, hint string) {
	if e, ok := errors.AsType[*UnreadyError](err); ok {
		return "", e.hint()
	}
	if e, ok := errors.AsType[*RetentionError](err); ok {
		return "", e.Hint()
	}
	if e, ok := errors.AsType[*source.ToleranceError](err); ok {
		return "", "correct the records or the mapping of source " + e.Source + ", or raise its max_quarantine; nothing was published"
	}
	return "", ""
}

func hintOfSystem(err error) (text, hint string) {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), errors.Is(err, io.ErrShortWrite):
		return "", "free disk space and run again; what is stored is intact"
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS), errors.Is(err, syscall.ENOTDIR), errors.Is(err, syscall.EEXIST):
		return "", "this user must be able to make files and folders there, and nothing else may be in their place; ghostlight doctor looks"
	}
	return "", ""
}

func lockedMessage(o warehouse.Owner) string {
	if o.PID == 0 {
		return "another process works in this workspace"
	}
	return fmt.Sprintf("%s works in this workspace: process %d on %s since %s",
		o.Command, o.PID, o.Host, o.Since.UTC().Format("2006-01-02 15:04:05Z"))
}

// leaves visits an error and all that it wraps, each before what it wraps.
func leaves(err error, visit func(error)) {
	if err == nil {
		return
	}
	visit(err)
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		leaves(e.Unwrap(), visit)
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			leaves(inner, visit)
		}
	}
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
