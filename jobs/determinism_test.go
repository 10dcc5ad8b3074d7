package jobs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ghostlight/analysis/simulate"
	"ghostlight/reports"
)

// smallWorld writes a simulated workspace that runs in a second.
func smallWorld(t testing.TB, dir string, seed uint64) {
	t.Helper()
	world := simulate.Default()
	world.Households, world.Exposures, world.Seed = 1500, 6000, seed
	if err := Simulate(context.Background(), SimulateOptions{Dir: dir, World: world}); err != nil {
		t.Fatal(err)
	}
}

const smallAsOf = "2026-11-23"

// TestSameBytesTwice: the same inputs, configuration and as-of give the same
// bytes, in the same workspace and in a copy of it.
func TestSameBytesTwice(t *testing.T) {
	first, second := filepath.Join(t.TempDir(), "a"), filepath.Join(t.TempDir(), "b")
	smallWorld(t, first, 11)
	if err := os.CopyFS(second, os.DirFS(first)); err != nil {
		t.Fatal(err)
	}
	runStudy(t, first, "ctv_known_effect", smallAsOf)
	once := tree(t, filepath.Join(first, outFolder))
	runStudy(t, first, "ctv_known_effect", smallAsOf)
	if again := tree(t, filepath.Join(first, outFolder)); !cmp.Equal(once, again) {
		t.Error("a second run wrote other bytes")
	}
	runStudy(t, second, "ctv_known_effect", smallAsOf)
	if copied := tree(t, filepath.Join(second, outFolder)); !cmp.Equal(once, copied) {
		t.Error("a copy of the workspace gave other bytes")
	}
}

// tree reads every file below a folder.
func tree(t *testing.T, root string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		files[strings.TrimPrefix(path, root)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatalf("no files below %s", root)
	}
	return files
}

// TestInputOrderDoesNotMatter: shuffling the rows, splitting the files and
// delivering some of them twice change no number.
func TestInputOrderDoesNotMatter(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			straight, mixed := filepath.Join(t.TempDir(), "a"), filepath.Join(t.TempDir(), "b")
			smallWorld(t, straight, 20+seed)
			if err := os.CopyFS(mixed, os.DirFS(straight)); err != nil {
				t.Fatal(err)
			}
			mixData(t, filepath.Join(mixed, "data"), rand.New(rand.NewPCG(seed, 1)))
			want := numbers(runStudy(t, straight, "ctv_known_effect", smallAsOf))
			got := numbers(runStudy(t, mixed, "ctv_known_effect", smallAsOf))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("the order of the input changed the report (-straight +mixed):\n%s", diff)
			}
		})
	}
}

// numbers is a report without the names and hashes of its input files.
func numbers(r reports.Report) reports.Report {
	r.Run.ID, r.Provenance.InputsSHA256, r.Provenance.Inputs = "", "", nil
	r = withoutSamples(r)
	for i := range r.Trust {
		if r.Trust[i].Name == "quarantine" { // out of the rows delivered, repeats included
			r.Trust[i].Detail = ""
		}
	}
	for i := range r.Integrity.Checks {
		if r.Integrity.Checks[i].Name == typeCheck { // as above
			r.Integrity.Checks[i].Records = 0
		}
	}
	return r
}

// withoutSamples is a report without the lines of files that it names as samples. Of two
// equal states of an order either may count, and the key of rows decides which.
func withoutSamples(r reports.Report) reports.Report {
	for _, g := range r.Reconciliation.Gaps {
		for i := range g.Causes {
			g.Causes[i].Samples = nil
		}
	}
	for i := range r.Integrity.Ranges {
		r.Integrity.Ranges[i].Samples = nil
	}
	return r
}

