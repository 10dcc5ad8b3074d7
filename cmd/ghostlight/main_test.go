package main

import (
	"context"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"

	"ghostlight/jobs"
)

// update rewrites the golden texts inside the scripts with what was got.
var update = flag.Bool("update", false, "rewrite golden files")

func TestMain(m *testing.M) {
	version = "test"
	testscript.Main(m, map[string]func(){
		"ghostlight":   main,
		"hold-lock":    holdLock,
		"unprivileged": unprivileged,
	})
}

// TestScript runs every testdata/script/*.txtar: one behaviour a file.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("GHOSTLIGHT_KEY", "a key for scripts, not for people")
			env.Setenv("NO_COLOR", "1")
			env.Setenv("TZ", "UTC")
			env.Values[snapshots{}] = map[string]map[string]string{}
			if err := startBucket(env, filepath.Join("testdata", "workspace", "data", "orders.csv")); err != nil {
				return err
			}
			return copyFolder(filepath.Join("testdata", "workspace"), filepath.Join(env.WorkDir, "ws"))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":     exits,
			"same":      same,
			"snapshot":  snapshot,
			"unchanged": unchanged,
			"appears":   appears,
			"mask":      mask,
			"downloads": downloads,
		},
	})
}

// exits CODE COMMAND [ARGUMENT...] runs a command that must end with that code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits code command [argument...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := err.(*exec.ExitError)
		if !ok {
			ts.Fatalf("%s: %v", args[1], err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("%s ended with code %d, want %d", strings.Join(args[1:], " "), got, want)
	}
}

// same FOLDER FOLDER compares two folders, names and bytes.
func same(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: same folder folder")
	}
	a, b := tree(ts, ts.MkAbs(args[0])), tree(ts, ts.MkAbs(args[1]))
	if len(a) == 0 {
		ts.Fatalf("%s holds no file", args[0])
	}
	if diff := cmp.Diff(a, b); diff != "" {
		ts.Fatalf("the folders differ (-%s +%s):\n%s", args[0], args[1], diff)
	}
}

// snapshot FOLDER... remembers everything below the folders; unchanged FOLDER...
// compares. What is below .ghostlight is the engine's own and left out.
type snapshots struct{}

func snapshot(ts *testscript.TestScript, _ bool, args []string) {
	for _, folder := range args {
		ts.Value(snapshots{}).(map[string]map[string]string)[folder] = tree(ts, ts.MkAbs(folder))
	}
}

func unchanged(ts *testscript.TestScript, _ bool, args []string) {
	for _, folder := range args {
		before, ok := ts.Value(snapshots{}).(map[string]map[string]string)[folder]
		if !ok {
			ts.Fatalf("there is no snapshot of %s", folder)
		}
		if diff := cmp.Diff(before, tree(ts, ts.MkAbs(folder))); diff != "" {
			ts.Fatalf("%s has changed (-before +after):\n%s", folder, diff)
		}
	}
}

// appears FILE waits for a background command to make the file.
func appears(ts *testscript.TestScript, _ bool, args []string) {
	for range 1000 {
		if _, err := os.Stat(ts.MkAbs(args[0])); err == nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	ts.Fatalf("%s does not appear", args[0])
}

var runID = regexp.MustCompile(`\b\d{8}-[0-9a-f]{12}\b`)

// mask FILE NEW writes a text, such as stdout, with every run's id as RUN: the id
// changes with the engine's version.
func mask(ts *testscript.TestScript, _ bool, args []string) {
	text := runID.ReplaceAllString(ts.ReadFile(args[0]), "RUN")
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o644))
}

// tree is every file and folder below a folder, by path, with its content. What
// is in .ghostlight is the engine's own and left out.
func tree(ts *testscript.TestScript, root string) map[string]string {
	files := map[string]string{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		switch {
		case err != nil:
			return err
		case entry.Name() == ".ghostlight":
			return filepath.SkipDir
		case entry.IsDir():
			files[name+"/"] = ""
			return nil
		}
		if entry.Type() == fs.ModeSymlink {
			target, err := os.Readlink(path)
			files[name] = "-> " + target
			return err
		}
		text, err := os.ReadFile(path)
		files[name] = string(text)
		return err
	})
	ts.Check(err)
	return files
}

