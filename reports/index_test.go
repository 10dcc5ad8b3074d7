package reports

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestIndex(t *testing.T) {
	out := t.TempDir()
	older := sample()
	older.Run.ID, older.Run.AsOf = "20261019-00000000", older.Run.AsOf.Add(-7*24*time.Hour)
	older.Verdict.Sentence = "The sentence of the week before."
	for _, r := range []Report{older, sample(), mixed(), broken(), noHoldout()} {
		mustWrite(t, filepath.Join(out, r.Study, r.Run.ID), r)
	}
	// What is not a report, not finished, or of a newer program.
	for name, text := range map[string]string{
		"ad_psa/newer/results.json":    `{"schema_version": 99}`,
		"ad_psa/.run.new/results.json": `{"schema_version": 1, "study": "unfinished"}`,
		"stray.txt":                    "x",
		"empty_study/notes/readme.txt": "x",
	} {
		path := filepath.Join(out, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := Index(out, nil); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(out, "index.html"))
	if err != nil {
		t.Fatal(err)
	}
	page := string(data)
	golden(t, "index.html", []byte(strings.Replace(page, pageCSS, "/* page.css */", 1)))
	if strings.Index(page, "The sentence of the week before.") < strings.Index(page, "The ads increased purchases: &#43;0.77 points") {
		t.Error("the older report stands before the newer one")
	}
	if strings.Contains(page, "unfinished") || !strings.Contains(page, "ad_psa/newer") {
		t.Error("unfinished reports are listed, or unreadable ones are not")
	}
	for study, run := range map[string]string{"ad_psa": "20261026-8f3a2c71", "two_creatives": "20261026-11aa22bb"} {
		if got, err := os.Readlink(filepath.Join(out, study, "latest")); err != nil || got != run {
			t.Errorf("%s/latest points to %q (%v), want %q", study, got, err, run)
		}
	}
	if _, err := os.Lstat(filepath.Join(out, "empty_study", "latest")); err == nil {
		t.Error("a study without reports has a latest one")
	}

	newest := sample()
	newest.Run.ID, newest.Run.AsOf = "20261102-99999999", newest.Run.AsOf.Add(7*24*time.Hour)
	mustWrite(t, filepath.Join(out, newest.Study, newest.Run.ID), newest)
	for range 2 {
		if err := Index(out, nil); err != nil {
			t.Fatal(err)
		}
	}
	if got, _ := os.Readlink(filepath.Join(out, "ad_psa", "latest")); got != newest.Run.ID {
		t.Errorf("latest points to %q, want %q", got, newest.Run.ID)
	}
	if _, err := ReadJSON(filepath.Join(out, "ad_psa", "latest", "results.json")); err != nil {
		t.Error(err)
	}
	for _, name := range listing(t, out) {
		if strings.Contains(name, "tmp") {
			t.Errorf("%s is left", name)
		}
	}
}

// A closed week whose data changed afterwards: the later report says what was, the
// earlier what is; a report that only another version of the program made says neither.
func TestIndexRestated(t *testing.T) {
	out := t.TempDir()
	was, now, again, same := sample(), sample(), sample(), sample()
	was.Run.ID, was.Provenance.InputsSHA256 = "20261026-ffffffff", "0"
	value, low, high := 0.5, 0.25, 0.75
	was.Metrics = slices.Clone(was.Metrics)
	was.Metrics[0].Contrasts = slices.Clone(was.Metrics[0].Contrasts)
	was.Metrics[0].Contrasts[0].Relative.Estimate, was.Metrics[0].Contrasts[0].Relative.Lo, was.Metrics[0].Contrasts[0].Relative.Hi = &value, &low, &high
	same.Run.ID, same.Provenance.InputsSHA256 = "20261026-aaaaaaaa", "1"
	again.Run.ID, again.Provenance.CodeVersion = "20261026-00000000", "another"
	for _, r := range []Report{was, now, again, same} {
		mustWrite(t, filepath.Join(out, r.Study, r.Run.ID), r)
	}
	if err := Index(out, []string{again.Run.ID, was.Run.ID, same.Run.ID, now.Run.ID}); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(out, "index.html"))
	if err != nil {
		t.Fatal(err)
	}
	if latest, err := os.Readlink(filepath.Join(out, now.Study, "latest")); err != nil || latest != now.Run.ID {
		t.Errorf("the latest report is %q (%v)", latest, err)
	}
	var got []string
	for _, line := range strings.Split(string(data), "\n") {
		if strings.Contains(line, "later or was corrected") {
			got = append(got, line)
		}
	}
	want := []string{
		`<p class="under">Restated, because data came later or was corrected: &#43;50% (25% to 75%) in run <bdi>20261026-ffffffff</bdi> is now &#43;43% (30% to 58%).</p>`,
		`<p class="under">Restated, because data came later or was corrected: the lift stays what it was in run <bdi>20261026-aaaaaaaa</bdi>.</p>`,
		`<p class="under">Replaced by run <bdi>20261026-8f3a2c71</bdi>, because data came later or was corrected: the lift stays &#43;43% (30% to 58%).</p>`,
		`<p class="under">Replaced by run <bdi>20261026-8f3a2c71</bdi>, because data came later or was corrected: &#43;50% (25% to 75%) is now &#43;43% (30% to 58%).</p>`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestIndexOfNothing(t *testing.T) {
	out := t.TempDir()
	if err := Index(out, nil); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(out, "index.html"))
	if err != nil || !strings.Contains(string(data), "There is no report yet.") {
		t.Errorf("%v", err)
	}
	if err := Index(filepath.Join(out, "none"), nil); err == nil {
		t.Error("a missing folder is no error")
	}
}

func TestIndexDoesNotReplaceAFolderCalledLatest(t *testing.T) {
	out := t.TempDir()
	mustWrite(t, filepath.Join(out, "s", "run"), sample())
	if err := os.Mkdir(filepath.Join(out, "s", "latest"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := Index(out, nil); err == nil || !strings.Contains(err.Error(), "not a symbolic link") {
		t.Errorf("got %v", err)
	}
}
