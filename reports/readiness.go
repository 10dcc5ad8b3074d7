package reports

import (
	"fmt"
	"time"

	"ghostlight/analysis/lift"
)

// ReadinessVersion is the schema version of readiness.json.
const ReadinessVersion = 1

// Readiness says whether the measurement of a study is ready for its launch, by what its
// test traffic showed.
type Readiness struct {
	SchemaVersion int       `json:"schema_version"`
	Study         string    `json:"study"`
	Title         string    `json:"title"`
	AsOf          time.Time `json:"as_of"` // what was received later was not looked at
	// State is the worst of the lines: ready, not_testable or failed.
	State       string          `json:"state"`
	TestRecords int64           `json:"test_records"` // distinct records of events and orders that are tests
	OtherEvents int64           `json:"other_events"` // distinct records of events that are none
	Lines       []ReadinessLine `json:"lines"`

	ConfigSHA256     string `json:"config_sha256"`
	DictionarySHA256 string `json:"dictionary_sha256"`
	InputsSHA256     string `json:"inputs_sha256"`
	CodeVersion      string `json:"code_version"`
}

// ReadinessLine is one line of the checklist.
type ReadinessLine struct {
	Name  string `json:"name"`
	Label string `json:"label"`
	Needs string `json:"needs"` // what must be in the test traffic or the study for it to pass
	// Status: passed, failed, or not_testable, which is no pass.
	Status   string          `json:"status"`
	Evidence []string        `json:"evidence"` // what was seen, in words and numbers
	Failures []string        `json:"failures"` // what is wrong; none unless it failed
	Missing  []string        `json:"missing"`  // what was not seen, so that it could not be tested
	Places   []EvidencePlace `json:"places"`   // where the first records stand that something is wrong with
}

// EvidencePlace is where something stands.
type EvidencePlace struct {
	Path string `json:"path"`
	Line int64  `json:"line"`
}

// States of a line and of all of them.
const (
	LinePassed      = "passed"
	LineFailed      = "failed"
	LineNotTestable = "not_testable"
	Ready           = "ready"
)

var lineTones = map[string]tone{
	LinePassed:      {"good", "check", "Passed"},
	LineFailed:      {"bad", "stop", "Failed"},
	LineNotTestable: {"watch", "dash", "Not yet testable"},
}

var readinessTones = map[string]tone{
	Ready:           {"good", "check", "Ready"},
	LineFailed:      {"bad", "stop", "Not ready"},
	LineNotTestable: {"watch", "dash", "Not known to be ready"},
}

// Judge is the status of the line by what it found: any failure fails it, and without one
// anything that was missing leaves it untested.
func (l ReadinessLine) Judge() string {
	switch {
	case len(l.Failures) > 0:
		return LineFailed
	case len(l.Missing) > 0:
		return LineNotTestable
	}
	return LinePassed
}

// Judge is the state of the whole: ready when every line passed.
func (r Readiness) Judge() string {
	state := Ready
	for _, l := range r.Lines {
		switch l.Status {
		case LineFailed:
			return LineFailed
		case LineNotTestable:
			state = LineNotTestable
		}
	}
	return state
}

// Sentence is the state in one sentence with its counts.
func (r Readiness) Sentence() string {
	count := map[string]int{}
	for _, l := range r.Lines {
		count[l.Status]++
	}
	lines := fmt.Sprintf("%d of %d lines of the checklist passed", count[LinePassed], len(r.Lines))
	if n := count[LineFailed]; n > 0 {
		lines += fmt.Sprintf(", %d failed", n)
	}
	if n := count[LineNotTestable]; n > 0 {
		lines += fmt.Sprintf(", %d could not be tested yet", n)
	}
	return lines + "."
}

// Validate says whether the readiness keeps its rules: every line has a status of its own
// findings, says why, and the state is that of the lines. Faults are wrapped in ErrInvalid.
func (r Readiness) Validate() error {
	c := &checker{}
	c.oneOf("state", r.State, keys(readinessTones))
	if len(r.Lines) == 0 || r.Judge() != r.State {
		c.fault("state", "is %q, and its %d lines say %q", r.State, len(r.Lines), r.Judge())
	}
	for i, l := range r.Lines {
		path := fmt.Sprintf("lines[%d]", i)
		c.oneOf(path+".status", l.Status, keys(lineTones))
		if l.Judge() != l.Status {
			c.fault(path, "is %q, and what it found says %q", l.Status, l.Judge())
		}
		if l.Status == LinePassed && len(l.Evidence) == 0 {
			c.fault(path, "passed without evidence")
		}
		if l.Name == "" || l.Label == "" || l.Needs == "" {
			c.fault(path, "has no name, label or needs")
		}
		for j, p := range l.Places {
			if p.Path == "" || p.Line < 0 {
				c.fault(fmt.Sprintf("%s.places[%d]", path, j), "is no place")
			}
		}
	}
	return c.err()
}

// lineView is a line as the page shows it.
type lineView struct {
	Number                              int
	Tone                                tone
	ID, Label, Needs                    string
	Failures, Missing, Evidence, Places []string
	Hidden                              int // places that are only in readiness.json
}

// maxPlaces is how many places of a line the page shows.
const maxPlaces = 10

func (r Readiness) lineViews() []lineView {
	views := []lineView{}
	for i, l := range r.Lines {
		v := lineView{
			Number: i + 1, Tone: toneOf(lineTones, l.Status), ID: fmt.Sprintf("line-%d", i+1), Label: plain(l.Label), Needs: plain(l.Needs),
			Failures: plains(l.Failures), Missing: plains(l.Missing), Evidence: plains(l.Evidence),
			Hidden: max(0, len(l.Places)-maxPlaces),
		}
		for _, p := range l.Places[:min(len(l.Places), maxPlaces)] {
			v.Places = append(v.Places, p.String())
		}
		views = append(views, v)
	}
	return views
}

// String is the place as the page and a terminal show it.
func (p EvidencePlace) String() string {
	if p.Line == 0 {
		return plain(p.Path)
	}
	return fmt.Sprintf("%s line %d", plain(p.Path), p.Line)
}

func plains(texts []string) []string {
	out := make([]string, len(texts))
	for i, s := range texts {
		out[i] = plain(s)
	}
	return out
}

// readinessPage is everything that the template shows.
type readinessPage struct {
	Title, Study, Sentence string
	State                  tone
	Meta, Provenance       []pair
	Lines                  []lineView
	chrome
}

func (r Readiness) page() readinessPage {
	title := plain(r.Title)
	if title == "" {
		title = plain(r.Study)
	}
	return readinessPage{
		Title: title, Study: plain(r.Study), Sentence: r.Sentence(), State: toneOf(readinessTones, r.State), Lines: r.lineViews(),
		Meta: []pair{
			{"Study", plain(r.Study)},
			{"Data received until", moment(r.AsOf)},
			{"Test records", lift.FormatCount(r.TestRecords)},
			{"Events that are no test", lift.FormatCount(r.OtherEvents)},
		},
		Provenance: []pair{
			{"Configuration SHA-256", plain(r.ConfigSHA256)},
			{"Event dictionary SHA-256", plain(r.DictionarySHA256)},
			{"Inputs SHA-256", plain(r.InputsSHA256)},
			{"Program", plain("Ghostlight " + r.CodeVersion)},
			{"Readiness schema", fmt.Sprint(r.SchemaVersion)},
		},
		chrome: newChrome(),
	}
}