// mixData shuffles the records of every file, splits them over three files and
// writes one of the three a second time with a line of another added, so that
// the repetition is of rows and not of a file.
func mixData(t *testing.T, root string, random *rand.Rand) {
	t.Helper()
	var paths []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() && strings.Contains(entry.Name(), "part-") {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) < 5 {
		t.Fatalf("%d data files", len(paths))
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		header, records := recordsOf(filepath.Ext(path), string(text))
		random.Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
		third := len(records) / 3
		parts := [][]string{records[:third], records[third : 2*third], records[2*third:]}
		parts = append(parts, append(slices.Clone(parts[0]), parts[1][:min(1, len(parts[1]))]...))
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		for i, part := range parts {
			name := strings.TrimSuffix(path, filepath.Ext(path)) + fmt.Sprintf("-%d", i) + filepath.Ext(path)
			if err := os.WriteFile(name, []byte(header+strings.Join(part, "")), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// recordsOf cuts a file into records; the rows of one Shopify order stay
// together, in their order, as an export has them.
func recordsOf(extension, text string) (header string, records []string) {
	lines := strings.SplitAfter(strings.TrimSuffix(text, "\n")+"\n", "\n")
	lines = lines[:len(lines)-1]
	if extension == ".csv" {
		header, lines = lines[0], lines[1:]
	}
	isShopify := strings.HasPrefix(header, "Name,")
	for _, line := range lines {
		name, _, _ := strings.Cut(line, ",")
		if n := len(records); isShopify && n > 0 && strings.HasPrefix(records[n-1], name+",") {
			records[n-1] += line
			continue
		}
		records = append(records, line)
	}
	return header, records
}

// TestAttributionCannotChangeLift: no attribution window, surface or match grid
// enters a lift.
func TestAttributionCannotChangeLift(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a")
	smallWorld(t, dir, 31)
	path := filepath.Join(dir, "studies", "ctv_known_effect.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before := runStudy(t, dir, "ctv_known_effect", smallAsOf)
	var kept []string
	for line := range strings.SplitSeq(string(text), "\n") {
		if strings.HasPrefix(line, "attribution:") {
			line = "attribution: {event: purchase, from: [crm], windows: [1h, 2d, 90d], primary: 2d}"
		}
		kept = append(kept, line)
	}
	changed := strings.Join(kept, "\n")
	if changed == string(text) {
		t.Fatal("the study has no attribution line to change")
	}
	if err := os.WriteFile(path, []byte(changed), 0o644); err != nil {
		t.Fatal(err)
	}
	after := runStudy(t, dir, "ctv_known_effect", smallAsOf)
	if cmp.Equal(before.Windows, after.Windows) {
		t.Error("other windows gave the same attribution")
	}
	if diff := cmp.Diff(before.Metrics, after.Metrics); diff != "" {
		t.Errorf("attribution settings changed lift:\n%s", diff)
	}
}

// TestKeyDoesNotMatter: identifiers are keyed before they are stored, and no
// number depends on the key.
func TestKeyDoesNotMatter(t *testing.T) {
	one, other := filepath.Join(t.TempDir(), "a"), filepath.Join(t.TempDir(), "b")
	smallWorld(t, one, 41)
	if err := os.CopyFS(other, os.DirFS(one)); err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(other, ".ghostlight", "key")
	if err := os.MkdirAll(filepath.Dir(key), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(key, []byte("another key of the same kind\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{one, other} {
		restateOrders(t, dir)
	}
	want := runStudy(t, one, "ctv_known_effect", smallAsOf)
	got := runStudy(t, other, "ctv_known_effect", smallAsOf)
	if diff := cmp.Diff(withoutSamples(want), withoutSamples(got)); diff != "" {
		t.Errorf("the key changed the report:\n%s", diff)
	}
	for _, arm := range want.Metrics[0].Arms {
		if arm.Converters > 12 { // those whose order was partially refunded stay
			t.Errorf("%d units of arm %s bought, though every paid order was refunded", arm.Converters, arm.Arm)
		}
	}
	if err := os.WriteFile(key, []byte("a third key, after loading\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Open(context.Background(), other, testOptions())
	var refused *KeyError
	if !errors.As(err, &refused) {
		t.Errorf("another key than the stored data's was taken: %v", err)
	}
}

// restateOrders exports every paid order of the shop a second time as refunded,
// with nothing to tell which export is the later one.
func restateOrders(t *testing.T, dir string) {
	t.Helper()
	path := filepath.Join(dir, "data", "crm", "part-0001.csv")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	again := strings.ReplaceAll(string(text), ",paid,", ",refunded,")
	if again == string(text) {
		t.Fatal("there is no paid order")
	}
	if err := os.WriteFile(filepath.Join(dir, "data", "crm", "again.csv"), []byte(again), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestNoRawIdentifierAtRest: no e-mail, address or household id of the input
// stands in anything the engine writes.
func TestNoRawIdentifierAtRest(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a")
	smallWorld(t, dir, 51)
	runStudy(t, dir, "ctv_known_effect", smallAsOf)
	raw := [][]byte{[]byte("@example.com"), []byte("@example.net"), []byte("2001:db8:")}
	text, err := os.ReadFile(filepath.Join(dir, "data", "assignment", "part-0001.csv"))
	if err != nil {
		t.Fatal(err)
	}
	household, _, _ := strings.Cut(strings.Split(string(text), "\n")[1], ",")
	if len(household) < 4 {
		t.Fatalf("no household id in %q", household)
	}
	raw = append(raw, []byte(household))
	for _, folder := range []string{stateFolder, outFolder} {
		for name, content := range tree(t, filepath.Join(dir, folder)) {
			for _, identifier := range raw {
				if bytes.Contains([]byte(content), identifier) {
					t.Errorf("%s%s holds %q", folder, name, identifier)
				}
			}
		}
	}
}

// TestStoppedRerunKeepsThePublished: a run that was published is made again and
// stopped at every stage; the stored result still renders the same bytes.
func TestStoppedRerunKeepsThePublished(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a")
	smallWorld(t, dir, 71)
	runStudy(t, dir, "ctv_known_effect", smallAsOf)
	published := tree(t, filepath.Join(dir, outFolder))
	for _, stop := range StageNames() {
		ctx, cancel := context.WithCancel(context.Background())
		options := testOptions()
		options.Progress = func(_, stage string, _, _ int64) {
			if stage == stop {
				cancel()
			}
		}
		engine, err := Open(ctx, dir, options)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = engine.Run(ctx, RunRequest{Study: "ctv_known_effect", AsOf: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)}); !errors.Is(err, context.Canceled) {
			t.Errorf("stopped at %s: %v", stop, err)
		}
		if _, err := engine.Rerender(context.Background(), "ctv_known_effect", ""); err != nil {
			t.Errorf("stopped at %s: render again: %v", stop, err)
		}
		if err := engine.Close(); err != nil {
			t.Fatal(err)
		}
		cancel()
		if diff := cmp.Diff(published, tree(t, filepath.Join(dir, outFolder))); diff != "" {
			t.Fatalf("stopped at %s, the published report renders differently:\n%s", stop, diff)
		}
	}
}

// TestStoppedRunPublishesNothing: a run that is stopped leaves no report, and
// the next one makes it whole.
func TestStoppedRunPublishesNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a")
	smallWorld(t, dir, 61)
	for _, stop := range StageNames() {
		ctx, cancel := context.WithCancel(context.Background())
		options := testOptions()
		options.Progress = func(_, stage string, _, _ int64) {
			if stage == stop {
				cancel()
			}
		}
		engine, err := Open(ctx, dir, options)
		if err != nil {
			t.Fatal(err)
		}
		_, err = engine.Run(ctx, RunRequest{Study: "ctv_known_effect", AsOf: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("stopped at %s: %v", stop, err)
		}
		attempts, err := engine.Status(context.Background(), 1)
		if err != nil || len(attempts) != 1 || attempts[0].State != "interrupted" {
			t.Errorf("stopped at %s: ledger says %+v, %v", stop, attempts, err)
		}
		if err := engine.Close(); err != nil {
			t.Fatal(err)
		}
		cancel()
		if found, err := filepath.Glob(filepath.Join(dir, outFolder, "*", "*", "*")); err != nil || len(found) > 0 {
			t.Errorf("stopped at %s: published %v", stop, found)
		}
	}
	wantTruth(t, runStudy(t, dir, "ctv_known_effect", smallAsOf), dir)
}
