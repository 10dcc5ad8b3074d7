package reports

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/renameio/v2"
)

var indexTemplate = template.Must(template.New("index").Parse(indexHTML + iconsHTML))

// indexPage is what the index template shows.
type indexPage struct {
	Policy  string
	CSS     template.CSS
	Entries []entry
	Broken  []brokenEntry
}

// entry is one report in the index.
type entry struct {
	AsOf, Study, Title, Run, Period string
	Verdict                         tone
	Sentence                        string
	Trusted                         bool
	Lifts                           []liftEntry
	LiftsMore                       int
	Trust                           tone
	TrustText                       string
	Link                            template.URL
	Restates                        []restatement // reports that this one takes the place of
	Replaced                        *restatement  // by a later one
	order                           Report
}

// liftEntry is the headline lift of one arm; the arm is named when there are
// several.
type liftEntry struct {
	Arm    string
	Figure figure
}

// maxLifts is how many arms of a report the index shows.
const maxLifts = 3

// brokenEntry is a folder whose results.json could not be read.
type brokenEntry struct{ Path, Problem string }

// Index writes outDir/index.html, which lists every report below
// outDir/<study>/<run>/results.json, newest cut-off first, and points
// outDir/<study>/latest, a relative symbolic link, to the newest run of each
// study. Both are replaced in one step. A results.json that cannot be read is
// listed with the reason and does not stop the others. Folders whose name
// begins with a dot are unfinished reports and are not looked at.
//
// published are the ids of the runs in the order in which they were made, so that of two
// reports of one cut-off it is known which data changed.
func Index(outDir string, published []string) error {
	p := indexPage{Policy: policy(), CSS: template.CSS(pageCSS)}
	latest := map[string]string{}
	studies, err := folders(outDir)
	if err != nil {
		return fmt.Errorf("list reports: %w", err)
	}
	for _, study := range studies {
		runs, err := folders(filepath.Join(outDir, study))
		if err != nil {
			return fmt.Errorf("list reports: %w", err)
		}
		newest := Report{}
		for _, run := range runs {
			r, err := ReadJSON(filepath.Join(outDir, study, run, "results.json"))
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				p.Broken = append(p.Broken, brokenEntry{Path: plain(study + "/" + run), Problem: plain(problem(err))})
				continue
			}
			p.Entries = append(p.Entries, r.entry(study, run))
			if latest[study] == "" || newer(r, newest, published) < 0 {
				latest[study], newest = run, r
			}
		}
	}
	slices.SortStableFunc(p.Entries, func(a, b entry) int { return newer(a.order, b.order, published) })
	restate(p.Entries, published)
	var b bytes.Buffer
	if err := indexTemplate.Execute(&b, p); err != nil {
		return fmt.Errorf("render index of reports: %w", err)
	}
	for _, study := range studies {
		if run := latest[study]; run != "" {
			if err := point(filepath.Join(outDir, study, "latest"), run); err != nil {
				return fmt.Errorf("point to the latest report of %s: %w", study, explain(err))
			}
		}
	}
	path := filepath.Join(outDir, "index.html")
	if there, err := os.ReadFile(path); err == nil && bytes.Equal(there, b.Bytes()) {
		return nil
	}
	if err := renameio.WriteFile(path, b.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write index of reports: %w", explain(err))
	}
	return syncDir(outDir)
}

// problem is an error of ReadJSON without the folders of this machine.
func problem(err error) string {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err.Error()
	}
	if inner := errors.Unwrap(err); inner != nil {
		return inner.Error()
	}
	return err.Error()
}

// point makes link a symbolic link to a folder beside it.
func point(link, target string) error {
	info, err := os.Lstat(link)
	if err == nil && info.Mode()&fs.ModeSymlink == 0 {
		return fmt.Errorf("%w: %s is not a symbolic link", ErrOccupied, link)
	}
	if there, err := os.Readlink(link); err == nil && there == target {
		return nil
	}
	return renameio.Symlink(target, link)
}

// newer orders reports by cut-off, newest first, then by study, period and the order in
// which they were published, and by run.
func newer(a, b Report, published []string) int {
	if c := b.Run.AsOf.Compare(a.Run.AsOf); c != 0 {
		return c
	}
	if c := strings.Compare(a.Study, b.Study); c != 0 {
		return c
	}
	if c := b.Run.PeriodEnd.Compare(a.Run.PeriodEnd); c != 0 {
		return c
	}
	if c := slices.Index(published, b.Run.ID) - slices.Index(published, a.Run.ID); c != 0 {
		return c
	}
	return strings.Compare(a.Run.ID, b.Run.ID)
}

// folders lists the visible folders in dir by name; links are not followed.
func folders(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			out = append(out, e.Name())
		}
	}
	return out, nil
}

func (r Report) entry(study, run string) entry {
	e := entry{
		AsOf: moment(r.Run.AsOf), Study: plain(r.Study), Title: plain(r.Title), Run: plain(r.Run.ID), Period: period(r.Run),
		Trusted: r.Verdict.State != "not_trustworthy",
		Verdict: toneOf(verdictTones, r.Verdict.State), Sentence: plain(r.Verdict.Sentence),
		Link:  template.URL("./" + url.PathEscape(study) + "/" + url.PathEscape(run) + "/report.html"),
		order: r,
	}
	for _, m := range r.Metrics {
		if !m.IsHeadline {
			continue
		}
		for i, c := range m.Contrasts {
			if i >= maxLifts {
				e.LiftsMore = len(m.Contrasts) - maxLifts
				break
			}
			l := liftEntry{Figure: c.Relative.figure(slotLift)}
			if len(m.Contrasts) > 1 {
				l.Arm = r.armLabel(c.Arm)
			}
			l.Figure.Reason = plain(l.Figure.Reason)
			e.Lifts = append(e.Lifts, l)
		}
	}
	worst := "grey"
	rank := []string{"grey", "green", "amber", "red"}
	for _, c := range r.Trust {
		if slices.Index(rank, c.Status) > slices.Index(rank, worst) {
			worst = c.Status
		}
	}
	e.Trust = toneOf(checkTones, worst)
	_, e.TrustText = r.checkViews()
	return e
}
