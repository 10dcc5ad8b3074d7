package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ghostlight/fixtures"
)

// madeBy is what of a run's id changes with the program's version.
var madeBy = regexp.MustCompile(`-[0-9a-f]{12}/`)

// TestREADME runs what `make demo` runs and compares its output with the worked
// example in the README, so that the example stays real.
func TestREADME(t *testing.T) {
	if testing.Short() {
		t.Skip("left out with -short: the worked example of the README")
	}
	makefile, readme := read(t, "../../Makefile"), read(t, "../../README.md")
	dir := t.TempDir()
	if err := fixtures.AdPSA(filepath.Join(dir, "demo", "ad_psa")); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(filepath.Join(dir, "demo", "ctv_known_effect"), os.DirFS("../../fixtures/ctv_known_effect")); err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	t.Chdir(dir)
	for line := range strings.Lines(makefile) {
		command, ok := strings.CutPrefix(line, "\t$(BIN) -C demo/")
		if !ok || strings.Contains(command, "hillstrom") {
			continue
		}
		var stdout, stderr bytes.Buffer
		args := strings.Fields("-q -C demo/" + command)
		if code := Run(context.Background(), args, strings.NewReader(""), &stdout, &stderr); code != 0 {
			t.Fatalf("%v ended with %d\n%s", args, code, stderr.String())
		}
		got.WriteString(stdout.String())
	}
	_, rest, _ := strings.Cut(readme, "<!-- demo -->\n")
	block, _, found := strings.Cut(rest, "<!-- /demo -->")
	if !found {
		t.Fatal("the README has no demo block")
	}
	var want strings.Builder
	for line := range strings.Lines(block) {
		want.WriteString(strings.TrimPrefix(line, "    "))
	}
	mask := func(s string) string { return strings.TrimSpace(madeBy.ReplaceAllString(s, "-RUN/")) }
	if diff := cmp.Diff(mask(want.String()), mask(got.String())); diff != "" {
		t.Errorf("the README's example is not what the commands print (-README +printed):\n%s", diff)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
