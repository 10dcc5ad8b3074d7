package main

import (
	"io"
	"os"

	"golang.org/x/term"

	"ghostlight/jobs"
)

// input is standard input, or, on a terminal, what says that nothing is piped in
// when somebody reads it.
func (a *app) input() io.Reader {
	if term.IsTerminal(int(os.Stdin.Fd())) {
		return terminal{}
	}
	return os.Stdin
}

type terminal struct{}

func (terminal) Read([]byte) (int, error) {
	return 0, &jobs.UsageError{Problem: "standard input is a terminal", Hint: "pipe the file in: ghostlight run < file, or name a file instead of -"}
}
