package source

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"

	"ghostlight/jobs/warehouse"
)

// Detection says by what the files of a pack are told from those of the others.
// Paths are those of the pack's columns; in CSV they are names of the header. Of
// places divided by | one is enough.
type Detection struct {
	// Has are places that some record has.
	Has []string `yaml:"has" jsonschema:"required,minItems=1"`
	// Every are places at which every record has a value.
	Every []string `yaml:"every,omitempty"`
	// Not are places that no record has.
	Not []string `yaml:"not,omitempty"`
	// Like gives for a place the regular expression that all of its values match, of which there is at least one.
	Like map[string]string `yaml:"like,omitempty"`
	// Unlike gives for a place, which records may be without, the regular expression that none of its values matches.
	Unlike map[string]string `yaml:"unlike,omitempty"`
}

func (d Detection) check(v *validation) {
	if len(d.Has) == 0 {
		v.add("detect.has", "nothing tells the files of this pack", "name places that only they have")
	}
	d.checkPatterns(v, "detect.like.", d.Like)
	d.checkPatterns(v, "detect.unlike.", d.Unlike)
}

func (d Detection) checkPatterns(v *validation, at string, patterns map[string]string) {
	for _, place := range sortedKeys(patterns) {
		if _, err := regexp.Compile(patterns[place]); err != nil {
			v.add(at+place, "no regular expression", "")
		}
	}
}

