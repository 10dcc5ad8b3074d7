// Command ghostlight measures what a connected-TV campaign really caused, and
// how far the numbers that platforms report are from that.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"ghostlight/jobs"
)

// grace is how long a stopped command may take to put things in order.
const grace = 4500 * time.Millisecond

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(within(ctx, grace, os.Stderr, func() int {
		return Run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	}))
}

// within waits for do, but no longer than grace after the end of ctx: the
// warehouse stands a process that disappears, a supervisor may not wait.
func within(ctx context.Context, grace time.Duration, stderr io.Writer, do func() int) int {
	code := make(chan int, 1)
	go func() { code <- do() }()
	select {
	case c := <-code:
		return c
	case <-ctx.Done():
	}
	select {
	case c := <-code:
		return c
	case <-time.After(grace):
		fmt.Fprintln(stderr, "ghostlight: stopped before the current step could be undone; the next run puts it in order")
		return jobs.ExitInterrupted
	}
}

// Run executes one command line and returns its exit code. Data goes to stdout,
// everything else to stderr. The end of ctx is an interruption by the user.
func Run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	a := &app{stdout: stdout, stderr: stderr}
	root := a.rootCommand()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	a.bars.close()
	if err != nil && ctx.Err() != nil {
		err = fmt.Errorf("%w: %w", context.Canceled, err)
	}
	if err != nil {
		a.printFault(jobs.Explain(err), args)
	}
	return jobs.ExitCode(err)
}
