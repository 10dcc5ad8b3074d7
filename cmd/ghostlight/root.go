package main

import (
	"crypto/rand"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ghostlight/jobs"
)

// app is one invocation: its streams and its global flags.
type app struct {
	stdout, stderr io.Writer

	dir       string
	json      bool
	quiet     bool
	logFormat string
	logLevel  string

	log  *slog.Logger
	bars *bars
}

// Groups of commands in the help.
const (
	groupSetUp   = "setup"
	groupMeasure = "measure"
	groupLook    = "look"
)

func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "ghostlight",
		Short: "What a connected-TV campaign really caused",
		Long: `Ghostlight tells what a connected-TV campaign really caused: it loads exposure
logs, conversion events and orders, compares randomized arms, and writes a lift
report with its uncertainty, one HTML file that works offline.

A workspace is a folder with ghostlight.yaml, events.yaml and studies/*.yaml.
Data goes to stdout, messages go to stderr.

Exit codes: 0 ok, 1 unexpected, 2 usage or configuration, 3 data refused (nothing
published), 5 workspace in use, 6 disk, memory or permission, 7 integrity,
8 some studies failed, 75 try again later, 130 interrupted.`,
		Example: `  ghostlight simulate --out demo     a workspace whose true lift is known
  ghostlight -C demo run             its report
  ghostlight init                    a workspace of your own`,
		Args:                       a.noSuchCommand,
		RunE:                       func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRunE:          func(*cobra.Command, []string) error { return a.prepare() },
		SilenceErrors:              true,
		SilenceUsage:               true,
		SuggestionsMinimumDistance: 2,
		CompletionOptions:          cobra.CompletionOptions{DisableDefaultCmd: true},
		Version:                    codeVersion(),
	}
	root.SetVersionTemplate("ghostlight {{.Version}}\n")
	flags := root.PersistentFlags()
	flags.StringVarP(&a.dir, "dir", "C", ".", "the workspace is in `DIR`")
	flags.BoolVar(&a.json, "json", false, "one JSON object on stdout; errors as JSON on stderr")
	flags.BoolVarP(&a.quiet, "quiet", "q", false, "no progress, and only errors in the log")
	flags.StringVar(&a.logFormat, "log-format", "text", "`FORMAT` of the log on stderr: text or json")
	flags.StringVar(&a.logLevel, "log-level", "", "least `LEVEL` in the log: debug, info, warn or error (default info, or warn while\nprogress is drawn)")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return &jobs.UsageError{Problem: err.Error(), Hint: cmd.CommandPath() + " --help lists the flags"}
	})
	root.AddGroup(
		&cobra.Group{ID: groupSetUp, Title: "Set up:"},
		&cobra.Group{ID: groupMeasure, Title: "Measure:"},
		&cobra.Group{ID: groupLook, Title: "Look after:"},
	)
	root.SetHelpCommandGroupID(groupLook)
	root.AddCommand(
		a.initCommand(), a.simulateCommand(), a.checkCommand(), a.formatsCommand(), a.eventsCommand(), a.dedupCommand(), a.schemaCommand(),
		a.runCommand(), a.reportCommand(), a.liftCommand(), a.scenarioCommand(), a.scheduleCommand(),
		a.statusCommand(), a.changesCommand(), a.quarantineCommand(), a.eraseCommand(), a.doctorCommand(), a.versionCommand(), a.completionCommand(),
	)
	return root
}

// noSuchCommand is reached by words that name no command.
func (a *app) noSuchCommand(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := "ghostlight --help lists the commands"
	if near := root.SuggestionsFor(args[0]); len(near) > 0 {
		hint = "did you mean " + strings.Join(near, " or ") + "?"
	}
	return &jobs.UsageError{Problem: "unknown command " + args[0], Hint: hint}
}

// prepare opens the log and the progress bars, which the flags decide on.
func (a *app) prepare() error {
	a.bars = newBars(a)
	level := slog.LevelInfo
	if a.bars != nil {
		level = slog.LevelWarn
	}
	if a.quiet {
		level = slog.LevelError
	}
	if a.logLevel != "" {
		if !slices.Contains([]string{"debug", "info", "warn", "error"}, a.logLevel) {
			return &jobs.UsageError{Problem: "unknown log level " + a.logLevel, Hint: "one of: debug, info, warn, error"}
		}
		if err := level.UnmarshalText([]byte(a.logLevel)); err != nil {
			return err
		}
	}
	options := &slog.HandlerOptions{Level: level}
	to := a.bars.around(a.stderr)
	switch a.logFormat {
	case "text":
		a.log = slog.New(slog.NewTextHandler(to, options))
	case "json":
		a.log = slog.New(slog.NewJSONHandler(to, options))
	default:
		return &jobs.UsageError{Problem: "unknown log format " + a.logFormat, Hint: "one of: text, json"}
	}
	return nil
}

// options is the outside world as this process sees it.
func (a *app) options(cmd *cobra.Command) jobs.OpenOptions {
	return jobs.OpenOptions{
		Command: cmd.CommandPath(), CodeVersion: codeVersion(),
		Now: time.Now, Env: os.LookupEnv, Random: rand.Reader,
		Log: a.log, Progress: a.bars.study,
	}
}

// with opens the workspace for do and closes it after.
func (a *app) with(cmd *cobra.Command, do func(*jobs.Engine) error) error {
	return a.withOptions(cmd, a.options(cmd), do)
}

func (a *app) withOptions(cmd *cobra.Command, options jobs.OpenOptions, do func(*jobs.Engine) error) (err error) {
	engine, err := jobs.Open(cmd.Context(), a.dir, options)
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := engine.Close(); err == nil {
			err = closeErr
		}
	}()
	return do(engine)
}

// takes checks the number of words after a command; most < 0 is any number.
func takes(least, most int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		hint := cmd.CommandPath() + " --help shows how it is used"
		switch {
		case len(args) < least:
			return &jobs.UsageError{Problem: cmd.Name() + " needs " + what, Hint: hint}
		case most == 0 && len(args) > 0:
			return &jobs.UsageError{Problem: cmd.Name() + " takes no argument, got " + args[0], Hint: hint}
		case most >= 0 && len(args) > most:
			return &jobs.UsageError{Problem: cmd.Name() + " takes " + what + " and nothing more, got " + args[most], Hint: hint}
		}
		return nil
	}
}

// studyNames completes the name of a study in a shell.
func (a *app) studyNames(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	workspace, err := jobs.LoadWorkspace(a.dir)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return workspace.StudyNames(), cobra.ShellCompDirectiveNoFileComp
}