func (d Detection) places() []string {
	all := slices.Concat(d.Every, d.Not, sortedKeys(d.Like), sortedKeys(d.Unlike))
	for _, has := range d.Has {
		all = append(all, strings.Split(has, "|")...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Detection looks at so many records, in so much text of the file; a first line may be
// as long as one of JSON.
const (
	sampleRecords = 200
	sampleBytes   = 4 << 20
)

// Fit is what one pack makes of a file.
type Fit struct {
	Pack    string   `json:"pack"`
	Title   string   `json:"title"`
	Fits    bool     `json:"fits"`
	Own     bool     `json:"own,omitempty"`     // a pack of the workspace, which comes before a built-in one that fits
	Found   []string `json:"found"`             // places that it looks for and the file has
	Against []string `json:"against,omitempty"` // what speaks against it
}

// DetectError says that no pack fits a file, or that two do.
type DetectError struct {
	Path string
	Fits []Fit // those that fit, or without any the nearest
	// Odd is what the file's beginning shows to be wrong with it whatever its format, and oddHint what to do; "" is nothing.
	Odd, oddHint string
}

func (e *DetectError) Error() string {
	return printable(e.Path) + ": " + e.What() + " (" + e.Hint() + ")"
}

// What is wrong, without the file.
func (e *DetectError) What() string {
	var names []string
	for _, f := range e.Fits {
		names = append(names, f.Pack)
	}
	switch {
	case e.Odd != "":
		return "no mapping pack fits: " + e.Odd
	case len(e.Fits) == 0:
		return "no mapping pack fits"
	case !e.Fits[0].Fits:
		return "no mapping pack fits; the nearest is " + names[0] + ", but " + strings.Join(e.Fits[0].Against, ", ")
	}
	return strings.Join(names, " and ") + " fit alike"
}

// Hint says what to do.
func (e *DetectError) Hint() string {
	switch {
	case e.Odd != "":
		return e.oddHint
	case len(e.Fits) == 0:
		return "ghostlight formats lists them; describe the file by columns, or write a pack"
	case !e.Fits[0].Fits:
		return "describe the file by columns, or copy that pack and change it"
	}
	return "say which it is with format: NAME"
}

// Detect finds the one pack that fits a file, from its first records; of a workspace's
// own pack and built-in ones its own. The fits are
// those of all packs of its layout, best first. A *DetectError says that none fits or
// two do. The transaction reads the columns of a Parquet file.
func (r *Roots) Detect(ctx context.Context, tx *warehouse.Tx, packs Packs, f File) (name string, fits []Fit, err error) {
	return r.detect(ctx, tx, Source{packs: packs}, f)
}

// detect is Detect among the packs of a source, within its max_bytes.
func (r *Roots) detect(ctx context.Context, tx *warehouse.Tx, src Source, f File) (name string, fits []Fit, err error) {
	var columns []string
	var start []byte
	if f.Form == "parquet" {
		columns, err = parquetColumns(ctx, tx, r, f)
	} else {
		start, err = r.head(src, f)
	}
	if err != nil {
		return "", nil, err
	}
	packs := src.packs
	for _, name := range packs.Names() {
		p := packs[name]
		if !slices.Contains(p.Layouts, f.Form) {
			continue
		}
		found := places{values: map[string][]string{}}
		if f.Form == "parquet" {
			for _, c := range columns {
				found.values[c] = nil
			}
		} else if found, err = sample(start, f, p); err != nil {
			return "", nil, err
		}
		fits = append(fits, p.fit(found, f.Form))
	}
	slices.SortStableFunc(fits, func(a, b Fit) int {
		if a.Fits != b.Fits {
			return before(a.Fits)
		}
		if a.Fits && a.Own != b.Own {
			return before(a.Own)
		}
		return cmp.Or(len(b.Found)-len(a.Found), len(a.Against)-len(b.Against))
	})
	fitting := slices.IndexFunc(fits, func(f Fit) bool { return !f.Fits })
	if fitting < 0 {
		fitting = len(fits)
	}
	if fitting > 0 && fits[0].Own { // beside which built-in ones do not count
		for !fits[fitting-1].Own {
			fitting--
		}
	}
	switch {
	case fitting == 1:
		return fits[0].Pack, fits, nil
	case fitting > 1:
		return "", fits, &DetectError{Path: f.Path, Fits: fits[:fitting]}
	}
	if odd, hint := r.oddity(f); odd != "" {
		return "", fits, &DetectError{Path: f.Path, Odd: odd, oddHint: hint}
	}
	if len(fits) > 0 && len(fits[0].Found) > 0 {
		return "", fits, &DetectError{Path: f.Path, Fits: fits[:1]}
	}
	return "", fits, &DetectError{Path: f.Path}
}

// before is how two compare of which one is to come first.
func before(first bool) int {
	if first {
		return -1
	}
	return 1
}

// places are those of a pack's detection that the first records of a file have.
type places struct {
	values  map[string][]string // found there
	filled  map[string]int      // records with a value there
	records int
}

// fit weighs what was found of a pack's places. In Parquet only names are known.
func (p *Pack) fit(at places, form string) Fit {
	fit := Fit{Pack: p.Name, Title: p.Title, Own: p.own}
	found := at.values
	for _, place := range p.Detect.Every {
		if _, ok := found[place]; !ok {
			fit.Against = append(fit.Against, "it has no "+place)
		} else if form != "parquet" && at.filled[place] < at.records {
			fit.Against = append(fit.Against, "some records have no "+place)
		} else {
			fit.Found = append(fit.Found, place)
		}
	}
	for _, has := range p.Detect.Has {
		places := slices.DeleteFunc(strings.Split(has, "|"), func(place string) bool { _, ok := found[place]; return !ok })
		if len(places) > 0 {
			fit.Found = append(fit.Found, places[0])
		} else {
			fit.Against = append(fit.Against, "it has no "+strings.ReplaceAll(has, "|", " or "))
		}
	}
	for _, place := range p.Detect.Not {
		if _, ok := found[place]; ok {
			fit.Against = append(fit.Against, "it has "+place)
		}
	}
	for _, place := range sortedKeys(p.Detect.Like) {
		values, ok := found[place]
		if !ok {
			fit.Against = append(fit.Against, "it has no "+place)
			continue
		}
		like := regexp.MustCompile(p.Detect.Like[place])
		if form != "parquet" && !slices.ContainsFunc(values, func(s string) bool { return s != "" }) ||
			slices.ContainsFunc(values, func(s string) bool { return !like.MatchString(s) }) {
			fit.Against = append(fit.Against, place+" is not like "+readable(p.Detect.Like[place]))
			continue
		}
		if !slices.Contains(fit.Found, place) {
			fit.Found = append(fit.Found, place)
		}
	}
	for _, place := range sortedKeys(p.Detect.Unlike) {
		if slices.ContainsFunc(found[place], regexp.MustCompile(p.Detect.Unlike[place]).MatchString) {
			fit.Against = append(fit.Against, place+" is like another format's")
		}
	}
	fit.Against = unique(fit.Against)
	fit.Fits = len(fit.Against) == 0
	return fit
}

// unique drops what was said before.
func unique(said []string) []string {
	var out []string
	for _, s := range said {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// maxPattern is how much of a regular expression tells a person something.
const maxPattern = 40

// readable cuts a long regular expression: of a list of names the first stay.
func readable(pattern string) string {
	if len(pattern) <= maxPattern {
		return pattern
	}
	at := strings.LastIndexByte(pattern[:maxPattern], '|')
	if at < 0 {
		at = maxPattern
	}
	return strings.TrimPrefix(strings.TrimPrefix(pattern[:at], "^"), "(") + "|..."
}

// head is the text with which a file begins, in whole lines. What cannot be read after
// it is passed over: loading says what is wrong with it.
func (r *Roots) head(src Source, f File) ([]byte, error) {
	in, err := r.openStream(f, nil)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	from := bound(in, Request{Name: f.Source, Source: src, File: f})
	var start bytes.Buffer
	_, err = io.CopyN(&start, from, sampleBytes)
	if err == nil && bytes.IndexByte(start.Bytes(), '\n') < 0 {
		if _, err = io.CopyN(&start, from, maxObject-sampleBytes); err == nil && bytes.IndexByte(start.Bytes(), '\n') < 0 {
			return nil, &FileError{Source: f.Source, Path: f.Path, Line: 1, What: "the first line is longer than 16 MiB", Err: ErrTooLarge,
				Hint: "write one record a line"}
		}
	}
	switch {
	case err == nil: // the file goes on
		return start.Bytes()[:bytes.LastIndexByte(start.Bytes(), '\n')+1], nil
	case errors.Is(err, ErrTooLarge):
		return nil, err
	case !errors.Is(err, io.EOF) && start.Len() == 0:
		return nil, in.broken(err)
	}
	return start.Bytes(), nil
}

// sample reads the first records of a file's start as a pack would, and gives the places
// of its detection that they have, with the values found there. What cannot be
// read is passed over: loading says what is wrong with it.
func sample(start []byte, f File, p *Pack) (places, error) {
	out := places{values: map[string][]string{}, filled: map[string]int{}}
	in := bytes.NewReader(start)
	var err error
	wanted := p.Detect.places()
	fault := func(line int64, what, hint string) error {
		return &FileError{Source: f.Source, Path: f.Path, Line: line, What: what, Hint: hint}
	}
	found := out.values
	var records reader
	switch f.Form {
	case "csv":
		var c *csvReader
		if c, err = newCSV(in, wanted, func(string, func(string) bool) bool { return true }, p.Rows, fault); err == nil {
			for i, place := range wanted {
				if c.slots[i] >= 0 {
					found[place] = nil
				}
			}
			records = c
		}
	default:
		env := p.Envelope
		if env == nil {
			env = &Envelope{}
		}
		records, err = newJSONL(in, wanted, env, fault)
	}
	var refused *FileError
	if errors.As(err, &refused) && p.Rows != nil && p.Rows.Header != "" {
		return out, nil // another pack's file may have no such header
	}
	if err != nil {
		return out, err
	}
	rec := record{fields: make([]value, len(wanted))}
	for range sampleRecords {
		if err := records.next(&rec); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return out, nil
		}
		if rec.blank || rec.rule != "" {
			continue
		}
		out.records++
		for i, place := range wanted {
			if rec.fields[i].kind != absent {
				out.filled[place]++
			}
			switch v := rec.fields[i]; v.kind {
			case text:
				found[place] = append(found[place], v.text)
			case list:
				found[place] = append(found[place], v.list...)
			case object:
				found[place] = append(found[place], "")
			}
		}
	}
	return out, nil
}
