package jobs

import (
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"ghostlight/jobs/source"
)

var (
	identifier = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)
	currency   = regexp.MustCompile(`^[A-Z]{3}$`)
)

const identifierRule = "lower-case letters, digits and _, beginning with a letter, 63 at most"

// maxText bounds titles, labels and aliases, in bytes.
const maxText = 200

// maxWindows bounds the windows of a grid.
const maxWindows = 8

// maxWindow is what the packed touch has room for: 1,628 days in microseconds
// times 65,536 are the last to fit 64 bits.
const maxWindow = 1600 * Day

// validate checks what decoding cannot see. A file that could not be decoded
// is left out, and so is every reference to it.
func (l *loader) validate() {
	main, events := l.document(workspaceFile), l.document(eventsFile)
	if !main.broken {
		l.validateMain(main)
	}
	if !events.broken {
		events.validateEvents(l.events.Events)
	}
	for _, name := range slices.Sorted(maps.Keys(l.studies)) {
		d := l.document(studiesFolder + "/" + name + ".yaml")
		if d.broken {
			continue
		}
		v := studyValidation{document: d, study: l.studies[name]}
		if len(l.main.Sources) > 0 { // otherwise that is the problem
			v.sources, v.sourcesValid = l.main.Sources, len(main.problems)+len(l.faulty) == 0
		}
		if len(l.events.Events) > 0 {
			v.events = l.events.Events
		}
		v.validate(name)
	}
	if !main.broken {
		l.validateRetention(main)
	}
}

func (l *loader) validateMain(d *document) {
	if err := l.main.Engine.Validate(); err != nil {
		faults := []error{err}
		if joined, ok := err.(interface{ Unwrap() []error }); ok {
			faults = joined.Unwrap()
		}
		for _, fault := range faults {
			field, message, _ := strings.Cut(fault.Error(), ": ")
			d.add("engine."+field, message, "")
		}
	}
	if len(l.main.Roots) == 0 {
		d.add("roots", "there are no roots", "write roots: [data]")
	}
	if len(l.main.Sources) == 0 {
		d.add("sources", "there are no sources", "name at least one")
	}
	for i, root := range l.main.Roots {
		if fault := source.RelativePath(root); fault != "" {
			d.add(fmt.Sprintf("roots[%d]", i), "a root "+fault, "")
		}
	}
	for _, p := range l.main.Sources.Validate(l.main.Roots, l.packs) {
		name, _, _ := strings.Cut(p.Path, ".")
		if !slices.Contains(l.faulty, l.main.Sources[name].Format) { // otherwise the pack is the problem
			d.addProblem("sources.", p)
		}
	}
	for _, p := range l.main.Sources.ValidateTransport(l.main.Connections) {
		d.addProblem("sources.", p)
	}
	for _, p := range l.main.Connections.Validate() {
		d.addProblem("connections.", p)
	}
}

// name checks an identifier, nameKey one that is a key.
func (d *document) name(path, what, name string) {
	if !identifier.MatchString(name) {
		d.add(path, "the name of "+what+" is not an identifier", identifierRule)
	}
}

func (d *document) nameKey(path, what, name string) {
	if !identifier.MatchString(name) {
		d.addKey(path, "the name of "+what+" is not an identifier", identifierRule)
	}
}

// text checks free text, such as a label.
func (d *document) text(path, text string) {
	if len(text) > maxText {
		d.add(path, fmt.Sprintf("text is longer than %d bytes", maxText), "")
	}
	if strings.ContainsFunc(text, unicode.IsControl) {
		d.add(path, "control characters are not allowed", "")
	}
}

func (d *document) oneOf(path, what, got string, known []string) bool {
	if slices.Contains(known, got) {
		return true
	}
	d.add(path, "unknown "+what+" "+quoted(got), didYouMean(got, known))
	return false
}

// set checks that each value is known and given once.
func (d *document) set(path, what string, got, known []string) {
	for i, value := range got {
		at := fmt.Sprintf("%s[%d]", path, i)
		if d.oneOf(at, what, value, known) && slices.Contains(got[:i], value) {
			d.add(at, what+" "+value+" is given twice", "")
		}
	}
}

func (d *document) positive(path string, span Duration) {
	if span <= 0 {
		d.add(path, "must be longer than zero", "")
	}
}

// windows checks a list of distinct windows.
func (d *document) windows(path string, spans []Duration) {
	if len(spans) > maxWindows {
		d.add(path, fmt.Sprintf("more than %d windows", maxWindows), "")
	}
	for i, span := range spans {
		at := fmt.Sprintf("%s[%d]", path, i)
		d.positive(at, span)
		if span > maxWindow {
			d.add(at, "a window is at most "+maxWindow.String(), "")
		}
		if slices.Contains(spans[:i], span) {
			d.add(at, "the window is given twice", "")
		}
	}
}

// within checks lo < x < hi.
func (d *document) within(path string, x, lo, hi float64) {
	if !(x > lo && x < hi) {
		d.add(path, fmt.Sprintf("must lie between %g and %g, without these", lo, hi), "")
	}
}

// sharesSum tells whether shares are a whole, but for rounding.
func sharesSum(arms []Arm) bool {
	sum := 0.0
	for _, a := range arms {
		sum += a.Share
	}
	return math.Abs(sum-1) <= 1e-6
}