// copyFolder lays the workspace of the scripts under a script's own files.
func copyFolder(from, to string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, name)
		if entry.IsDir() {
			return os.MkdirAll(target, 0o755)
		}
		if _, err := os.Stat(target); err == nil {
			return nil // the script has its own
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, text, 0o644)
	})
}

// holdLock DIR FILE works in a workspace until it is killed; FILE says when it
// has begun.
func holdLock() {
	engine, err := jobs.Open(context.Background(), os.Args[1], jobs.OpenOptions{
		Command: "hold-lock", CodeVersion: version, Now: time.Now, Env: os.LookupEnv,
	})
	if err == nil {
		err = os.WriteFile(os.Args[2], nil, 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer func() { _ = engine.Close() }()
	time.Sleep(time.Minute)
}

// TestExamples parses every example of the help: its command exists, its flags
// and arguments are ones that it takes.
func TestExamples(t *testing.T) {
	found := 0
	a := &app{}
	var visit func(*cobra.Command)
	visit = func(cmd *cobra.Command) {
		for line := range strings.Lines(cmd.Example) {
			words := strings.Fields(strings.Split(line, "     ")[0])
			if redirect := slices.IndexFunc(words, func(w string) bool { return w == ">" || w == "<" }); redirect >= 0 {
				words = words[:redirect]
			}
			if len(words) == 0 || words[0] != "ghostlight" {
				t.Errorf("%s: an example is no command: %q", cmd.CommandPath(), line)
				continue
			}
			root := a.rootCommand()
			target, rest, err := root.Find(words[1:])
			if err == nil {
				err = target.ParseFlags(rest)
			}
			if err == nil {
				err = target.ValidateArgs(target.Flags().Args())
			}
			if err != nil || target == root {
				t.Errorf("example %q: %v", line, err)
			}
			found++
		}
		for _, sub := range cmd.Commands() {
			visit(sub)
		}
	}
	visit(a.rootCommand())
	if found < 10 {
		t.Errorf("found %d examples", found)
	}
}

// TestWithin ends a command that does not stop when it is told to.
func TestWithin(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var said strings.Builder
	if code := within(ctx, time.Minute, &said, func() int { return 7 }); code != 7 {
		t.Errorf("a command that ends: code %d, want 7", code)
	}
	cancel()
	if code := within(ctx, time.Minute, &said, func() int { <-ctx.Done(); return 130 }); code != 130 || said.Len() > 0 {
		t.Errorf("a command that stops: code %d, said %q", code, said.String())
	}
	never := make(chan int)
	if code := within(ctx, time.Millisecond, &said, func() int { return <-never }); code != 130 || said.Len() == 0 {
		t.Errorf("a command that does not stop: code %d, said %q", code, said.String())
	}
}

// TestPrintable keeps text from outside from steering the terminal.
func TestPrintable(t *testing.T) {
	var out strings.Builder
	a := &app{stderr: &out, dir: "."}
	a.printFault(jobs.Fault{Message: "file \x1b[2J\u202egnp.csv", Hint: "bell \a"}, nil)
	if want := "ghostlight: file \ufffd[2J\ufffdgnp.csv\nhint: bell \ufffd\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

// TestBars draws on no stream that is not a terminal, and a bar that is not there
// can be moved and taken away.
func TestBars(t *testing.T) {
	var out strings.Builder
	b := newBars(&app{stderr: &out})
	if b != nil {
		t.Fatal("a bar is drawn into a file")
	}
	b.study("autumn", "load", 1, 2)
	b.households(1, 2)
	b.close()
	drawn := &bars{out: &out}
	drawn.study("autumn", "load", 1, 2)
	drawn.study("autumn", "report", 0, 0)
	drawn.close()
	if !strings.Contains(out.String(), "autumn  load   6%") || !strings.Contains(out.String(), "autumn  report  87%") || drawn.bar != nil {
		t.Errorf("drawn: %q", out.String())
	}
}
